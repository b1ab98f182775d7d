"""Numbers as a reader should see them: no more digits than their error warrants."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.records.comparison import Summary

MISSING = "–"


def decimals(error: float) -> int:
    """Count the decimal places that show two significant digits of `error` (> 0)."""
    return max(0, 1 - math.floor(math.log10(error)))


def with_errors(
    value: float,
    errors: Sequence[float | None],
    names: Sequence[str] = (),
    *,
    places: int = 4,
) -> str:
    """Print a value with its errors, all to the two leading digits of the largest.

    Parameters
    ----------
    value : float
    errors : sequence of float or None
        Those that are None are left out.
    names : sequence of str, optional
        What each error comes from, printed in brackets.
    places : int
        Decimal places where no error tells how many are of use.

    Returns
    -------
    str
        Such as ``0.8612 ± 0.0089 (test sample) ± 0.0021 (seeds)``.
    """
    names = names or [""] * len(errors)
    known = [(error, name) for error, name in zip(errors, names, strict=True) if error is not None]
    largest = max((error for error, _ in known), default=0.0)
    if largest > 0:
        places = decimals(largest)
    # Without the sign of what rounds to zero.
    parts = [f"{value:z.{places}f}"]
    for error, name in known:
        # An error that rounds to nothing keeps a digit of its own: it is small, not absent.
        own = places if error == 0 or round(error, places) > 0 else decimals(error) - 1
        parts.append(f"± {error:.{own}f}" + (f" ({name})" if name else ""))
    return " ".join(parts)


def figure_of_merit(summary: Summary, places: int = 4) -> str:
    """Print a figure of merit with its errors, or as a lower bound where few gluon jets pass.

    Parameters
    ----------
    summary : Summary
        The figure of merit over seeds, or of a single training.
    places : int
        Decimal places where no error tells how many are of use.
    """
    value, low = summary.value, summary.low
    if value is None:
        return MISSING if low is None else f"> {_short(low)}"
    if summary.sample_error is None:
        return _short(value) if low is None else f"{_short(value)} (> {_short(low)})"
    return with_errors(value, [summary.sample_error, summary.seed_spread], places=places)


def difference(
    value: float, errors: Sequence[float | None], names: Sequence[str] = (), *, logarithm: bool
) -> str:
    """Print a difference with its errors; one of logarithms as what it is a ratio of, in percent.

    Parameters
    ----------
    value : float
    errors, names
        As for `with_errors`.
    logarithm : bool
        Whether it is a difference of natural logarithms.

    Returns
    -------
    str
        Such as ``0.0121 ± 0.0034`` or ``12.1 ± 3.4 %``.
    """
    if not logarithm:
        return with_errors(value, errors, names)
    ratio = 100 * math.exp(value)
    parts = [None if error is None else ratio * error for error in errors]
    return with_errors(100 * math.expm1(value), parts, names, places=1) + " %"


def chance(p_value: float) -> str:
    """Print a probability; below 0.001 it depends on tails that nobody has seen."""
    return "< 0.001" if p_value < 0.001 else f"{p_value:.2g}"


def share(summary: Summary) -> str:
    """Print a share with its errors in percent, or as an upper bound where it is none."""
    value, high = summary.value, summary.high
    if value is None:
        return MISSING
    if summary.sample_error is None:
        return MISSING if high is None else f"< {100 * high:.2g} %"
    errors = (summary.sample_error, summary.seed_spread)
    parts = [None if error is None else 100 * error for error in errors]
    return with_errors(100 * value, parts, places=1) + " %"


def count(number: float | None) -> str:
    """Print an integer with thin spaces between its thousands."""
    return MISSING if number is None else f"{round(number):,}".replace(",", "\u202f")


def _short(number: float) -> str:
    """Print two significant digits, but no fewer than the integer part has."""
    return f"{number:.0f}" if number >= 10 else f"{number:.1f}"
