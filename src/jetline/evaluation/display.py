"""Numbers as a reader should see them: no more digits than their error warrants."""

from __future__ import annotations

import math
from collections.abc import Mapping

MISSING = "–"


def decimals(error: float) -> int:
    """Decimal places that show two significant digits of `error` (> 0)."""
    return max(0, 1 - math.floor(math.log10(error)))


def with_errors(value: float, errors: Mapping[str, float | None] | float | None) -> str:
    """A value with its errors, all to the two leading digits of the largest.

    Parameters
    ----------
    value : float
    errors : mapping of str to float or None, or float or None
        Errors by what they come from, which is printed in brackets; those that are None are
        left out. A single error is printed without.

    Returns
    -------
    str
        Such as ``0.8612 ± 0.0089 (test sample) ± 0.0021 (seeds)``.
    """
    if not isinstance(errors, Mapping):
        errors = {"": errors}
    known = {source: error for source, error in errors.items() if error is not None}
    largest = max(known.values(), default=0.0)
    places = decimals(largest) if largest > 0 else 4
    parts = [f"{value:.{places}f}"]
    for source, error in known.items():
        # An error that rounds to nothing keeps a digit of its own: it is small, not absent.
        own = places if error == 0 or round(error, places) > 0 else decimals(error) - 1
        parts.append(f"± {error:.{own}f}" + (f" ({source})" if source else ""))
    return " ".join(parts)


def figure(summary: Mapping[str, float | None]) -> str:
    """A figure of merit with its errors, or as a lower bound where few gluon jets pass.

    Parameters
    ----------
    summary : mapping
        ``value``, ``low``, ``high``, ``sample_error`` and ``seed_spread``, any of them None.
    """
    value, low = summary["value"], summary["low"]
    if value is None:
        return MISSING if low is None else f"> {_short(low)}"
    if summary["sample_error"] is None:
        return _short(value) if low is None else f"{_short(value)} (> {_short(low)})"
    return with_errors(
        value, {"test": summary["sample_error"], "seeds": summary.get("seed_spread")}
    )


def count(number: float | None) -> str:
    """An integer with thin spaces between its thousands."""
    return MISSING if number is None else f"{round(number):,}".replace(",", "\u202f")


def _short(number: float) -> str:
    """Two significant digits, but no fewer than the integer part has."""
    return f"{number:.0f}" if number >= 10 else f"{number:.1f}"
