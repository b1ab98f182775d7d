"""Many trainings that begin to be tracked at the same moment, in processes of their own."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from jetline.records.history import COLUMNS
from jetline.records.training import TrainingRecord

if TYPE_CHECKING:
    from mlflow import MlflowClient

HISTORY = [
    dict.fromkeys(COLUMNS, 0.5) | {"epoch": n, "loss": 0.7 / n, "validation_loss": 0.8 / n}
    for n in (1, 2, 3)
]

RECORD = TrainingRecord(
    key="0123456789",
    run="toy",
    label="pfn",
    seed=2,
    architecture="pfn",
    inputs="particles",
    identity="full",
    settings={"identity": "full", "phi": [100, 100, 256]},
    dataset="demo",
    data={"jets": ["a" * 64], "shards": [{}], "parts": "b" * 64},
    code="0",
    jets={"train": {"quark": 800, "gluon": 800}, "validation": {"quark": 100, "gluon": 100}},
    device="cpu",
    host="here",
    slurm_job=None,
    versions={},
    commit="c" * 40,
    parameters=82558,
    epochs=3,
    best_epoch=2,
    seconds=1.5,
    jets_per_second=5000.0,
)


def training_of(key: str, **changed: object) -> TrainingRecord:
    """Give the record of another training."""
    return RECORD.model_copy(update={"key": key} | changed)


def track_together(results: Path, dataset: str, processes: int = 4, threads: int = 5) -> list[str]:
    """Track processes x threads trainings on a new dataset that all begin at once.

    Parameters
    ----------
    results : Path
        The results folder; the environment may name a server.
    dataset : str
        Name of the dataset, which no run has yet.
    processes, threads : int
        Number of processes, and of trainings in each.

    Returns
    -------
    list of str
        Keys of the trainings.
    """
    # Late enough for all to have imported MLflow; those that are later still begin at once.
    begin = time.time() + 3 * processes
    running = [
        subprocess.Popen(
            [sys.executable, __file__, results, dataset, str(number), str(threads), str(begin)]
        )
        for number in range(processes)
    ]
    assert [process.wait(timeout=300) for process in running] == [0] * processes
    return [f"{dataset}-{n}-{m}" for n in range(processes) for m in range(threads)]


def lacking(client: MlflowClient, key: str) -> list[str]:
    """Tell what the run of a training lacks."""
    found = client.search_runs(["1"], f"tags.`jetline.key` = '{key}'")
    if len(found) != 1:
        return [f"{len(found)} runs"]
    (run,) = found
    steps = [one.step for one in client.get_metric_history(run.info.run_id, "validation_auc")]
    whole = {
        "dataset": bool(run.inputs.dataset_inputs),
        "parameters": run.data.params.get("identity") == "full",
        "tags": run.data.tags.get("jetline.label") == "pfn",
        "epochs": sorted(steps) == [1, 2, 3],
        "status": run.info.status == "FINISHED",
    }
    return [name for name, there in whole.items() if not there]


def _train(results: Path, training: TrainingRecord, ready: threading.Barrier, begin: float) -> None:
    from jetline.tracking.live import TrackedTraining

    ready.wait()
    time.sleep(max(0, begin - time.time()))
    with TrackedTraining(results, training) as tracked:
        for row in HISTORY:
            tracked.epoch(row)


def main() -> None:
    """Track the trainings of one process."""
    results, dataset, number, threads, begin = sys.argv[1:]
    import jetline.tracking.live  # noqa: F401 - before the moment that all begin

    ready = threading.Barrier(int(threads))
    trainings = [
        threading.Thread(
            target=_train,
            args=(
                Path(results),
                training_of(f"{dataset}-{number}-{one}", dataset=dataset),
                ready,
                float(begin),
            ),
        )
        for one in range(int(threads))
    ]
    for thread in trainings:
        thread.start()
    for thread in trainings:
        thread.join()


if __name__ == "__main__":
    main()
