"""Commands that train taggers, score the test part of datasets, and convert weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jetline.cli.command import (
    command,
    files,
    json_object,
    output,
    path,
    paths,
    processor,
    together,
    value,
)

if TYPE_CHECKING:
    from pathlib import Path

    from jetline.records.training import StartedTraining


#: What commands that train are told alike.
training_options = together(
    files("shards"),
    value("run", "name of the run"),
    value("label", "name of the tagger in the configuration"),
    value("settings", "the tagger's entry in the configuration, as JSON"),
    value("dataset", "name of the dataset"),
    value("code", "version of the code that trains"),
    path("parts", "split of the dataset"),
    path("statistics", "statistics of its training part"),
    path("results", "results folder, with MLflow's database"),
    click.option(
        "--checkpoint-minutes",
        type=float,
        default=10.0,
        show_default=True,
        help="time after which the state is saved within an epoch [min]",
    ),
    click.option(
        "--deterministic",
        is_flag=True,
        help="the same bits each time; a GPU takes its fastest operations if left out",
    ),
    processor,
)


@command()
@value("training-seed", "seed of this training", type=int)
@value(
    "fold",
    "number of the fold that the split is of, from 0; there are no folds if left out",
    type=int,
    required=False,
)
@path("checkpoints", "folder for checkpoints, from which an interrupted training goes on")
@value(
    "chosen",
    "values that a scan chose, to put over --settings: JSON, or @FILE; none if left out",
    required=False,
)
@click.option("--trial", is_flag=True, help="keep trial.json alone; all files if left out")
@path(
    "start",
    "weights to start from: a model.keras, or a file of weaver's; random ones if left out",
    required=False,
)
@path(
    "start-seen",
    "folder of the splits of the run that they are of, to know the jets that they have seen; "
    "nothing is known of these if left out",
    required=False,
)
@paths(
    "start-unseen",
    "splits whose jets they must not have seen, first that of the dataset; not asked if left out",
    required=False,
)
@output("folder of the training", folder=True)
@training_options
def train(
    shards: tuple[Path, ...],
    run: str,
    label: str,
    settings: str,
    dataset: str,
    code: str,
    training_seed: int,
    fold: int | None,
    parts: Path,
    statistics: Path,
    checkpoints: Path,
    results: Path,
    checkpoint_minutes: float,
    chosen: str | None,
    trial: bool,
    deterministic: bool,
    start: Path | None,
    start_seen: Path | None,
    start_unseen: tuple[Path, ...],
    output: Path,
    device: str,
    per_gpu: int,
    threads: int,
) -> None:
    """Train a tagger, going on where it was interrupted.

    SHARDS are those of all jet files of the dataset, in its order.
    """
    from jetline.core.attempts import begin_attempt

    begin_attempt()
    from jetline.models import read_settings
    from jetline.scans.points import entry_of_trial, with_values
    from jetline.training.device import on_device
    from jetline.training.numerics import ask_for_determinism

    if deterministic:
        ask_for_determinism()
    values = json_object("chosen", chosen)["values"][label] if chosen else {}
    architecture = read_settings(label, with_values(json_object("settings", settings), values))
    scan = entry_of_trial(label) if trial else ""
    device = device if architecture.on_gpu else "cpu"
    count = architecture.gpus_to_train
    with on_device(device, threads, per_gpu=per_gpu, count=count) as used:
        # Only now: keras takes its processors when it is imported.
        from jetline.tracking.live import TrackedTraining
        from jetline.training.job import Request, run_training
        from jetline.training.numerics import be_deterministic

        if deterministic:
            be_deterministic()
        from jetline.training.seen_jets import Known, require_unseen

        if start and start_seen and start_unseen:
            require_unseen(start.parent, start_unseen, Known(start_seen, results / "jets"))
        request = Request(
            run=run,
            label=label,
            seed=training_seed,
            fold=fold,
            architecture=architecture,
            dataset=dataset,
            shards=list(shards),
            parts=parts,
            statistics=statistics,
            code=code,
            checkpoint_minutes=checkpoint_minutes,
            start=start,
        )
        places = (used, output, checkpoints)

        def tracked(started: StartedTraining) -> TrackedTraining:
            return TrackedTraining(results, started, scan)

        if trial:
            from jetline.training.trial import run_trial

            run_trial(request, values, *places, tracked)
        else:
            run_training(request, *places, tracked)


@command()
@path("training", "folder of the training")
@click.option("--datasets", multiple=True, required=True, help="names of the datasets")
@paths("parts", "split of each dataset")
@paths("shards", "shards of all their jet files, dataset after dataset, in their order")
@path(
    "validated-parts",
    "split of the dataset trained on, to score its validation part too; not done if left out",
    required=False,
)
@paths("validated-shards", "shards of its jet files, likewise if left out", required=False)
@output("folder to write to: a prediction file for each dataset", folder=True)
@processor
def predict(
    training: Path,
    datasets: tuple[str, ...],
    parts: tuple[Path, ...],
    shards: tuple[Path, ...],
    validated_parts: Path | None,
    validated_shards: tuple[Path, ...],
    output: Path,
    device: str,
    per_gpu: int,
    threads: int,
) -> None:
    """Score the test part of datasets, and the validation part of that which was trained on."""
    from jetline.inputs.dataset import deal_shards, deal_splits
    from jetline.training.device import on_device, suiting

    with on_device(suiting(training, device), threads, per_gpu=per_gpu):
        from jetline.training.prediction import predict_test_part

        parts_of = deal_splits(datasets, parts)
        shards_of = deal_shards(shards, parts_of)
        validated = (validated_parts, validated_shards) if validated_parts else None
        predict_test_part(training, shards_of, parts_of, output, validated)


@command("from-weaver")
@path("weights", "file of weights: a state_dict that PyTorch saved")
@value("architecture", "architecture that the weights are of, such as particlenet")
@value(
    "identity",
    "what the tagger is told of each particle's species",
    type=click.Choice(["none", "experimental", "full"]),
)
@value(
    "pair-mass",
    "of a Particle Transformer: ln m2 of pairs exact, or rounded as weaver does",
    type=click.Choice(["exact", "weaver"]),
    default="exact",
)
@output("folder of the tagger", folder=True)
def from_weaver(
    weights: Path, architecture: str, identity: str, pair_mass: str, output: Path
) -> None:
    """Make a tagger of weights that weaver-core trained."""
    from jetline.training.device import on_device
    from jetline.training.quiet import load_backend

    with on_device("cpu", 1) as used:
        load_backend(used)
        from jetline.training.weaver.conversion import read_weaver

        if difference := read_weaver(weights, architecture, identity, pair_mass, output):
            print(difference)


@command("to-weaver")
@path("training", "folder of the training")
@output("file of weights to write")
def to_weaver(training: Path, output: Path) -> None:
    """Write a tagger's weights for weaver-core."""
    from jetline.training.device import on_device
    from jetline.training.quiet import load_backend

    with on_device("cpu", 1) as used:
        load_backend(used)
        from jetline.training.weaver.conversion import write_weaver

        if difference := write_weaver(training, output):
            print(difference)
