"""The plots of an examination by class, drawn from its data alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.report import plots, style
from jetline.report.style import WIDTH, is_grey, literal, new_figure, panels, styled, title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from jetline.records.classes_examination import (
        ClassCalibration,
        ClassesExamination,
        Confusion,
    )
    from jetline.records.comparison import Summary
    from jetline.report.style import Styles

ASKED = 0.5
"""Efficiency of the cuts whose confusion matrix is drawn."""

PICTURES = ("confusion", "reliability")
"""What is drawn of each test dataset: the first part of the file's name."""

_WITH_ERRORS = 6
"""Classes up to which a cell has room for its error."""

_BESIDE = 12
"""Classes up to which two matrices have room beside each other."""


def draw_record(record: ClassesExamination, output: Path, ranked: Sequence[str] = ()) -> None:
    """Draw one examination by class into a folder.

    Writes a picture of each of `PICTURES`, such as `confusion-<dataset>.png`, and a PDF beside it.

    Parameters
    ----------
    record : ClassesExamination
        What `classes_examination.examine_classes` made.
    output : Path
        Folder to write into.
    ranked : sequence of str
        Labels in the order of their colours, the best first; without them that of the run.
    """
    for name, figure in draw(record, ranked).items():
        style.save_both(figure, Path(output) / f"{name}-{record.dataset}.png")


def draw(record: ClassesExamination, ranked: Sequence[str] = ()) -> dict[str, Figure]:
    """Draw every plot of an examination by class, by its place in `PICTURES`."""
    labels = [label for label in ranked if label in record.labels] or record.labels
    of_best = [one for one in record.confusions if one.label == labels[0]]
    shown = [one for one in of_best if one.asked in (None, ASKED)]
    made = {"confusion": confusion_matrices(shown, record.classes)}
    if not record.calibrations:
        words = f"{record.dataset} holds jets of one class alone: there is nothing to calibrate"
        return made | {"reliability": plots.in_place(words)}
    look = style.styles(ranked or record.labels)
    return made | {"reliability": reliability_by_class(record.calibrations, look)}


@styled
def confusion_matrices(shown: Sequence[Confusion], classes: Sequence[str]) -> Figure:
    """Draw confusion matrices of one label, the shares of each row in percent."""
    count = len(classes)
    beside = count <= _BESIDE
    side = (WIDTH - 1.0) / 2 if beside else WIDTH - 1.2
    height = max(min(side, 0.85 * count), 0.5 * side) + 1.3
    figure = new_figure(WIDTH, height if beside else len(shown) * height)
    rows, columns = (1, len(shown)) if beside else (len(shown), 1)
    # Letters of a cell's width: four of them are the longest number there is.
    size = float(np.clip(18 * side / count, 4, 10))
    for axes, one in zip(figure.subplots(rows, columns, squeeze=False).flat, shown, strict=True):
        _matrix(axes, one, classes, size)
        what = "highest probability" if one.asked is None else f"cuts that keep {one.asked:.0%}"
        axes.set_title(f"{literal(one.label)}: {what.replace('%', ' %')}")
        axes.set_xlabel("taken for" if one.asked is None else "passes the cut of")
        axes.set_ylabel("jets of")
    return figure


def _matrix(axes: Axes, shown: Confusion, classes: Sequence[str], size: float) -> None:
    values = np.array([[share.value for share in row] for row in shown.shares], dtype=np.float64)
    # A root, so that a few percent differ from none; light to dark is seen by everybody.
    axes.imshow(np.sqrt(values), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        share = shown.shares[row][column]
        axes.text(
            column,
            row,
            cell(share, errors=len(classes) <= _WITH_ERRORS),
            ha="center",
            va="center",
            fontsize=size,
            linespacing=1.05,
            color="white" if value > 0.4 else "0.1",
        )
    turned = len(classes) > _WITH_ERRORS or max(map(len, classes)) > 8
    axes.set_xticks(range(len(classes)), classes, rotation=60 if turned else 0)
    axes.set_yticks(range(len(classes)), classes)
    for label in axes.get_xticklabels() if turned else ():
        label.set(ha="right", rotation_mode="anchor")
    axes.tick_params(which="both", length=0)
    axes.minorticks_off()


def cell(share: Summary, *, errors: bool) -> str:
    """Print a share in percent, in as few letters as it needs, its error of the sample below."""
    if share.value is None:
        return "–"
    printed = _percent(share.value)
    if errors and share.sample_error is not None:
        printed += f"\n± {max(100 * share.sample_error, 0.1):.1f}"
    return printed


def _percent(share: float) -> str:
    percent = 100 * share
    if percent == 0 or percent >= 9.95:
        return f"{percent:.0f}"
    return f"{percent:.1f}" if percent >= 0.05 else "<.1"


@styled
def reliability_by_class(calibrations: Sequence[ClassCalibration], look: Styles) -> Figure:
    """Draw the share of each class's jets against its probability, a panel for each class.

    Bars are the 68 % interval from the test sample. What is grey in `look` has lines alone.
    """
    classes = list(dict.fromkeys(one.kind for one in calibrations))
    figure, axes_of = panels(len(classes), 3.0, sharex=True, sharey=True)
    ordered = sorted(calibrations, key=lambda one: not is_grey(look[one.mean.label]))
    for axes, kind in zip(axes_of, classes, strict=True):
        axes.plot([0, 1], [0, 1], color="0.6", linewidth=0.8)
        for one in ordered:
            if one.kind == kind:
                _line(axes, one, look[one.mean.label])
        title(axes, kind, "0.1")
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
        axes.grid(color="0.9", linewidth=0.6)
    handles = [
        axes_of[0].plot([], [], label=literal(label), **how)[0]
        for label, how in look.items()
        if any(one.mean.label == label for one in calibrations)
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=4)
    figure.supxlabel("mean probability of the class", fontsize="medium")
    figure.supylabel("share of its jets", fontsize="medium")
    return figure


def _line(axes: Axes, shown: ClassCalibration, how: dict[str, Any]) -> None:
    of = shown.mean.reliability_before
    columns = (of.score, of.share, of.low, of.high)
    score, share, low, high = (np.array(column, dtype=np.float64) for column in columns)
    there = np.isfinite(score)
    grey = is_grey(how)
    axes.plot(score[there], share[there], linewidth=0.8 if grey else 1.2, **how)
    if not grey:
        axes.errorbar(
            score[there],
            share[there],
            yerr=np.stack([share - low, high - share])[:, there],
            fmt=".",
            markersize=4,
            linewidth=0.9,
            color=how["color"],
        )
