"""What is measured of jets that are judged: observables, constituents, species, polynomials."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from jetline.core.errors import JetlineError
from jetline.inputs.kinds.observables import COLUMNS
from jetline.jets.constituents import PDG_ID
from jetline.jets.invariants import invariants
from jetline.jets.kinematics import Frame
from jetline.jets.reading import open_jets
from jetline.jets.species import PDG_IDS
from jetline.observables.energy_flow import energy_flow_polynomials
from jetline.observables.table import OBSERVABLES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: Observables of each jet: those by which it is selected, those of taggers, and the mass over pT.
MEASURED = ("pt", "rapidity", *COLUMNS, "mass_over_pt")


class Bins(NamedTuple):
    """Bins of one width, in which constituents are counted; the outermost take what is beyond."""

    low: float
    width: float
    number: int

    def of(self, values: np.ndarray) -> np.ndarray:
        """Give the bin of each value, as an integer array of the same shape."""
        found = np.floor((values - self.low) / self.width)
        return np.clip(found, 0, self.number - 1).astype(np.int64)

    @property
    def edges(self) -> np.ndarray:
        """(number + 1,) float64 array."""
        return self.low + self.width * np.arange(self.number + 1)


#: ln z of constituents, and their distance from the jet's axis.
LN_Z, DISTANCE = Bins(-16.0, 0.04, 400), Bins(0.0, 0.0025, 800)

#: Columns of species: the benchmark's, and one for all others and for unknown ones.
_OTHERS = len(PDG_IDS)
_COLUMN_OF = {pdg_id: column for column, pdg_id in enumerate(PDG_IDS)}

_JETS_AT_ONCE = 500


@dataclass(frozen=True)
class Measured:
    """What is measured of jets.

    Attributes
    ----------
    labels : (n_jets,) uint8 array
        Number of each one's class.
    observables : (n_jets, 17) float64 array
        In the order of `MEASURED`.
    polynomials : (n_jets, 36) float64 array
        Energy-flow polynomials.
    invariants : (n_jets, 15) float32 array
        By which near copies are known: `jetline.jets.invariants`.
    species : (n_jets, 15) int64 array
        Constituents of each of `PDG_IDS`, and of all others.
    ln_z : (n_jets, 15 * 400) sparse array
        Constituents by species and bin of ln z.
    distance : (n_jets, 800) sparse array
        Constituents by bin of the distance from the axis.
    """

    labels: np.ndarray
    observables: np.ndarray
    polynomials: np.ndarray
    invariants: np.ndarray
    species: np.ndarray
    ln_z: sparse.csr_array
    distance: sparse.csr_array

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: np.ndarray) -> Measured:
        """Take some of the jets."""
        return Measured(*(getattr(self, one.name)[rows] for one in fields(self)))

    @classmethod
    def of(cls, constituents: np.ndarray, labels: np.ndarray) -> Measured:
        """Measure padded constituents (n_jets, M, 4)."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            frame = Frame.of(constituents)
            values = [OBSERVABLES[name].compute(frame) for name in MEASURED[:-1]]
            values.append(values[MEASURED.index("mass")] / frame.jet_pt)
            polynomials = energy_flow_polynomials(frame)
            jets, places = np.nonzero(frame.present)
            ln_z = LN_Z.of(np.log(frame.z[jets, places]))
            distance = DISTANCE.of(np.nan_to_num(frame.distance[jets, places]))
        ids = constituents[..., PDG_ID][frame.present].astype(np.int64)
        kinds, inverse = np.unique(ids, return_inverse=True)
        column = np.array([_COLUMN_OF.get(int(one), _OTHERS) for one in kinds])[inverse]
        n, columns = len(constituents), _OTHERS + 1
        return cls(
            labels,
            np.stack(values, axis=1),
            polynomials,
            invariants(constituents),
            np.bincount(jets * columns + column, minlength=n * columns).reshape(n, columns),
            _counted(jets, column * LN_Z.number + ln_z, (n, columns * LN_Z.number)),
            _counted(jets, distance, (n, DISTANCE.number)),
        )

    @classmethod
    def together(cls, parts: Sequence[Measured]) -> Measured:
        """Put jets one after the other."""

        def joined(name: str) -> np.ndarray | sparse.csr_array:
            values = [getattr(part, name) for part in parts]
            whole = sparse.vstack(values, "csr") if sparse.issparse(values[0]) else None
            return np.concatenate(values) if whole is None else whole

        return cls(*(joined(one.name) for one in fields(cls)))

    @property
    def knows_species(self) -> bool:
        """Whether some constituent is of a species of the benchmark."""
        return bool(self.species[:, :_OTHERS].any())


def _counted(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> sparse.csr_array:
    ones = np.ones(len(rows))
    found = sparse.csr_array(sparse.coo_array((ones, (rows, columns)), shape=shape))
    found.sum_duplicates()
    return found


def measure_file(path: Path, classes: Sequence[str], chosen: np.ndarray) -> list[Measured]:
    """Measure some jets of a file, which is validated.

    Parameters
    ----------
    path : Path
        The jet file.
    classes : sequence of str
        Names of the classes by number.
    chosen : (n_jets,) bool array
        Which jets.

    Raises
    ------
    JetlineError
        If the file breaks the format, or an observable of a jet is not finite.
    """
    jets = open_jets(path, classes)
    found, first = [], 0
    for block in jets.blocks(_JETS_AT_ONCE):
        rows = np.flatnonzero(chosen[first : first + len(block)])
        if len(rows):
            measured = Measured.of(block[rows], jets.labels[first + rows])
            _require_finite(path, measured, first + rows)
            found.append(measured)
        first += len(block)
    return found


def _require_finite(path: Path, measured: Measured, jets: np.ndarray) -> None:
    values = np.concatenate([measured.observables, measured.polynomials], axis=1)
    infinite = ~np.isfinite(values).all(axis=1)
    if infinite.any():
        raise JetlineError(
            f"{path}, array X, jet {jets[infinite.argmax()]} (counted from 0)",
            found="constituents so far apart in rapidity that an observable is not finite",
            expected="constituents of one jet, in the columns pT, rapidity, azimuth, PDG id",
            remedy="draw the jets again from a model whose training has gone well, or leave such "
            "jets out",
        )


def invariants_of_file(path: Path, classes: Sequence[str], chosen: np.ndarray) -> np.ndarray:
    """Compute `jetline.jets.invariants` of some jets of a file alone, (n_chosen, 15) float32."""
    found, first = [np.empty((0, 15), np.float32)], 0
    for block in open_jets(path, classes).blocks(_JETS_AT_ONCE):
        found.append(invariants(block[chosen[first : first + len(block)]]))
        first += len(block)
    return np.concatenate(found)
