"""The trainings of several seeds in one process, each from its input files to its output files."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from jetline.core.errors import JetlineError
from jetline.training.checkpoint import Checkpoint
from jetline.training.job import prepare, write_training
from jetline.training.together import train_together

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from jetline.records.training import StartedTraining
    from jetline.training.job import Request, Tracker


def run_trainings_together(
    requests: Sequence[Request],
    device: str,
    folders: Sequence[Path],
    checkpoints: Sequence[Path],
    start_tracking: Callable[[StartedTraining], AbstractContextManager[Tracker]],
) -> None:
    """Train all seeds at once, and write what `jetline.training.job.run_training` writes of each.

    Keys, checkpoints and MLflow runs are those of separate trainings: either way goes on where the
    other was interrupted.

    Parameters
    ----------
    requests : sequence of Request
        That differ in the seed alone.
    device : str
        What the trainings run on.
    folders, checkpoints : sequence of Path
        Of each training, as `run_training` takes them.
    start_tracking : callable
        As `run_training` takes it, called for each.

    Raises
    ------
    JetlineError
        If the network cannot be trained so, or as `run_training` and `train_together` do.
    """
    if reason := requests[0].architecture.untrainable_together:
        raise JetlineError(
            f"jetline train-together, {requests[0].label}",
            found=reason,
            expected="a network that several seeds train together",
            remedy="train each seed by itself: jetline train, or `seeds_together: false`",
        )
    seeds = ", ".join(str(request.seed) for request in requests)
    prepared = [prepare(request, device) for request in requests]
    started = [
        one.started.model_copy(
            update={"numerics": {**one.started.numerics, "seeds_together": seeds}}
        )
        for one in prepared
    ]
    saved = [Checkpoint(folder / one.key) for folder, one in zip(checkpoints, started, strict=True)]
    with contextlib.ExitStack() as locks:
        for checkpoint in saved:
            locks.enter_context(checkpoint.locked())
        with contextlib.ExitStack() as tracked:
            trackers = [tracked.enter_context(start_tracking(one)) for one in started]
            asked = [
                one.assignment(request, checkpoint, tracker)
                for one, request, checkpoint, tracker in zip(
                    prepared, requests, saved, trackers, strict=True
                )
            ]
            trained = train_together(asked)
            for finished in zip(trained, started, trackers, folders, strict=True):
                write_training(*finished)
        for checkpoint in saved:
            checkpoint.remove()
