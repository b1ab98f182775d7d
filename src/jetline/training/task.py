"""Tasks: what a network learns, what is measured of it, and which epoch is best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from sklearn.metrics import roc_auc_score

from jetline.training.losses import cross_entropy
from jetline.training.scores import quark_scores

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

    from jetline.inputs.sample import JetSample
    from jetline.inputs.view import ParticleView


class Task(Protocol):
    """What a network learns."""

    @property
    def loss(self) -> Callable[[Any, Any], Any]:
        """Loss of each jet, (n_jets,), given labels and what the network gives.

        Registered with Keras (`register_keras_serializable`), which restores it with a checkpoint.
        """

    @property
    def metrics(self) -> tuple[str, ...]:
        """Columns of the history that Keras measures in training by these names."""

    @property
    def decisive(self) -> str:
        """Column of the history whose lowest value is that of the best epoch."""

    def validate(
        self,
        model: keras.Model,
        validation: JetSample,
        batch_size: int,
        view: ParticleView | None,
    ) -> dict[str, float]:
        """Measure the columns of the history that are of the validation part."""


@dataclass(frozen=True)
class Classification:
    """Tell quark from gluon jets: the cross-entropy of a softmax over (gluon, quark)."""

    loss: Callable[[Any, Any], Any] = cross_entropy
    metrics: tuple[str, ...] = ("accuracy",)
    decisive: str = "validation_loss"

    def validate(
        self,
        model: keras.Model,
        validation: JetSample,
        batch_size: int,
        view: ParticleView | None,
    ) -> dict[str, float]:
        """Measure loss, accuracy and area under the ROC curve, in double precision."""
        scores = quark_scores(model, validation, batch_size, view)
        labels = validation.labels
        return {
            "validation_loss": _log_loss(labels, scores),
            "validation_accuracy": float(np.mean((scores >= 0.5) == labels)),
            "validation_auc": _auc(labels, scores),
        }


def _auc(labels: np.ndarray, scores: np.ndarray) -> float:
    """Compute the area under the ROC curve; NaN if a score is."""
    return float(roc_auc_score(labels, scores)) if np.isfinite(scores).all() else float("nan")


def _log_loss(labels: np.ndarray, scores: np.ndarray) -> float:
    """Compute the mean cross-entropy.

    Probabilities are kept a rounding error of single precision away from 0 and 1.
    """
    margin = np.finfo(np.float32).eps
    probabilities = np.clip(scores.astype(np.float64), margin, 1 - margin)
    return float(-np.mean(np.log(np.where(labels == 1, probabilities, 1 - probabilities))))
