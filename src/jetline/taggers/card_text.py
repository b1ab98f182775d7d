"""A model card as text for a terminal or a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jetline.taggers.ranges import RANGED, in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jetline.records.card import Card, CardTest
    from jetline.records.evaluation import Estimate
    from jetline.records.training import TrainingRecord

#: Settings of a source that say how many jets there are, not which.
_HOW_MANY = ("files", "jets_per_file", "seed", "paths")
#: Figures of merit in a row, by name: the heading, and digits.
_COLUMNS = {
    "auc": ("AUC", 4),
    "accuracy": ("accuracy", 4),
    "rejection_50": ("rejection at 50 %", 1),
}


def difference(test: CardTest, card: Card) -> str:
    """Say in what the jets of a test differ from those trained on."""
    if test.dataset == card.dataset:
        return "other jets of the same settings"
    own, other = card.settings, test.settings
    if own.get("source") != other.get("source"):
        return f"source: {other.get('source')}"
    changed = {
        key: value for key, value in other.items() if key not in _HOW_MANY and own.get(key) != value
    }
    return ", ".join(f"{key}: {_short(value)}" for key, value in changed.items()) or (
        "the same settings"
    )


def row_of(test: CardTest, card: Card) -> list[str]:
    """Write a test as the cells of a row: what is tested on, jets, figures, calibration error."""
    calibration = test.calibration
    told = "" if calibration is None else f"{calibration.corrected:.3f} ± {calibration.error:.3f}"
    return [
        difference(test, card),
        f"{sum(test.jets.by_class.values()):,}",
        *(_figure(test.figures.get(name), digits) for name, (_, digits) in _COLUMNS.items()),
        told,
    ]


#: Headings of such rows.
HEADINGS = [
    "tested on",
    "jets",
    *(heading for heading, _ in _COLUMNS.values()),
    "calibration error",
]


def line(card: Card) -> str:
    """Write the least about a tagger, in a line."""
    test = card.tests[0]
    figure = _figure(test.figures.get("auc"), 4)
    told = f"AUC {figure} on {sum(test.jets.by_class.values()):,} jets" if figure else ""
    return f"{card.label:32}{told}".rstrip()


def lines(card: Card, record: TrainingRecord) -> list[str]:
    """Write a card as lines of text.

    Parameters
    ----------
    card : Card
    record : TrainingRecord
        Of the same tagger.
    """
    classes = " or ".join(reversed(record.classes))
    further = (record.view or {}).get("further", ())
    jets = {part: sum(counts.values()) for part, counts in card.jets.items()}
    rows = [HEADINGS, *(row_of(test, card) for test in card.tests)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return [
        f"{card.label}: {classes} from {record.inputs}, species: {record.identity}"
        + (f", further features: {', '.join(further)}" if further else ""),
        f"  {record.architecture}, {record.parameters:,} parameters, trained on "
        f"{jets['train']:,} jets ({jets['validation']:,} validated), seed {card.seed}",
        f"  jets trained on: {_source(card.settings)}",
        *(
            f"    {what}: {in_words(key, card.ranges[key])}"
            for key, (what, _) in RANGED.items()
            if key in card.ranges
        ),
        "  errors are those of the test samples; the calibration error is that of the scores as",
        "  probabilities, less its bias:",
        *(
            "    "
            + "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ),
        f"  training {card.training}, weights {card.sha256[:12]}, jetline {card.jetline}",
    ]


def _source(settings: Mapping[str, Any]) -> str:
    told = [
        f"{key}: {_short(value)}"
        for key, value in settings.items()
        if key not in ("source", *_HOW_MANY) and value not in (None, [], ())
    ]
    return f"{settings.get('source')} ({', '.join(told)})" if told else str(settings.get("source"))


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_short, value))}]"
    return str(value)


def _figure(estimate: Estimate | None, digits: int) -> str:
    if estimate is None or estimate.value is None:
        return ""
    error = "" if estimate.error is None else f" ± {estimate.error:.{digits}f}"
    return f"{estimate.value:.{digits}f}{error}"
