"""Learning rates: how the rate of a training changes from step to step, or from epoch to epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import keras
from keras import ops
from keras.optimizers.schedules import CosineDecay, ExponentialDecay, PolynomialDecay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.models.training_recipe import TrainingRecipe

Rate: TypeAlias = float | keras.optimizers.schedules.LearningRateSchedule

#: Share of the largest rate that a one-cycle training ends at: arXiv:1902.08570, section 4.
_LAST_OF_CYCLE = 5e-7 / 3e-3


class Joined(keras.optimizers.schedules.LearningRateSchedule):
    """Follow one rate after another, each by its own count of steps.

    Parameters
    ----------
    pieces : sequence of (int, float or schedule)
        The step from which each rate is in force, the first from 0 on.
    """

    def __init__(self, pieces: Sequence[tuple[int, Rate]]) -> None:
        self.pieces = tuple(pieces)

    def __call__(self, step: Any) -> Any:
        """Give the rate at a step."""
        rate: Any = None
        for start, piece in self.pieces:
            # What a schedule gives before its own start is thrown away, but has to be finite.
            here = piece(ops.maximum(step - start, 0)) if callable(piece) else piece
            rate = here if rate is None else ops.where(step >= start, here, rate)
        return rate


def schedule_of(recipe: TrainingRecipe, learning_rate: float, steps: int) -> Rate:
    """Give the learning rate of a training, for all of its steps.

    ======================  ==================================================================
    ``constant``            the same throughout; so is ``plateau`` here (`plateau_rate`)
    ``warm-up``             linear rise: P. Goyal et al., arXiv:1706.02677, section 2.2
    ``cosine``              the same rise, then I. Loshchilov, F. Hutter, arXiv:1608.03983
    ``one-cycle``           L. N. Smith, arXiv:1803.09820, as in arXiv:1902.08570, section 4
    ``flat-exponential``    flat, then exponential: H. Qu et al., arXiv:2202.03772, section 5
    ======================  ==================================================================

    Parameters
    ----------
    recipe : TrainingRecipe
        How the network is trained.
    learning_rate : float
        The largest rate.
    steps : int
        Steps of the optimiser in the whole training, all epochs together.

    Returns
    -------
    float or Keras schedule
        A constant rate, or a function of the number of steps done. The optimiser counts these, and
        checkpoints keep the count, so that a resumed training continues the schedule.
    """

    def until(share: float) -> int:
        return max(1, round(share * steps))

    match recipe.schedule:
        case "warm-up" | "cosine":
            rise = until(recipe.warm_up)
            # From 0 the first step would teach nothing.
            first = learning_rate / rise
            if recipe.schedule == "warm-up":
                return PolynomialDecay(first, rise, learning_rate)
            fall = max(1, steps - rise)
            return CosineDecay(first, fall, warmup_target=learning_rate, warmup_steps=rise)
        case "one-cycle":
            top, low = until(0.4), until(0.8)
            tenth, last = learning_rate / 10, learning_rate * _LAST_OF_CYCLE
            return Joined(
                [
                    (0, PolynomialDecay(tenth, top, learning_rate)),
                    (top, PolynomialDecay(learning_rate, max(1, low - top), tenth)),
                    (low, PolynomialDecay(tenth, max(1, steps - low), last)),
                ]
            )
        case "flat-exponential":
            flat = until(0.7)
            fall = max(1, steps - flat)
            return Joined([(0, learning_rate), (flat, ExponentialDecay(learning_rate, fall, 0.01))])
    return learning_rate


def plateau_rate(
    recipe: TrainingRecipe,
    learning_rate: float,
    patience: int,
    history: Sequence[dict[str, float]],
    decisive: str,
) -> float:
    """Give the rate of the next epoch where `schedule` is `plateau`; else the rate itself.

    It is divided by 5 after each half of the patience without gain, counted anew after each
    division and each gain. It follows from the history alone, so that a resumed training needs
    nothing else.

    Parameters
    ----------
    recipe : TrainingRecipe
        How the network is trained; also whether the highest or the lowest value is best.
    learning_rate : float
        Rate of the first epoch.
    patience : int
        Epochs without gain after which the training stops.
    history : sequence of dict
        The rows of the history so far.
    decisive : str
        Column that tells the best epoch.
    """
    if recipe.schedule != "plateau":
        return learning_rate
    sign = -1 if recipe.early_stopping == "auc" else 1
    rate, best, waited = learning_rate, float("inf"), 0
    for row in history:
        value = sign * row[decisive]
        waited = 0 if value < best else waited + 1
        best = min(best, value)
        if waited == max(1, patience // 2):
            rate, waited = rate / 5, 0
    return rate
