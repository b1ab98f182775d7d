"""Weights of jets: how much each counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from collections.abc import Sequence


def require_positive_sum(where: str, weights: np.ndarray, of: str) -> None:
    """Refuse weights whose sum is not positive, of which no share can be taken.

    Parameters
    ----------
    where : str
        Place, for the error.
    weights : (n_jets,) array
        Of some jets.
    of : str
        Which jets these are.

    Raises
    ------
    JetlineError
        If the sum is zero or less.
    """
    total = float(weights.sum(dtype=np.float64))
    if not total > 0:
        raise JetlineError(
            where,
            found=f"weights of {len(weights)} {of} that add up to {total:g}",
            expected="a positive sum",
            remedy="look at the weights of the jet files, or leave `weights` of the dataset out",
        )


def effective_by_class(
    labels: np.ndarray, weights: np.ndarray | None, classes: Sequence[str]
) -> dict[str, float] | None:
    """Give the effective number of jets of each class, the last first; None without weights.

    Parameters
    ----------
    labels : (n_jets,) integer array
        Number of each jet's class.
    weights : (n_jets,) array or None
        Of each jet.
    classes : sequence of str
        Names of the classes by number.
    """
    if weights is None:
        return None
    numbers = {
        name: effective_number(weights[labels == number]) for number, name in enumerate(classes)
    }
    return {name: numbers[name] for name in reversed(classes)}


def effective_number(weights: np.ndarray) -> float:
    """Give how many jets of the same weight would have errors as large: (sum w)^2 / sum w^2.

    Parameters
    ----------
    weights : (n_jets,) array
        Of some jets.
    """
    weights = np.asarray(weights, np.float64)
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0
