"""The MLflow runs of cuts on single observables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jetline.core.files import short_hash
from jetline.records.cuts import CutsRecord
from jetline.tracking.runs import (
    DESCRIPTION,
    KEY,
    PARENT,
    Described,
    create,
    fill_in,
    log_numbers,
    tags_of,
    tested_metrics,
)
from jetline.tracking.tables import figures_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import mlflow

    from jetline.records.cuts import Cut


def track_cuts(
    client: mlflow.MlflowClient,
    experiment: str,
    run: str,
    parent: str,
    trained_on: str,
    cuts: Sequence[Path],
) -> dict[str, str]:
    """Log the cuts on single observables, one run each, and give their ids by observable.

    Parameters
    ----------
    client : MlflowClient
        Of the tracking server or database.
    experiment : str
        Id of the experiment.
    run, parent : str
        Name of the comparison, and the id of its run.
    trained_on : str
        Dataset on whose training part the cuts were chosen.
    cuts : sequence of Path
        What `jetline cut` wrote, one a test dataset.
    """
    found: dict[str, list[tuple[str, Cut]]] = {}
    for record in map(CutsRecord.read, cuts):
        for cut in record.rows:
            found.setdefault(cut.observable, []).append((record.dataset, cut))
    return {
        observable: _tracked_cut(client, experiment, run, parent, trained_on, tested)
        for observable, tested in found.items()
    }


def _tracked_cut(
    client: mlflow.MlflowClient,
    experiment: str,
    run: str,
    parent: str,
    trained_on: str,
    tested: list[tuple[str, Cut]],
) -> str:
    cut = tested[0][1]
    parameters: dict[str, Any] = {
        "architecture": "cut",
        "inputs": "observables",
        "identity": "none",
        "label": f"cut-{cut.observable}",
        "observable": cut.observable,
        "quarks": "below" if cut.below else "above",
        "threshold": cut.threshold,
        "dataset": trained_on,
        "run": run,
    }
    figures = {dataset: one.figures for dataset, one in tested}
    numbers: dict[str, float] = {}
    for dataset, estimates in figures.items():
        numbers |= tested_metrics(dataset, estimates)
    key = short_hash({"parameters": parameters, "metrics": numbers})
    text = f"Quarks {parameters['quarks']} {cut.threshold:g}.\n\n{figures_table(figures)}"
    told = Described(
        f"{run}/{parameters['label']}",
        tags_of("cut", key, run, parameters["label"])
        | {
            PARENT: parent,
            DESCRIPTION: text,
        },
        parameters,
    )
    known = client.search_runs([experiment], f"tags.`{KEY}` = '{key}'")
    one = fill_in(client, known[0], told) if known else create(client, experiment, told)
    log_numbers(client, one, numbers)
    client.set_terminated(one.info.run_id, "FINISHED")
    return one.info.run_id
