"""The command that explains a tagger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.cli.command import (
    class_names,
    command,
    configuration_seed,
    files,
    json_object,
    output,
    path,
    paths,
    processor,
    value,
)

if TYPE_CHECKING:
    from pathlib import Path


@command()
@files("shards")
@path("training", "folder of the training")
@value("dataset", "name of the dataset")
@path("parts", "split of the dataset, whose test part is used")
@value("settings", "`explain` of the configuration, as JSON", default="{}")
@configuration_seed
@paths(
    "observables",
    "shards of observables of the same files, in the same order; decisions are not set beside "
    "observables if left out",
    required=False,
)
@output("folder to write to: explanation.json and explanation.npz", folder=True)
@processor
def explain(
    shards: tuple[Path, ...],
    training: Path,
    dataset: str,
    parts: Path,
    settings: str,
    configuration_seed: int,
    observables: tuple[Path, ...],
    output: Path,
    device: str,
    per_gpu: int,
    threads: int,
) -> None:
    """Find on which particles, pixels or observables of test jets a tagger decides.

    SHARDS are those of all jet files of the dataset, in its order.
    """
    from jetline.explanation.settings import read_explain
    from jetline.training.device import on_device, suiting

    asked = read_explain(json_object("settings", settings))
    with on_device(suiting(training, device), threads, per_gpu=per_gpu):
        from jetline.explanation.job import explain_training

        told = (training, dataset, parts, shards, asked, configuration_seed, output, observables)
        print("\n".join(explain_training(*told).in_words()), flush=True)


@command("lund-planes")
@files("shards")
@value("dataset", "name of the dataset")
@path("parts", "split of the dataset, whose test part is used")
@class_names
@output("folder to write to: lund-planes.json and lund-planes.npz", folder=True)
def lund_planes(
    shards: tuple[Path, ...],
    dataset: str,
    parts: Path,
    classes: tuple[str, ...],
    output: Path,
) -> None:
    """Measure the primary Lund plane of test jets, by class.

    SHARDS are the particles of all jet files of the dataset, in its order.
    """
    from jetline.explanation.lund_planes import write_lund_planes

    print("\n".join(write_lund_planes(dataset, parts, shards, classes, output).in_words()))
