"""Differences between pairs of taggers as the report shows them: a matrix, the best first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jetline.evaluation import display
from jetline.report.ranking import DECISIVE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.records.comparison import Difference

_LIST = 3
"""Taggers whose pairs are few enough for a list of sentences."""


@dataclass(frozen=True)
class Matrix:
    """Differences in AUC by the taggers' rank.

    Attributes
    ----------
    columns : list of str
        Labels from the second best on.
    rows : list of (str, list of (Difference or None))
        Each label but the last, and its differences from those of the columns; None where the
        column's tagger is the better one, whose row has it.
    """

    columns: list[str]
    rows: list[tuple[str, list[Difference | None]]]


def of_figure(pairs: Sequence[Difference], figure: str = DECISIVE) -> list[Difference]:
    """Choose the differences in one figure of merit."""
    return [pair for pair in pairs if pair.figure == figure]


def matrix(pairs: Sequence[Difference]) -> Matrix | None:
    """Arrange the differences in AUC of one dataset; None where a list tells them as well.

    Parameters
    ----------
    pairs : sequence of Difference
        All pairs, the better tagger first in each, and the pairs of better ones first.
    """
    chosen = {(pair.first, pair.second): pair for pair in of_figure(pairs)}
    labels = list(dict.fromkeys(label for pair in chosen for label in pair))
    if len(labels) <= _LIST:
        return None
    return Matrix(
        columns=labels[1:],
        rows=[
            (label, [chosen.get((label, other)) for other in labels[1:]]) for label in labels[:-1]
        ],
    )


def cell_parts(pair: Difference) -> list[str]:
    """Print a difference and its error, of test sample and seeds in quadrature."""
    return display.with_errors(pair.difference, [pair.error]).split(" ± ")
