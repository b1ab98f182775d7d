"""Steps of several seeds of one network at once: Keras' own step, vectorised by JAX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from jetline.training.batches import with_weights
from jetline.training.held_jets import HeldSample

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras

    from jetline.training.batches import Batches


class SeedSteps:
    """The step of several models that differ in the values of their variables alone.

    Parameters
    ----------
    models : sequence of keras.Model
        Compiled, with optimisers; the first one's step is that of all.
    """

    def __init__(self, models: Sequence[keras.Model]) -> None:
        self._models = models
        self._step = jax.jit(jax.vmap(models[0].train_step), donate_argnums=0)
        self._state: Any = None
        self._built = False

    def begin(self, models: Sequence[keras.Model]) -> None:
        """Take over the variables of models, as many as there are seeds; they keep their own."""
        states = [[[one.value for one in group] for group in _variables(m)] for m in models]
        self._state = tuple(jax.tree.map(lambda *values: jnp.stack(values), *states))

    def step(self, data: tuple[Any, ...]) -> np.ndarray | Any:
        """Take one step of each seed.

        Parameters
        ----------
        data : tuple
            As `batch_for_seeds` gives it.

        Returns
        -------
        (n_seeds,) array
            Loss of each seed, averaged over the epoch so far; to look at it waits for the step.
        """
        logs, self._state = self._step(self._state, data)
        return logs["loss"]

    def put(self, place: int, model: keras.Model) -> None:
        """Give a model the variables of the seed at a place."""
        for group, values in zip(_variables(model), self._state, strict=True):
            for variable, value in zip(group, values, strict=True):
                variable.assign(value[place])

    def build(self, data: tuple[Any, ...]) -> None:
        """Let Keras make, before the first step, the variables that it measures with."""
        if self._built:
            return
        single = jax.tree.map(lambda values: values[0], data)
        for model in self._models:
            model._symbolic_build(data_batch=single)
        self._built = True


def batch_for_seeds(batches: Sequence[Batches], number: int) -> tuple[Any, ...]:
    """Give the batch of a number of each seed, in arrays with an axis of seeds before all.

    Parameters
    ----------
    batches : sequence of Batches
        Of each seed, of the same sample; of particles a `HeldSample`.
    number : int
        Of the batch, the same for all.
    """
    sample = batches[0].sample
    if isinstance(sample, HeldSample):
        jets = [own.jets(number) for own in batches]
        return with_weights(sample.batch_for_seeds(jets), batches[0].weights, np.stack(jets))
    stacked: tuple[Any, ...] = jax.tree.map(
        lambda *values: np.stack(values), *(own[number] for own in batches)
    )
    return stacked


def _variables(model: keras.Model) -> tuple[list[keras.Variable], ...]:
    """List what Keras' step is given, in its order."""
    return (
        model.trainable_variables,
        model.non_trainable_variables,
        model.optimizer.variables,
        model.metrics_variables,
    )
