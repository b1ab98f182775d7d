"""Observables of single jets whose constituents are clustered again or correlated.

Jets are reclustered without a beam and by the E scheme. A jet of fewer constituents than an
observable needs has the value 0.

C2 and D2 differ from EnergyFlow's by constant factors, because its sums are over ordered tuples:
there e2 counts each pair 2 times and e3 each triple 6 times, so that ours is 2/3 of its C2 and 4/3
of its D2. Cuts and trees do not see this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.observables.observable import Observable
from jetline.observables.simple import RADIUS

if TYPE_CHECKING:
    from collections.abc import Callable

    from jetline.jets.kinematics import Frame


def substructure(jets: Frame) -> dict[str, np.ndarray]:
    """Compute all that one pass over the constituents gives, by name, (n_jets,) float64 each."""
    # Only now: numba takes half a second to import.
    from jetline.observables.clustering import SUBSTRUCTURE, fill_substructure

    values = np.empty((len(jets.pt), len(SUBSTRUCTURE)))
    fill_substructure(jets.pt, jets.rapidity, jets.phi, RADIUS, values)
    return dict(zip(SUBSTRUCTURE, values.T, strict=True))


def _column(name: str) -> Callable[[Frame], np.ndarray]:
    return lambda jets: jets.once(substructure)[name]


def _subjettiness(n: int) -> Observable:
    subjets = "subjets" if n > 1 else "subjet"
    definition = (
        f"N-subjettiness `sum z min_k dR_k` to the axes of {n} exclusive-kT {subjets} "
        "(beta 1, arXiv:1011.2268)"
    )
    return Observable(f"tau_{n}", "", definition, _column(f"tau_{n}"))


#: These observables, by the names under which they are stored.
CLUSTERED = {
    "sd_multiplicity": Observable(
        "soft-drop multiplicity",
        "",
        "Cambridge/Aachen declusterings along the harder branch with min(pT) / sum pT above "
        "0.007 R / dR (z_cut 0.007, beta -1, arXiv:1704.06266)",
        _column("sd_multiplicity"),
    ),
    "sd_mass": Observable(
        "soft-drop mass",
        "GeV",
        "of the first Cambridge/Aachen node whose softer branch has more than 0.1 of the pT "
        "(z_cut 0.1, beta 0, arXiv:1402.2657); 0 if there is none",
        _column("sd_mass"),
    ),
    **{f"tau_{n}": _subjettiness(n) for n in (1, 2, 3)},
    "c2": Observable(
        "C2",
        "",
        "`e3 / e2^2` of the energy correlation functions `e2 = sum z z dR` over pairs and "
        "`e3 = sum z z z dR dR dR` over triples, each once (beta 1, arXiv:1305.0007); over ordered "
        "tuples, as EnergyFlow sums, it is 3/2 of this",
        _column("c2"),
    ),
    "d2": Observable(
        "D2",
        "",
        "`e3 / e2^3` of the same (beta 1, arXiv:1409.6298); over ordered tuples it is 3/4 of this",
        _column("d2"),
    ),
}
