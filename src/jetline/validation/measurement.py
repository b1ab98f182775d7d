"""The observables of a whole jet file, kept beside it."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from jetline.core.classes import QUARK_GLUON
from jetline.core.errors import JetlineError
from jetline.core.files import read_arrays, write_arrays
from jetline.jets.constituents import PT
from jetline.jets.index import JetIndex, fingerprint
from jetline.jets.reading import open_jets
from jetline.observables.simple import count_species
from jetline.observables.table import measure_jets

#: Observables that jets are validated by, in the order in which they are stored.
MEASURED = ("multiplicity", "pt", "rapidity", "mass", "girth", "ptd", "z_max")

_MARK = "observables"
_JETS_AT_ONCE = 2000


@dataclass(frozen=True)
class Measurement:
    """What is measured of each jet of a file.

    Parameters
    ----------
    file : str
        The jet file's name.
    labels : (n_jets,) uint8 array
        1 quark, 0 gluon, 255 unlabelled.
    values : dict of (n_jets,) float32 arrays
        By the names in `MEASURED`.
    species : (n_jets, 14) uint16 array
        Constituents of each species, in the order of `jetline.jets.species.PDG_IDS`.
    fingerprints : (n_jets,) uint64 array
        Equal for jets with the same constituents: `jetline.jets.index.fingerprint`.
    invariants, species_sums : (n_jets, 15) float32 and (n_jets,) uint64 arrays
        By which near copies are known: `jetline.jets.invariants`.
    first_jet : (n, 4) float array
        Constituents of the first jet, as the file has them.
    weights : (n_jets,) float32 array or None
        Of each jet; None where all count the same.
    """

    file: str
    labels: np.ndarray
    values: dict[str, np.ndarray]
    species: np.ndarray
    fingerprints: np.ndarray
    invariants: np.ndarray
    species_sums: np.ndarray
    first_jet: np.ndarray
    weights: np.ndarray | None = None

    def write(self, path: Path) -> None:
        """Write to an `.npz`."""
        weights = {} if self.weights is None else {"weights": self.weights}
        write_arrays(
            path,
            **weights,
            **{_MARK: np.array(list(self.values))},
            name=np.array(self.file),
            labels=self.labels,
            values=np.stack(list(self.values.values())),
            species=self.species,
            fingerprints=self.fingerprints,
            invariants=self.invariants,
            species_sums=self.species_sums,
            first_jet=self.first_jet,
        )

    @classmethod
    def read(cls, path: Path) -> Measurement:
        """Read what `write` wrote.

        Raises
        ------
        JetlineError
            If the file is broken, or of a version that measured other observables.
        """
        of_jets = [one.name for one in fields(cls) if one.name not in ("file", "weights")]
        arrays = read_arrays(path, _MARK, "name", *of_jets, optional=["weights"])
        names = [str(name) for name in arrays.pop(_MARK)]
        if names != list(MEASURED):
            raise JetlineError(
                f"{path}, array {_MARK}",
                found=", ".join(names),
                expected=", ".join(MEASURED),
                remedy="measure the jet file again: jetline measure",
            )
        values = dict(zip(names, arrays.pop("values"), strict=True))
        return cls(str(arrays.pop("name")), values=values, **arrays)


def measure(path: Path, index: Path | None = None) -> Measurement:
    """Validate a jet file and measure its jets.

    Parameters
    ----------
    path : Path
        The jet file.
    index : Path, optional
        Its index, to make sure that the file is still the one that was indexed, and for what was
        computed then.

    Raises
    ------
    JetlineError
        If the file breaks the format, or is not the one of the index, or what it calls jets are
        none.
    """
    path = Path(path)
    indexed = JetIndex.read_of(path, index) if index else None
    jets = open_jets(path, None if indexed else QUARK_GLUON)
    blocks = [
        (
            block[0].copy(),
            measure_jets(block, MEASURED),
            count_species(block),
            () if indexed else _identities(block),
        )
        for block in jets.blocks(_JETS_AT_ONCE)
    ]
    first_jets, parts, species, identities = zip(*blocks, strict=True)
    if indexed:
        fingerprints, numbers, sums = indexed.fingerprints, indexed.invariants, indexed.species
    else:
        fingerprints, numbers, sums = map(np.concatenate, zip(*identities, strict=True))
    # Single precision is finer than any difference that a sample of jets can show.
    with np.errstate(over="ignore"):
        values = {
            name: np.concatenate([part[name] for part in parts]).astype(np.float32)
            for name in MEASURED
        }
    _require_finite(path, values)
    return Measurement(
        path.name,
        jets.labels,
        values,
        np.concatenate(species).astype(np.uint16),
        fingerprints,
        numbers,
        sums,
        first_jets[0][first_jets[0][:, PT] > 0],
        indexed.weights if indexed else None,
    )


def _identities(block: np.ndarray) -> tuple[np.ndarray, ...]:
    """Compute what identical jets and near copies are known by."""
    # Loads numba, which is not needed where there is an index.
    from jetline.jets.invariants import invariants, species_sums

    return fingerprint(block), invariants(block), species_sums(block)


def _require_finite(path: Path, values: dict[str, np.ndarray]) -> None:
    infinite = ~np.isfinite(np.stack(list(values.values()))).all(axis=0)
    if infinite.any():
        jet = int(infinite.argmax())
        raise JetlineError(
            f"{path}, array X, jet {jet} (counted from 0)",
            found="constituents so far apart in rapidity that the mass is infinite "
            f"({np.count_nonzero(infinite)} of {len(infinite)} jets have such)",
            expected="constituents of one jet, in the columns pT, rapidity, azimuth, PDG id",
            remedy="check the order of the columns and correct the program that made the file",
        )


def is_measurement(path: Path) -> bool:
    """Whether a file is what `Measurement.write` wrote, and no jet file."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return f"{_MARK}.npy" in archive.namelist()


def measured(path: Path) -> Measurement:
    """Measure a jet file, or read what was measured of one.

    Raises
    ------
    JetlineError
        If the file is neither.
    """
    return Measurement.read(path) if is_measurement(path) else measure(path)
