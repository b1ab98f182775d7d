"""Commands that evaluate taggers and compare them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jetline.cli.command import (
    command,
    configuration_seed,
    output,
    path,
    paths,
    together,
    value,
)
from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from jetline.records.training import ClassCounts


#: What commands that examine all taggers on a dataset are told alike.
of_all_taggers = together(
    value("dataset", "name of the test dataset"),
    paths("trainings", "folders of the trainings"),
    paths("predictions", "prediction file of each training on that dataset"),
    paths(
        "validations",
        "prediction file of each on the validation part; no temperatures are fitted if left out",
        required=False,
    ),
)


@command("join-folds")
@paths("trainings", "folder of each fold's training, in their order")
@click.option("--datasets", multiple=True, required=True, help="names of the test datasets")
@paths("predictions", "prediction files, dataset after dataset, of each fold in their order")
@paths("validations", "prediction file of each fold on its validation part")
@path("parts", "split of the dataset trained on, of all folds together")
@path("predicted", "folder to write joint prediction files to")
@output("folder to write the joint training to", folder=True)
def join_folds(
    trainings: tuple[Path, ...],
    datasets: tuple[str, ...],
    predictions: tuple[Path, ...],
    validations: tuple[Path, ...],
    parts: Path,
    predicted: Path,
    output: Path,
) -> None:
    """Join the folds of a training: every jet gets the score of a tagger that has not seen it."""
    from jetline.evaluation.folds import join_folds as join

    number = len(trainings)
    if len(predictions) != number * len(datasets) or len(validations) != number:
        raise JetlineError(
            "--predictions and --validations",
            found=f"{len(predictions)} and {len(validations)} files",
            expected=f"{number} for each of {len(datasets)} datasets, and {number}: one a fold",
            remedy="give one file for each fold, in the order of --trainings",
        )
    of_dataset = {
        name: predictions[first * number : (first + 1) * number]
        for first, name in enumerate(datasets)
    }
    record = join(trainings, of_dataset, validations, parts, predicted, output)
    print(f"{number} folds of {record.label}, seed {record.seed}")


@command()
@path("predictions", "prediction file of one dataset")
@path("training", "folder of the tagger that made it")
@value("dataset", "name of the dataset")
@configuration_seed
@output("folder to write to", folder=True)
def evaluate(
    predictions: Path, training: Path, dataset: str, configuration_seed: int, output: Path
) -> None:
    """Compute the figures of merit of one prediction file."""
    from jetline.evaluation.predictions import evaluate_predictions

    record = evaluate_predictions(predictions, training, dataset, configuration_seed, output)
    _tell_limits(dataset, record.jets.by_class, record.figures)


@command()
@paths(
    "trained-parts",
    "split of the dataset that the taggers train on; with folds that of each, in their order",
)
@paths("trained-shards", "shards of its observables, in its order")
@paths("parts", "split of the test dataset; of that which is trained on likewise")
@paths("shards", "shards of its observables, in its order")
@value("dataset", "name of the test dataset")
@configuration_seed
@output("file to write")
def cut(
    trained_parts: tuple[Path, ...],
    trained_shards: tuple[Path, ...],
    parts: tuple[Path, ...],
    shards: tuple[Path, ...],
    dataset: str,
    configuration_seed: int,
    output: Path,
) -> None:
    """Compute the figures of merit of cuts on one observable alone."""
    from jetline.evaluation.cuts import write_cuts

    trained = (list(trained_parts), list(trained_shards))
    tested = (list(parts), list(shards))
    record = write_cuts(trained, tested, dataset, configuration_seed, output)
    _tell_limits(dataset, record.jets, record.rows[0].figures)


@command()
@of_all_taggers
@paths("evaluations", "folder of each training's evaluation on that dataset")
@paths(
    "observables",
    "what `measure` made of its jet files, in the order of its split; no bins if left out",
    required=False,
)
@configuration_seed
@output("folder to write to", folder=True)
def examine(
    dataset: str,
    trainings: tuple[Path, ...],
    predictions: tuple[Path, ...],
    validations: tuple[Path, ...],
    observables: tuple[Path, ...],
    evaluations: tuple[Path, ...],
    configuration_seed: int,
    output: Path,
) -> None:
    """Compute what a referee asks of all taggers, beyond their figures of merit."""
    from jetline.evaluation.examination import examine as examined
    from jetline.evaluation.examination import write_examination
    from jetline.evaluation.shared_jets import Observed, read_shared
    from jetline.validation.measurement import Measurement

    observed = [Observed(one.labels, one.values) for one in map(Measurement.read, observables)]
    tested = read_shared(dataset, trainings, predictions, validations, observed, evaluations)
    write_examination(examined(tested, configuration_seed), output)


@command("examine-classes")
@of_all_taggers
@configuration_seed
@output("folder to write to", folder=True)
def examine_classes(
    dataset: str,
    trainings: tuple[Path, ...],
    predictions: tuple[Path, ...],
    validations: tuple[Path, ...],
    configuration_seed: int,
    output: Path,
) -> None:
    """Compute what taggers of more than two classes reach by class."""
    from jetline.evaluation.classes_examination import examine_classes as examined
    from jetline.evaluation.classes_examination import write_classes_examination
    from jetline.evaluation.shared_jets import read_shared

    tested = read_shared(dataset, trainings, predictions, validations)
    if len(tested.classes) == 2:
        raise JetlineError(
            f"--predictions on {dataset}",
            found=f"probabilities of the two classes {' and '.join(tested.classes)}",
            expected="those of three classes or more",
            remedy="take `jetline examine`",
        )
    write_classes_examination(examined(tested, configuration_seed), output)


@command()
@paths("trainings", "folders of the trainings")
@paths("evaluations", "folders of their evaluations")
@output("folder to write to", folder=True)
def compare(trainings: tuple[Path, ...], evaluations: tuple[Path, ...], output: Path) -> None:
    """Compare trainings on every dataset that they were evaluated on."""
    from jetline.evaluation.comparison import write_comparison

    record = write_comparison(list(trainings), list(evaluations), output)
    for dataset in record.datasets:
        row = record.rows_of(dataset)[0]
        _tell_limits(dataset, row.test_jets, row.figures)


def _tell_limits(dataset: str, jets: ClassCounts, figures: Collection[str]) -> None:
    """Print what a test dataset of one class cannot tell, if it is one."""
    from jetline.evaluation.one_class import limits

    if told := limits(jets, figures):
        print(f"test dataset {dataset} {told}")
