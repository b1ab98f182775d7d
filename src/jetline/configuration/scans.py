"""Scans of the configuration: what they are of, and what is wrong with them."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from jetline.configuration.messages import explain
from jetline.configuration.words import EXPECTED, nearest, paste, place
from jetline.core.errors import JetlineError
from jetline.models import read_settings
from jetline.scans.points import grid_points, measure_of, name_of_trial, value_at, with_values
from jetline.scans.settings import MOST_POINTS, Grid, Range, Study, form_of, read_scan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jetline.configuration.schema import Configuration
    from jetline.models.architecture import Architecture

#: Settings that the workflow has to know before the first trial, and what decides between trials.
_NOT_SCANNED = {
    **dict.fromkeys(
        ("architecture", "inputs", "seeds", "start_from", "scan"),
        "write an entry for each, which the report compares",
    ),
    "gpus": "choose one: all trials run on as many",
    "training.early_stopping": "choose one: trials are compared by it",
    "training.recipe": "scan `training` with `published` as one of its values",
}

_EXAMPLES: dict[str, Any] = {
    "grid": {"learning_rate": [0.001, 0.003]},
    "space": {"learning_rate": {"low": 0.0001, "high": 0.01, "log": True}},
    "trials": 30,
    "at_once": 4,
    "seed": 1,
}


def entry_of(architecture: Architecture) -> dict[str, Any]:
    """Give the settings that an entry sets, so that a value put over it finds the defaults."""
    return architecture.model_dump(mode="json", exclude_unset=True)


def space_of(label: str, architecture: Architecture) -> dict[str, Any]:
    """Give the space of an entry's scan, its values as the settings have them.

    Returns
    -------
    dict
        Of each key the list of its values; or for a range ``low``, ``high``, ``log`` and
        ``whole``, whether all its values are whole numbers.
    """
    scan = read_scan(architecture.scan or {})
    entry = entry_of(architecture)
    space: dict[str, Any] = {}
    for key, one in _values(scan).items():
        if isinstance(one, Range):
            # Between the ends, and no whole number.
            inside = one.low + (one.high - one.low) / math.pi
            whole = any(True for _ in _problems(label, entry, {key: inside}, key))
            space[key] = {**one.model_dump(), "whole": whole}
        else:
            space[key] = [_as_read(label, entry, key, value) for value in one]
    return space


def wrong_scans(configuration: Configuration) -> list[JetlineError]:
    """List everything that is wrong with the scans of the entries."""
    errors = []
    for label, architecture in configuration.architectures.items():
        if architecture.scan is not None:
            errors += _Scan(label, architecture).mistakes(list(configuration.architectures))
    return errors


def _values(scan: Grid | Study) -> Mapping[str, list[Any] | Range]:
    return scan.grid if isinstance(scan, Grid) else scan.space


def _as_read(label: str, entry: Mapping[str, Any], key: str, value: Any) -> Any:
    """Give a number as such: YAML takes `1e-3` for text."""
    settings = read_settings(label, with_values(entry, {key: value}))
    read = value_at(settings.model_dump(mode="json"), key)
    return value if isinstance(read, dict) else read


def _problems(
    label: str, entry: Mapping[str, Any], values: Mapping[str, Any], key: str = ""
) -> Iterator[dict[str, Any]]:
    """Give what pydantic says against values: of a key, or of all."""
    try:
        read_settings(label, with_values(entry, values))
    except ValidationError as error:
        for problem in error.errors():
            if not key or problem["loc"][: key.count(".") + 1] == tuple(key.split(".")):
                yield dict(problem)


class _Scan:
    """The scan of one entry, looked at for mistakes."""

    def __init__(self, label: str, architecture: Architecture) -> None:
        self._label, self._architecture = label, architecture
        self._entry = entry_of(architecture)
        self._written: dict[str, Any] = architecture.scan or {}

    def mistakes(self, labels: list[str]) -> list[JetlineError]:
        """List everything that is wrong, the values only where the rest is right."""
        try:
            scan = read_scan(self._written)
        except ValidationError as error:
            return self._misread(error)
        values = _values(scan)
        known = self._known()
        errors = [self._unknown(key, known) for key in values if key not in known]
        for key in values:
            section = key.partition(".")[0]
            if section != key and section in values:
                errors.append(
                    self._refusal((key,), f"{key} beside {section}", "one of them", "remove one")
                )
        if errors:
            return errors
        taken = [one for one in labels if one.rpartition("--")[0] == self._label]
        errors += [
            JetlineError(
                place("architectures", one),
                found=f"the name {one}",
                expected=f"another: so are trials of the scan of {self._label} called",
                remedy=f"call it {one.replace('--', '-')}",
            )
            for one in taken
            if one == name_of_trial(self._label, 0) or one.rpartition("--")[2].isdigit()
        ]
        for key, one in values.items():
            errors += self._wrong_values(key, one)
        return errors or self._wrong_together(scan)

    def _known(self) -> list[str]:
        """List the keys that may be scanned."""
        keys = []
        for name, field in type(self._architecture).model_fields.items():
            keys.append(name)
            kind = field.annotation
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                keys += [f"{name}.{inner}" for inner in kind.model_fields]
        return [key for key in keys if key not in _NOT_SCANNED]

    def _unknown(self, key: str, known: list[str]) -> JetlineError:
        if remedy := _NOT_SCANNED.get(key, ""):
            return self._refusal((key,), f"the setting {key}", "a setting of the training", remedy)
        # Behind the dot the key may be right, and the section forgotten.
        inner = f"training.{key}"
        near = inner if inner in known else nearest(key, known)
        expected = f"a setting of {self._architecture.architecture}: {', '.join(known)}"
        remedy = f"did you mean {near}?" if near else "remove the key"
        return self._refusal((key,), f"unknown key {key}", expected, remedy)

    def _wrong_values(self, key: str, one: list[Any] | Range) -> Iterator[JetlineError]:
        tried: dict[Any, Any] = {"low": one.low, "high": one.high} if isinstance(one, Range) else {}
        if isinstance(one, list):
            tried = dict(enumerate(one))
            texts = [json.dumps(value, default=str) for value in one]
            if not one:
                yield self._refusal(
                    (key,), "no value", "a list of values", "add some, or remove it"
                )
            elif len(set(texts)) < len(texts):
                once = [json.loads(text) for text in dict.fromkeys(texts)]
                yield self._refusal((key,), _shown(one), "each value once", f"write {_shown(once)}")
        for where, value in tried.items():
            problems = list(_problems(self._label, self._entry, {key: value}, key))
            for error in self._explained(problems[:1]):
                yield self._refusal(
                    (key, where), _shown(value), error.expected, "write an allowed value, or none"
                )

    def _wrong_together(self, scan: Grid | Study) -> list[JetlineError]:
        """Find points that do not go together, and points that are not compared alike."""
        values = _values(scan)
        if isinstance(scan, Study):
            points = [
                {key: value}
                for key, one in values.items()
                for value in (one if isinstance(one, list) else [one.low])
            ]
        else:
            number = math.prod(len(one) for one in scan.grid.values())
            if number > MOST_POINTS:
                found = f"a grid of {number:,} points, each a training of its own"
                remedy = "write fewer values, or a `space` with `trials`"
                return [self._refusal((), found, f"at most {MOST_POINTS:,}", remedy)]
            points = grid_points(scan.grid)
        measures = set()
        for point in points:
            problems = list(_problems(self._label, self._entry, point))
            if problems and isinstance(scan, Grid):
                expected = "; ".join(error.expected for error in self._explained(problems))
                remedy = "take one of these values out of the grid"
                return [self._refusal((), _shown(point), expected, remedy)]
            if not problems:
                settings = read_settings(self._label, with_values(self._entry, point))
                measures.add(measure_of(settings.model_dump(mode="json")))
        if len(measures) > 1:
            found = "values of `training` with different early_stopping"
            return [self._refusal((), found, "one, by which trials are compared", "choose one")]
        return []

    def _misread(self, error: ValidationError) -> list[JetlineError]:
        """Explain what pydantic says against the block itself."""
        form = form_of(self._written)
        found: dict[tuple[Any, ...], JetlineError] = {}
        remedies: dict[tuple[Any, ...], str] = {}
        for problem in error.errors():
            path, kind = problem["loc"], problem["type"]
            if form is Study and len(path) > 2:
                path = (*path[:2], *path[3:])  # without the mark of its form
            key = str(path[0])
            written = _value_of(self._written, path)
            if kind == "missing" and len(path) == 1:
                path, expected = (), "a `grid`, or a `space` with `trials`"
            elif kind in ("union_tag_not_found", "list_type"):
                ends = "" if kind == "list_type" else ", or `low` and `high`"
                expected = f"a list of values in square brackets{ends}"
            elif kind in ("extra_forbidden", "missing"):
                keys = (Range if len(path) > 2 else form).model_fields
                expected = f"the keys {', '.join(keys)}"
                near = nearest(path[-1], keys)
                if kind == "extra_forbidden":
                    remedies[path] = f"did you mean {near}?" if near else "remove the key"
            else:
                expected = EXPECTED.get(kind, "").format(**problem.get("ctx", {}))
                expected = expected or problem["msg"].removeprefix("Value error, ")
            remedy = paste(
                "architectures",
                self._label,
                "scan",
                value={key: _EXAMPLES[key]} if key in _EXAMPLES else {"grid": _EXAMPLES["grid"]},
            )
            shown = "no such key" if kind == "missing" else _shown(written)
            remedy = remedies.get(path, remedy)
            found[path] = self._refusal(path, shown, expected, remedy, inner=False)
        return list(found.values())

    def _explained(self, problems: list[dict[str, Any]]) -> list[JetlineError]:
        settings = type(self._architecture)
        located = [
            {**problem, "loc": ("architectures", self._label, *problem["loc"])}
            for problem in problems
        ]
        return explain([{**problem, "settings": settings} for problem in located], {})

    def _refusal(
        self,
        path: tuple[Any, ...],
        found: str,
        expected: str,
        remedy: str,
        *,
        inner: bool = True,
    ) -> JetlineError:
        form = ("grid" if "grid" in self._written else "space",) if inner else ()
        where = place("architectures", self._label, "scan", *form, *path)
        return JetlineError(where, found=found, expected=expected, remedy=remedy)


def _value_of(written: Any, path: tuple[Any, ...]) -> Any:
    """Give what stands at a path, or as much of it as there is."""
    for key in path:
        inside = isinstance(written, dict) and key in written
        if not inside and not (isinstance(written, list) and isinstance(key, int)):
            return written
        written = written[key]
    return written


def _shown(value: Any) -> str:
    return json.dumps(value, default=str)
