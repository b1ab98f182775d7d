"""Commands about taggers that are taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jetline.cli.command import command, json_object, output, path, paths, value

if TYPE_CHECKING:
    from pathlib import Path


@command()
@click.argument("name", required=False)
def taggers(name: str | None) -> None:
    """List the taggers that come with the package, or tell all that is known of one.

    NAME is one of the list, or the folder of a tagger with a card.
    """
    from pathlib import Path

    from jetline.records.card import CARD, Card
    from jetline.records.training import TRAINING, TrainingRecord
    from jetline.taggers import box, card_text

    if name is None:
        for one in box.names():
            print(card_text.line(Card.read(box.BOX / one / CARD)))
        print("`jetline taggers NAME` tells of one; `jetline score --tagger NAME` scores jets")
        return
    folder = box.find_tagger(Path(name))
    card, record = Card.read(folder / CARD), TrainingRecord.read(folder / TRAINING)
    print("\n".join(card_text.lines(card, record)))


@command("write-card")
@path("training", "folder of the training")
@paths("evaluations", "its figures of merit on each dataset: metrics.json")
@paths(
    "examinations",
    "examinations of the run, which have the calibration; none of it if left out",
    required=False,
)
@path("parts", "split of the dataset trained on")
@paths("jets", "its jet files, in the order of the split; no ranges if left out", required=False)
@value("datasets", "settings of the source of each dataset as JSON, or @ and a file of it")
@output("folder of the tagger and its card", folder=True)
def write_card(
    training: Path,
    evaluations: tuple[Path, ...],
    examinations: tuple[Path, ...],
    parts: Path,
    jets: tuple[Path, ...],
    datasets: str,
    output: Path,
) -> None:
    """Make the folder of a tagger to take away, with a card that says what it is good for."""
    from jetline.records.training import TRAINING, TrainingRecord
    from jetline.taggers.card_text import lines
    from jetline.taggers.making import write_card as write

    settings = json_object("datasets", datasets)
    card = write(training, evaluations, examinations, parts, jets, settings, output)
    record = TrainingRecord.read(output / TRAINING)
    print("\n".join(lines(card, record)))
