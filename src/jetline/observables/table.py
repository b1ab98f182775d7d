"""Every observable of single jets, and computing those that are asked for.

Constituents count as massless; the jet's axis is that of the sum of their four-vectors;
``z = pT / sum pT``; ``dR`` is a distance in rapidity and azimuth. A jet of fewer constituents than
an observable needs has the value 0: one constituent leaves only multiplicity, pT, rapidity, pTD,
z_max and N95; tau_N is 0 up to N constituents, C2 and D2 up to two; all that measures angles is 0
if all are collinear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.jets.kinematics import Frame
from jetline.observables.simple import SIMPLE
from jetline.observables.substructure import CLUSTERED

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Every observable, by the name under which it is stored.
OBSERVABLES = SIMPLE | CLUSTERED


def measure_jets(constituents: np.ndarray, names: Iterable[str]) -> dict[str, np.ndarray]:
    """Compute observables of jets; takes some ten times the memory of the pT alone.

    Not finite where constituents are hundreds of units of rapidity apart.

    Parameters
    ----------
    constituents : (n_jets, M, 4) float array
        Padded constituents, at least one a jet.
    names : iterable of str
        Which of `OBSERVABLES`.

    Returns
    -------
    dict of (n_jets,) float64 arrays
        By name, in the order of `names`.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        frame = Frame.of(constituents)
        return {name: OBSERVABLES[name].compute(frame) for name in names}
