"""Explain a wrong configuration: where, what was found, what is expected, what to paste."""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from jetline.configuration.problem import Problem, place_of
from jetline.configuration.schema import Configuration
from jetline.configuration.split import NamedSplit, Split
from jetline.configuration.words import EXPECTED, best_fitting, nearest, one_of, paste, place
from jetline.core.errors import JetlineError
from jetline.inputs.augmentation import AUGMENTATION_STEPS
from jetline.inputs.kinds.images.recipe import ImageChannel, ImageRecipe
from jetline.jets.layouts.layout import ColumnNames, IndexTable
from jetline.jets.layouts.own import OwnLayout
from jetline.models import names, settings_class
from jetline.models.generative import GENERATIVE_MODELS
from jetline.models.starting_point import StartFrom
from jetline.models.training_recipe import TrainingRecipe
from jetline.sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic.fields import FieldInfo


def explain(problems: list[dict[str, Any]], values: dict[str, Any]) -> list[JetlineError]:
    """Turn pydantic's list of problems into errors.

    Parameters
    ----------
    problems : list of dict
        As from `ValidationError.errors`; those of an architecture have its class as `settings`.
        Two types are our own: `no_settings` and `unknown_architecture`.
    values : dict
        The configuration; what is to be pasted fits it.
    """
    errors = []
    for raw in problems:
        # A list with a wrong entry is also told to be too short once the entry is left out.
        loc = raw["loc"]
        wrong_entry = any(one["loc"][: len(loc)] == loc != one["loc"] for one in problems)
        if raw["type"] == "too_short" and wrong_entry:
            continue
        problem = Problem(raw, values, place_of(raw))
        inside = problem.settings is TrainingRecipe
        # Of a value that may have several forms, pydantic tells what is wrong by each of them.
        if inside and raw["type"] == (
            "literal_error" if type(raw["input"]) is dict else "dict_type"
        ):
            continue
        bare = raw["type"] == "model_type" and problem.path[:-1] == ("recipes",)
        kind = "no_settings" if bare else raw["type"]
        answer = (
            _bad_name
            if raw["loc"][-1] == "[key]" and not inside
            else _ANSWERS.get(kind, _wrong_value)
        )
        found, expected, remedy = answer(problem)
        where = place(*problem.path)
        errors.append(JetlineError(where, found=found, expected=expected, remedy=remedy))
    return errors


#: The innermost sections, by how many keys lead there.
_SECTIONS = {3: "training", 4: "channels", 5: "augmentation"}

# Each answer is what was found, what is expected, and what to do.
Answer = tuple[str, str, str]


def _unknown_key(problem: Problem) -> Answer:
    known = list(problem.settings.model_fields)
    key = str(problem.path[-1])
    section = str(problem.path[0]) if len(problem.path) > 1 else "top level"
    section = _SECTIONS.get(problem.place.depth, section)
    section = "start_from" if problem.settings is StartFrom else section
    section = "layout" if problem.settings in (OwnLayout, ColumnNames, IndexTable) else section
    sections: dict[str, Iterable[type[BaseModel]]] = {
        "the top level": [Configuration],
        "split": [Split, NamedSplit],
        "an entry of architectures": _architectures().values(),
        "an entry of generative": GENERATIVE_MODELS.values(),
        "an entry of datasets": SOURCES.values(),
        "an entry of recipes": [ImageRecipe],
        "an entry of channels": [ImageChannel],
        "an entry's training": [TrainingRecipe],
        "an entry's start_from": [StartFrom],
        "a step of augmentation": AUGMENTATION_STEPS.values(),
        "a dataset's layout": [OwnLayout, ColumnNames, IndexTable],
    }
    homes = [home for home in sections if any(key in one.model_fields for one in sections[home])]
    if homes and not any(home.endswith(section) for home in homes):
        remedy = f"move it to {homes[0]}"
    elif near := nearest(key, known):
        remedy = f"did you mean {near}?"
    else:
        kinds = _forms().get(section, {})
        owners = [name for name in kinds if key in kinds[name].model_fields]
        remedy = "remove the key" + (f"; it belongs to {one_of(owners)}" if owners else "")
    found = f"unknown key, with value {_shown(problem.found)}"
    return found, "one of the keys " + ", ".join(known), remedy


