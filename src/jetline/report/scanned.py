"""Scans of settings, as the report shows them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jetline.records.scan import ScanRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jetline.records.scan import Trial

#: Trials that are shown; the others of more are folded.
_SHOWN = 10

_MEASURES = {"validation_loss": "validation loss", "validation_auc": "validation AUC"}


def content(scans: Sequence[Path], embedded: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    """Collect what the template `scans.html.j2` shows, ``scans`` by label.

    Parameters
    ----------
    scans : sequence of Path
        For each scan the file that `conclusion.write_conclusion` wrote; its picture beside it.
    embedded : callable
        Gives a picture as the page holds it.

    Raises
    ------
    JetlineError
        If a file is missing, broken, or of another version.
    """
    return {"scans": [_shown(Path(path), embedded) for path in scans]}


def _shown(path: Path, embedded: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    record = ScanRecord.read(path)
    ranked = record.ranked
    best = record.best_trial
    return {
        "label": record.label,
        "method": record.method,
        "keys": list(record.space),
        "measure": _MEASURES[best.measure],
        "highest": best.measure == "validation_auc",
        "best": _line(best, record),
        "lines": [_line(trial, record) for trial in ranked[:_SHOWN]],
        "more": [_line(trial, record) for trial in ranked[_SHOWN:]],
        "failed": sum(trial.value is None for trial in ranked),
        "number": len(ranked),
        "minutes": sum(trial.seconds or 0.0 for trial in ranked) / 60,
        "text": record.text,
        "image": embedded(path.with_name(picture_of(record.label))),
        "alt": alt_text(record),
    }


def _line(trial: Trial, record: ScanRecord) -> dict[str, Any]:
    return {
        "number": trial.number,
        "values": [shown_value(trial.values[key]) for key in record.space],
        "value": f"{trial.value:.4f}" if trial.value is not None else "failed",
        "sorting": trial.loss if trial.loss is not None else 1e9,
        "failure": trial.failure or "",
        "epochs": trial.epochs,
        "best_epoch": trial.best_epoch,
        "minutes": None if trial.seconds is None else trial.seconds / 60,
    }


def picture_of(label: str) -> str:
    """Give the name of the picture of a scan."""
    return f"scan-{label}.png"


def shown_value(value: Any) -> str:
    """Print the value of a setting: a number to four digits, else as YAML has it."""
    if isinstance(value, float):
        return f"{value:.4g}"
    return value if isinstance(value, str) else json.dumps(value).replace('"', "")


def alt_text(record: ScanRecord) -> str:
    """Tell what the picture of a scan shows, for those who cannot see it."""
    best = record.best_trial
    settings = ", ".join(f"{key} {shown_value(value)}" for key, value in best.values.items())
    shares = ", ".join(f"{key} {100 * share:.0f} %" for key, share in record.importances.items())
    told = f" Share of the variance explained: {shares}." if shares else ""
    measure = _MEASURES[best.measure]
    return (
        f"{measure[0].upper()}{measure[1:]} of {len(record.trials)} trials of {record.label} "
        f"against {', '.join(record.space)}. Best, {best.value:.4f}: {settings}.{told}"
    )
