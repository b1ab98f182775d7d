"""What does not go together with the `classes` of a configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.configuration.words import paste, place
from jetline.core.errors import JetlineError
from jetline.models.architecture import Network

if TYPE_CHECKING:
    from jetline.configuration.schema import Configuration


def wrong_classes(configuration: Configuration) -> list[JetlineError]:
    """List the datasets and the weights that do not fit the classes, as errors."""
    return [*_of_datasets(configuration), *_of_weights(configuration)]


def _of_datasets(configuration: Configuration) -> list[JetlineError]:
    classes = configuration.classes
    return [
        JetlineError(
            place("datasets", name),
            found=f"jets of {', '.join(made)}, beside classes: [{', '.join(classes)}]",
            expected="jets of the configuration's classes, in the same order",
            remedy=_remedy(configuration, name, made),
        )
        for name in configuration.used_datasets
        if name in configuration.datasets
        and (made := configuration.datasets[name].classes_made) is not None
        and made != classes
    ]


def _remedy(configuration: Configuration, dataset: str, made: tuple[str, ...]) -> str:
    """Say how a dataset and the classes are brought together."""
    classes = configuration.classes
    if configuration.datasets[dataset].classes_offered.issuperset(classes):
        return paste("datasets", dataset, "classes", value=list(classes))
    instead = "\n    or take another source; `files` takes labels of any classes"
    return paste("classes", value=list(made)) + instead


def _of_weights(configuration: Configuration) -> list[JetlineError]:
    errors = []
    for label, architecture in configuration.architectures.items():
        weights = architecture.training.class_weights if isinstance(architecture, Network) else ""
        if isinstance(weights, dict) and set(weights) != set(configuration.classes):
            at = ("architectures", label, "training", "class_weights")
            errors.append(
                JetlineError(
                    place(*at),
                    found=f"weights of {', '.join(weights)}",
                    expected=f"a weight above 0 for each of {', '.join(configuration.classes)}",
                    remedy=paste(
                        *at,
                        value={name: weights.get(name, 1.0) for name in configuration.classes},
                    ),
                )
            )
    return errors
