"""The task of generative models: what they lose, as they say it themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.randomness import small_seed
from jetline.training.epoch import seed_states
from jetline.training.scores import predicted
from jetline.training.task import Validated

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

    from jetline.inputs.sample import JetSample
    from jetline.inputs.view import ParticleView


def own_loss(_labels: Any, losses: Any) -> Any:
    """Give the loss of each jet, (n_jets,), which is what a generative model gives."""
    return losses[:, 0]


@dataclass(frozen=True)
class Generation:
    """Give jets their loss, of which the lowest on the validation part is best.

    The validation part meets the same noise in each epoch, so that epochs can be compared.
    """

    loss: Callable[[Any, Any], Any] = own_loss
    decisive: str = "validation_loss"
    highest: bool = False

    def metrics(self) -> list[keras.metrics.Metric]:
        """Measure nothing beside the loss."""
        return []

    def validate(
        self,
        model: keras.Model,
        validation: JetSample,
        batch_size: int,
        view: ParticleView | None,
    ) -> Validated:
        """Measure the mean loss, in double precision."""
        for number, state in enumerate(seed_states(model)):
            seed = small_seed(0, "validation", number)
            state.assign(np.array([seed, 0], dtype=state.dtype))
        losses = predicted(model, validation, batch_size, view)[:, 0].astype(np.float64)
        return Validated({"validation_loss": float(np.average(losses, weights=validation.weights))})
