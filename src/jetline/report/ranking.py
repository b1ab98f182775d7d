"""Which tagger is best: the order of rows, and of colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jetline.records.comparison import ComparisonRecord, Row
    from jetline.records.examination import Examination

#: The figure of merit that decides.
DECISIVE = "auc"

#: Lists of an examination, each of its parts that of a label.
_BY_LABEL = (
    "working_points",
    "mean_working_points",
    "calibrations",
    "mean_calibrations",
    "improvements",
    "improvement_curves",
    "bins",
    "ensembles",
)


def by_auc(rows: Iterable[Row]) -> list[Row]:
    """Order rows by AUC, the best first; those without one come last, as they stood."""

    def place(row: Row) -> tuple[bool, float]:
        value = row.figures[DECISIVE].value
        return value is None, -(value or 0.0)

    return sorted(rows, key=place)


def ranked(compared: ComparisonRecord) -> list[str]:
    """Order labels by AUC, the best first, on the first test dataset that has one."""
    of_datasets = map(compared.rows_of, compared.datasets)
    telling = (rows for rows in of_datasets if all(rows[0].test_jets.values()))
    return [row.label for row in by_auc(next(telling, []))] or compared.labels


def in_order(record: Examination, labels: Sequence[str]) -> Examination:
    """Put all that an examination has by label into this order; others come last, as they stood."""
    places = {label: place for place, label in enumerate(labels)}

    def placed(label: str) -> int:
        return places.get(label, len(places))

    by_label = {
        name: sorted(getattr(record, name), key=lambda one: placed(one.label)) for name in _BY_LABEL
    }
    return record.model_copy(update=by_label | {"labels": sorted(record.labels, key=placed)})
