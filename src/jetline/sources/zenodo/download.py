"""Download a jet file of the benchmark from a mirror, a folder or Zenodo, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from jetline.core.errors import JetlineError
from jetline.core.files import atomic, sha256_of
from jetline.core.locks import try_lock
from jetline.sources.zenodo.catalogue import file_named, sample_files
from jetline.sources.zenodo.transfer import Patience, Unavailable, require_space, transfer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from io import FileIO

    from jetline.sources.zenodo.wanted import Wanted

#: What to do with files of the benchmark that were fetched by hand.
_FETCHED = (
    "into one folder, under their own names, and name the folder under `mirrors` of the dataset "
    "(source: zenodo), or in --mirrors"
)


def download_jets(target: Path, mirrors: Sequence[str] = (), files: int = 1) -> None:
    """Download the file of the benchmark that has the target's name.

    Parameters
    ----------
    target : Path
        Path of the file afterwards; its name tells which file of the benchmark is wanted.
    mirrors : sequence of str
        As for `ZenodoFile.places`.
    files : int
        Number of files in the dataset. Without a network, the error names those of the sample's
        first `files` files that are not beside the target.

    Raises
    ------
    JetlineError
        If the name is none of the benchmark's, the disk is too small, or no place has the file.
    """
    file = file_named(target.name)
    dataset = [other for other in sample_files(file.sample)[:files] if other != file]
    download(file, target, file.places(mirrors), beside=dataset)


def download(
    file: Wanted,
    target: Path,
    places: Sequence[str | Path],
    *,
    beside: Sequence[Wanted] = (),
    patience: Patience | None = None,
    fetched: str = _FETCHED,
) -> None:
    """Get a file from the first place that gives it.

    A file that is there already stays if its sha256 is right. What is not whole yet lies beside the
    target under a name with the sha256, ``.<name>.<sha256>.part``; the next call goes on with it.

    Parameters
    ----------
    file : Wanted
        The file that is wanted.
    target : Path
        Path of the file afterwards.
    places : sequence of str and Path
        Addresses and local files, tried in this order. A local file is linked where it can be
        (hard, so that it stays when its folder goes), else copied.
    beside : sequence of Wanted
        Further files that belong beside it; an error for want of a network names those missing.
    patience : Patience, optional
        The usual one if left out.
    fetched : str
        What to do with files that were fetched by hand, for an error.

    Raises
    ------
    JetlineError
        If the disk is too small, or no place gives the file.
    """
    if _is_there(file, target):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{file.sha256[:16]}.part")
    failures: dict[str | Path, Unavailable] = {}
    with _alone_with(partial) as stream:
        try:
            # Another process may have brought it since.
            if _is_there(file, target):
                return
            target.unlink(missing_ok=True)
            for place in places:
                print(f"{file.name}: from {place}", flush=True)
                try:
                    if isinstance(place, Path):
                        _take(file, place, target)
                    else:
                        transfer(place, stream, file, patience)
                        os.fsync(stream.fileno())
                        partial.replace(target)
                except Unavailable as failure:
                    print(f"{file.name}: {failure}", flush=True)
                    failures[place] = failure
                else:
                    print(f"{target}: {target.stat().st_size:,} bytes, sha256 right", flush=True)
                    return
            missing = [other for other in beside if not target.with_name(other.name).exists()]
            raise _not_available([file, *missing], target, failures, fetched)
        except OSError as error:
            # A full disk is told without a name.
            error.filename = error.filename or str(target)
            raise
        finally:
            if target.exists() or not stream.seek(0, os.SEEK_END):
                partial.unlink(missing_ok=True)


def _is_there(file: Wanted, target: Path) -> bool:
    if not target.exists():
        return False
    found = sha256_of(target)
    if found == file.sha256:
        print(f"{target}: there already, sha256 right", flush=True)
        return True
    print(f"{target}: there, but its sha256 is {found}; downloading it again", flush=True)
    return False


@contextlib.contextmanager
def _alone_with(partial: Path) -> Iterator[FileIO]:
    """Open the partial file once no other process has it; the lock ends with this process."""
    waiting = False
    while True:
        with partial.open("a+b", buffering=0) as stream:
            if not try_lock(stream):
                if not waiting:
                    print(
                        f"{partial.name}: waiting for another process that downloads it", flush=True
                    )
                waiting = True
                time.sleep(0.5)
                continue
            # Meanwhile it may have been renamed to the target, or removed.
            if partial.exists() and os.path.samestat(os.fstat(stream.fileno()), partial.stat()):
                yield stream
                return


def _take(file: Wanted, source: Path, target: Path) -> None:
    """Link or copy a local file, if it is the right one."""
    if not source.is_file():
        raise Unavailable("no such file", reached=False)
    size = source.stat().st_size
    if file.size and size != file.size:
        raise Unavailable(f"a file of {size:,} bytes instead of {file.size:,}", reached=False)
    with atomic(target) as temporary:
        try:
            os.link(source.resolve(), temporary)
        except OSError:
            require_space(target, size)
            shutil.copyfile(source, temporary)
        found = sha256_of(temporary)
        if found != file.sha256:
            raise Unavailable(f"another file: its sha256 is {found}", reached=False)


def _not_available(
    wanted: Sequence[Wanted],
    target: Path,
    failures: dict[str | Path, Unavailable],
    fetched: str,
) -> JetlineError:
    """Explain that no place gave the first of the `wanted` files, and how to fetch all by hand."""
    offline = not any(failure.reached for failure in failures.values())
    reasons = "".join(f"\n      {place}: {failure}" for place, failure in failures.items())
    addresses = "".join(
        f"\n      {file.address}\n        sha256 {file.sha256}, "
        + (f"{file.size:,} bytes" if file.size else "about 100 MB")
        for file in wanted
    )
    where = "where there is a network" if offline else "later"
    return JetlineError(
        str(target),
        found=f"{'no network: no server was reached' if offline else 'no place gave it'}{reasons}",
        expected=f"{wanted[0].name}, sha256 {wanted[0].sha256}",
        remedy=f"run the same command again {where}, it goes on where it stopped; or fetch by hand"
        f"{addresses}\n    {fetched}",
    )
