"""What pictures show, in words and numbers, for those who cannot see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.evaluation.figures_of_merit import FIGURES_OF_MERIT
from jetline.report.figures_of_merit import printed
from jetline.report.ranking import by_auc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.records.comparison import Row
    from jetline.records.training import TrainingRecord
    from jetline.records.validation import ValidationRecord

_TOLD = 8
"""As many taggers as anybody listens to; a table has all."""


def of_taggers(shown: str, rows: Sequence[Row], names: Sequence[str]) -> str:
    """Tell figures of merit of the best taggers.

    Parameters
    ----------
    shown : str
        What the picture shows.
    rows : sequence of Row
        All taggers in it.
    names : sequence of str
        Figures of merit that tell it best; those that there are not are left out.
    """
    ranked = by_auc(list(rows))
    told = [name for name in names if name in ranked[0].figures]
    of_each = [
        f"{row.label}: " + ", ".join(printed(name, row.figures[name]) for name in told)
        for row in ranked[:_TOLD]
    ]
    if len(ranked) > _TOLD:
        of_each.append(f"{len(ranked) - _TOLD} more are in the table of results")
    titles = " and ".join(FIGURES_OF_MERIT[name].full_title for name in told)
    return f"{shown}. {titles}: {'; '.join(of_each)}."


def of_learning(trainings: Sequence[TrainingRecord]) -> str:
    """Tell which epoch was the best of each training."""
    of_each = [
        f"{one.label} (seed {one.seed}) {one.best_epoch} of {one.epochs}" for one in trainings
    ]
    more = len(of_each) - 2 * _TOLD
    if more > 0:
        of_each = [*of_each[: 2 * _TOLD], f"{more} more in the table by seed"]
    return f"Loss by epoch of every training. Best epoch: {'; '.join(of_each)}."


def of_jets(record: ValidationRecord) -> str:
    """Tell what was measured of a dataset's jets, as far as it is a mean."""
    means = [f"{row.quantity} {row.cells[0]}" for row in record.rows if "mean" in row.quantity]
    told = f" {'; '.join(means[: 2 * _TOLD])}." if means else ""
    return f"Distributions of quark and gluon jets of {record.dataset}.{told}"
