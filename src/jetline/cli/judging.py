"""The command that judges drawn jets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.cli.command import class_names, command, configuration_seed, output, path, paths

if TYPE_CHECKING:
    from pathlib import Path


@command()
@paths("drawn", "files of drawn jets")
@paths(
    "truth",
    "all jet files of the dataset that the generative model was trained on, in its order",
)
@path("parts", "split of that dataset: its test part is what drawn jets are held against")
@class_names
@configuration_seed
@output("folder to write to: judgement.json and distributions.npz", folder=True)
def judge(
    drawn: tuple[Path, ...],
    truth: tuple[Path, ...],
    parts: Path,
    classes: tuple[str, ...],
    configuration_seed: int,
    output: Path,
) -> None:
    """Judge drawn jets: how far from the test part they are, beside as many true jets."""
    from jetline.generative.judging import judge_drawn

    record = judge_drawn(drawn, truth, parts, classes, configuration_seed, output)
    for row in record.rows:
        if row.verdict != "as truth":
            print(f"{row.of}: {row.label}: {row.words}")
    for warning in record.warnings:
        print(f"warning: {warning}")
    print(record.summary)
