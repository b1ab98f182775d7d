"""One round of a study, from its files to its file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from jetline.models import read_settings
from jetline.records.scan import Round, Trial
from jetline.scans.points import name_of_trial, with_values
from jetline.scans.study import propose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from jetline.records.scan import Values


def write_round(
    label: str,
    number: int,
    entry: Mapping[str, Any],
    study: Mapping[str, Any],
    before: Path | None,
    trials: Sequence[Path],
    output: Path,
) -> None:
    """Propose the trials of a round and write them, with the study as Optuna's journal beside it.

    Parameters
    ----------
    label : str
        Name of the entry that is scanned.
    number : int
        Of the round, from 1.
    entry : mapping
        Its settings, those alone that it sets.
    study : mapping
        ``space``, ``seed``, ``at_once`` and ``first`` as `propose` takes them.
    before : Path or None
        File of the round before; None for the first.
    trials : sequence of Path
        Records of the trials of that round.
    output : Path
        File to write.
    """
    told = Round.read(before).told if before else []
    told = [*told, *map(Trial.read, trials)]

    def accepts(values: Values) -> bool:
        try:
            read_settings(label, with_values(entry, values))
        except ValidationError:
            return False
        return True

    proposed = propose(
        study["space"],
        study["seed"],
        number,
        told,
        study["at_once"],
        accepts,
        study["first"],
        output.with_suffix(".journal"),
    )
    # Numbers go on after those of the rounds before, each of which has as many.
    start = (number - 1) * study["at_once"] + 1
    values = {name_of_trial(label, start + n): one for n, one in enumerate(proposed)}
    Round(values=values, round=number, told=told).write(output)
