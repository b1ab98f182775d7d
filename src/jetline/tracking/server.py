"""MLflow's pages: a server on this machine alone, and links to what is worth seeing."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from jetline.core.errors import JetlineError
from jetline.tracking.address import database, is_server, masked, own_uri, tracking_uri
from jetline.tracking.client import EXPERIMENT, connect, start
from jetline.tracking.outages import reachable
from jetline.tracking.runs import KIND

if TYPE_CHECKING:
    from collections.abc import Iterator

#: MLflow's own port, so that links in notes and browsers stay right.
_PORT = 5000
#: Seconds until a server that has not answered is given up; two cores that train need many.
_PATIENCE = 180
#: What tells a server to be small: pages for one person need no second worker and no queue of jobs.
_LIGHT = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}


def serve(results: Path) -> None:
    """Show MLflow's pages until interrupted: print links to the trainings, sorted, and to charts.

    The pages of a database are served on 127.0.0.1; they have no login, so they are not offered to
    the network. Those of a tracking server are there already.

    Raises
    ------
    JetlineError
        If nothing has been tracked yet, or MLflow cannot be reached.
    """
    uri = tracking_uri(results)
    if uri == own_uri(results) and not database(results).exists():
        raise JetlineError(
            f"{results}/mlflow.db",
            found="no such file",
            expected="the database of a finished or running workflow",
            remedy="run the workflow first: make demo",
        )
    with reachable(results):
        experiment = start(results)  # which puts right the addresses of a folder that has moved
        pages = pages_of(results, experiment)
    if is_server(uri):
        _show(masked(uri.rstrip("/")), pages)
        return
    port = _free_port()
    log = Path(results) / "mlflow.log"
    with _server(uri, port, log) as server:
        _await(server, port, log)
        print("MLflow's pages are there until Ctrl-C is pressed:", flush=True)
        _show(f"http://127.0.0.1:{port}", pages)
        server.wait()
        raise _ended(port, log)


def pages_of(results: Path, experiment: str) -> dict[str, str]:
    """Give what stands behind a server's address for each page worth seeing, by its title.

    MLflow opens on pages for language models, which show no training, and a table of trainings
    shows no figure unless it is told to. A view that is kept with the experiment tells it.
    """
    client = connect(results)
    trainings = client.search_runs(
        [experiment], f"tags.`{KIND}` = 'training'", order_by=["attributes.start_time DESC"]
    )
    names = [f"test/{{}}/{name}" for name in ("auc", "accuracy", "rejection_50", "rejection_30")]
    measured = [name for run in trainings for name in run.data.metrics]
    tested = [name.split("/")[1] for name in measured if name.endswith("/auc")]
    columns = [name.format(tested[0]) for name in names] if tested else ["validation_auc"]
    view = {
        # Without those that hold others, and without the trials of scans, MLflow shows a list of
        # trainings, not a folded tree.
        "searchFilter": " and ".join(
            f"tags.`{KIND}` != '{kind}'" for kind in ("comparison", "scan", "trial", "fold")
        ),
        "orderByKey": f"metrics.`{columns[0]}`",
        "orderByAsc": False,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "datasetsFilter": [],
        "modelVersionFilter": "All Runs",
        "selectedColumns": [f"metrics.`{name}`" for name in columns]
        + [f"params.`{name}`" for name in ("inputs", "identity")],
    }
    client.set_experiment_tag(experiment, f"mlflow.sharedViewState.{EXPERIMENT}", json.dumps(view))
    table = f"/#/experiments/{experiment}/runs?workflowType=machine_learning"
    table += f"&viewStateShareKey={EXPERIMENT}"
    return {"table": table, "charts": f"{table}&compareRunsMode=CHART"}


def _free_port() -> int:
    """Give MLflow's port if it is free, else any that is."""
    for port in (_PORT, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise JetlineError(
        "127.0.0.1", found="no free port", expected="one", remedy="end other servers"
    )


@contextlib.contextmanager
def _server(uri: str, port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server; all its processes end with the block, whichever way it ends."""
    command = [sys.executable, "-m", "mlflow", "server", "--workers", "1"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    # The server checks the Host header against this list, port included.
    command += ["--allowed-hosts", f"127.0.0.1:{port},localhost:{port}"]
    # An address may hold a password, and everybody may read the arguments of a process.
    environment = os.environ | _LIGHT | {"MLFLOW_BACKEND_STORE_URI": uri}
    signal.signal(signal.SIGTERM, _interrupt)
    with log.open("w", encoding="utf-8") as told:
        server = subprocess.Popen(
            command, env=environment, stdout=told, stderr=told, start_new_session=True
        )
        try:
            yield server
        except KeyboardInterrupt:
            print(file=sys.stderr)  # behind the terminal's ^C
        finally:
            _end(server)


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _end(server: subprocess.Popen[bytes]) -> None:
    """End a server and all that it has started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=10)


def _await(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until a server answers."""
    given_up = time.monotonic() + _PATIENCE
    while server.poll() is None and time.monotonic() < given_up:
        with contextlib.suppress(requests.RequestException):
            if requests.get(f"http://127.0.0.1:{port}/health", timeout=5).ok:
                return
        time.sleep(0.2)
    raise _ended(port, log)


def _ended(port: int, log: Path) -> JetlineError:
    """Tell of a server that does not answer, or no more."""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return JetlineError(
        f"MLflow's server on port {port}",
        found=masked(lines[-1]) if lines else "nothing that it says",
        expected="a server that answers",
        remedy=f"see {log}",
    )


def _show(address: str, pages: dict[str, str]) -> None:
    """Print the pages' links, and open the first one where there is a browser."""
    for title, page in pages.items():
        print(f"{title + ':':8}{address}{page}", flush=True)
    desktop = sys.platform == "darwin" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
    # Without a desktop a browser in text would take the terminal.
    if desktop and sys.stdout.isatty():
        webbrowser.open(address + pages["table"])
