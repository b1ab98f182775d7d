"""The command that exports taggers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jetline.cli.command import backend, command, files, output, path, paths, value

if TYPE_CHECKING:
    from pathlib import Path


@command()
@path("training", "folder of the training")
@value(
    "precision",
    "of the network and of what it takes; float64 where onnxruntime has the operators",
    type=click.Choice(["float32", "float64"]),
    default="float32",
)
@output("ONNX model to write, such as tagger.onnx")
@backend
def export(training: Path, precision: str, output: Path) -> None:
    """Write a tagger as an ONNX model, from raw jets to scores."""
    from jetline.export.packages import require_packages
    from jetline.training.device import on_device
    from jetline.training.quiet import load_backend

    require_packages()
    with on_device("cpu", 1) as used:
        load_backend(used)
        from jetline.export.tagger import export_tagger

        print("\n".join(export_tagger(training, output, precision)))


@command("compare-export")
@files("shards")
@path("training", "folder of the training")
@path("exported", "ONNX model that was exported of it")
@value("dataset", "name of the dataset")
@path("parts", "split of the dataset, whose test part is used")
@paths("jets", "its jet files, in its order; only pictures do without, if left out", required=False)
@output("comparison to write, such as tagger.json")
@backend
def compare_export(
    shards: tuple[Path, ...],
    training: Path,
    exported: Path,
    dataset: str,
    parts: Path,
    jets: tuple[Path, ...],
    output: Path,
) -> None:
    """Compare an exported tagger with Keras on the test part of a dataset, on one thread.

    SHARDS are those of all jet files of the dataset, in its order.
    """
    from jetline.export.packages import require_packages
    from jetline.training.device import on_device

    require_packages()
    with on_device("cpu", 1):
        from jetline.export.comparison import compare_export as compare

        print(compare(training, exported, dataset, parts, shards, jets, output).in_words())
