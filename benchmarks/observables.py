"""Measure the speed of the observables on one core, from arrays in memory to arrays in memory.

Run it with::

    python benchmarks/observables.py resources/sample/*.npz
"""

from __future__ import annotations

import statistics
import sys
import time
from typing import TYPE_CHECKING

from jetline.inputs.kinds.observables import COLUMNS
from jetline.jets.reading import read_jets
from jetline.observables.table import measure_jets
from jetline.validation.measurement import MEASURED

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

_BLOCK = 500
_TURNS = 5


def speed(names: Sequence[str], files: list[np.ndarray]) -> list[float]:
    """Measure jets/s in several turns over all files, after a first one that is not counted."""
    speeds = []
    for _ in range(1 + _TURNS):
        start = time.perf_counter()
        for constituents in files:
            for first in range(0, len(constituents), _BLOCK):
                measure_jets(constituents[first : first + _BLOCK], names)
        speeds.append(sum(map(len, files)) / (time.perf_counter() - start))
    return speeds[1:]


if __name__ == "__main__":
    jets = [read_jets(path).constituents for path in sys.argv[1:]]
    for name, names in (("all 14", COLUMNS), ("those of the validation", MEASURED)):
        found = speed(names, jets)
        print(
            f"{name}: {statistics.median(found):,.0f} jets/s, "
            f"{min(found):,.0f} to {max(found):,.0f} in {_TURNS} turns"
        )
