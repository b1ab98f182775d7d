"""Servers that tests start and end: PostgreSQL, and MLflow over a database."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Of the database.
PASSWORD = "s3cr3t"

#: CI has to have everything; on a user's machine what is missing is skipped.
CI = bool(os.environ.get("CI"))


def require(program: str | None, name: str) -> str:
    """Give a program's path; without it skip the test, or fail in CI."""
    if program:
        return program
    if CI:
        pytest.fail(f"{name} is missing: .ci/run has to install it")
    pytest.skip(f"needs {name}, which is not installed here")


def free_port() -> int:
    """Give a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run Debian's PostgreSQL with a new database, and give its address.

    It refuses to be run by root, who lends it another user.
    """
    found = [*Path("/usr/lib/postgresql").glob("*/bin/postgres"), shutil.which("postgres")]
    server = Path(require(next((str(one) for one in found if one), None), "PostgreSQL"))
    user = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
    # Not below the folders of the tests, which others may not enter.
    own, port = Path(tempfile.mkdtemp(prefix="jetline-postgresql-")), free_port()
    data, password = own / "data", own / "password"
    password.write_text(PASSWORD)
    for place in (own, password) if user else ():
        shutil.chown(place, **user)
    initialise = [server.with_name("initdb"), "--pgdata", data, "--username", "me"]
    initialise += ["--auth", "scram-sha-256", "--pwfile", password, "--no-sync"]
    subprocess.run(initialise, check=True, stdout=subprocess.PIPE, cwd="/", **user)
    log = folder / "postgresql.log"
    options = ["-D", data, "-p", str(port), "-k", own, "-F", "-c", "listen_addresses=127.0.0.1"]
    with log.open("w") as told:
        running = subprocess.Popen(
            [server, *options], stdout=told, stderr=told, start_new_session=True, cwd="/", **user
        )
    try:
        deadline = time.monotonic() + 60
        ready = [server.with_name("pg_isready"), "--host", "127.0.0.1", "--port", str(port)]
        while subprocess.run(ready, check=False, capture_output=True).returncode:
            assert running.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield f"postgresql://me:{PASSWORD}@127.0.0.1:{port}/postgres"
    finally:
        _end(running, signal.SIGINT)
        shutil.rmtree(own)


@contextlib.contextmanager
def mlflow_server(backend: str, folder: Path, port: int | None = None) -> Iterator[str]:
    """Run a tracking server of MLflow over a database, and give its address."""
    port = port or free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--workers", "1"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    command += [
        "--backend-store-uri",
        backend,
        "--artifacts-destination",
        str(folder / "artifacts"),
    ]
    light = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "server.log").open("a") as log:
        running = subprocess.Popen(
            command, env=os.environ | light, stdout=log, stderr=log, start_new_session=True
        )
    try:
        deadline = time.monotonic() + 120
        while True:
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"http://127.0.0.1:{port}/health", timeout=5).ok:
                    break
            assert running.poll() is None, (folder / "server.log").read_text()
            assert time.monotonic() < deadline, (folder / "server.log").read_text()
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        _end(running, signal.SIGTERM)


def _end(running: subprocess.Popen, number: int) -> None:
    for again in (number, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, again)
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(timeout=20)
