"""RAdam, which Keras does not have."""

from __future__ import annotations

import math
from itertools import count
from typing import Any

import keras
from keras import ops


class RectifiedAdam(keras.optimizers.Optimizer):
    """Adam whose first steps are small: L. Liu et al., arXiv:1908.03265, algorithm 2.

    While few gradients have been seen, the variance of Adam's step diverges: the step then follows
    the average gradient alone, and afterwards it is shortened by what the variance exceeds its
    limit. The numbers are those of Ranger, by which arXiv:2202.03772 trains.

    Parameters
    ----------
    learning_rate : float or schedule
        The rate.
    **options
        Those of Keras' `Optimizer`.
    """

    beta_1, beta_2, epsilon = 0.95, 0.999, 1e-5

    def __init__(self, learning_rate: Any, **options: Any) -> None:
        super().__init__(learning_rate, **options)
        self._longest = 2 / (1 - self.beta_2) - 1
        # From a length of 5 on, as in the authors' code; the paper says 4.
        self._first = next(t for t in count(1) if self._length(t, self.beta_2**t) >= 5)

    def build(self, variables: Any) -> None:
        """Make the averages of the gradients and of their squares."""
        if self.built:
            return
        super().build(variables)
        self.means, self.squares = self.add_optimizer_variables(variables, ["mean", "square"])

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Make one step of one variable."""
        gradient, rate, step = (
            ops.cast(value, variable.dtype)
            for value in (gradient, learning_rate, self.iterations + 1)
        )
        index = self._get_variable_index(variable)
        mean, square = self.means[index], self.squares[index]
        self.assign_add(mean, (gradient - mean) * (1 - self.beta_1))
        self.assign_add(square, (ops.square(gradient) - square) * (1 - self.beta_2))
        average = mean / -ops.expm1(step * math.log(self.beta_1))
        # 1 - beta^t as it stands loses four digits in the first steps.
        unseen = -ops.expm1(step * math.log(self.beta_2))
        length = ops.maximum(self._length(step, 1 - unseen, unseen), 4.5)
        shares = (length - 4) * (length - 2) / length
        limit = (self._longest - 4) * (self._longest - 2) / self._longest
        adapted = ops.sqrt(unseen * shares / limit) / (ops.sqrt(square) + self.epsilon)
        factor = ops.where(step >= self._first, adapted, ops.ones_like(adapted))
        self.assign_sub(variable, rate * average * factor)

    def _length(self, step: Any, power: Any, unseen: Any = None) -> Any:
        """Compute the length of the average of squares, rho_t, in gradients."""
        unseen = 1 - power if unseen is None else unseen
        return self._longest - 2 * step * power / unseen
