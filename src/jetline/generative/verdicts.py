"""From a quantity of drawn jets, and what true jets reach among themselves, to a verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jetline.records.judgement import Estimate, JudgedRow

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What as many true jets exceed less often by chance differs: two standard deviations of a
#: Gaussian.
CHANCE = 0.0455

#: What must be visible: a tenth of a standard deviation of true jets, or of a share.
VISIBLE = 0.1


@dataclass(frozen=True)
class Quantity:
    """What is judged.

    Parameters
    ----------
    group, name, label, unit : str
        As `jetline.records.judgement.JudgedRow` has them.
    seen : float
        What must be visible.
    deviation : float or None
        Standard deviation of true jets.
    signed : bool
        Whether it may lie on either side of what true jets have; a distance only grows.
    """

    group: str
    name: str
    label: str
    unit: str
    seen: float
    deviation: float | None = None
    signed: bool = False


def judged(
    of: str, quantity: Quantity, value: float, error: float, true: np.ndarray
) -> JudgedRow | None:
    """Judge one quantity.

    Parameters
    ----------
    of : str
        Name of the class.
    quantity : Quantity
    value, error : float
        Of drawn jets against the test part.
    true : (n_resplits,) float64 array
        Of true jets, split anew.

    Returns
    -------
    JudgedRow or None
        None where the value does not exist, because one side has nothing of which it is taken.
    """
    if not (math.isfinite(value) and math.isfinite(error) and np.isfinite(true).all()):
        return None
    centre, spread = float(true.mean()), float(true.std(ddof=1))
    apart, reached = (
        (value, true) if not quantity.signed else (abs(value - centre), abs(true - centre))
    )
    # Rounding must not tell equal ones apart.
    beyond = np.count_nonzero(reached >= apart - 1e-12 * max(abs(apart), abs(centre)))
    chance = (1 + beyond) / (1 + len(true))
    usual = float(np.quantile(reached, 1 - CHANCE))
    ratio = None
    if centre > spread and value > 0:
        size = value / centre
        ratio = Estimate(value=size, error=size * math.hypot(error / value, spread / centre))
    if chance < CHANCE:
        verdict, words = (
            "differs",
            _difference(value - centre, error, ratio, signed=quantity.signed),
        )
    elif usual > quantity.seen:
        verdict = "cannot tell"
        words = (
            f"cannot tell: too few jets, since true ones reach {usual:.2g} by chance and "
            f"{quantity.seen:.2g} ought to be visible"
        )
    else:
        verdict, words = "as truth", "as truth"
    return JudgedRow(
        of=of,
        group=quantity.group,
        quantity=quantity.name,
        label=quantity.label,
        unit=quantity.unit,
        drawn=Estimate(value=value, error=error),
        truth=Estimate(value=centre, error=spread),
        deviation=quantity.deviation,
        seen=quantity.seen,
        reached=usual,
        chance=chance,
        ratio=ratio,
        verdict=verdict,
        words=words,
    )


def _difference(apart: float, error: float, ratio: Estimate | None, *, signed: bool) -> str:
    if ratio and not signed:
        return f"{ratio.value:.3g} ± {ratio.error:.2g} times truth"
    return f"{apart:+.2g} ± {error:.1g} from truth"


def summary(rows: Sequence[JudgedRow]) -> str:
    """Tell in one sentence how many rows are as truth, and how many chance alone would move."""
    states = [row.verdict for row in rows]
    open_rows = states.count("cannot tell")
    return (
        f"{states.count('as truth')} of {len(rows)} figures as truth, {states.count('differs')} "
        f"different, of which chance alone would give {CHANCE * len(rows):.0f}"
        + (f"; {open_rows} undecided for want of jets" if open_rows else "")
    )
