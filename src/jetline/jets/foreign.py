"""What a file is that is no jet file, told by its first bytes, and how to make one of it."""

from __future__ import annotations

import errno
import shlex
from typing import TYPE_CHECKING

from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from pathlib import Path

#: What stands at the beginning of a file (or at byte 257, of a tar archive), and what it is.
_BINARY = {
    b"\x89HDF\r\n\x1a\n": "an HDF5 file",
    b"root\x00": "a ROOT file",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow (Feather) file",
    b"\x93NUMPY": "a single NumPy array (.npy)",
    b"\x1f\x8b": "a file compressed by gzip",
    b"BZh": "a file compressed by bzip2",
    b"\xfd7zXZ\x00": "a file compressed by xz",
    b"\x28\xb5\x2f\xfd": "a file compressed by zstd",
    **{bytes([0x80, protocol]): "a pickle of Python objects" for protocol in (2, 3, 4, 5)},
}
_UNPACKED_BY = {"gzip": "gunzip", "bzip2": "bunzip2", "xz": "unxz", "zstd": "unzstd"}

_READ_BY = {
    "an HDF5 file": "import h5py; f = h5py.File({name!r}); "
    "np.savez_compressed({new!r}, X=f['X'][...], y=f['y'][...])",
    "a single NumPy array (.npy)": "np.savez_compressed({new!r}, X=np.load({name!r}), "
    "y=np.load('labels.npy'))",
    "a pickle of Python objects": "import pathlib, pickle; "
    "X, y = pickle.loads(pathlib.Path({name!r}).read_bytes()); "
    "np.savez_compressed({new!r}, X=X, y=y)",
}
_COLUMNS = (
    "read the columns pT, rapidity, azimuth and PDG id by {reader}, pad each jet with rows of "
    "zeros to an array X (n_jets, M, 4), and write `np.savez_compressed({new!r}, X=X, y=y)`"
)
_READERS = {
    "a ROOT file": "uproot",
    "a Parquet file": "pandas.read_parquet",
    "an Arrow (Feather) file": "pandas.read_feather",
}


def refused(path: Path, error: OSError) -> JetlineError:
    """Tell why a file cannot be read: missing, a folder, no permission."""
    if isinstance(error, FileNotFoundError):
        found, remedy = "no such file", "check the path"
    elif isinstance(error, IsADirectoryError):
        inside = len(list(path.glob("*.npz")))
        found = f"a folder (a directory), with {inside} .npz files in it"
        remedy = f"name the files in it: {path}/*.npz" if inside else "name a jet file"
    elif error.errno in (errno.EACCES, errno.EPERM):
        found = f"a file that may not be read ({error.strerror})"
        yours = shlex.quote(str(path))
        remedy = f"ask its owner, or, if it is yours: chmod u+r {yours}; its folders want u+x"
    else:
        found, remedy = f"a file that cannot be read ({error.strerror})", "check the path"
    return JetlineError(str(path), found=found, expected="a jet file", remedy=remedy)


def foreign(path: Path, expected: str) -> JetlineError | None:
    """Tell what a file is by its first bytes; None if they tell nothing."""
    with path.open("rb") as stream:
        beginning = stream.read(512)
    found = next((what for magic, what in _BINARY.items() if beginning.startswith(magic)), None)
    new = path.with_suffix(".npz").name
    if new == path.name:
        new = f"{path.stem}_converted.npz"
    if found is None and beginning[257:262] == b"ustar":
        found, remedy = "a tar archive", f"unpack it: tar -xf {shlex.quote(path.name)}"
    elif found is None:
        found, remedy = _text(beginning, new)
    elif found in _READERS:
        remedy = "convert it: " + _COLUMNS.format(reader=_READERS[found], new=new)
    elif found in _READ_BY:
        code = _READ_BY[found].format(name=path.name, new=new)
        yours = ", if you trust who made it" if "pickle" in found else ""
        names = ", with the names of its arrays" if "HDF5" in found else ""
        remedy = f"convert it{yours}: `{code}`{names}"
    else:
        command = _UNPACKED_BY[found.rpartition(" ")[2]]
        remedy = f"unpack it: {command} -c < {shlex.quote(path.name)} > {shlex.quote(new)}"
    if not found:
        return None
    return JetlineError(str(path), found=found, expected=expected, remedy=remedy)


def _text(beginning: bytes, new: str) -> tuple[str, str]:
    """Tell text by its content; empty if it is none."""
    try:
        # The last character may be cut off.
        text = beginning.decode("utf-8", errors="strict" if len(beginning) < 512 else "ignore")
    except UnicodeDecodeError:
        return "", ""
    if not text.strip() or not all(letter.isprintable() or letter.isspace() for letter in text):
        return "", ""
    start = text.lstrip()[:40]
    if start.lower().startswith(("<!doctype html", "<html")):
        return "a web page (HTML)", "a server sent a page instead of the file: fetch it again"
    if start.startswith("version https://git-lfs"):
        return "a pointer of Git LFS, not the file itself", "fetch the file: git lfs pull"
    return (
        f"text, which begins with {start!r}",
        "convert it: read it into arrays X (n_jets, M, 4) and y (n_jets,), and write "
        f"`np.savez_compressed({new!r}, X=X, y=y)`",
    )
