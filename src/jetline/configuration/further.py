"""Find taggers that take further features of particles which the datasets' jets do not have."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from jetline.configuration.words import paste, place
from jetline.core.errors import JetlineError
from jetline.jets.told_features import features_in, layout_chosen_in

if TYPE_CHECKING:
    from jetline.configuration.schema import Configuration


def missing_features(
    configuration: Configuration, files: dict[str, dict[str, str]]
) -> list[JetlineError]:
    """Refuse each tagger that takes a feature which some file of the run does not have.

    Parameters
    ----------
    configuration : Configuration
        The taggers.
    files : dict
        Of each dataset, the name of each file of the user's to its path.
    """
    wanted = {
        label: tuple(getattr(one, "features", ()))
        for label, one in configuration.architectures.items()
    }
    if not any(wanted.values()):
        return []
    there = {
        (name, path): features
        for name in configuration.used_datasets
        for path, features in _features(configuration, name, files).items()
    }
    errors = []
    for label, names in wanted.items():
        lacking = (
            (name, path, features)
            for (name, path), features in there.items()
            if not set(names) <= set(features)
        )
        if names and (first := next(lacking, None)):
            errors.append(_refusal(configuration, label, names, *first))
    return errors


def _features(
    configuration: Configuration, name: str, files: dict[str, dict[str, str]]
) -> dict[str, tuple[str, ...]]:
    """Give the features of each file of a dataset, by what the file is called."""
    source = configuration.datasets[name]
    if not source.species_unknown:
        return {f"source {source.source}": ()}
    layout, found = getattr(source, "layout", None), {}
    for path in files[name].values():
        # A file that is not valid is left to its check.
        with contextlib.suppress(JetlineError):
            found[path] = features_in(Path(path), layout)
    return found


def _refusal(
    configuration: Configuration,
    label: str,
    names: tuple[str, ...],
    dataset: str,
    file: str,
    there: tuple[str, ...],
) -> JetlineError:
    missing = [name for name in names if name not in there]
    has = f"has {', '.join(there)}" if there else "has no further features"
    kept = [name for name in names if name in there]
    without = paste("architectures", label, "features", value=kept)
    return JetlineError(
        place("architectures", label, "features"),
        found=f"{', '.join(missing)}, but {file} of dataset {dataset} {has}",
        expected="features that the jets of all datasets have which are trained or tested on",
        remedy=f"{_where_they_are_told(configuration, dataset, file, names)}\n    or {without}",
    )


def _where_they_are_told(
    configuration: Configuration, dataset: str, file: str, names: tuple[str, ...]
) -> str:
    """Say how the files of a dataset tell features."""
    source = configuration.datasets[dataset]
    if not source.species_unknown:
        return "train and test on files of your own, which have them"
    layout = getattr(source, "layout", None)
    base = layout_chosen_in(Path(file)) if layout is None else layout
    if base is None:
        return "save arrays `features` (n_jets, M, n_features) and `feature_names` in each .npz"
    features = {name: f"column of {name}" for name in names}
    if isinstance(base, str):
        told = {"base": base, "features": features}
        return paste("datasets", dataset, "layout", value=told)
    return paste("datasets", dataset, "layout", "features", value=features)
