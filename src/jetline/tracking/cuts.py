"""The MLflow runs of cuts on single observables."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from mlflow.entities import Metric, Param

from jetline.core.files import short_hash, write_json
from jetline.records.cuts import CutsRecord
from jetline.tracking.client import KEY, connect, reachable, start, tested_metrics, tracking_uri

if TYPE_CHECKING:
    from pathlib import Path

    import mlflow


def track_cuts(results: Path, run: str, trained_on: str, cuts: list[Path], output: Path) -> None:
    """Log the cuts on single observables, one run each; cuts logged before are left as they are.

    Parameters
    ----------
    results : Path
        The results folder.
    run : str
        Name of the comparison.
    trained_on : str
        Dataset on whose training part the cuts were chosen.
    cuts : list of Path
        What `jetline cut` wrote, one a test dataset.
    output : Path
        JSON file to write: tracking address and run ids.

    Raises
    ------
    JetlineError
        If MLflow cannot be reached.
    """
    found: dict[str, dict[str, Any]] = {}
    for path in cuts:
        record = CutsRecord.read(path)
        for cut in record.rows:
            parameters = {
                "observable": cut.observable,
                "quarks": "below" if cut.below else "above",
                "threshold": cut.threshold,
                "dataset": trained_on,
                "run": run,
            }
            one = found.setdefault(cut.observable, {"parameters": parameters, "metrics": {}})
            one["metrics"] |= tested_metrics(record.dataset, cut.figures)
    with reachable(results):
        client = connect(results)
        experiment = start(results)
        ids = {name: _tracked_cut(client, experiment, one) for name, one in found.items()}
    write_json(output, {"tracking_uri": tracking_uri(results), "run_ids": ids})


def _tracked_cut(client: mlflow.MlflowClient, experiment: str, cut: dict[str, Any]) -> str:
    key, parameters = short_hash(cut), cut["parameters"]
    finished = f"tags.`{KEY}` = '{key}' and attributes.status = 'FINISHED'"
    if found := client.search_runs([experiment], finished):
        return found[0].info.run_id
    label = f"cut-{parameters['observable']}"
    tags = {KEY: key, "jetline.run": parameters["run"], "jetline.label": label}
    run = client.create_run(experiment, tags=tags, run_name=f"{parameters['run']}/{label}")
    now = int(time.time() * 1000)
    client.log_batch(
        run.info.run_id,
        metrics=[Metric(name, float(value), now, 0) for name, value in cut["metrics"].items()],
        params=[Param(name, str(value)) for name, value in parameters.items()],
    )
    client.set_terminated(run.info.run_id, "FINISHED")
    return run.info.run_id
