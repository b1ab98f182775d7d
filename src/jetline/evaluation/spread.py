"""The spread of a figure of merit over a few seeds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


def spread(values: Sequence[float] | np.ndarray) -> float:
    """Estimate the standard deviation of normal values without bias, from two or more of them.

    The root of the sample variance is too small on average, by the factor `c4`: its mean is that
    of chi with n - 1 degrees of freedom (W. A. Shewhart's control charts).

    Parameters
    ----------
    values : (n,) float array
        Two or more.
    """
    return float(np.std(values, ddof=1)) / c4(len(values))


def c4(number: int) -> float:
    """Give the mean of the sample standard deviation of `number` normal values of variance 1.

    It is 0.798 for two, 0.886 for three and 0.940 for five.
    """
    half = number / 2
    return math.sqrt(2 / (number - 1)) * math.exp(math.lgamma(half) - math.lgamma(half - 0.5))
