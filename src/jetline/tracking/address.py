"""Where MLflow's database or server is, and how its address is shown: without its password."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from jetline.core.errors import JetlineError
from jetline.core.mounts import network_file_system

#: What MLflow's client also takes secrets from.
_SECRETS = ("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")

#: The password of an address, up to the last @ of the word: one may be written unquoted. A number
#: before a slash is a port.
_PASSWORD = re.compile(r"(?<=://)([^\s:/@]*):(?!\d+/)\S+(?=@)")


def tracking_uri(results: Path) -> str:
    """Give ``MLFLOW_TRACKING_URI`` if it is set, else the SQLite database under `results`."""
    return os.environ.get("MLFLOW_TRACKING_URI") or own_uri(results)


def own_uri(results: Path) -> str:
    """Give the address of the SQLite database under `results`."""
    path = str(database(results))
    # A question mark would end the path. MLflow makes folders for what it takes for a path, which
    # the driver's name keeps it from.
    return f"sqlite+pysqlite:///file:{quote(path)}?uri=true" if "?" in path else f"sqlite:///{path}"


def database(results: Path) -> Path:
    """Give the path of the SQLite database under `results`."""
    return Path(results).resolve() / "mlflow.db"


def on_network(results: Path) -> str:
    """Name the network file system that the SQLite database lies on, if it is used and does.

    There SQLite's locks may not hold between machines, and what several write at once is lost: only
    one machine, Snakemake's, may write to it.
    """
    file = _sqlite_file(results)
    return network_file_system(file.parent) if file else ""


def network_told(results: Path) -> JetlineError | None:
    """Say that the database lies on a network file system, and what to do; None if it does not."""
    if not (kind := on_network(results)):
        return None
    return JetlineError(
        str(_sqlite_file(results)),
        found=f"a SQLite database on a network file system ({kind}), which may lose what several "
        "machines write at once",
        expected="a tracking server, or that Snakemake's machine alone writes: jobs of a cluster "
        "leave it alone, and epochs are tracked when a training is over",
        remedy="nothing, where that is enough; to watch epochs, start a server (docs/mlflow.md) "
        "and export MLFLOW_TRACKING_URI=http://its-machine:5000",
    )


def _sqlite_file(results: Path) -> Path | None:
    """Give the file of the SQLite database that is used; None where it is another one."""
    uri = tracking_uri(results)
    if uri == own_uri(results):
        return database(results)
    kind, _, path = uri.partition(":///")
    return Path(path.partition("?")[0].removeprefix("file:")) if kind[:6] == "sqlite" else None


def is_server(uri: str) -> bool:
    """Tell whether an address is that of a tracking server, which has pages of its own."""
    return uri.startswith(("http://", "https://"))


def masked(text: str) -> str:
    """Write ``***`` over every password in a text: in addresses, and those that MLflow is told."""
    try:
        given = urlsplit(os.environ.get("MLFLOW_TRACKING_URI", "")).password or ""
    except ValueError:
        given = ""
    secrets = [given, unquote(given), *(os.environ.get(name, "") for name in _SECRETS)]
    text = _PASSWORD.sub(r"\1:***", text)
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return text
