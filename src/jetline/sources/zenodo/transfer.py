"""Download one file from one address: resumed where it stopped, tried again after growing waits."""

from __future__ import annotations

import hashlib
import os
import random
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

import requests
import tenacity
import urllib3

from jetline.core.errors import JetlineError
from jetline.core.progress import progress_bar
from jetline.sources.zenodo.session import Session

if TYPE_CHECKING:
    from io import FileIO

    from jetline.sources.zenodo.wanted import Wanted

_PIECE = 2**16  # bytes


@dataclass(frozen=True)
class Patience:
    """Limits on how long to wait for a server and how often to ask again; times in seconds.

    Parameters
    ----------
    connect, stall : float
        Longest silence before a connection is made, and after.
    first_wait, longest_wait : float
        Before the second attempt, and at most; doubled in between, then cut by up to a half at
        random, so that jobs that failed together do not ask again together.
    longest_request : float
        Longest wait that a server may ask for by Retry-After.
    unreached, fruitless, attempts : int
        Attempts to reach a server that never answers, attempts in a row that bring no new byte,
        and attempts in all.
    """

    connect: float = 20
    stall: float = 60
    first_wait: float = 1
    longest_wait: float = 60
    longest_request: float = 900
    unreached: int = 4
    fruitless: int = 8
    attempts: int = 100


class Unavailable(Exception):
    """A place does not give the file.

    Parameters
    ----------
    reason : str
        Why not.
    reached : bool
        Whether anything answered there.
    """

    def __init__(self, reason: str, *, reached: bool = True) -> None:
        super().__init__(reason)
        self.reached = reached


class _Interrupted(Exception):
    """An attempt failed and another may succeed, `after` some seconds if the server asks for it."""

    def __init__(self, reason: str, *, reached: bool = True, after: float = 0) -> None:
        super().__init__(reason)
        self.reached, self.after = reached, after


def transfer(address: str, stream: FileIO, file: Wanted, patience: Patience | None = None) -> None:
    """Complete a partial file.

    Whether what is resumed is the same file needs no ETag: the sha256 tells in the end, and a
    resumed file that is wrong is fetched once more from the start.

    Parameters
    ----------
    address : str
        ``http://`` or ``https://``; redirects are followed, but none to a less safe
        place.
    stream : unbuffered binary file, open for reading and writing
        Holds the first bytes, or none; after return, the whole file.
    file : Wanted
        What is fetched.
    patience : Patience, optional
        The usual one if left out.

    Raises
    ------
    Unavailable
        If this address does not give the file. After wrong bytes, the stream is empty.
    JetlineError
        If the disk is too small.
    """
    with Session() as session:
        for again in (False, True):
            resumed = _complete(session, address, stream, file, patience or Patience())
            stream.seek(0)
            found = hashlib.file_digest(stream, "sha256").hexdigest()
            if found == file.sha256:
                return
            size = stream.tell()
            stream.truncate(0)
            if again or not resumed:
                raise Unavailable(f"wrong bytes: {size:,} with sha256 {found}")
            print(f"{file.name}: the resumed file is wrong; starting anew", flush=True)


def _complete(
    session: requests.Session, address: str, stream: FileIO, file: Wanted, patience: Patience
) -> bool:
    """Fetch what is missing, in several attempts; True if any of it was there before the last."""
    unreached = fruitless = 0
    met = False

    def attempt() -> bool:
        nonlocal unreached, fruitless, met
        before = _size(stream)
        try:
            return _fetch(session, address, stream, file, patience)
        except _Interrupted as error:
            met = met or error.reached
            unreached += not met
            fruitless = 0 if _size(stream) > before else fruitless + 1
            raise

    def enough(state: tenacity.RetryCallState) -> bool:
        return (
            unreached >= patience.unreached
            or fruitless >= patience.fruitless
            or state.attempt_number >= patience.attempts
        )

    def wait(state: tenacity.RetryCallState) -> float:
        grown = min(patience.first_wait * 2 ** max(fruitless - 1, 0), patience.longest_wait)
        return max(grown * random.uniform(0.5, 1), _interruption(state).after)

    def tell(state: tenacity.RetryCallState) -> None:
        again = f"asking again in {state.upcoming_sleep:.1f} s"
        print(f"{file.name}: {_interruption(state)}; {again}", flush=True)

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(_Interrupted),
        stop=enough,
        wait=wait,
        before_sleep=tell,
        reraise=True,
    )
    try:
        return retrying(attempt)
    except _Interrupted as error:
        tried = retrying.statistics["attempt_number"]
        raise Unavailable(f"{error} (attempt {tried})", reached=met) from None


