"""Functions that onnxruntime has in single precision alone, of what it has in double too."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jetline.export.graph import Tensor

#: Between the points about which the error function is expanded, and the last of them.
_STEP, _LAST = 1 / 16, 6.0

#: Terms of each expansion: 9 leave 1e-17.
_TERMS = 10


def wrapped(angle: Tensor) -> Tensor:
    """Bring an angle [rad] into [-pi, pi), as `jetline.jets.kinematics.wrap` does."""
    turns = ((angle + math.pi) / (2 * math.pi)).op("Floor")
    return angle - turns * (2 * math.pi)


def cosh(x: Tensor) -> Tensor:
    """Compute the hyperbolic cosine."""
    return (x.op("Exp") + (-x).op("Exp")) * 0.5


def sinh(x: Tensor) -> Tensor:
    """Compute the hyperbolic sine, which loses no digits near 0."""
    return x.op("Tanh") * cosh(x)


def arcsinh(x: Tensor) -> Tensor:
    """Compute the inverse of `sinh`, to an absolute precision."""
    size = x.op("Abs")
    return x.op("Sign") * (size + (x * x + 1).op("Sqrt")).op("Log")


def arctan2(y: Tensor, x: Tensor) -> Tensor:
    """Compute the angle of the direction (x, y), in double precision; 0 where both are 0.

    A first value in single precision, t, is mended by the sine of what it is wrong by,
    (y cos t - x sin t) / r, whose own error is 1e-22.
    """
    r = (x * x + y * y).op("Sqrt")
    # The tangent of half of the angle, in the form that loses no digits.
    tangent = (x < 0).where((r - x) / y, y / (r + x))
    first = tangent.cast(np.float32).op("Atan").cast(np.float64) * 2.0
    mended = first + (y * first.op("Cos") - x * first.op("Sin")) / r
    return (r > 0).where(mended, 0)


def erf(x: Tensor) -> Tensor:
    """Compute the error function: in double precision by Taylor's series about the nearest point.

    Its n-th derivative is (-1)^(n-1) H_(n-1)(x) 2 exp(-x^2) / sqrt(pi), with Hermite's polynomials
    (Abramowitz and Stegun, 7.1.19).
    """
    if x.dtype == np.float32:
        return x.op("Erf")
    points = np.arange(0, _LAST + _STEP, _STEP)
    slope = 2 / math.sqrt(math.pi) * np.exp(-(points**2))
    rows = [np.array([math.erf(point) for point in points])]
    for n in range(1, _TERMS):
        hermite = np.polynomial.hermite.hermval(points, [0] * (n - 1) + [1])
        rows.append((-1) ** (n - 1) * hermite * slope / math.factorial(n))
    size = x.op("Abs").op("Min", _LAST)
    nearest = (size * (1 / _STEP) + 0.5).op("Floor")
    place, beyond = nearest.cast(np.int64), size - nearest * _STEP
    found = None
    for row in reversed(rows):
        term = x.graph.constant(row, np.float64).op("Gather", place)
        found = term if found is None else found * beyond + term
    assert found is not None
    return x.op("Sign") * found
