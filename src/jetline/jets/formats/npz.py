"""The benchmark's jet files: read, validate, write.

A jet file is an ``.npz`` archive with ``X`` (n_jets, M, 4), the constituents' transverse momentum
[GeV], rapidity, azimuth [rad] and PDG id, padded with zero rows to the largest multiplicity M,
and ``y`` (n_jets,), 1 for a quark jet and 0 for a gluon jet (Zenodo records 3164691 and 3066475).
"""

from __future__ import annotations

import contextlib
import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.files import write_arrays
from jetline.jets.archive import DAMAGE, Member, array_member

#: The species that reach a detector, as the benchmark has them.
PDG_IDS = (22, 211, -211, 321, -321, 130, 2112, -2112, 2212, -2212, 11, -11, 13, -13)
#: What jets are made of if hadronisation is left out: quarks and gluons.
PARTON_IDS = (1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 21)

PT, RAPIDITY, PHI, PDG_ID = range(4)

#: Stands for a missing label where labels are integers.
UNLABELLED = 255


@dataclass(frozen=True)
class Jets:
    """The jets of one file.

    Parameters
    ----------
    constituents : (n_jets, M, 4) float32 or float64 array
        pT [GeV], rapidity, azimuth [rad] and PDG id; rows of zeros pad each jet at its end.
    labels : (n_jets,) uint8 array
        1 quark, 0 gluon, 255 (`UNLABELLED`) throughout where the file has no ``y``.
    """

    constituents: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def multiplicities(self) -> np.ndarray:
        """(n_jets,) int64: constituents of each jet, padding left out."""
        return np.count_nonzero(self.constituents[..., PT] > 0, axis=1)


def write_jets(path: Path, constituents: np.ndarray, labels: np.ndarray) -> None:
    """Write a jet file atomically, compressed, after validating its content.

    Raises
    ------
    JetlineError
        If the jets break the format.
    """
    _validate(str(path), constituents, labels)
    write_arrays(Path(path), X=constituents, y=labels)


def read_jets(path: Path) -> Jets:
    """Read and validate one jet file; nothing in it is unpickled.

    Raises
    ------
    JetlineError
        If the file is unreadable or its content breaks the format: the message names the file,
        the array, the first bad jet, and what to do.
    """
    path = Path(path)
    with _opened(path) as (member, labels):
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        if member.info.file_size > memory:
            raise _error(
                f"{path}, array X",
                f"{member.info.file_size / 1e9:.1f} GB of data",
                f"at most this machine's memory, {memory / 1e9:.1f} GB",
                "split it into files of about 100,000 jets",
            )
        constituents = member.read()
    _validate(str(path), constituents, labels)
    return Jets(constituents, _label_numbers(labels, len(constituents)))


@dataclass(frozen=True)
class JetFile:
    """A jet file whose jets are read a block at a time, so that memory is bounded by a block.

    Parameters
    ----------
    path : Path
        The file.
    labels : (n_jets,) uint8 array
        1 quark, 0 gluon, 255 (`UNLABELLED`) throughout where the file has no ``y``.
    shape : (n_jets, M, 4)
        Of the constituents.
    """

    path: Path
    labels: np.ndarray
    shape: tuple[int, int, int]

    def __len__(self) -> int:
        return len(self.labels)

    def blocks(
        self, jets: int, sound: Callable[[np.ndarray], bool] = lambda constituents: False
    ) -> Iterator[np.ndarray]:
        """Constituents of consecutive jets, validated; the next block overwrites the last.

        The archive's checksum is compared before the last block is given. An array in Fortran
        order is read as a whole.

        Parameters
        ----------
        jets : int
            Jets in a block.
        sound : callable
            A faster check: the constituents that it calls sound are not looked at again.

        Yields
        ------
        (n, M, 4) float32 or float64 array

        Raises
        ------
        JetlineError
            If the file is damaged or a jet breaks the format.
        """
        with _opened(self.path) as (member, _):
            first = 0
            for block in member.blocks(jets):
                if not sound(block):
                    _validate(str(self.path), block, None, first)
                yield block
                first += len(block)


