"""How many of twenty trainings that begin at once are whole in MLflow, and what its pages cost.

Each repeat tracks twenty trainings on a dataset that MLflow has not seen, in four processes: on
SQLite, on PostgreSQL without and behind a tracking server. Then the pages of `jetline ui` and of
`mlflow ui` are opened on the same database: processes, memory, seconds until they answer.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/support"))

from mlflow import MlflowClient

from jetline.core.files import write_json
from jetline.tracking.address import tracking_uri
from jetline.tracking.comparison import start_comparison
from services import free_port, mlflow_server, postgresql
from together import lacking, track_together


def whole(results: Path, repeats: int) -> list[int]:
    """Track twenty trainings at once, `repeats` times; count those that lack nothing."""
    start_comparison(results, "toy")
    client, counted = MlflowClient(tracking_uri(results)), []
    for repeat in range(repeats):
        keys = track_together(results, f"dataset-{repeat}")
        counted.append(sum(not lacking(client, key) for key in keys))
        print(f"  {counted[-1]} of {len(keys)} whole", flush=True)
    return counted


def cost_of_pages(command: list[str], address: str) -> tuple[float, int, float]:
    """Seconds until pages answer, their processes, and their resident memory [MB]."""
    began = time.perf_counter()
    server = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        while True:
            try:
                if requests.get(f"{address}/health", timeout=5).ok:
                    break
            except requests.RequestException:
                time.sleep(0.05)
        seconds = time.perf_counter() - began
        time.sleep(20)  # until all that it starts has started
        listed = ["ps", "-eo", "pid=,ppid=,rss="]
        rows = subprocess.run(listed, capture_output=True, text=True, check=True).stdout
        below, memory = {server.pid}, 0
        processes = [tuple(map(int, row.split())) for row in rows.splitlines()]
        for _ in range(4):
            below |= {pid for pid, parent, _ in processes if parent in below}
        memory = sum(kilobytes for pid, _, kilobytes in processes if pid in below)
        return seconds, len(below), memory / 1024
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(server.pid, number)
                server.wait(timeout=30)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass


def main() -> None:
    """Measure, print, and write ``tracking.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--output", type=Path, default=Path("tracking.json"))
    given = parser.parse_args()
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    found: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        print("SQLite")
        found["SQLite"] = whole(folder / "results", given.repeats)
        with postgresql(folder) as database:
            print("PostgreSQL, each training by itself")
            os.environ["MLFLOW_TRACKING_URI"] = database
            found["PostgreSQL"] = whole(folder / "direct", given.repeats)
        with postgresql(folder) as database, mlflow_server(database, folder) as address:
            print("a tracking server over PostgreSQL")
            os.environ["MLFLOW_TRACKING_URI"] = address
            found["server over PostgreSQL"] = whole(folder / "served", given.repeats)
        del os.environ["MLFLOW_TRACKING_URI"]
        ours = [str(Path(sys.executable).with_name("jetline")), "ui", str(folder / "results")]
        port = free_port()
        theirs = [sys.executable, "-m", "mlflow", "ui", "--port", str(port)]
        theirs += ["--backend-store-uri", f"sqlite:///{folder}/results/mlflow.db"]
        for name, command, address in (
            ("jetline ui", ours, "http://127.0.0.1:5000"),
            ("mlflow ui", theirs, f"http://127.0.0.1:{port}"),
        ):
            costs = [cost_of_pages(command, address) for _ in range(3)]
            seconds, processes, memory = (
                statistics.median(one) for one in zip(*costs, strict=True)
            )
            print(
                f"{name}: {processes} processes, {memory:.0f} MB, {seconds:.1f} s to the first page"
            )
            found[name] = {"processes": processes, "memory_mb": memory, "seconds": seconds}
    write_json(given.output, found)


if __name__ == "__main__":
    main()