def _missing_key(problem: Problem) -> Answer:
    field = problem.settings.model_fields[str(problem.path[-1])]
    value = _example(problem.path, field, problem.values)
    return "no such key", field.description or "a value", paste(*problem.path, value=value)


def _bad_name(problem: Problem) -> Answer:
    found = str(problem.found)
    example = re.sub(r"[^A-Za-z0-9_-]+", "_", found).strip("_-")[:60]
    remedy = f'rename it, for example "{example}"' if example else "rename it"
    expected = "a name" if isinstance(problem.found, str) else "a name, in quotes if it is a number"
    return f"the name {found}", f"{expected}: {EXPECTED['string_pattern_mismatch']}", remedy


def _unknown_form(problem: Problem) -> Answer:
    """Answer an entry that does not tell which source, or which step, it is."""
    if problem.path[0] == "datasets":
        key, forms = "source", _forms()["datasets"]
    else:
        key, forms = "step", _forms()["augmentation"]
    told = problem.found.get(key)
    # Jets before pictures, and what has the fewest keys first.
    simplest_first = sorted(
        forms,
        key=lambda name: (
            getattr(forms[name], "holds", "jets") != "jets",
            len(forms[name].model_fields),
        ),
    )
    fitting = best_fitting({name: forms[name] for name in simplest_first}, problem.found)
    remedy = paste(*problem.path, key, value=fitting)
    if near := nearest(told, forms):
        remedy = f"did you mean {near}?"
    elif key == "step":
        remedy = paste(*problem.path[:-1], value=[{key: fitting}])
    found = f"{key} {_shown(told)}" if told is not None else f"no key `{key}`"
    return found, f"{key}: " + one_of(forms), remedy


def _entry_without_keys(problem: Problem) -> Answer:
    *above, name = problem.path
    section = above[0]
    if len(above) > 1:
        step = problem.found if problem.found in list(AUGMENTATION_STEPS) else "rotate"
        remedy = paste(*above, value=[{"step": step}])
        return _shown(problem.found), "keys and values, one of them `step`", remedy
    if section == "recipes":
        expected, value = "keys and values, {} for those of `pt`", {}
    elif section == "datasets":
        expected = "keys and values, one of them `source`"
        value = {"source": problem.found if problem.found in list(SOURCES) else "sample"}
    else:
        expected = "keys and values, {} for the defaults"
        kinds = list(_forms()[str(section)])
        value = {} if name in kinds else {"architecture": kinds[0]}
    return _shown(problem.found), expected, paste(*problem.path, value=value)


def _unknown_architecture(problem: Problem) -> Answer:
    path, found = problem.path, _shown(problem.found)
    forms = _forms()[str(path[0])]
    if "architecture" not in problem.raw["entry"]:
        found = "no architecture of this name, and no key `architecture`"
        path = (*path, "architecture")
    fitting = best_fitting(dict(forms), problem.raw["entry"])
    near = nearest(problem.found, forms)
    remedy = f"did you mean {near}?" if near else paste(*path, value=fitting)
    for section in ("architectures", "generative"):
        if problem.found in _forms()[section]:
            remedy = f"move the entry to `{section}`"
    return found, "architecture: " + one_of(forms), remedy


