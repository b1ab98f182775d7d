"""The command that trains several seeds of a network in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jetline.cli.command import command, json_object, paths
from jetline.cli.training import training_options
from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from pathlib import Path

    from jetline.records.training import StartedTraining


@command("train-together")
@click.option(
    "--training-seeds", type=int, multiple=True, required=True, help="seed of each training"
)
@paths("checkpoints", "folder of each seed's checkpoints, from which an interrupted one goes on")
@paths("outputs", "folder of each seed's training")
@training_options
def train_together(
    shards: tuple[Path, ...],
    run: str,
    label: str,
    settings: str,
    dataset: str,
    code: str,
    training_seeds: tuple[int, ...],
    parts: Path,
    statistics: Path,
    checkpoints: tuple[Path, ...],
    results: Path,
    checkpoint_minutes: float,
    deterministic: bool,
    outputs: tuple[Path, ...],
    device: str,
    per_gpu: int,
    threads: int,
) -> None:
    """Train several seeds of a network at once, going on where they were interrupted.

    Each ends as `jetline train` lets it end, within rounding; with JAX alone. SHARDS are those of
    all jet files of the dataset, in its order.
    """
    from jetline.core.attempts import begin_attempt

    begin_attempt()
    from jetline.models import read_settings
    from jetline.training.backend import require_jax
    from jetline.training.device import on_device
    from jetline.training.numerics import ask_for_determinism

    if not len(set(training_seeds)) == len(checkpoints) == len(outputs) == len(training_seeds):
        raise JetlineError(
            "--training-seeds, --checkpoints, --outputs",
            found=f"{len(training_seeds)}, {len(checkpoints)} and {len(outputs)} values",
            expected="different seeds, and two folders for each",
            remedy="give the command that the workflow has printed",
        )
    if deterministic:
        ask_for_determinism()
    architecture = read_settings(label, json_object("settings", settings))
    with on_device(device, threads, per_gpu=per_gpu) as used:
        require_jax()
        # Only now: keras takes its processors when it is imported.
        from jetline.tracking.live import TrackedTraining
        from jetline.training.job import Request
        from jetline.training.joint_job import run_trainings_together

        requests = [
            Request(
                run=run,
                label=label,
                seed=seed,
                architecture=architecture,
                dataset=dataset,
                shards=list(shards),
                parts=parts,
                statistics=statistics,
                code=code,
                checkpoint_minutes=checkpoint_minutes,
            )
            for seed in training_seeds
        ]

        def tracked(started: StartedTraining) -> TrackedTraining:
            return TrackedTraining(results, started)

        run_trainings_together(requests, used, outputs, checkpoints, tracked)
