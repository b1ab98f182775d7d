"""The command that exports taggers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jetline.cli.command import command, output, path, value

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
def export(training: Path, precision: str, output: Path) -> None:
    """Write a tagger as an ONNX model, from raw jets to scores."""
    from jetline.export.packages import require_packages
    from jetline.training.device import on_device

    require_packages()
    with on_device("cpu", 1):
        from jetline.export.tagger import export_tagger

        print("\n".join(export_tagger(training, output, precision)))
