"""Tasks: what a network learns, what is measured of it, and which epoch is best."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import keras
import numpy as np
from sklearn.metrics import roc_auc_score

from jetline.core.classes import share_of
from jetline.training.losses import cross_entropy
from jetline.training.scores import class_scores

if TYPE_CHECKING:
    from collections.abc import Callable

    from jetline.inputs.sample import JetSample
    from jetline.inputs.view import ParticleView


class Validated(NamedTuple):
    """What is measured of the validation part.

    Parameters
    ----------
    columns : dict
        Of the history.
    dead : bool
        Whether the network tells no jet from another.
    """

    columns: dict[str, float]
    dead: bool = False


class Task(Protocol):
    """What a network learns."""

    @property
    def loss(self) -> Callable[[Any, Any], Any]:
        """Loss of each jet, (n_jets,), given labels and what the network gives."""

    @property
    def decisive(self) -> str:
        """Column of the history that tells the best epoch."""

    @property
    def highest(self) -> bool:
        """Whether its highest value is best, and not its lowest."""

    def metrics(self) -> list[keras.metrics.Metric]:
        """Make what Keras measures in training; their names are columns of the history."""

    def validate(
        self,
        model: keras.Model,
        validation: JetSample,
        batch_size: int,
        view: ParticleView | None,
    ) -> Validated:
        """Measure the columns of the history that are of the validation part."""


@dataclass(frozen=True)
class Classification:
    """Tell classes of jets from each other: the cross-entropy of a softmax over them."""

    loss: Callable[[Any, Any], Any] = cross_entropy
    decisive: str = "validation_loss"
    highest: bool = False

    def metrics(self) -> list[keras.metrics.Metric]:
        """Measure the share of jets whose own class has the higher score."""
        return [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]

    def validate(
        self,
        model: keras.Model,
        validation: JetSample,
        batch_size: int,
        view: ParticleView | None,
    ) -> Validated:
        """Measure loss, accuracy and area under the ROC curve, in double precision."""
        scores = class_scores(model, validation, batch_size, view)
        judged = validation.labels, scores, validation.weights
        columns = {
            "validation_loss": _log_loss(*judged),
            "validation_accuracy": accuracy(*judged),
            "validation_auc": area_under_curve(*judged),
        }
        return Validated(columns, dead=len(scores) > 1 and not np.ptp(scores, axis=0).any())


def accuracy(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Compute the share of jets whose own class has the highest score.

    Of two classes that is the second from a score of 0.5 on, as in the figure of merit.
    """
    if scores.shape[1] == 2:
        return float(np.average((scores[:, 1] >= 0.5) == labels, weights=weights))
    return float(np.average(scores.argmax(axis=1) == labels, weights=weights))


def area_under_curve(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None
) -> float:
    """Compute the area under the ROC curve; NaN if a score is.

    Of more than two classes it is the mean over their pairs, a and b, of the area by
    p_a / (p_a + p_b) on jets of these two.
    """
    if not np.isfinite(scores).all():
        return float("nan")
    if scores.shape[1] == 2:
        return _area(labels == 1, scores[:, 1], weights)
    areas = []
    for a, b in itertools.combinations(range(scores.shape[1]), 2):
        chosen = (labels == a) | (labels == b)
        of_pair = None if weights is None else weights[chosen]
        areas.append(_area(labels[chosen] == a, share_of(scores[chosen], a, b), of_pair))
    return float(np.mean(areas))


def _area(is_signal: np.ndarray, scores: np.ndarray, weights: np.ndarray | None) -> float:
    """Compute the area for two classes; scikit-learn refuses negative weights."""
    if weights is None:
        return float(roc_auc_score(is_signal, scores))
    distinct, place = np.unique(scores, return_inverse=True)
    signal, background = (
        np.bincount(place, np.where(kind, weights, 0), len(distinct))
        for kind in (is_signal, ~is_signal)
    )
    below = np.cumsum(background) - background / 2
    return float((signal * below).sum() / (signal.sum() * background.sum()))


def _log_loss(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Compute the mean cross-entropy.

    Probabilities are kept a rounding error of single precision away from 0 and 1; of two classes
    the first has what the second leaves.
    """
    margin = np.finfo(np.float32).eps
    probabilities = np.clip(scores.astype(np.float64), margin, 1 - margin)
    if scores.shape[1] == 2:
        own = np.where(labels == 1, probabilities[:, 1], 1 - probabilities[:, 1])
    else:
        own = np.take_along_axis(probabilities, labels[:, None].astype(np.intp), axis=1)[:, 0]
    return float(-np.average(np.log(own), weights=weights))