def _wrong_value(problem: Problem) -> Answer:
    kind = problem.raw["type"]
    if kind == "literal_error":
        text = one_of(problem.choices)
    elif kind in EXPECTED:
        text = EXPECTED[kind].format(**problem.raw.get("ctx", {}))
    else:
        text = problem.raw["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    if problem.field and problem.field.description:
        text += f" ({problem.field.description})"
    return _shown(problem.found), text, _correction(problem)


def _correction(problem: Problem) -> str:
    """Say what to write instead of a wrong value: the same in the right form, or an example."""
    found, kind = problem.found, problem.raw["type"]
    if problem.field is None:
        return str(problem.raw.get("ctx", {}).get("remedy", "see config/README.md"))
    if kind == "literal_error" and (near := nearest(found, problem.choices)):
        return f"did you mean {near}?"
    # A wrong entry of a list is answered with the whole list.
    path = tuple(itertools.takewhile(lambda key: isinstance(key, str), problem.path))
    path = path[: problem.place.depth + 1]
    if problem.place.depth == 5:
        return _corrected_step(problem)
    if kind == "value_error" and isinstance(found, dict) and found.get("base"):
        return "take away what the base has instead, such as `columns: {energy: null}`"
    number = isinstance(found, int | float) and not isinstance(found, bool)
    field = (
        ImageRecipe.model_fields["channels"] if problem.settings is ImageChannel else problem.field
    )
    value = _example(path, field, problem.values)
    if path == problem.path:
        one = isinstance(found, str | dict) or (number and problem.settings is not NamedSplit)
        one = one and (isinstance(found, dict) or path[-1] != "augmentation")
        if kind == "tuple_type" and one:
            value = [found]
        elif kind == "multiple_of":
            value = found + -found % problem.raw["ctx"]["multiple_of"]
        elif kind == "string_type" and number:
            value = str(found)
        elif kind == "string_pattern_mismatch":
            value = re.sub(r"[^A-Za-z0-9_-]+", "_", found).strip("_-")[:60] or value
    return paste(*path, value=value)


def _corrected_step(problem: Problem) -> str:
    """Say what to paste for a wrong strength: the same steps with its default."""
    *path, number, key = problem.path
    section, label = problem.raw["loc"][:2]
    entry = problem.values[section][label]
    steps = [dict(step) for step in entry["training"]["augmentation"]]
    steps[int(number)][key] = problem.settings.model_fields[str(key)].default
    return paste(*path, value=steps)


_ANSWERS = {
    "extra_forbidden": _unknown_key,
    "missing": _missing_key,
    "invalid_key": _bad_name,
    "union_tag_invalid": _unknown_form,
    "union_tag_not_found": _unknown_form,
    "model_attributes_type": _entry_without_keys,
    "no_settings": _entry_without_keys,
    "unknown_architecture": _unknown_architecture,
}


def _forms() -> dict[str, Mapping[str, type[BaseModel]]]:
    """Give the sections whose entries have several forms, by name, each with its keys."""
    return {
        "architectures": _architectures(),
        "generative": GENERATIVE_MODELS,
        "datasets": SOURCES,
        "augmentation": AUGMENTATION_STEPS,
    }


def _architectures() -> dict[str, type[BaseModel]]:
    return {name: settings_class(name) for name in names()}


def _example(path: tuple[str | int, ...], field: FieldInfo, values: dict[str, Any]) -> Any:
    """Choose a value that fits the rest of the configuration."""
    datasets, train_on, test_on = map(values.get, ("datasets", "train_on", "test_on"))
    known = list(map(str, datasets)) if isinstance(datasets, dict) else []
    trained = [train_on] if isinstance(train_on, str) else []
    tested = [str(name) for name in test_on] if isinstance(test_on, list) else []
    if path == ("datasets",):
        return {name: {"source": "sample"} for name in [*trained, *tested] or ["demo"]}
    if path == ("train_on",):
        return [*known, *tested, "demo"][0]
    if path == ("test_on",):
        return [[*trained, *known, "demo"][0]]
    example = field.examples[0] if field.examples else field.default
    example = None if example is PydanticUndefined else example
    if isinstance(example, BaseModel):
        return example.model_dump()
    return list(example) if isinstance(example, tuple) else example


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) < 120 else text[:117] + "..."