def _interruption(state: tenacity.RetryCallState) -> _Interrupted:
    """Return why the last attempt failed."""
    assert state.outcome is not None
    error = state.outcome.exception()
    assert isinstance(error, _Interrupted)
    return error


def _fetch(
    session: requests.Session, address: str, stream: FileIO, file: Wanted, patience: Patience
) -> bool:
    """Fetch what is missing, once; True if any of it was there before."""
    have = _size(stream)
    if file.size and have > file.size:
        stream.truncate(0)
        have = 0
    if file.size and have == file.size:
        return True
    headers = {"Range": f"bytes={have}-"} if have else {}
    times = (patience.connect, patience.stall)
    try:
        with session.get(address, headers=headers, timeout=times, stream=True) as answer:
            if answer.status_code == 416 and have:
                if answer.headers.get("Content-Range") == f"bytes */{have}":
                    return True
                stream.truncate(0)
                raise _Interrupted("the server has less than was here already")
            _check_status(answer, patience)
            start = _start(answer, stream, have)
            total = _total(answer, start, file)
            require_space(Path(stream.name), (total or have) - have)
            stream.truncate(start)
            # What has come is written at once: a connection that breaks or stalls costs nothing.
            with progress_bar(file.name, total, "B", initial=start, unit_scale=True) as bar:
                while piece := answer.raw.read1(_PIECE):
                    start += stream.write(piece)
                    bar.update(len(piece))
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise _explained(error, patience) from None
    if total and start < total:
        raise _Interrupted(f"the connection ended after {start:,} of {total:,} bytes")
    return answer.status_code == 206


def _size(stream: FileIO) -> int:
    return stream.seek(0, os.SEEK_END)


def _check_status(answer: requests.Response, patience: Patience) -> None:
    told = f"{answer.status_code} {answer.reason}"
    if answer.status_code in (408, 425, 429) or answer.status_code >= 500:
        after = _retry_after(answer)
        if after > patience.longest_request:
            raise Unavailable(f"{told}, to be asked again only in {after:.0f} s")
        raise _Interrupted(told, after=after)
    if answer.status_code not in (200, 206):
        raise Unavailable(told)
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        raise Unavailable("a web page instead of the file")


def _retry_after(answer: requests.Response) -> float:
    """Read how many seconds the server asks to wait: it gives them, or a date."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isdigit():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return 0
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0, (date - datetime.now(UTC)).total_seconds())


def _start(answer: requests.Response, stream: FileIO, have: int) -> int:
    """Find where the answer's first byte belongs: at 0 if the server ignored the range."""
    if answer.status_code == 200:
        return 0
    told = answer.headers.get("Content-Range", "")
    if not told.startswith(f"bytes {have}-"):
        stream.truncate(0)
        raise _Interrupted(f"another part than was asked for ({told or 'no Content-Range'})")
    return have


def _total(answer: requests.Response, start: int, file: Wanted) -> int | None:
    """Return the size of the whole file in bytes, as the answer or the table gives it."""
    told = answer.headers.get("Content-Length", "")
    total = start + int(told) if told.isdigit() else None
    if file.size and total and total != file.size:
        raise Unavailable(f"a file of {total:,} bytes instead of {file.size:,}")
    return total or file.size


def _explained(error: Exception, patience: Patience) -> Exception:
    """Turn a library's exception into one of ours."""
    cause = error.args[0] if isinstance(error, requests.ConnectionError) else error
    if isinstance(cause, urllib3.exceptions.MaxRetryError):
        reason = re.sub(r"^.*?(object at \w+>|\)): ", "", str(cause.reason))
        return _Interrupted(f"not reached ({reason})", reached=False)
    if isinstance(cause, requests.Timeout | urllib3.exceptions.TimeoutError):
        return _Interrupted(f"nothing came for {patience.stall:g} s")
    if isinstance(cause, urllib3.exceptions.HTTPError):
        told = str(cause.args[0]).removeprefix("Connection broken: ")
        return _Interrupted(f"the connection broke ({told})")
    return Unavailable(str(error))


def require_space(path: Path, needed: int) -> None:
    """Make sure that a file can grow by so many bytes.

    Raises
    ------
    JetlineError
        If its disk has less free space.
    """
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise JetlineError(
            f"folder {path.parent.absolute()}",
            found=f"{free / 1e6:,.1f} MB free",
            expected=f"{needed / 1e6:,.1f} MB for what is still to come",
            remedy="free some space, then run the same command again; it goes on where it stopped",
        )
