"""The index of a jet file: one row a jet, made when the file is validated."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.files import read_arrays, sha256_of, write_arrays
from jetline.jets.constituents import PT, UNLABELLED
from jetline.jets.mending import missing_labels
from jetline.jets.reading import open_jets

if TYPE_CHECKING:
    from pathlib import Path

_JETS_AT_ONCE = 2000


@dataclass(frozen=True)
class JetIndex:
    """What the workflow needs to know of a file's jets without reading them again.

    Parameters
    ----------
    file : str
        Name of the file within its source.
    sha256 : str
        Of the jet file.
    labels : (n_jets,) uint8 array
        1 quark, 0 gluon, 255 unlabelled.
    multiplicities : (n_jets,) uint16 array
        Constituents of each jet.
    fingerprints : (n_jets,) uint64 array
        Equal for jets with the same constituents in single precision, whatever their order.
    """

    file: str
    sha256: str
    labels: np.ndarray
    multiplicities: np.ndarray
    fingerprints: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def write(self, path: Path) -> None:
        """Write to an `.npz`."""
        write_arrays(
            path,
            name=np.array(self.file),
            sha256=np.array(self.sha256),
            labels=self.labels,
            multiplicities=self.multiplicities,
            fingerprints=self.fingerprints,
        )

    @classmethod
    def read(cls, path: Path) -> JetIndex:
        """Read what `write` wrote."""
        arrays = read_arrays(path)
        return cls(str(arrays.pop("name")), str(arrays.pop("sha256")), **arrays)


def index_jets(path: Path, file: str, *, labels_needed: bool = True) -> JetIndex:
    """Validate a jet file and index its jets.

    Parameters
    ----------
    path : Path
        The jet file.
    file : str
        Its name within its source.
    labels_needed : bool
        Refuse a file without ``y``.

    Raises
    ------
    JetlineError
        If the file breaks the format, or lacks labels that are needed.
    """
    jets = open_jets(path)
    if labels_needed and np.any(jets.labels == UNLABELLED):
        raise JetlineError(
            f"{path}, array y",
            found="no array y",
            expected="y (n_jets,), 1 for a quark jet and 0 for a gluon jet",
            remedy=missing_labels(jets.unread, len(jets)),
        )
    parts = [
        (np.count_nonzero(block[..., PT] > 0, axis=1), fingerprint(block))
        for block in jets.blocks(_JETS_AT_ONCE)
    ]
    multiplicities, fingerprints = map(np.concatenate, zip(*parts, strict=True))
    return JetIndex(
        file, sha256_of(path), jets.labels, multiplicities.astype(np.uint16), fingerprints
    )


def fingerprint(constituents: np.ndarray) -> np.ndarray:
    """64-bit fingerprint of each jet's constituents in single precision.

    Among 2 million jets two different ones agree by chance with probability 1e-7.

    Parameters
    ----------
    constituents : (n_jets, M, 4) float array
        Padded constituents.

    Returns
    -------
    (n_jets,) uint64 array
    """
    rows = constituents.astype(np.float32)
    prints = np.empty(len(rows), dtype=np.uint64)
    for jet, particles in enumerate(rows):
        real = particles[particles[:, PT] > 0]
        ordered = real[np.lexsort(real.T)] + np.float32(0)  # -0 and 0 are the same angle
        digest = hashlib.blake2b(ordered.tobytes(), digest_size=8).digest()
        prints[jet] = int.from_bytes(digest, "little")
    return prints
