"""Optimisers: what makes a step of a network's weights out of gradients."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from jetline.core.errors import JetlineError
from jetline.training.rectified_adam import RectifiedAdam

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jetline.models.training_recipe import TrainingRecipe
    from jetline.training.schedules import Rate

_KINDS = {
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "lion": keras.optimizers.Lion,
    "radam": RectifiedAdam,
}

#: Of Lookahead: steps, and share of the way that is kept; the paper's 5 is 6 in Ranger.
_LOOKAHEAD_STEPS, _LOOKAHEAD_SHARE = 6, 0.5


def make_optimiser(
    recipe: TrainingRecipe,
    rate: Rate,
    model: keras.Model,
    multipliers: dict[str, float] | None = None,
) -> keras.optimizers.Optimizer:
    """Make the optimiser of a training, with all of its variables.

    =============  ===============================================================================
    ``adam``       D. P. Kingma, J. Ba, arXiv:1412.6980
    ``adamw``      the same; weight decay of all four is that of I. Loshchilov, F. Hutter,
                   arXiv:1711.05101
    ``lion``       X. Chen et al., arXiv:2302.06675
    ``radam``      L. Liu et al., arXiv:1908.03265 (`RectifiedAdam`)
    ``lookahead``  M. R. Zhang et al., arXiv:1907.08610
    ``averaging``  B. T. Polyak, A. B. Juditsky, SIAM J. Control Optim. 30 (1992) 838, with the
                   weights of an exponential average
    ``clip``       R. Pascanu et al., arXiv:1211.5063
    =============  ===============================================================================

    Parameters
    ----------
    recipe : TrainingRecipe
        How the network is trained.
    rate : float or Keras schedule
        Learning rate, or a function of the number of steps done.
    model : keras.Model
        The network.
    multipliers : dict of str to float, optional
        By what the rate of some weights is multiplied, weight decay included: beginning of a
        variable's path, in whole names (``logits``, ``block_0/fc1``), to factor. 0 leaves the
        weight as it is; its gradient still counts where `clip` limits the norm. Of several
        beginnings the longest counts.

    Raises
    ------
    JetlineError
        If no variable's path begins as one of `multipliers` says.
    """
    weights = model.trainable_variables
    factors = _factors(weights, multipliers or {})
    kind = _KINDS[recipe.optimiser]
    if recipe.lookahead or recipe.averaging or any(factor != 1 for factor in factors):
        kind = _extended(kind, weights, factors, recipe.lookahead, recipe.averaging)
    optimiser = kind(
        rate,
        weight_decay=recipe.weight_decay or None,
        global_clipnorm=recipe.clip,
        name=recipe.optimiser,
    )
    optimiser.exclude_from_weight_decay([w for w in weights if len(w.shape) < 2])
    optimiser.build(weights)
    return optimiser


@contextlib.contextmanager
def averaged(model: keras.Model) -> Iterator[None]:
    """Let the model have the average of its weights for a while, if its optimiser keeps one.

    Afterwards its weights are what they were, to the last bit. Moving statistics of batch
    normalisation, which are averages themselves, stay those of the last steps.
    """
    optimiser = model.optimizer
    # That of float16 scales the loss around the one that steps.
    optimiser = getattr(optimiser, "inner_optimizer", optimiser)
    averages = getattr(optimiser, "averages", [])
    weights = model.trainable_variables[: len(averages)]
    # Copies: JAX gives the memory of what a model holds to the next step.
    own = [np.array(weight) for weight in weights]
    _assign(weights, [np.array(average) for average in averages])
    try:
        yield
    finally:
        _assign(weights, own)


def _assign(weights: Sequence[keras.Variable], values: Sequence[np.ndarray]) -> None:
    for weight, value in zip(weights, values, strict=True):
        weight.assign(value)


def _factors(weights: Sequence[keras.Variable], multipliers: dict[str, float]) -> list[float]:
    """Give the factor of each weight's rate."""
    factors, unused = [], set(multipliers)
    for weight in weights:
        names = weight.path.split("/")
        beginnings = ["/".join(names[:n]) for n in range(1, len(names) + 1)]
        found = [beginning for beginning in beginnings if beginning in multipliers]
        unused -= set(found)
        factors.append(multipliers[found[-1]] if found else 1.0)
    if unused:
        raise JetlineError(
            "multipliers of the learning rate",
            found=", ".join(sorted(unused)),
            expected="beginnings of names of weights: "
            + ", ".join(dict.fromkeys(weight.path.split("/")[0] for weight in weights)),
            remedy="take one of these names",
        )
    return factors


def _extended(
    kind: type[keras.optimizers.Optimizer],
    weights: Sequence[keras.Variable],
    factors: Sequence[float],
    lookahead: bool,
    averaging: float | None,
) -> type[keras.optimizers.Optimizer]:
    """Make a kind of optimiser that does more with these weights than `kind` after each step.

    All that it remembers are variables of the optimiser, which a checkpoint has. Nothing can be
    left to Keras' `use_ema`: at the end of each call of `fit`, of which a training has one or more
    in each epoch, it puts the average in the place of the weights.
    """
    # Not an attribute: Keras would take the weights for variables of the optimiser.
    slowed = [(w, factor) for w, factor in zip(weights, factors, strict=True) if factor != 1]

    class Extended(kind):
        def build(self, variables: Any) -> None:
            if self.built:
                return
            super().build(variables)
            self.slow = self._copies("slow") if lookahead else []
            self.averages = self._copies("average") if averaging else []

        def _copies(self, name: str) -> list[keras.Variable]:
            copies = [self.add_variable_from_reference(weight, name) for weight in weights]
            _assign(copies, [np.array(weight) for weight in weights])
            return copies

        def apply(self, grads: Any, trainable_variables: Any = None) -> None:
            before = [_value(weight) for weight, _ in slowed]
            super().apply(grads, trainable_variables)
            # Decay and step are both proportional to the rate.
            for start, (weight, factor) in zip(before, slowed, strict=True):
                weight.assign(start + factor * (_value(weight) - start) if factor else start)
            if lookahead:
                self._look_ahead()
            if averaging:
                self._average()

        def _look_ahead(self) -> None:
            now = ops.equal(self.iterations % _LOOKAHEAD_STEPS, 0)
            for slow, weight in zip(self.slow, weights, strict=True):
                start, end = _value(slow), _value(weight)
                between = start + _LOOKAHEAD_SHARE * (end - start)
                slow.assign(ops.where(now, between, start))
                weight.assign(ops.where(now, between, end))

        def _average(self) -> None:
            # The first weights, which are random, are soon forgotten.
            before = ops.cast(self.iterations - 1, "float32")
            kept = ops.minimum(averaging, (1 + before) / (10 + before))
            for average, weight in zip(self.averages, weights, strict=True):
                latest = _value(weight)
                share = ops.cast(kept, weight.dtype)
                average.assign(latest + share * (_value(average) - latest))

    return Extended


def _value(variable: keras.Variable) -> Any:
    """Give what a variable holds now, also when it holds something else later."""
    return ops.copy(ops.convert_to_tensor(variable))
