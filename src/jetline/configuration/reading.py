"""Read a configuration: from YAML to a `Configuration`, or to everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from jetline.configuration.consistency import contradictions
from jetline.configuration.messages import explain
from jetline.configuration.repetitions import repetitions
from jetline.configuration.schema import Configuration
from jetline.core.errors import JetlineError
from jetline.models import names, read_settings, settings_class
from jetline.models.architecture import Architecture
from jetline.models.generative import GENERATIVE_MODELS


def load_yaml(path: Path) -> dict[str, Any]:
    """Read a configuration file.

    Raises
    ------
    JetlineError
        If the file is missing or not a YAML mapping, or if a key stands twice in it.
    """
    remedy = "correct this file; config/config.yaml is one to start from"
    found = None
    try:
        text = Path(path).read_text(encoding="utf-8")
        values = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        found = f"{where}{error.problem}"
        remedy = f"correct the line, or the one above it: spaces, no tabs; {remedy}"
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        found = f"no text: {error}"
    except OSError as error:
        found = error.strerror
    else:
        if not isinstance(values, dict):
            found = "nothing" if values is None else repr(values)
    if found:
        expected = "a YAML file of keys and values"
        raise JetlineError(str(path), found=found, expected=expected, remedy=remedy)
    if errors := repetitions(Path(path), text):
        first, *first.others = errors
        raise first
    return values


def read_configuration(values: dict[str, Any]) -> Configuration:
    """Validate a configuration.

    Parameters
    ----------
    values : dict
        As read from YAML.

    Raises
    ------
    JetlineError
        Tells every wrong key and value: its path, what was found, what is expected, the nearest
        known key, and a snippet to paste.
    """
    problems: list[dict[str, Any]] = []
    entries = {
        section: _read_entries(section, list(kinds), values[section], problems)
        for section, kinds in (("architectures", names()), ("generative", GENERATIVE_MODELS))
        if isinstance(values.get(section), dict)
    }
    try:
        configuration = Configuration.model_validate({**values, **entries})
    except ValidationError as error:
        problems += map(dict, error.errors())
    errors = explain(problems, values) if problems else contradictions(configuration)
    if errors:
        first, *first.others = errors
        raise first
    return configuration


def _read_entries(
    section: str, kinds: list[str], entries: dict[Any, Any], problems: list[dict[str, Any]]
) -> dict[Any, Architecture]:
    """Read each entry by its own architecture's settings, which only its file knows."""
    # docs/decisions.md: Settings of an architecture live in its file
    read: dict[Any, Architecture] = {}
    for label, entry in entries.items():
        place = (section, label)
        # Stands for an entry with problems, so that its absence is no further problem.
        read[label] = Architecture.model_construct(architecture="", inputs="")
        if not isinstance(entry, dict):
            problems.append({"type": "no_settings", "loc": place, "input": entry})
            continue
        name = str(entry.get("architecture", label))
        if name not in kinds:
            loc = (*place, "architecture") if "architecture" in entry else place
            problem = {"type": "unknown_architecture", "loc": loc, "input": name, "entry": entry}
            problems.append(problem)
            continue
        try:
            read[label] = read_settings(str(label), entry)
        except ValidationError as error:
            settings = settings_class(name)
            problems += [
                {**problem, "loc": (*place, *problem["loc"]), "settings": settings}
                for problem in error.errors()
            ]
    return read
