"""Explain a wrong configuration: where, what was found, what is expected, what to paste."""

from __future__ import annotations

import difflib
import json
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from jetline.errors import JetlineError


def explain(problems: list[dict[str, Any]], model: type[BaseModel]) -> JetlineError:
    """Turn pydantic's list of problems into one error.

    Parameters
    ----------
    problems : list of dict
        As from `ValidationError.errors`; `known` may name the keys that are allowed there.
    model : pydantic model class
        The configuration's root.
    """
    first, *others = [_explain_one(problem, model) for problem in problems]
    first.others = others
    return first


def _explain_one(problem: dict[str, Any], model: type[BaseModel]) -> JetlineError:
    location = _without_tags(problem["loc"])
    where = "configuration, " + (".".join(str(part) for part in location) or "top level")
    kind, found = problem["type"], _shown(problem.get("input"))
    if kind == "extra_forbidden":
        known = list(problem.get("known") or _known_keys(problem["loc"][:-1], model))
        near = difflib.get_close_matches(str(location[-1]), known, n=1, cutoff=0.5)
        remedy = f"did you mean {near[0]}?" if near else "remove the key"
        expected = "one of the keys " + ", ".join(known)
        return JetlineError(
            where, found=f"unknown key, with value {found}", expected=expected, remedy=remedy
        )
    if kind == "missing":
        return JetlineError(
            where,
            found="no such key",
            expected=_description(problem["loc"], model) or "this key",
            remedy=_snippet(problem["loc"], model),
        )
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        expected = "`source` is " + problem["ctx"].get(
            "expected_tags", "'sample', 'pythia' or 'files'"
        )
        return JetlineError(where, found=found, expected=expected, remedy="paste: {source: sample}")
    message = problem["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    near = _nearest_value(problem)
    return JetlineError(
        where,
        found=found,
        expected=message,
        remedy=f"did you mean {near}?" if near else _snippet(problem["loc"], model),
    )


_TAGS = ("sample", "pythia", "files")


def _without_tags(location: tuple[Any, ...]) -> tuple[Any, ...]:
    """Leave out the union's tag, which pydantic puts behind a dataset's name."""
    if len(location) > 2 and location[0] == "datasets" and location[2] in _TAGS:
        return (*location[:2], *location[3:])
    return location


def _model_at(location: tuple[Any, ...], model: type[BaseModel]) -> type[BaseModel] | None:
    """The model class at a place of the tree, if there is one."""
    if not location:
        return model
    if location[0] == "datasets" and len(location) == 3:
        sources = model.model_fields["datasets"].annotation.__args__[1].__origin__.__args__
        return {source.model_fields["source"].annotation.__args__[0]: source for source in sources}[
            location[2]
        ]
    field = model.model_fields.get(str(location[0]))
    if field and isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
        return _model_at(location[1:], field.annotation)
    return None


def _known_keys(location: tuple[Any, ...], model: type[BaseModel]) -> list[str]:
    here = _model_at(location, model)
    return list(here.model_fields) if here else []


def _field(location: tuple[Any, ...], model: type[BaseModel]):
    here = _model_at(location[:-1], model) if location else None
    return here.model_fields.get(str(location[-1])) if here else None


def _description(location: tuple[Any, ...], model: type[BaseModel]) -> str | None:
    field = _field(location, model)
    return field.description if field else None


def _snippet(location: tuple[Any, ...], model: type[BaseModel]) -> str:
    field = _field(location, model)
    if field is None:
        return "see config/README.md"
    example = field.examples[0] if field.examples else field.default
    if example is PydanticUndefined:
        return "see config/README.md"
    if isinstance(example, BaseModel):
        example = example.model_dump()
    value = list(example) if isinstance(example, tuple) else example
    text = yaml.safe_dump(value, sort_keys=False, default_flow_style=True, width=200)
    leaf = text.removesuffix("\n").removesuffix("\n...")
    *parents, key = _without_tags(location)
    lines = [f"{'  ' * depth}{parent}:" for depth, parent in enumerate(parents)]
    lines.append(f"{'  ' * len(parents)}{key}: {leaf}")
    return "paste" + "".join(f"\n      {line}" for line in lines)


def _nearest_value(problem: dict[str, Any]) -> str | None:
    if problem["type"] != "literal_error":
        return None
    choices = problem["ctx"]["expected"].replace(" or ", ", ").replace("'", "").split(", ")
    near = difflib.get_close_matches(str(problem["input"]), choices, n=1, cutoff=0.4)
    return near[0] if near else None


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) < 120 else text[:117] + "..."
