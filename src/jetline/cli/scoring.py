"""The command that scores jets of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jetline.cli.command import PATH, command, files, output, processor
from jetline.cli.layouts import layout_of_files

if TYPE_CHECKING:
    from pathlib import Path

    from jetline.jets.layouts.layout import Layout


@command()
@files("jets")
@click.option(
    "--tagger",
    "--training",
    "tagger",
    type=PATH,
    required=True,
    help="folder of the tagger, such as that of a training, or the name of one that comes with the "
    "package; `--training` is the older name",
)
@layout_of_files
@click.option(
    "--carry",
    callback=lambda _context, _option, told: (
        tuple(name.strip() for name in told.split(",")) if told else ()
    ),
    help="further columns of the files to write beside the scores, such as event_number,weight: "
    "a number for each jet, as a file names them, `w[0]` for one of several; none if left out",
)
@output(
    "file of scores to write, in the order of the jets: scores.npz, scores.parquet, "
    "scores.root or scores.h5",
)
@processor
def score(
    jets: tuple[Path, ...],
    tagger: Path,
    layout: Layout | str | None,
    carry: tuple[str, ...],
    output: Path,
    device: str,
    per_gpu: int,
    threads: int,
) -> None:
    """Score jet files, labelled or not, with a tagger.

    JETS are the jet files.
    """
    from jetline.jets.reading import open_jets, unread_arrays
    from jetline.records.training import read_tagger
    from jetline.taggers.box import find_tagger, warnings_of
    from jetline.training.device import on_device, suiting
    from jetline.training.quiet import load_backend
    from jetline.training.score_tables.choosing import score_table_of

    score_table_of(output)
    tagger = find_tagger(tagger, jets, layout)
    classes = read_tagger(tagger).classes
    opened = [open_jets(jet_file, classes, layout) for jet_file in jets]
    for jet_file in opened:
        told = [f"{jet_file.path}: {line}" for line in jet_file.told]
        if jet_file.unread:
            read = {name.partition("[")[0] for name in carry} & set(jet_file.unread)
            told.append(unread_arrays(jet_file.path, read))
        told += warnings_of(tagger, jet_file.path, layout)
        for line in filter(None, told):
            print(line, flush=True)
    with on_device(suiting(tagger, device), threads, per_gpu=per_gpu) as used:
        load_backend(used)
        # Only now: keras takes its processors when it is imported.
        from jetline.training.scoring import score_files

        score_files(tagger, opened, output, carry)
