"""Find values that are right by themselves, but not together or not with the jets."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.configuration.classes import wrong_classes
from jetline.configuration.flattening import wrong_flattening
from jetline.configuration.folds import wrong_folds
from jetline.configuration.further import missing_features
from jetline.configuration.generative import wrong_generative
from jetline.configuration.gpus import wrong_gpus
from jetline.configuration.pictures import require_pictures, wrong_pictures
from jetline.configuration.scans import wrong_scans
from jetline.configuration.seeds_together import wrong_seeds_together
from jetline.configuration.species import told_too_much
from jetline.configuration.starts import wrong_starts
from jetline.configuration.words import nearest, paste, place
from jetline.core.errors import JetlineError
from jetline.inputs.augmentation import AUGMENTATION_STEPS
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.making import choices
from jetline.jets.constituents import PDG_ID
from jetline.jets.reading import format_by_name, open_jets
from jetline.jets.species import PARTON_IDS
from jetline.models.architecture import Network

if TYPE_CHECKING:
    from jetline.configuration.schema import Configuration
    from jetline.inputs.augmentation.augmentation_step import AugmentationStep
    from jetline.inputs.kinds.input_kind import InputKind
    from jetline.models.architecture import Architecture

#: How many jets of each file are searched for partons: a program that writes any writes them in
#: every jet.
_FIRST_JETS = 100


def contradictions(configuration: Configuration) -> list[JetlineError]:
    """List the values that do not go together, as errors."""
    datasets = configuration.datasets
    partons = {
        name: shown
        for name in configuration.used_datasets
        if name in datasets and (shown := datasets[name].parton_level)
    }
    return [
        *_unknown_datasets(configuration),
        *wrong_classes(configuration),
        *_named_twice(configuration),
        *_taken_names(configuration),
        *(wrong_pictures(configuration) or _unsuitable_inputs(configuration)),
        *_unsuitable_steps(configuration),
        *_told_of_partons(configuration, partons),
        *wrong_starts(configuration),
        *wrong_scans(configuration),
        *wrong_folds(configuration),
        *wrong_flattening(configuration),
        *wrong_seeds_together(configuration),
        *wrong_gpus(configuration),
        *wrong_generative(configuration),
    ]


def require_suited(configuration: Configuration, files: dict[str, dict[str, str]]) -> None:
    """Make sure that the user's own files suit the taggers: species, features, sizes of pictures.

    Parameters and errors are those of `require_species`, `missing_features` and `require_pictures`.
    """
    require_species(configuration, files)
    _raise(missing_features(configuration, files))
    require_pictures(configuration, files)


def require_species(configuration: Configuration, files: dict[str, dict[str, str]]) -> None:
    """Make sure that the user's own jets have the species that taggers are told.

    A file that is not valid is let pass: its check, a job of the run, explains it.

    Parameters
    ----------
    configuration : Configuration
        Without contradictions.
    files : dict
        Of each dataset, the name of each jet file to its path.

    Raises
    ------
    JetlineError
        Tells every tagger that is told the species of partons: the file, its first parton, and
        what to paste.
    """
    # docs/decisions.md: Partons are looked for when Snakemake starts
    architectures = configuration.architectures.values()
    if all(_identity(configuration, one) == "none" for one in architectures):
        return
    partons: dict[str, str] = {
        name: shown
        for name in configuration.used_datasets
        if configuration.datasets[name].species_unknown
        and (shown := next(filter(None, map(_first_parton, files[name].values())), None))
    }
    errors = _told_of_partons(configuration, partons) or told_too_much(
        configuration, files, lambda one: _identity(configuration, one)
    )
    _raise(errors)


def _raise(errors: list[JetlineError]) -> None:
    if errors:
        first, *first.others = errors
        raise first


def _first_parton(path: str) -> str | None:
    """Say which parton there is in the first jets of a valid archive, and where, or None."""
    if format_by_name(path) not in (None, "npz"):
        return None
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.suppress(JetlineError))
        blocks: Any = open_jets(Path(path)).blocks(_FIRST_JETS)
        stack.enter_context(contextlib.closing(blocks))
        ids = next(blocks)[..., PDG_ID]
        for jet, constituent in np.argwhere(np.isin(ids, PARTON_IDS))[:1]:
            kind = f"PDG id {ids[jet, constituent]:.0f}, a quark or gluon,"
            return f"{kind} in jet {jet} (counted from 0) of {path}"
    return None


def _told_of_partons(configuration: Configuration, partons: dict[str, str]) -> list[JetlineError]:
    """Refuse each tagger that is told the species of particles.

    Parameters
    ----------
    configuration : Configuration
        The taggers.
    partons : dict
        Each dataset whose jets are made of partons, and what shows it.
    """
    errors = []
    has = " and ".join(f"dataset {name} has {what}" for name, what in partons.items())
    for label, architecture in configuration.architectures.items():
        if partons and (identity := _identity(configuration, architecture)) != "none":
            key, value = "identity", "none"
            if architecture.kind == "images":
                key, value = "inputs", "images/pt"
            remedy = paste("architectures", label, key, value=value)
            errors.append(
                _refusal(
                    ("architectures", label),
                    f"{identity} identity of particles, but {has}",
                    "a tagger that is not told the species, because the jets are made of partons",
                    f"{remedy}\n    or choose jets of hadrons",
                )
            )
    return errors


def _unknown_datasets(configuration: Configuration) -> list[JetlineError]:
    errors, datasets = [], configuration.datasets
    for key, chosen in (("train_on", [configuration.train_on]), ("test_on", configuration.test_on)):
        for name in dict.fromkeys(chosen):
            if name not in datasets:
                near = nearest(name, datasets)
                remedy = paste("datasets", name, value={"source": "sample"})
                remedy = f"did you mean {near}?" if near else f"{remedy}\n    or choose another"
                expected = f"one of the datasets: {', '.join(datasets)}"
                errors.append(_refusal((key,), name, expected, remedy))
    return errors


def _named_twice(configuration: Configuration) -> list[JetlineError]:
    errors = []
    lists: dict[tuple[str, ...], tuple[Any, ...]] = {
        ("seeds",): configuration.seeds,
        ("test_on",): configuration.test_on,
    }
    for label, architecture in configuration.architectures.items():
        lists["architectures", label, "seeds"] = architecture.seeds or ()
    for path, items in lists.items():
        once = list(dict.fromkeys(items))
        if len(once) < len(items):
            errors.append(_refusal(path, str(list(items)), "each once", paste(*path, value=once)))
    return errors


def _taken_names(configuration: Configuration) -> list[JetlineError]:
    built_in = f"another name: {', '.join(RECIPES)} are built in, with other settings"
    return [
        _refusal(("recipes", name), f"a recipe named {name}", built_in, f"call it my_{name}")
        for name, recipe in configuration.recipes.items()
        if name in RECIPES and recipe != RECIPES[name]
    ]


def _unsuitable_inputs(configuration: Configuration) -> list[JetlineError]:
    errors = []
    known = choices(configuration.all_recipes)
    for label, architecture in configuration.architectures.items():
        path, inputs = ("architectures", label, "inputs"), architecture.inputs
        suitable = [name for name in known if name.split("/")[0] in architecture.kinds]
        if inputs not in suitable:
            # Only the last word tells them apart, and it may stand alone.
            words = {name.removeprefix("images/"): name for name in suitable}
            near = nearest(inputs.removeprefix("images/"), words)
            remedy = f"did you mean {words[near]}?" if near else paste(*path, value=suitable[0])
            expected = f"what {architecture.architecture} can take: {', '.join(suitable)}"
            errors.append(_refusal(path, inputs, expected, remedy))
        # docs/decisions.md: Sizes of images are settled with the configuration
        elif (least := architecture.least_pixels) > (
            pixels := _pixels(configuration, architecture)
        ):
            errors.append(
                _refusal(
                    path,
                    f"{inputs}, of {pixels} x {pixels} pixels",
                    f"{least} x {least} or more, of which the convolutions and poolings of "
                    f"{architecture.architecture} leave something",
                    "choose another recipe, or give this one more `pixels`",
                )
            )
    return errors


def _unsuitable_steps(configuration: Configuration) -> list[JetlineError]:
    """Refuse each step of augmentation that the inputs of its tagger cannot take."""
    errors = []
    known = choices(configuration.all_recipes)
    for label, architecture in configuration.architectures.items():
        inputs = known.get(architecture.inputs)
        if inputs is None or not isinstance(architecture, Network):
            continue
        path = ("architectures", label, "training", "augmentation")
        steps = architecture.training.augmentation
        left = [form for step in steps if (form := _suited_form(step, inputs))]
        suited = [
            name
            for name, step in AUGMENTATION_STEPS.items()
            if not step(step=name).unsuited(inputs.name, inputs.imaging)
        ]
        can = f"steps that {architecture.inputs} can take: {', '.join(suited)}"
        expected = can if suited else f"no step, because {architecture.inputs} can take none"
        for number, step in enumerate(steps):
            if reason := step.unsuited(inputs.name, inputs.imaging):
                found = f"{step.step} for {reason}"
                remedy = paste(*path, value=left)
                errors.append(_refusal((*path, number), found, expected, remedy))
    return errors


def _suited_form(step: AugmentationStep, inputs: InputKind) -> dict[str, Any] | None:
    """Give a step's keys without that one that inputs cannot take; None if they take no form."""
    told = step.model_dump(exclude_unset=True)
    for left_out in (None, *(key for key in told if key != "step")):
        form = {key: value for key, value in told.items() if key != left_out}
        if not type(step)(**form).unsuited(inputs.name, inputs.imaging):
            return form
    return None


def _pixels(configuration: Configuration, architecture: Architecture) -> float:
    """Count the pixels a side of a tagger's images; infinite where it takes no images."""
    if architecture.kind != "images":
        return float("inf")
    return configuration.all_recipes[architecture.inputs.removeprefix("images/")].pixels


def _identity(configuration: Configuration, architecture: Architecture) -> str:
    """Say what a tagger is told of the species; "none" also if it cannot take its inputs."""
    inputs = choices(configuration.all_recipes).get(architecture.inputs)
    if inputs is None or architecture.kind not in architecture.kinds:
        return "none"
    return str(inputs.identity or getattr(architecture, "identity", "none"))


def _refusal(path: tuple[str | int, ...], found: str, expected: str, remedy: str) -> JetlineError:
    return JetlineError(place(*path), found=found, expected=expected, remedy=remedy)
