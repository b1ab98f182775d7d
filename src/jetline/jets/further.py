"""Further features of constituents: columns that a user's files have beside momenta and species."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.feature_names import LONGEST, MOST_FEATURES, NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Arrays of an archive that hold features (n_jets, M, n_features), and their names.
ARRAYS = ("features", "feature_names")


def require_names(where: str, names: Sequence[str]) -> None:
    """Refuse names that no feature can have, none, too many, or one that occurs twice.

    Raises
    ------
    JetlineError
        Names the place, `where`.
    """
    wrong = [name for name in names if not re.fullmatch(NAME, name) or len(name) > LONGEST]
    twice = [name for name in names if list(names).count(name) > 1]
    if wrong or twice or not 0 < len(names) <= MOST_FEATURES:
        found = (wrong and f"the name {wrong[0]!r}") or (twice and f"{twice[0]} more than once")
        raise JetlineError(
            where,
            found=found or f"{len(names)} names",
            expected=f"1 to {MOST_FEATURES} names, each once, of letters, digits, _ and - with a "
            f"letter or digit first, and at most {LONGEST} of them",
            remedy='name them so: `feature_names=np.array(["d0", "dz"])`',
        )


def require_finite(
    places: Sequence[str], features: np.ndarray, multiplicities: np.ndarray, first: int
) -> None:
    """Refuse features of constituents that are no finite numbers.

    Parameters
    ----------
    places : sequence of str
        File and column of each feature, for the error.
    features : (n_particles, n_features) float32 array
        Of the constituents of all jets, one jet after the other, without padding.
    multiplicities : (n_jets,) integer array
        Constituents of each jet.
    first : int
        Number in its file of the first of these jets.

    Raises
    ------
    JetlineError
        Names the first column that has such, the jet and the constituent.
    """
    bad = ~np.isfinite(features)
    if not bad.any():
        return
    column = int(bad.any(axis=0).argmax())
    row = int(bad[:, column].argmax())
    ends = np.cumsum(multiplicities, dtype=np.int64)
    jet = int(np.searchsorted(ends, row, side="right"))
    constituent = row - int(ends[jet]) + int(multiplicities[jet])
    count = np.count_nonzero(bad[:, column])
    raise JetlineError(
        f"{places[column]}, jet {first + jet}, constituent {constituent} (both counted from 0)",
        found=f"{features[row, column]:g} ({count} of {len(bad)} constituents from jet {first} on "
        "have such)",
        expected="a finite number in single precision for each constituent",
        remedy="give constituents that have no such number, as neutral ones have no track, a "
        "number of their own, such as 0, or leave the feature out",
    )
