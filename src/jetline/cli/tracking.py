"""Commands of MLflow's database and pages."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from jetline.cli.command import command, files, output, path, paths, value
from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from pathlib import Path


@command()
@path("training", "folder of the training")
@paths("evaluations", "folders of its evaluations")
@path("results", "results folder, with MLflow's database")
@output("file to write: address and id of the MLflow run")
def track(training: Path, evaluations: tuple[Path, ...], results: Path, output: Path) -> None:
    """Complete a training's MLflow run."""
    from jetline.tracking.trainings import complete

    complete(results, training, list(evaluations), output)


@command("track-cuts")
@value("run", "name of the run")
@value("trained-on", "dataset on whose training part the cuts were chosen")
@path("results", "results folder, with MLflow's database")
@paths("cuts", "cuts on single observables, a file for each test dataset")
@output("file to write: address and ids of the MLflow runs")
def track_cuts(
    run: str, trained_on: str, results: Path, cuts: tuple[Path, ...], output: Path
) -> None:
    """Log cuts to MLflow, a run for each observable."""
    from jetline.tracking.cuts import track_cuts as log_cuts

    log_cuts(results, run, trained_on, list(cuts), output)


@command("start-tracking")
@files("results", many=False)
def start_tracking(results: Path) -> None:
    """Create MLflow's database and experiment in the folder RESULTS, where they are missing.

    That MLflow cannot be reached is a warning: trainings do without it, and are tracked later.
    """
    from jetline.tracking.client import reachable, start

    try:
        with reachable(results):
            start(results)
    except JetlineError as error:
        print(f"warning: {error}", file=sys.stderr)


@command()
@files("results", many=False)
def ui(results: Path) -> None:
    """Open MLflow's pages of the folder RESULTS on this machine."""
    from jetline.tracking.server import serve

    serve(results)
