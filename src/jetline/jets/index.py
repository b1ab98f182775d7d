"""The index of a jet file: one row a jet, made when the file is validated."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.classes import QUARK_GLUON, UNLABELLED
from jetline.core.errors import JetlineError
from jetline.core.files import read_arrays, sha256_of, write_arrays, xxh3_of
from jetline.jets.constituents import PT
from jetline.jets.mending import missing_labels
from jetline.jets.reading import open_jets
from jetline.jets.validity import label_words
from jetline.jets.weights import read_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
        Number of each jet's class, 255 unlabelled.
    multiplicities : (n_jets,) uint16 array
        Constituents of each jet.
    fingerprints : (n_jets,) uint64 array
        Equal for jets with the same constituents in single precision, whatever their order.
    invariants : (n_jets, 15) float32 array
        Nearly equal for jets that are the same but for rotation, reflection, shift and smearing:
        the columns of `jetline.jets.invariants.INVARIANTS`.
    species : (n_jets,) uint64 array
        Equal for jets with as many constituents of each species; 0 for those with few species.
    size : int
        Of the jet file [bytes].
    xxh3_128 : str
        XXH3 of the jet file, by which a replaced file is known without SHA-256's time.
    weights : (n_jets,) float32 array or None
        Of each jet; None where all count the same.
    """

    file: str
    sha256: str
    labels: np.ndarray
    multiplicities: np.ndarray
    fingerprints: np.ndarray
    invariants: np.ndarray
    species: np.ndarray
    size: int
    xxh3_128: str
    weights: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def write(self, path: Path) -> None:
        """Write to an `.npz`."""
        weights = {} if self.weights is None else {"weights": self.weights}
        write_arrays(
            path,
            **weights,
            name=np.array(self.file),
            sha256=np.array(self.sha256),
            labels=self.labels,
            multiplicities=self.multiplicities,
            fingerprints=self.fingerprints,
            invariants=self.invariants,
            species=self.species,
            size=np.array(self.size),
            xxh3_128=np.array(self.xxh3_128),
        )

    @classmethod
    def read(cls, path: Path) -> JetIndex:
        """Read what `write` wrote.

        Raises
        ------
        JetlineError
            If the file is missing, broken, or of another version.
        """
        names = [one.name for one in fields(cls) if one.name not in ("file", "weights")]
        arrays = read_arrays(path, "name", *names, optional=["weights"])
        return cls(
            file=str(arrays["name"]),
            sha256=str(arrays["sha256"]),
            labels=arrays["labels"],
            multiplicities=arrays["multiplicities"],
            fingerprints=arrays["fingerprints"],
            invariants=arrays["invariants"],
            species=arrays["species"],
            size=int(arrays["size"]),
            xxh3_128=str(arrays["xxh3_128"]),
            weights=arrays.get("weights"),
        )

    @classmethod
    def read_of(cls, jets: Path, path: Path) -> JetIndex:
        """Read the index of a jet file, and hold the file against it; reads every byte of both.

        Parameters
        ----------
        jets : Path
            The jet file.
        path : Path
            Its index.

        Raises
        ------
        JetlineError
            If the index is missing or broken, or the file is not the one that was indexed. Dates
            do not tell: a file may be replaced by an older one.
        """
        index = cls.read(path)
        size = Path(jets).stat().st_size
        if size != index.size:
            found = f"a file of {size} bytes; {index.size} bytes were indexed"
        elif xxh3_of(jets) != index.xxh3_128:
            found = f"another content, in {size} bytes, than what was indexed"
        else:
            return index
        raise JetlineError(
            str(jets),
            found=found,
            expected=f"the file as it was when {path} was made, with {len(index)} jets: it has "
            "been replaced since",
            remedy=f"remove {path} and run the workflow again, which then makes anew what was "
            "made of the file (or snakemake --forcerun check_jets); or put the former file back",
        )


def index_jets(
    path: Path,
    file: str,
    *,
    labels_needed: bool = True,
    classes: Sequence[str] = QUARK_GLUON,
    weights: str | None = None,
    layout: Any = None,
    seen: Callable[[np.ndarray], None] | None = None,
) -> JetIndex:
    """Validate a jet file and index its jets.

    Parameters
    ----------
    path : Path
        The jet file.
    file : str
        Its name within its source.
    labels_needed : bool
        Refuse a file without ``y``.
    classes : sequence of str
        Names of the classes by number.
    weights : str, optional
        Name of the array with the weight of each jet; without it all count the same.
    layout : Layout or str, optional
        What the columns of the file are, as `jetline.jets.reading.open_jets` takes it.
    seen : callable, optional
        Is shown each block of constituents, validated.

    Raises
    ------
    JetlineError
        If the file breaks the format, or lacks labels or weights that are needed.
    """
    from jetline.jets.invariants import invariants, species_sums

    jets = open_jets(path, classes, layout)
    if labels_needed and np.any(jets.labels == UNLABELLED):
        raise JetlineError(
            f"{path}, array y",
            found="no array y",
            expected=f"y (n_jets,): {label_words(classes)}",
            remedy=missing_labels(jets.unread, len(jets)),
        )
    of_jets = read_weights(path, weights, len(jets)) if weights else None
    parts = []
    for block in jets.blocks(_JETS_AT_ONCE):
        if seen:
            seen(block)
        multiplicities = np.count_nonzero(block[..., PT] > 0, axis=1).astype(np.uint16)
        parts.append((multiplicities, fingerprint(block), invariants(block), species_sums(block)))
    multiplicities, fingerprints, numbers, species = map(np.concatenate, zip(*parts, strict=True))
    if jets.feature_names:
        for _ in jets.features(_JETS_AT_ONCE, multiplicities):
            pass
    return JetIndex(
        file,
        sha256_of(path),
        jets.labels,
        multiplicities,
        fingerprints,
        numbers,
        species,
        path.stat().st_size,
        xxh3_of(path),
        of_jets,
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
