"""Methods: what the loop of a training is handed beside network, jets and seed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.classes import classes_in
from jetline.core.errors import JetlineError
from jetline.training.losses import SmoothedCrossEntropy, cross_entropy
from jetline.training.optimisers import make_optimiser
from jetline.training.schedules import plateau_rate, schedule_of
from jetline.training.steps import keras_step
from jetline.training.task import Classification, Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    import keras

    from jetline.inputs.sample import JetSample
    from jetline.inputs.view import ParticleView
    from jetline.models.architecture import Network

Step = Callable[
    [
        Callable[[], "keras.Model"],
        Callable[["keras.Model"], "keras.optimizers.Optimizer"],
        Callable[[Any, Any], Any],
        Sequence["keras.metrics.Metric"],
        "ParticleView | None",
    ],
    "keras.Model",
]


@dataclass(frozen=True)
class Method:
    """How a network is trained.

    Parameters
    ----------
    task : Task
        What it learns: the loss, what is measured, and which epoch is best.
    optimiser : callable
        Given the built network, the number of steps of the whole training, and by what the rate of
        some layers is multiplied, makes the optimiser with its schedule.
    step : callable
        Builds the network and says what one step is; see `jetline.training.steps`.
    rate : callable, optional
        Given the rows of the history, tells the rate of the next epoch, where no schedule does.
    """

    task: Task
    optimiser: Callable[[keras.Model, int, dict[str, float]], keras.optimizers.Optimizer]
    step: Step
    rate: Callable[[list[dict[str, float]]], float] | None = None


def method_of(network: Network) -> Method:
    """Give the method by which a tagger is trained: the only place that chooses."""
    recipe = network.training
    by_auc = recipe.early_stopping == "auc"
    smoothed = SmoothedCrossEntropy(recipe.label_smoothing)
    task = Classification(
        loss=smoothed if recipe.label_smoothing else cross_entropy,
        decisive="validation_auc" if by_auc else "validation_loss",
        highest=by_auc,
    )
    return method_for(network, task)


def method_for(network: Network, task: Task) -> Method:
    """Give the method by which a network learns a task: its recipe's."""
    recipe = network.training

    def optimiser(
        model: keras.Model, steps: int, multipliers: dict[str, float]
    ) -> keras.optimizers.Optimizer:
        rate = schedule_of(recipe, network.learning_rate, steps)
        return make_optimiser(recipe, rate, model, multipliers)

    def rate(history: list[dict[str, float]]) -> float:
        return plateau_rate(recipe, network.learning_rate, network.patience, history, task.decisive)

    step = functools.partial(keras_step, precision=recipe.precision)
    return Method(task, optimiser, step, rate if recipe.schedule == "plateau" else None)


def batch_size_of(network: Network, epoch: int) -> int:
    """Give the batch size of an epoch, counted from 1."""
    doublings = sum(epoch > after for after in network.training.double_batch_after)
    return network.batch_size * 2**doublings


def steps_of(network: Network, jets: int) -> int:
    """Count the steps of a whole training on this many jets, without early stopping."""
    return sum(-(-jets // batch_size_of(network, n + 1)) for n in range(network.epochs))


def class_weights_of(
    network: Network, training: JetSample, statistics: Mapping[str, Any]
) -> np.ndarray | None:
    """Give the weights of the jets of each class, on average one of all jets.

    Parameters
    ----------
    network : Network
        What is trained.
    training : JetSample
        The jets that train. Their own weights, if any, are multiplied with those of their classes.
    statistics : mapping
        What `Architecture.build` gets, which names the classes.

    Returns
    -------
    (n_classes,) float64 array or None
        None where all weigh the same.
    """
    asked, classes = network.training.class_weights, classes_in(statistics)
    if asked == "equal":
        return None
    counts = np.bincount(training.labels, training.weights, minlength=len(classes))
    if asked == "balanced":
        _require_positive(counts, classes)
        of_classes = np.divide(1, counts, out=np.ones(len(counts)), where=counts > 0)
    else:
        of_classes = np.array([asked[name] for name in classes])
    average: np.ndarray = of_classes * counts.sum() / (of_classes * counts).sum()
    return average


def _require_positive(counts: np.ndarray, classes: Sequence[str]) -> None:
    """Refuse to balance classes of which negative weights leave less than nothing."""
    if (counts < 0).any():
        name = classes[int(counts.argmin())]
        raise JetlineError(
            "training.class_weights",
            found=f"weights of the {name} jets that add up to {counts.min():g}",
            expected="a positive sum, to balance the classes by",
            remedy="write `class_weights: equal`, or look at the weights of these jets",
        )
