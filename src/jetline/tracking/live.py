"""The MLflow run of a training while it goes on.

Tracking never breaks a training: an outage is a warning, what was missed is sent once MLflow
answers again, and the workflow's last steps fill in what is missing then.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from jetline.core.cluster_job import cluster_job
from jetline.tracking.address import on_network
from jetline.tracking.client import connect, start
from jetline.tracking.outages import outage
from jetline.tracking.runs import KEY, KIND, again_after_races, create, fill_in, parent_of
from jetline.tracking.scans import scan_of
from jetline.tracking.trainings import described, log_epochs

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    import mlflow

    from jetline.records.training import StartedTraining

#: After a failure MLflow is left alone for so many times what the failure took: an outage costs a
#: training a tenth of its time at most.
_PATIENCE = 10


class TrackedTraining:
    """The MLflow run of a training in progress, a context that ends it.

    Parameters
    ----------
    results : Path
        The results folder.
    training : StartedTraining
        What is known of it before its first epoch. An unfinished run of the same key is
        continued.
    scan : str
        Name of the entry whose scan it is a trial of; empty for a training of its own.
    """

    def __init__(self, results: Path, training: StartedTraining, scan: str = "") -> None:
        #: Id of the run; None before MLflow has answered.
        self.run_id: str | None = None
        self._results = results
        self._training, self._scan = training, scan
        self._client: mlflow.MlflowClient | None = None
        self._rows: list[dict[str, float]] = []
        self._again_at = 0.0
        self._out = False
        # Of a job of a cluster, which runs on another machine than Snakemake.
        network = on_network(results) if cluster_job() else ""
        self._left_alone = bool(network)
        if network:
            print(
                f"MLflow's database lies on a network file system ({network}): the workflow's last "
                "steps track this training, on Snakemake's machine",
                flush=True,
            )
        self._send()

    def epoch(self, row: dict[str, float]) -> None:
        """Log one row of the history, its epoch as the step."""
        self._rows.append(row)
        self._send()

    def __enter__(self) -> Self:
        """Go on; the run is there already."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Send what is left, and tell how the training has ended."""
        if kind is None:
            self._send("FINISHED")
        else:
            # From outside, by a key or a signal, or by an error.
            self._send("FAILED" if issubclass(kind, Exception) else "KILLED")

    def _send(self, status: str | None = None) -> None:
        """Send all that MLflow has not been told, unless it has just failed."""
        began = time.monotonic()
        if self._left_alone or began < self._again_at:
            return
        try:
            if self.run_id is None or self._client is None:
                self._client = connect(self._results)
                self.run_id = _continued_run(
                    self._client, self._results, self._training, self._scan
                )
            log_epochs(self._client, self.run_id, self._rows)
            if status:
                self._client.set_terminated(self.run_id, status)
        except Exception as error:  # noqa: BLE001 - an outage of any kind is a warning
            now = time.monotonic()
            self._again_at = now + _PATIENCE * (now - began)
            if not self._out:
                print(
                    f"warning: {outage(self._results, error)}\n"
                    "The training goes on, and the workflow's last steps fill in what is missing.",
                    flush=True,
                )
            self._out = True
        else:
            if self._out:
                print("MLflow answers again, and has been told what it missed.", flush=True)
            self._out = False
            self._rows.clear()


def _continued_run(
    client: mlflow.MlflowClient, results: Path, training: StartedTraining, scan: str
) -> str:
    """Id of the training's unfinished run, or of a new one, told all that is known."""
    experiment = start(results)
    found = client.search_runs(
        [experiment],
        f"tags.`{KEY}` = '{training.key}' and attributes.status != 'FINISHED'",
    )
    parent = scan_of(client, experiment, training.run, scan) if scan else None
    told = described(training, parent or parent_of(client, experiment, training.run))
    if scan:
        told.tags[KIND] = "trial"
    # What differs between attempts cannot be a parameter: those never change.
    attempt = int(found[0].data.tags.get("jetline.attempt", 0)) + 1 if found else 1
    told.tags |= {
        "jetline.attempt": attempt,
        "jetline.host": training.host,
        "jetline.slurm_job": training.slurm_job,
    }
    if not found:
        return create(client, experiment, told).info.run_id
    run = found[0]
    if run.info.status != "RUNNING":
        again_after_races(lambda: client.update_run(run.info.run_id, status="RUNNING"))
    return fill_in(client, run, told).info.run_id
