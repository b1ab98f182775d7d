"""MLflow's pages, on this machine alone."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING

from jetline.core.errors import JetlineError
from jetline.tracking.client import database, reachable, start, tracking_uri

if TYPE_CHECKING:
    from pathlib import Path


def serve(results: Path) -> None:
    """Serve MLflow's pages on a free port of 127.0.0.1 until interrupted.

    The pages have no login, so they are not offered to the network.

    Raises
    ------
    JetlineError
        If nothing has been tracked yet, or MLflow cannot be reached.
    """
    uri = tracking_uri(results)
    if uri.startswith("sqlite") and not database(results).exists():
        raise JetlineError(
            f"{results}/mlflow.db",
            found="no such file",
            expected="the database of a finished or running workflow",
            remedy="run the workflow first: make demo",
        )
    with reachable(results):
        start(results)  # which puts right the addresses of a folder that has moved
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    print(f"MLflow: http://127.0.0.1:{port} (Ctrl-C ends it)", flush=True)
    address = ["--host", "127.0.0.1", "--port", str(port)]
    # The server checks the Host header against this list, port included.
    hosts = ["--allowed-hosts", f"127.0.0.1:{port},localhost:{port}"]
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", uri, *address, *hosts]
    subprocess.run(command, check=False)
