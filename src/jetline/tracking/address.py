"""Where MLflow's database or server is, and how its address is shown: without its password."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

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
