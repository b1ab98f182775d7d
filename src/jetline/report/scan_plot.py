"""What mattered in a scan: each trial by each setting, and the share that a setting explains."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.report.scanned import picture_of, shown_value
from jetline.report.style import literal, panels, save_both, styled

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from jetline.records.scan import ScanRecord, Trial

#: Percentile of the trials beyond which worse ones stand at the edge of the panels, where there
#: are as many as `_MANY`.
_SHOWN, _MANY = 90, 10
_OTHER, _BEST, _FAILED = "#56B4E9", "#D55E00", "0.45"


def draw_scan(record: ScanRecord, folder: Path) -> None:
    """Draw a scan into a folder, as PNG and as PDF."""
    save_both(scan_panels(record), folder / picture_of(record.label))


@styled
def scan_panels(record: ScanRecord) -> Figure:
    """Draw the deciding value of every trial against each setting, most telling settings first.

    The first panel has the shares that the settings explain, if they are known.
    """
    keys = sorted(record.space, key=lambda key: -record.importances.get(key, 0.0))
    shares = len(keys) > 1 and bool(record.importances)
    figure, all_axes = panels(len(keys) + shares, 2.9)
    if shares:
        _draw_shares(all_axes[0], record, keys)
    for key, axes in zip(keys, all_axes[shares:], strict=True):
        _draw_trials(axes, record, key)
    return figure


def _draw_shares(axes: Axes, record: ScanRecord, keys: list[str]) -> None:
    values = [100 * record.importances.get(key, 0.0) for key in keys]
    axes.barh(range(len(keys)), values, height=0.6, color=_OTHER)
    axes.set_yticks(range(len(keys)), [_broken(key, 20) for key in keys])
    axes.tick_params(axis="y", which="both", length=0)
    axes.minorticks_off()
    axes.invert_yaxis()
    axes.set_xlim(0, 112)
    axes.set_xticks(range(0, 101, 25))
    for place, value in enumerate(values):
        axes.annotate(f"{value:.0f} %", (value, place), (3, 0), va="center", fontsize=8,
                      textcoords="offset points")  # fmt: skip
    axes.set_xlabel("share of the variance [%]")


def _draw_trials(axes: Axes, record: ScanRecord, key: str) -> None:
    place = _places(axes, record, key)
    finished = [trial for trial in record.trials if trial.value is not None]
    values = np.array([trial.value for trial in finished], dtype=np.float64)
    losses = np.array([trial.loss for trial in finished], dtype=np.float64)
    worst = np.percentile(losses, _SHOWN) if len(losses) >= _MANY else losses.max()
    inside = losses <= worst
    sign = 1 if finished[0].value == finished[0].loss else -1
    edge = sign * worst
    x = np.array([place(trial) for trial in finished])
    axes.scatter(x[inside], values[inside], s=22, color=_OTHER, edgecolor="white", linewidth=0.5)
    if not inside.all():
        marker = "^" if sign > 0 else "v"
        outside = ~inside
        axes.scatter(x[outside], np.full(outside.sum(), edge), s=24, marker=marker, color=_OTHER)
    failed = [place(trial) for trial in record.trials if trial.value is None]
    axes.scatter(failed, np.full(len(failed), edge), s=24, marker="x", color=_FAILED)
    best = record.best_trial
    axes.scatter([place(best)], [best.value or 0.0], s=70, marker="*", color=_BEST, zorder=3)
    axes.margins(y=0.12)
    axes.set_xlabel(_broken(key, 40))
    axes.set_ylabel(best.measure.replace("_", " ").replace("auc", "AUC"))
    axes.grid(color="0.92", linewidth=0.6)


def _places(axes: Axes, record: ScanRecord, key: str) -> Any:
    """Prepare the horizontal axis, and give what places a trial on it."""
    one = record.space[key]
    if isinstance(one, dict):
        axes.set_xscale("log" if one["log"] else "linear")
        return lambda trial: trial.values[key]
    texts = [_broken(shown_value(value), 14) for value in one]
    axes.set_xticks(range(len(one)), texts, fontsize=8 if len(one) <= 4 else 7)
    axes.tick_params(axis="x", which="minor", bottom=False, top=False)
    axes.set_xlim(-0.5, len(one) - 0.5)
    known = {shown_value(value): place for place, value in enumerate(one)}

    def placed(trial: Trial) -> float:
        # Beside each other, so that trials of one value do not hide each other.
        return known[shown_value(trial.values[key])] + 0.3 * (trial.number * 0.618 % 1 - 0.5)

    return placed


def _broken(text: str, letters: int) -> str:
    """Print a text as it stands, in lines of so many letters, three at most."""
    if len(text) > letters:
        text = text.replace(".", ". ", 1)
    lines = textwrap.wrap(text, letters)[:3]
    return "\n".join(map(literal, lines))
