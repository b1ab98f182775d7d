"""The MLflow run of a scan, which holds those of its trials."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jetline.core.files import short_hash, write_json
from jetline.records.scan import ScanRecord
from jetline.scans.points import name_of_trial
from jetline.tracking.address import masked, tracking_uri
from jetline.tracking.client import connect, start
from jetline.tracking.outages import reachable
from jetline.tracking.runs import (
    DESCRIPTION,
    KIND,
    PARENT,
    Described,
    create,
    fill_in,
    log_numbers,
    parent_of,
    tags_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import mlflow
    from mlflow.entities import Run

    from jetline.records.scan import Trial


def start_scans(results: Path, run: str, labels: Iterable[str]) -> None:
    """Create the run of each scan where it is missing, so that each trial finds its parent."""
    experiment, client = start(results), connect(results)
    for label in labels:
        if not scan_of(client, experiment, run, label):
            create(client, experiment, _described(client, experiment, run, label))


def scan_of(client: mlflow.MlflowClient, experiment: str, run: str, label: str) -> str | None:
    """Give the id of the run of a scan, the first one; None if there is none yet."""
    found = _named(client, experiment, "scan", run, label)
    return found[0].info.run_id if found else None


def track_scan(results: Path, run: str, scan: Path, output: Path) -> None:
    """Log a concluded scan: its best values, its table and picture, and all of its trials.

    Parameters
    ----------
    results : Path
        The results folder.
    run : str
        Name of the comparison.
    scan : Path
        What `conclude` wrote, with the other files of the scan beside it.
    output : Path
        JSON file to write: tracking address and run id.

    Raises
    ------
    JetlineError
        If MLflow cannot be reached.
    """
    record = ScanRecord.read(scan)
    label, best = record.label, record.best_trial
    with reachable(results):
        experiment, client = start(results), connect(results)
        told = _described(client, experiment, run, label)
        told.tags[DESCRIPTION] = (
            f"Scan of **{label}**: {len(record.trials)} trials. Best: trial {best.number}, "
            f"{best.measure.replace('_', ' ')} {best.value:.4f}.\n\n```yaml\n{record.text}```"
        )
        # What may change when there are more trials is no parameter.
        told.tags |= {f"best.{key}": json.dumps(value) for key, value in best.values.items()}
        parent = scan_of(client, experiment, run, label)
        tracked = (
            fill_in(client, client.get_run(parent), told)
            if parent
            else create(client, experiment, told)
        )
        parent = tracked.info.run_id
        for trial in record.trials:
            _track_trial(client, experiment, run, name_of_trial(label, trial.number), parent, trial)
        log_numbers(client, tracked, {f"best_{best.measure}": best.value or 0.0})
        for name in ("trials.csv", "best.yaml", scan.name, f"scan-{label}.png"):
            client.log_artifact(parent, str(scan.with_name(name)))
        client.set_terminated(parent, "FINISHED")
    write_json(output, {"tracking_uri": masked(tracking_uri(results)), "run_id": parent})


def _described(client: mlflow.MlflowClient, experiment: str, run: str, label: str) -> Described:
    tags = tags_of("scan", short_hash(["scan", run, label]), run, label)
    tags |= {PARENT: parent_of(client, experiment, run)}
    return Described(f"{run}/{label}, scan", tags, {})


def _track_trial(
    client: mlflow.MlflowClient, experiment: str, run: str, name: str, parent: str, trial: Trial
) -> None:
    """Put a trial below its scan; where tracking was down, log what its record has."""
    known = _named(client, experiment, "trial", run, name)
    own = [one for one in known if one.info.run_id == trial.mlflow_run_id]
    parameters: dict[str, Any] = {"label": name, "run": run, **trial.values}
    tags = {**tags_of("trial", trial.key or "", run, name), PARENT: parent}
    tracked: Run
    if known:
        tracked = (own or known[-1:])[0]
        client.set_tag(tracked.info.run_id, PARENT, parent)
    else:
        tracked = create(client, experiment, Described(f"{run}/{name}", tags, parameters))
        client.set_terminated(tracked.info.run_id, "FAILED" if trial.failure else "FINISHED")
    if trial.value is not None:
        log_numbers(client, tracked, {f"best_{trial.measure}": trial.value})


def _named(
    client: mlflow.MlflowClient, experiment: str, kind: str, run: str, label: str
) -> list[Run]:
    """Find the runs of a kind and a label, the oldest first."""
    found: list[Run] = client.search_runs(
        [experiment],
        f"tags.`{KIND}` = '{kind}' and tags.`jetline.run` = '{run}' "
        f"and tags.`jetline.label` = '{label}'",
        order_by=["attributes.start_time ASC"],
    )
    return found
