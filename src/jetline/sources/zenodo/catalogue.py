"""The benchmark's 80 jet files on Zenodo: names, addresses, sizes and hashes."""

from __future__ import annotations

import csv
import difflib
import functools
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class ZenodoFile:
    """One jet file of the benchmark.

    Parameters
    ----------
    sample : str
        ``pythia``, ``pythia-withbc``, ``herwig`` or ``herwig-withbc``: separate generations.
    record : int
        Number of the Zenodo record.
    name : str
        Name of the file there; no two of the 80 share one.
    size : int, optional
        Bytes; None where it is not known.
    md5, sha256 : str
        Hexadecimal. The sha256 decides whether a file is the right one; Zenodo shows the md5.
    """

    sample: str
    record: int
    name: str
    size: int | None
    md5: str
    sha256: str

    @property
    def address(self) -> str:
        """Address of the file on Zenodo."""
        return f"https://zenodo.org/records/{self.record}/files/{self.name}?download=1"

    def places(self, mirrors: Sequence[str]) -> list[str | Path]:
        """List where to look for the file, in this order: each mirror, then Zenodo.

        Parameters
        ----------
        mirrors : sequence of str
            Base addresses (``http://`` or ``https://``), under which the file has its own name,
            and local folders.

        Returns
        -------
        list
            Addresses as str, local files as Path.
        """
        found: list[str | Path] = []
        for mirror in mirrors:
            if mirror.startswith(("http://", "https://")):
                found.append(f"{mirror.rstrip('/')}/{self.name}")
            else:
                found.append(Path(mirror).expanduser() / self.name)
        return [*found, self.address]


@functools.cache
def _table() -> tuple[ZenodoFile, ...]:
    text = resources.files("jetline.sources.zenodo").joinpath("files.csv").read_text("utf-8")
    return tuple(
        ZenodoFile(
            sample=row["sample"],
            record=int(row["record"]),
            name=row["file"],
            size=int(row["size"]) if row["size"] else None,
            md5=row["md5"],
            sha256=row["sha256"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def sample_files(sample: str) -> list[ZenodoFile]:
    """List the files of a sample, in the record's order."""
    return [file for file in _table() if file.sample == sample]


def file_named(name: str) -> ZenodoFile:
    """Find the file of that name.

    Raises
    ------
    JetlineError
        If the benchmark has none.
    """
    names = {file.name: file for file in _table()}
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        raise JetlineError(
            f"download {name}",
            found="no file of this name in the benchmark",
            expected="QG_jets.npz, QG_jets_1.npz, ..., QG_jets_herwig_withbc_19.npz",
            remedy=f"did you mean {near[0]}?" if near else "give the output one of these names",
        )
    return names[name]


def require_published(path: Path, found: str, expected: str) -> None:
    """Refuse a file under the name of one of the benchmark's that is another.

    Raises
    ------
    JetlineError
        If the sha256 that was `found` is not the one that is `expected`.
    """
    if found != expected:
        raise JetlineError(
            str(path),
            found=f"another file than the benchmark's: its sha256 is {found}",
            expected=f"sha256 {expected}",
            remedy=f"remove it and run the same command again, or: jetline download {path}",
        )
