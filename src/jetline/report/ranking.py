"""Which tagger is best: the order of rows, and of colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.evaluation.one_class import only_class

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jetline.records.comparison import ComparisonRecord, Row

#: The figure of merit that decides.
DECISIVE = "auc"


def by_auc(rows: Iterable[Row]) -> list[Row]:
    """Order rows by AUC, the best first; those without one come last, as they stood."""

    def place(row: Row) -> tuple[bool, float]:
        value = row.figures[DECISIVE].value
        return value is None, -(value or 0.0)

    return sorted(rows, key=place)


def ranked(compared: ComparisonRecord) -> list[str]:
    """Order labels by AUC, the best first, on the first test dataset that has one."""
    of_datasets = map(compared.rows_of, compared.datasets)
    telling = (rows for rows in of_datasets if not only_class(rows[0].test_jets))
    return [row.label for row in by_auc(next(telling, []))] or compared.labels
