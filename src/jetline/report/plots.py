"""Plots of the comparison: what is shown is a data object, a function draws a list of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.evaluation import bootstrap, display
from jetline.report.style import (
    GLUON_COLOUR,
    QUARK_COLOUR,
    WIDTH,
    Styles,
    is_grey,
    literal,
    new_figure,
    panels,
    styled,
    title,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from jetline.records.history import History


@dataclass(frozen=True)
class RejectionCurve:
    """Background rejection of one architecture, the mean over its seeds.

    Attributes
    ----------
    label : str
    quark_efficiency : (n_points,) float array
    rejection : (n_points,) float array
        1 / gluon efficiency; infinite where no gluon jet passes.
    replicas : (n_resamples, n_points) float array
        The same in each bootstrap resample of the test jets.
    single : list of (quark_efficiency, rejection)
        The curve of each training; empty if there is only one.
    """

    label: str
    quark_efficiency: np.ndarray
    rejection: np.ndarray
    replicas: np.ndarray
    single: list[tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class ScoreDistribution:
    """Jets by score: `edges` (n_bins + 1,), `quark` and `gluon` (n_bins,) counts."""

    label: str
    edges: np.ndarray
    quark: np.ndarray
    gluon: np.ndarray


@dataclass(frozen=True)
class LearningCurve:
    """The history of one training."""

    label: str
    history: History


@dataclass(frozen=True)
class AucPoint:
    """AUC of one architecture: mean over seeds, both errors, and each seed."""

    label: str
    value: float
    sample_error: float
    seed_spread: float | None
    seed_values: list[float]


_LABEL_LETTERS = 26
"""Letters in a line of a label beside a picture."""


@styled
def rejection_curves(curves: list[RejectionCurve], look: Styles) -> Figure:
    """Draw background rejection against quark efficiency, and its ratio to the first architecture.

    Bands are the 68 % interval from the test sample; in the ratio they are paired. Thin lines
    are the single trainings. What is grey in `look` has neither, and lies below the others.
    """
    figure = new_figure(WIDTH, max(6.2, 0.5 + 0.19 * len(curves)))
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1.2))
    first = curves[0]
    top = 1.6 * max(_highest(curve) for curve in curves)
    for curve in sorted(curves, key=lambda curve: not is_grey(look[curve.label])):
        style = look[curve.label]
        with np.errstate(invalid="ignore"):
            ratio = curve.rejection / first.rejection
            replicas = curve.replicas / first.replicas
        if is_grey(style):
            for axes, values in ((upper, curve.rejection), (lower, ratio)):
                drawn = np.isfinite(values)
                axes.plot(curve.quark_efficiency[drawn], values[drawn], linewidth=0.9, **style)
            continue
        _band(upper, curve.quark_efficiency, curve.rejection, curve.replicas, style, top)
        for efficiency, rejection in curve.single:
            upper.plot(efficiency, rejection, color=style["color"], linewidth=0.4, alpha=0.6)
        _band(lower, curve.quark_efficiency, ratio, replicas, style, None)
    guess = np.linspace(0.05, 1, 50)
    upper.plot(guess, 1 / guess, color="0.5", linewidth=0.8, linestyle=(0, (1, 2)))
    upper.annotate("no discrimination", (0.26, 4.3), color="0.4", fontsize=8)
    upper.set_yscale("log")
    upper.set_ylim(1, max(top, 10))
    upper.set_ylabel(r"gluon rejection  $1/\varepsilon_g$")
    drawn_labels = {curve.label for curve in curves}
    handles = [
        upper.plot([], [], linewidth=1.6, **own, label=literal(label, _LABEL_LETTERS))[0]
        for label, own in look.items()
        if label in drawn_labels
    ]
    figure.legend(handles=handles, loc="outside right upper", handlelength=3)
    lower.set_xlabel(r"quark efficiency  $\varepsilon_q$")
    lower.set_ylabel(f"ratio to\n{literal(first.label, 18)}")
    lower.set_xlim(0.1, 1)
    _fit_ratio(lower, curves, first)
    for axes in (upper, lower):
        axes.grid(color="0.9", linewidth=0.6)
    figure.align_ylabels()
    return figure


def _highest(curve: RejectionCurve) -> float:
    shown = curve.rejection[(curve.quark_efficiency >= 0.1) & np.isfinite(curve.rejection)]
    return float(shown.max(initial=1.0))


def _fit_ratio(axes: Axes, curves: list[RejectionCurve], first: RejectionCurve) -> None:
    """Scale the ratio to where both rejections are still measured, not to the noise beside."""
    shown = first.quark_efficiency >= 0.25
    with np.errstate(invalid="ignore"):
        ratios = np.array([curve.rejection[shown] / first.rejection[shown] for curve in curves])
    ratios = ratios[np.isfinite(ratios)]
    low, high = ratios.min(initial=1.0), ratios.max(initial=1.0)
    margin = max(0.15 * (high - low), 0.05)
    axes.set_ylim(low - margin, high + margin)


def _band(
    axes: Axes,
    x: np.ndarray,
    y: np.ndarray,
    replicas: np.ndarray,
    style: dict[str, Any],
    top: float | None,
) -> None:
    """Draw a line with its 68 % band; a band without upper end goes up to `top`."""
    # A ratio of two infinities is not a number: there is no band at such a point.
    bands = [bootstrap.central_band(column[:, None]) for column in replicas.T]
    low, high = (np.concatenate(ends) for ends in zip(*bands, strict=True))
    if top is not None:
        high = np.where(np.isinf(high), 10 * top, high)
    drawn = np.isfinite(y) & np.isfinite(low) & np.isfinite(high)
    axes.fill_between(x, low, high, where=drawn, color=style["color"], alpha=0.18, linewidth=0)
    axes.plot(x[drawn], y[drawn], linewidth=1.6, **style)


@styled
def score_distributions(distributions: list[ScoreDistribution], look: Styles) -> Figure:
    """Draw the quark probability of quark and gluon jets, a panel for each architecture.

    A class without jets is left out.
    """
    figure, axes_of = panels(len(distributions), 2.7, sharex=True, sharey=True)
    named: dict[str, Any] = {}
    for axes, shown in zip(axes_of, distributions, strict=True):
        widths = np.diff(shown.edges)
        for counts, name, colour, line in (
            (shown.quark, "quark", QUARK_COLOUR, "-"),
            (shown.gluon, "gluon", GLUON_COLOUR, "--"),
        ):
            if not counts.any():
                continue  # a test dataset of the other class alone
            density = counts / (counts.sum() * widths)
            axes.stairs(density, shown.edges, fill=True, color=colour, alpha=0.15)
            named[name] = axes.stairs(
                density, shown.edges, color=colour, linestyle=line, linewidth=1.4, label=name
            )
        title(axes, shown.label, look[shown.label]["color"])
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    # Of axes that all share, and only now: a limit that is set ends the scaling to what comes.
    axes_of[0].set_ylim(bottom=0)
    if named:
        figure.legend(handles=list(named.values()), loc="outside upper right", ncols=2)
    figure.supxlabel("score (quark probability)", fontsize="medium")
    figure.supylabel("jets, normalised to 1 in each class", fontsize="medium")
    return figure


@styled
def in_place(words: str) -> Figure:
    """Say why there is no picture, in its place."""
    figure = new_figure(6.4, 1.3)
    figure.text(0.5, 0.5, literal(words), ha="center", va="center", color="0.4", wrap=True)
    return figure


@styled
def learning_curves(curves: list[LearningCurve], look: Styles) -> Figure:
    """Draw the loss by epoch, a line a seed: dashed on the training part, solid on validation."""
    labels = list(dict.fromkeys(curve.label for curve in curves))
    figure, axes_of = panels(len(labels), 2.7, sharey=True)
    for axes, label in zip(axes_of, labels, strict=True):
        colour = look[label]["color"]
        for curve in curves:
            if curve.label != label:
                continue
            epoch, loss, validation_loss = map(
                curve.history.column, ("epoch", "loss", "validation_loss")
            )
            marker = "o" if len(epoch) == 1 else None
            axes.plot(epoch, validation_loss, "-", color=colour, lw=1.3, marker=marker)
            axes.plot(epoch, loss, "--", color=colour, lw=0.9, alpha=0.7, marker=marker)
        title(axes, label, colour)
        axes.xaxis.get_major_locator().set_params(integer=True)  # type: ignore[call-arg]
        axes.xaxis.set_tick_params(which="minor", bottom=False, top=False)
        axes.grid(color="0.9", linewidth=0.6)
    handles = [
        axes_of[0].plot([], [], line, color="0.3", label=name)[0]
        for line, name in (("-", "validation"), ("--", "training"))
    ]
    figure.legend(handles=handles, loc="outside upper right", ncols=2)
    figure.supxlabel("epoch", fontsize="medium")
    figure.supylabel("loss (cross-entropy) [nats]", fontsize="medium")
    return figure


@styled
def auc_points(points: list[AucPoint], look: Styles) -> Figure:
    """Draw the AUC of each architecture with the test sample's error, and single seeds below."""
    figure = new_figure(WIDTH, 0.9 + (0.5 if len(points) <= 6 else 0.36) * len(points))
    axes = figure.subplots()
    for place, point in enumerate(points):
        colour = look[point.label]["color"]
        axes.errorbar(
            point.value,
            place,
            xerr=point.sample_error,
            color=colour,
            marker="o",
            markersize=5,
            capsize=3,
            linewidth=1.8,
        )
        spread = point.seed_spread
        if spread is not None:
            below = place + 0.24
            axes.hlines(
                below, point.value - spread, point.value + spread, color=colour, linewidth=0.9
            )
            axes.plot(
                point.seed_values,
                [below] * len(point.seed_values),
                "o",
                markersize=3.5,
                markerfacecolor="white",
                markeredgewidth=0.8,
                color=colour,
            )
        axes.annotate(
            display.with_errors(point.value, [point.sample_error, spread], ["test", "seeds"]),
            (1.02, place),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8.5,
            annotation_clip=False,
        )
    labels = [literal(point.label, _LABEL_LETTERS) for point in points]
    axes.set_yticks(range(len(points)), labels)
    axes.set_ylim(len(points) - 0.5, -0.5)
    axes.yaxis.set_tick_params(which="both", left=False, right=False)
    axes.grid(axis="x", color="0.9", linewidth=0.6)
    axes.set_xlabel("area under the ROC curve (mean over seeds)")
    return figure