def open_jets(path: Path) -> JetFile:
    """Open a jet file to read it block by block; shapes and labels are validated at once.

    Raises
    ------
    JetlineError
        If the file is unreadable, or shapes, dtypes or labels break the format.
    """
    path = Path(path)
    with _opened(path) as (member, labels):
        _validate_shape(str(path), member.shape, member.dtype)
        if labels is not None:
            _validate_labels(f"{path}, array y", labels, member.shape[0])
    return JetFile(path, _label_numbers(labels, member.shape[0]), member.shape)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[tuple[Member, np.ndarray | None]]:
    """X, not read yet, and y; what goes wrong with the archive in the meantime is told."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = set(archive.namelist())
            if "X.npy" not in members:
                raise _error(
                    f"{path}, array X",
                    f"no array X (the file has {_names(members)})",
                    "X (n_jets, M, 4)",
                    "save the constituents under the name X",
                )
            labels = array_member(archive, path, "y").read() if "y.npy" in members else None
            yield array_member(archive, path, "X"), labels
    except FileNotFoundError:
        raise _error(str(path), "no such file", "a jet file", "check the path") from None
    except DAMAGE as error:
        size = path.stat().st_size
        raise _error(
            str(path),
            f"{size} bytes that are no whole .npz archive ({error})",
            "an .npz archive with X and y",
            "the file is empty or cut off, or something else: fetch or make it again",
        ) from None


def _label_numbers(labels: np.ndarray | None, n_jets: int) -> np.ndarray:
    return (np.full(n_jets, UNLABELLED) if labels is None else labels).astype(np.uint8)


def _names(members: set[str]) -> str:
    return ", ".join(sorted(name.removesuffix(".npy") for name in members)) or "none"


def _error(where: str, found: str, expected: str, remedy: str) -> JetlineError:
    return JetlineError(where, found=found, expected=expected, remedy=remedy)


def _validate_shape(name: str, shape: tuple[int, ...], dtype: np.dtype) -> None:
    where = f"{name}, array X"
    if len(shape) != 3 or shape[2] != 4 or 0 in shape:
        raise _error(
            where,
            f"shape {shape}",
            "(n_jets, M, 4): pT, rapidity, azimuth, PDG id of each constituent, at least one jet",
            "reshape the array, pad each jet with rows of zeros, and save it again",
        )
    if dtype not in (np.float32, np.float64):
        raise _error(where, f"dtype {dtype}", "float32 or float64", "convert the array")


def _validate(
    name: str, constituents: np.ndarray, labels: np.ndarray | None, first: int = 0
) -> None:
    """Refuse what breaks the format; `first` is the number in its file of the first jet."""
    where = f"{name}, array X"
    _validate_shape(name, constituents.shape, constituents.dtype)

    def forbid(bad: np.ndarray, column: int, what: str, expected: str, remedy: str) -> None:
        """Name the first constituent that `bad` (n_jets, M) marks."""
        if bad.any():
            jet, constituent = np.unravel_index(bad.argmax(), bad.shape)
            value = constituents[jet, constituent, column]
            count = np.count_nonzero(bad.any(axis=1))
            among = f"{len(bad)} jets" + (f" from jet {first} on" if first else "")
            raise _error(
                f"{where}, jet {first + jet}, constituent {constituent} (both counted from 0)",
                f"{what} {value:g} ({count} of {among} have such)",
                expected,
                remedy,
            )

    make_again = "correct the program that made the file, or leave these jets out"
    pt = constituents[..., PT]
    for column, quantity in enumerate(("pT", "rapidity", "azimuth", "PDG id")):
        forbid(
            ~np.isfinite(constituents[..., column]), column, quantity, "a finite number", make_again
        )
    forbid(pt < 0, PT, "pT", "pT >= 0 GeV", make_again)
    padding = pt == 0
    forbid(
        padding & constituents[..., 1:].any(axis=2),
        PT,
        "rapidity, azimuth or PDG id beside pT",
        "pT > 0 for a constituent, zeros alone for padding",
        make_again,
    )
    forbid(
        padding[:, :-1] & ~padding[:, 1:],
        PT,
        "padding before a constituent, pT",
        "padding only after the last constituent",
        "move the rows of zeros to the end of each jet",
    )
    forbid(
        padding[:, :1], PT, "a jet without constituents, pT", "one constituent or more", make_again
    )
    forbid(
        ~padding & ~np.isin(constituents[..., PDG_ID], PDG_IDS + PARTON_IDS),
        PDG_ID,
        "PDG id",
        "one of " + ", ".join(map(str, PDG_IDS)) + ", or a quark or gluon",
        "drop neutrinos and decay unstable particles before clustering",
    )
    if labels is not None:
        _validate_labels(f"{name}, array y", labels, len(constituents))


def _validate_labels(where: str, labels: np.ndarray, n_jets: int) -> None:
    if labels.shape != (n_jets,):
        raise _error(
            where, f"shape {labels.shape}", f"({n_jets},), one label a jet", "save X and y together"
        )
    bad = (labels != 0) & (labels != 1)
    if bad.any():
        jet = bad.argmax()
        raise _error(
            f"{where}, jet {jet} (counted from 0)",
            f"label {labels[jet]:g} ({np.count_nonzero(bad)} of {n_jets} jets have such)",
            "1 for a quark jet, 0 for a gluon jet",
            "relabel the jets, or leave y out if the labels are not known",
        )
