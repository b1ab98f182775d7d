"""The MLflow run of a comparison, which holds its trainings and cuts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.core.files import read_json, short_hash, write_json
from jetline.records.comparison import ComparisonRecord
from jetline.tracking.address import masked, tracking_uri
from jetline.tracking.best_tagger import register_best
from jetline.tracking.client import connect, start
from jetline.tracking.cuts import track_cuts
from jetline.tracking.outages import reachable
from jetline.tracking.runs import (
    DESCRIPTION,
    PARENT,
    Described,
    create,
    fill_in,
    parent_of,
    tags_of,
)
from jetline.tracking.tables import ERRORS, taggers_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import mlflow


def start_comparison(results: Path, run: str) -> None:
    """Create what MLflow lacks: database, experiment, and the run of a comparison.

    The workflow does this once before its first job, so that each training finds its parent.

    Parameters
    ----------
    results : Path
        The results folder.
    run : str
        Name of the comparison.
    """
    experiment = start(results)
    client = connect(results)
    if not parent_of(client, experiment, run):
        create(client, experiment, _described(run))


def _described(run: str) -> Described:
    return Described(run, tags_of("comparison", short_hash(["comparison", run]), run, run), {})


def track_comparison(
    results: Path,
    run: str,
    comparison: Path,
    pages: Sequence[Path],
    cuts: Sequence[Path],
    tracked: Sequence[Path],
    output: Path,
) -> None:
    """Log a finished comparison: a run that holds those of its trainings and cuts.

    It gets a table of all taggers, the report and all of the comparison. The best tagger is
    registered as a model: of the label with the lowest mean validation loss, the seed with the
    lowest. Its test figures stand beside; they do not choose.

    Parameters
    ----------
    results : Path
        The results folder.
    run : str
        Name of the comparison.
    comparison : Path
        Folder that `jetline compare` and `jetline draw` wrote.
    pages : sequence of Path
        The report, and other pages beside it.
    cuts : sequence of Path
        What `jetline cut` wrote, one a test dataset.
    tracked : sequence of Path
        What `jetline track` wrote, one a training.
    output : Path
        JSON file to write: tracking address and run ids.

    Raises
    ------
    JetlineError
        If MLflow cannot be reached.
    """
    compared = ComparisonRecord.read(comparison / "comparison.json")
    trainings = [read_json(path) for path in tracked]
    with reachable(results):
        experiment, client = start(results), connect(results)
        parent = _tracked_comparison(client, experiment, run, compared)
        client.log_artifacts(parent, str(comparison), "comparison")
        for page in pages:
            client.log_artifact(parent, str(page))
        for training in trainings:
            if client.get_run(training["run_id"]).data.tags.get(PARENT) != parent:
                client.set_tag(training["run_id"], PARENT, parent)
        ids = track_cuts(client, experiment, run, parent, compared.trainings[0].dataset, cuts)
        version = register_best(client, run, compared, trainings)
        client.set_terminated(parent, "FINISHED")
    told = {"tracking_uri": masked(tracking_uri(results)), "run_id": parent, "cuts": ids}
    write_json(output, told | {"model": f"jetline-{run}", "version": version})


def _tracked_comparison(
    client: mlflow.MlflowClient, experiment: str, run: str, compared: ComparisonRecord
) -> str:
    told = _described(run)
    told.tags[DESCRIPTION] = "\n\n".join(
        [
            taggers_table(dataset, compared.rows_of(dataset), compared.trainings[0].classes)
            for dataset in compared.datasets
        ]
        + [f"Errors: {ERRORS}. The report is the artifact `report.html`."]
    )
    told.tags["mlflow.source.git.commit"] = compared.trainings[0].commit
    parent = parent_of(client, experiment, run)
    if parent is None:
        return create(client, experiment, told).info.run_id
    fill_in(client, client.get_run(parent), told)
    return parent
