"""Commands that evaluate taggers and compare them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.cli.command import command, configuration_seed, output, path, paths, value

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from jetline.records.training import ClassCounts


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
@path("trained-parts", "split of the dataset that the taggers train on")
@paths("trained-shards", "shards of its observables, in its order")
@path("parts", "split of the test dataset")
@paths("shards", "shards of its observables, in its order")
@value("dataset", "name of the test dataset")
@configuration_seed
@output("file to write")
def cut(
    trained_parts: Path,
    trained_shards: tuple[Path, ...],
    parts: Path,
    shards: tuple[Path, ...],
    dataset: str,
    configuration_seed: int,
    output: Path,
) -> None:
    """Compute the figures of merit of cuts on one observable alone."""
    from jetline.evaluation.cuts import write_cuts

    trained = (trained_parts, list(trained_shards))
    record = write_cuts(trained, (parts, list(shards)), dataset, configuration_seed, output)
    _tell_limits(dataset, record.jets, record.rows[0].figures)


@command()
@value("dataset", "name of the test dataset")
@paths("trainings", "folders of the trainings")
@paths("predictions", "prediction file of each training on that dataset")
@paths(
    "validations",
    "prediction file of each on the validation part; no temperatures are fitted if left out",
    required=False,
)
@paths("evaluations", "folder of each training's evaluation on that dataset")
@paths("observables", "what `measure` made of its jet files, in the order of its split")
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
