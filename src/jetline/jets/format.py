"""The benchmark's jet files: read, validate, write.

A jet file is an ``.npz`` archive with ``X`` (n_jets, M, 4), the constituents' transverse momentum
[GeV], rapidity, azimuth [rad] and PDG id, padded with zero rows to the largest multiplicity M,
and ``y`` (n_jets,), 1 for a quark jet and 0 for a gluon jet (Zenodo records 3164691 and 3066475).
"""

from __future__ import annotations

import math
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jetline.errors import JetlineError
from jetline.files import write_arrays

#: The species that reach a detector, as the benchmark has them.
PDG_IDS = (22, 211, -211, 321, -321, 130, 2112, -2112, 2212, -2212, 11, -11, 13, -13)

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
            constituents = _read_array(archive, path, "X")
            labels = _read_array(archive, path, "y") if "y.npy" in members else None
    except FileNotFoundError:
        raise _error(str(path), "no such file", "a jet file", "check the path") from None
    # Damage shows as any of these: RuntimeError is a member that says it is encrypted or packed by
    # an unknown method, ValueError one that ends early, OSError a folder or an offset below nought.
    except (
        zipfile.BadZipFile,
        zipfile.zlib.error,
        EOFError,
        OSError,
        RuntimeError,
        ValueError,
    ) as error:
        size = path.stat().st_size
        raise _error(
            str(path),
            f"{size} bytes that are no whole .npz archive ({error})",
            "an .npz archive with X and y",
            "the file is empty or cut off, or something else: fetch or make it again",
        ) from None
    _validate(str(path), constituents, labels)
    if labels is None:
        labels = np.full(len(constituents), UNLABELLED)
    return Jets(constituents, labels.astype(np.uint8))


def _names(members: set[str]) -> str:
    return ", ".join(sorted(name.removesuffix(".npy") for name in members)) or "none"


def _error(where: str, found: str, expected: str, remedy: str) -> JetlineError:
    return JetlineError(where, found=found, expected=expected, remedy=remedy)


def _read_array(archive: zipfile.ZipFile, path: Path, name: str) -> np.ndarray:
    """Read one member, its header first: a shape is believed only if the bytes are there."""
    where = f"{path}, array {name}"
    member = archive.getinfo(f"{name}.npy")
    with archive.open(member) as stream:
        try:
            version = np.lib.format.read_magic(stream)
            read_header = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }[version]
            shape, _, dtype = read_header(stream)
        except (ValueError, KeyError) as error:
            raise _error(
                where, f"no NumPy array ({error})", "an array saved by NumPy", "save it again"
            ) from None
        header_bytes = stream.tell()
    if dtype.kind not in "fiub":
        raise _error(
            where,
            f"dtype {dtype}" + (" (a pickle, which is never loaded)" if dtype.hasobject else ""),
            "floating-point numbers",
            "convert the array to float32 or float64 and save it again",
        )
    needed = dtype.itemsize * math.prod(shape)
    if needed != member.file_size - header_bytes:
        raise _error(
            where,
            f"shape {shape} of {dtype}, which is {needed} bytes, over "
            f"{member.file_size - header_bytes} bytes of data",
            "as many bytes as the shape declares",
            "the file is damaged: fetch or make it again",
        )
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if needed > memory:
        raise _error(
            where,
            f"{needed / 1e9:.1f} GB of data",
            f"at most this machine's memory, {memory / 1e9:.1f} GB",
            "split it into files of about 100,000 jets",
        )
    with archive.open(member) as stream:
        return np.lib.format.read_array(stream, allow_pickle=False)


def _validate(name: str, constituents: np.ndarray, labels: np.ndarray | None) -> None:
    where = f"{name}, array X"
    if constituents.ndim != 3 or constituents.shape[2] != 4 or 0 in constituents.shape:
        raise _error(
            where,
            f"shape {constituents.shape}",
            "(n_jets, M, 4): pT, rapidity, azimuth, PDG id of each constituent, at least one jet",
            "reshape the array, pad each jet with rows of zeros, and save it again",
        )
    if constituents.dtype not in (np.float32, np.float64):
        raise _error(
            where, f"dtype {constituents.dtype}", "float32 or float64", "convert the array"
        )

    def forbid(bad: np.ndarray, column: int, what: str, expected: str, remedy: str) -> None:
        """Name the first constituent that `bad` (n_jets, M) marks."""
        if bad.any():
            jet, constituent = np.unravel_index(bad.argmax(), bad.shape)
            value = constituents[jet, constituent, column]
            count = np.count_nonzero(bad.any(axis=1))
            raise _error(
                f"{where}, jet {jet}, constituent {constituent} (both counted from 0)",
                f"{what} {value:g} ({count} of {len(bad)} jets have such)",
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
        ~padding & ~np.isin(constituents[..., PDG_ID], PDG_IDS),
        PDG_ID,
        "PDG id",
        "one of " + ", ".join(map(str, PDG_IDS)),
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
