"""Observables of single jets as inputs: what they are, and the table of a jet file.

Constituents count as massless; the jet's axis is that of the sum of their four-vectors;
``z = pT / sum pT``; ``dR`` is a distance in rapidity and azimuth. Where jets are reclustered, it is
without a beam and by the E scheme. A jet of fewer constituents than an observable needs has the
value 0: one constituent leaves only multiplicity, pTD, z_max and N95, which are 1; tau_N is 0 up to
N constituents, C2 and D2 up to two; all that measures angles is 0 if all are collinear.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jetline.core.errors import JetlineError
from jetline.inputs.shards import save_table, write_manifest
from jetline.jets.formats.npz import JetFile, open_jets
from jetline.observables import simple as observables
from jetline.observables.simple import Frame

_BLOCK = 500  # jets measured at a time: some ten MB

#: R of the benchmark's jets, the unit of angles in angularities and soft drop.
RADIUS = 0.4


@dataclass(frozen=True)
class Observable:
    """What a column of the table is.

    Parameters
    ----------
    label : str
        What a table calls it.
    unit : str
        Empty for a pure number.
    definition : str
        Its formula, and where it comes from.
    """

    label: str
    unit: str
    definition: str


#: Every observable, in the order of the table's columns.
OBSERVABLES = {
    "multiplicity": Observable("multiplicity", "", "number of constituents"),
    "mass": Observable("jet mass", "GeV", "of the sum of massless constituents"),
    "girth": Observable("girth", "", "`sum z dR`, the width (arXiv:1106.3076)"),
    "lha": Observable(
        "LHA", "", "Les Houches angularity `sum z sqrt(dR / R)`, R = 0.4 (arXiv:1704.03878)"
    ),
    "ptd": Observable("pTD", "", "`sqrt(sum z^2)`"),
    "z_max": Observable("leading constituent's z", "", "`max z`"),
    "n95": Observable("N95", "", "fewest constituents that carry 95 % of the scalar sum of pT"),
    "sd_multiplicity": Observable(
        "soft-drop multiplicity",
        "",
        "Cambridge/Aachen declusterings along the harder branch with min(pT) / sum pT above "
        "0.007 R / dR (z_cut 0.007, beta -1, arXiv:1704.06266)",
    ),
    "sd_mass": Observable(
        "soft-drop mass",
        "GeV",
        "of the first Cambridge/Aachen node whose softer branch has more than 0.1 of the pT "
        "(z_cut 0.1, beta 0, arXiv:1402.2657); 0 if there is none",
    ),
    **{
        f"tau_{n}": Observable(
            f"tau_{n}",
            "",
            f"N-subjettiness `sum z min_k dR_k` to the axes of {n} exclusive-kT "
            f"subjet{'s' if n > 1 else ''} (beta 1, arXiv:1011.2268)",
        )
        for n in (1, 2, 3)
    },
    "c2": Observable(
        "C2",
        "",
        "`e3 / e2^2` of the energy correlation functions `e2 = sum z z dR` over pairs and "
        "`e3 = sum z z z dR dR dR` over triples (beta 1, arXiv:1305.0007)",
    ),
    "d2": Observable("D2", "", "`e3 / e2^3` of the same (beta 1, arXiv:1409.6298)"),
}


def measure_jets(constituents: np.ndarray) -> np.ndarray:
    """Every observable of every jet.

    Not finite where constituents are hundreds of units of rapidity apart.

    Parameters
    ----------
    constituents : (n_jets, M, 4) float array
        Padded constituents, at least one a jet.

    Returns
    -------
    (n_jets, 14) float64 array
        Columns in the order of `OBSERVABLES`.
    """
    # Only now: numba takes half a second to import.
    from jetline.observables.substructure import SUBSTRUCTURE, fill_substructure

    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        jets = Frame.of(constituents)
        clustered = np.empty((len(constituents), len(SUBSTRUCTURE)))
        fill_substructure(jets.pt, jets.rapidity, jets.phi, RADIUS, clustered)
        values = dict(zip(SUBSTRUCTURE, clustered.T, strict=True)) | {
            "multiplicity": observables.multiplicity(jets),
            "mass": observables.mass(jets),
            "girth": observables.girth(jets),
            "lha": (jets.z * np.sqrt(jets.distance / RADIUS)).sum(axis=1),
            "ptd": observables.ptd(jets),
            "z_max": observables.z_max(jets),
            "n95": _fewest(jets, 0.95),
        }
    return np.stack([values[name] for name in OBSERVABLES], axis=1)


def _fewest(jets: Frame, share: float) -> np.ndarray:
    """Fewest constituents that carry a share of the scalar sum of pT."""
    carried = np.cumsum(-np.sort(-jets.pt, axis=1), axis=1)
    return 1.0 + np.count_nonzero(carried < share * carried[:, -1:], axis=1)


def observe_file(jets_file: Path, folder: Path) -> None:
    """Make the observable shard of one jet file, in the memory of a block of jets.

    Parameters
    ----------
    jets_file : Path
        A jet file.
    folder : Path
        The shard's directory; created if missing, overwritten otherwise.

    Raises
    ------
    JetlineError
        If the jet file is not valid, or what it calls jets are none.
    """
    jets = open_jets(jets_file)
    table = np.concatenate(list(_blocks(jets)))
    described = save_table(folder, "observables", list(OBSERVABLES), table)
    write_manifest(folder, jets_file, jets.labels, {"observables": described}, inputs="observables")


def _blocks(jets: JetFile) -> Iterator[np.ndarray]:
    first = 0
    for constituents in jets.blocks(_BLOCK):
        # Single precision is finer than any difference that a sample of jets can show.
        with np.errstate(over="ignore"):
            values = measure_jets(constituents).astype(np.float32)
        infinite = ~np.isfinite(values).all(axis=1)
        if infinite.any():
            raise JetlineError(
                f"{jets.path}, array X, jet {first + infinite.argmax()} (counted from 0)",
                found="constituents so far apart in rapidity that an observable is not finite",
                expected="constituents of one jet, in the columns pT, rapidity, azimuth, PDG id",
                remedy="check the order of the columns and correct the program that made the file",
            )
        yield values
        first += len(values)
