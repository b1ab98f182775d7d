"""Observables of single jets as inputs: the table of a jet file."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from jetline.core.errors import JetlineError
from jetline.inputs.kinds.input_kind import InputKind
from jetline.inputs.shards import save_table
from jetline.observables.table import measure_jets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jetline.jets.reading import JetFile
    from jetline.records.manifest import SavedArray

_BLOCK = 500  # jets measured at a time: some ten MB

#: The table's columns. Those by which jets are selected are none: their window says nothing of the
#: class.
COLUMNS = (
    "multiplicity",
    "mass",
    "girth",
    "lha",
    "ptd",
    "z_max",
    "n95",
    "sd_multiplicity",
    "sd_mass",
    "tau_1",
    "tau_2",
    "tau_3",
    "c2",
    "d2",
)


class Observables(InputKind):
    """A table of observables, one Parquet file: ``observables`` (n_jets, 14), float32."""

    name: ClassVar = "observables"
    arrays: ClassVar = ("observables",)
    memory_mb: ClassVar = 500

    def save_arrays(self, jets: JetFile, folder: Path) -> dict[str, SavedArray]:
        """Save the table of one jet file, measured in the memory of a block of jets."""
        table = np.concatenate(list(_blocks(jets)))
        return {"observables": save_table(folder, "observables", list(COLUMNS), table)}


def measured_columns(constituents: np.ndarray) -> np.ndarray:
    """Compute the columns of the table.

    Not finite where constituents are hundreds of units of rapidity apart.

    Parameters
    ----------
    constituents : (n_jets, M, 4) float array
        Padded constituents, at least one a jet.

    Returns
    -------
    (n_jets, 14) float64 array
        In the order of `COLUMNS`.
    """
    return np.stack(list(measure_jets(constituents, COLUMNS).values()), axis=1)


def _blocks(jets: JetFile) -> Iterator[np.ndarray]:
    first = 0
    for constituents in jets.blocks(_BLOCK):
        # Single precision is finer than any difference that a sample of jets can show.
        with np.errstate(over="ignore"):
            values = measured_columns(constituents).astype(np.float32)
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
