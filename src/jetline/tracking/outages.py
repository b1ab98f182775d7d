"""Why MLflow cannot be used, in one line, and what to do."""

from __future__ import annotations

import contextlib
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import mlflow

from jetline.core.errors import JetlineError
from jetline.tracking.address import masked, own_uri, tracking_uri

if TYPE_CHECKING:
    from collections.abc import Iterator

_AGAIN = "run the workflow again: trainings are kept, only their tracking is made up for"

#: How MLflow and its migrations tell of a database of another version.
_OTHER_SCHEMA = re.compile(r"(?:found version|revision identified by) '?(\w+)")

#: How addresses, drivers and servers tell what is wrong: expected, and what to do first.
_KNOWN = (
    (
        r"Run with id=?\S* not found|Logged model with ID \S+ not found",
        "the runs that trainings were tracked to",
        "the database or server is another one than then: snakemake --forcerun track",
    ),
    (
        r"must be in the 'active' state",
        "runs that are not deleted",
        "restore that run in MLflow's pages, where the state Deleted shows it",
    ),
    (
        r"No module named '(?:\w+\.)*(\w+)'",
        "the driver of that database",
        "install it beside jetline (of PostgreSQL: pip install psycopg2-binary; of MySQL: pip "
        "install pymysql, and write mysql+pymysql://)",
    ),
    (
        r"Can't load plugin|Could not parse|unsupported URI|not a supported",
        "an address that begins with http, https, sqlite, postgresql, mysql or mssql",
        "correct MLFLOW_TRACKING_URI, or unset it",
    ),
    (
        r"authentication failed|Access denied|no password supplied|\b40[13]\b|Unauthorized",
        "a user and a password that are accepted",
        "correct them: of a database in MLFLOW_TRACKING_URI, of a server in "
        "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD",
    ),
    (
        r"locked|deadlock|already exists|LockNotAvailable",
        "a database that nobody else is changing",
        "wait until its migration or copy has ended",
    ),
)


@contextlib.contextmanager
def reachable(results: Path) -> Iterator[None]:
    """Tell that MLflow cannot be used, and what to do.

    Raises
    ------
    JetlineError
        If the block raises.
    """
    try:
        yield
    except JetlineError:
        raise
    except Exception as error:
        raise outage(results, error) from error


def outage(results: Path, error: Exception) -> JetlineError:
    """Tell why MLflow cannot be used, and what to do.

    Parameters
    ----------
    results : Path
        The results folder.
    error : Exception
        What MLflow raised.
    """
    uri, text = tracking_uri(results), str(error)
    expected = "a tracking server or database that answers"
    remedy = "start it, or unset MLFLOW_TRACKING_URI"
    known = next((one for one in _KNOWN if re.search(one[0], text)), None)
    if version := _OTHER_SCHEMA.search(text):
        expected = f"a database of MLflow {mlflow.__version__}"
        remedy = _other_version(version[1], uri if uri == own_uri(results) else None)
    elif known:
        expected, remedy = known[1:]
    elif uri == own_uri(results):
        remedy = "see to that file, or move it away"
    return JetlineError(
        f"MLflow at {masked(uri)}",
        found=reason_of(error),
        expected=expected,
        remedy=f"{remedy}; then {_AGAIN}",
    )


def _other_version(version: str, own: str | None) -> str:
    """Tell what to do with a database of another version; only our own has its address shown."""
    migrations = Path(mlflow.__file__).parent / "store/db_migrations/versions"
    if any(migrations.glob(f"{version}_*.py")):
        address = shlex.quote(own) if own else '"$MLFLOW_TRACKING_URI"'
        return f"if nobody is upgrading it, save a copy, and: mlflow db upgrade {address}"
    return (
        "that version is unknown here: install the newer MLflow that made it, or move the database "
        "away"
    )


def reason_of(error: Exception) -> str:
    """Give what an error says, in one line and without passwords, or its kind."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if not lines:
        return type(error).__name__
    # The cause stands last in what the client of a server says, behind all that it wraps it in.
    if cause := re.search(r"Caused by \w+\(.*?([^:()\"']+)[\"')]*$", lines[0]):
        return masked(cause[1].strip())
    return masked(lines[0])
