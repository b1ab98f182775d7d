"""Commands of MLflow's database and pages."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from jetline.cli.command import command, files, output, path, paths, value
from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from pathlib import Path


@command()
@path("training", "folder of the training")
@paths("evaluations", "folders of its evaluations")
@path("results", "results folder, with MLflow's database")
@output("file to write: address, and ids of the MLflow run and model")
def track(training: Path, evaluations: tuple[Path, ...], results: Path, output: Path) -> None:
    """Complete a training's MLflow run: figures, pictures, the tagger as a model."""
    from jetline.report.training_plots import draw_training
    from jetline.tracking.trainings import complete

    def draw(folder: Path) -> None:
        draw_training(training, evaluations, folder)

    complete(results, training, list(evaluations), draw, output)


@command("track-comparison")
@value("run", "name of the run")
@path("comparison", "folder of the comparison, its pictures drawn")
@paths("pages", "the report, and pages beside it")
@paths(
    "cuts",
    "cuts on single observables, a file for each test dataset; none if left out",
    required=False,
)
@paths("tracked", "what `track` wrote of each training")
@path("results", "results folder, with MLflow's database")
@output("file to write: address, ids of the MLflow runs, version of the registered model")
def track_comparison(
    run: str,
    comparison: Path,
    pages: tuple[Path, ...],
    cuts: tuple[Path, ...],
    tracked: tuple[Path, ...],
    results: Path,
    output: Path,
) -> None:
    """Log a comparison to MLflow: the run that holds its trainings, cuts, the best tagger."""
    from jetline.tracking.comparison import track_comparison as log_comparison

    log_comparison(results, run, comparison, pages, cuts, tracked, output)


@command("start-tracking")
@files("results", many=False)
@value("run", "name of the run")
@click.option(
    "--scans", multiple=True, help="names of the entries that are scanned; none if left out"
)
def start_tracking(results: Path, run: str, scans: tuple[str, ...]) -> None:
    """Create what MLflow lacks in the folder RESULTS: database, experiment, runs that hold others.

    That MLflow cannot be reached is a warning: trainings do without it, and are tracked later. So
    is a database on a network file system.
    """
    from jetline.tracking.address import network_told
    from jetline.tracking.comparison import start_comparison
    from jetline.tracking.outages import reachable
    from jetline.tracking.scans import start_scans

    if told := network_told(results):
        print(f"warning: {told}", file=sys.stderr)
    try:
        with reachable(results):
            start_comparison(results, run)
            start_scans(results, run, scans)
    except JetlineError as error:
        print(f"warning: {error}", file=sys.stderr)


@command()
@files("results", many=False)
def ui(results: Path) -> None:
    """Open MLflow's pages of the folder RESULTS, and print links to trainings and charts."""
    from jetline.tracking.server import serve

    serve(results)
