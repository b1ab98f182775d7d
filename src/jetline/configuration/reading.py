"""The configuration: a tree of typed settings, the one truth about what may stand in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, SerializeAsAny, ValidationError, model_validator

from jetline.configuration.consistency import contradictions
from jetline.core.errors import JetlineError
from jetline.core.settings import Settings
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.recipe import ImageRecipe
from jetline.models import names, read_settings, settings_class
from jetline.models.architecture import Architecture, Seeds
from jetline.sources.settings import Source

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=60)]


class Split(Settings):
    """Which jets train, validate and test."""

    by: Literal["jet", "file"] = Field(
        "jet",
        description="`jet`: drawn jet by jet; `file`: whole files, the first ones train "
        "(the benchmark's way)",
    )
    train: float = Field(0.8, gt=0, lt=1, description="share of the jets that train")
    validation: float = Field(
        0.1, gt=0, lt=1, description="share that decides when to stop, and which epoch is best"
    )
    test: float = Field(0.1, gt=0, lt=1, description="share that only the evaluation sees")

    @model_validator(mode="after")
    def _adds_up(self) -> Split:
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-9:
            raise ValueError(
                "shares that add up to 1; "
                f"train + validation + test, defaults included, is {total:g}"
            )
        return self

    @property
    def fractions(self) -> tuple[float, float, float]:
        """Shares of train, validation and test."""
        return (self.train, self.validation, self.test)


class Configuration(Settings):
    """One comparison: which jets, which taggers."""

    run: Name = Field(
        description="name of this comparison; its results go to results/runs/<run>",
        examples=["demo"],
    )
    seed: int = Field(1, ge=0, description="decides the split and the resampling of test jets")
    datasets: dict[Name, Source] = Field(
        min_length=1,
        description="named lists of jet files, each from one source",
        examples=[{"demo": {"source": "sample"}}],
    )
    train_on: Name = Field(description="dataset that all taggers train on", examples=["demo"])
    test_on: tuple[Name, ...] = Field(
        min_length=1,
        description="datasets whose test parts all taggers are evaluated on",
        examples=[["demo"]],
    )
    split: Split = Field(Split(), description="shares of training, validation and test jets")
    device: Literal["auto", "cpu", "gpu"] = Field(
        "auto", description="`auto`: a GPU if there is one; `gpu`: an error if there is none"
    )
    seeds: Seeds = Field(
        (1,),
        description="each architecture is trained once with each of these",
        examples=[[1, 2]],
    )
    recipes: dict[Name, ImageRecipe] = Field(
        {},
        description="ways of imaging a jet beside the built-in ones, by a name of your choice; an "
        "architecture takes one by `inputs: images/<name>`",
        examples=[{"fine": {"pixels": 65}}],
    )
    architectures: dict[Name, SerializeAsAny[Architecture]] = Field(
        min_length=1,
        description="the taggers, by a name of your choice",
        examples=[{"pfn": {"inputs": "particles", "identity": "full"}}],
    )

    @property
    def trainings(self) -> list[tuple[str, int]]:
        """Label and seed of each training."""
        return [
            (label, seed)
            for label, architecture in self.architectures.items()
            for seed in architecture.seeds or self.seeds
        ]

    @property
    def used_datasets(self) -> list[str]:
        """Datasets of the run, each once, first that which the taggers train on."""
        return list(dict.fromkeys([self.train_on, *self.test_on]))

    @property
    def all_recipes(self) -> dict[str, ImageRecipe]:
        """Recipes by name, the built-in ones included."""
        return {**RECIPES, **self.recipes}


def load_yaml(path: Path) -> dict[str, Any]:
    """Read a configuration file.

    Raises
    ------
    JetlineError
        If the file is missing or not a YAML mapping.
    """
    remedy = "correct this file; config/config.yaml is one to start from"
    found = None
    try:
        values = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        found = f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
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
    from jetline.configuration.messages import explain

    problems: list[dict[str, Any]] = []
    architectures = _read_architectures(values.get("architectures"), problems)
    try:
        configuration = Configuration.model_validate({**values, **architectures})
    except ValidationError as error:
        problems += error.errors()
    errors = explain(problems, values) if problems else contradictions(configuration)
    if errors:
        first, *first.others = errors
        raise first
    return configuration


def _read_architectures(entries: Any, problems: list[dict[str, Any]]) -> dict[str, Any]:
    """Read each entry by its own architecture's settings, which only its file knows."""
    if not isinstance(entries, dict):
        return {}
    read = {}
    for label, entry in entries.items():
        place = ("architectures", label)
        # Stands for an entry with problems, so that its absence is no further problem.
        read[label] = Architecture.model_construct()
        if not isinstance(entry, dict):
            problems.append({"type": "no_settings", "loc": place, "input": entry})
            continue
        name = str(entry.get("architecture", label))
        if name not in names():
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
    return {"architectures": read}
