"""Compare the architectures of a run: figures of merit, and the time to train and to score.

Reads a run's comparison and trained models, times each model on the bundled jets from the shard to
the score on one core, alternately, and prints a table for docs/performance.md. Draws the AUC
against minutes of training and against the time of a score.

    snakemake --cores 2 --configfile config/ladder.yaml
    python benchmarks/ladder.py results/runs/ladder --figure docs/images/frontier.png
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from jetline.training.device import limit_threads

limit_threads(1)

from jetline.inputs.kinds.images.built_in import RECIPES  # noqa: E402
from jetline.inputs.kinds.images.input_kind import Images  # noqa: E402
from jetline.inputs.kinds.observables import Observables  # noqa: E402
from jetline.inputs.kinds.particles import Particles  # noqa: E402
from jetline.inputs.making import make_shard  # noqa: E402
from jetline.inputs.sample import JetSample  # noqa: E402
from jetline.inputs.shards import open_shard  # noqa: E402
from jetline.report import style  # noqa: E402
from jetline.training.prediction import load_training, view_of  # noqa: E402
from jetline.training.scores import class_scores  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLE = Path(__file__).parents[1] / "resources/sample/QG_jets_0.npz"
N_JETS = 2000


def bundled_jets(inputs: str, folder: Path) -> JetSample:
    """Make the inputs of an architecture from the first bundled jets."""
    shard = folder / inputs
    if not shard.exists():
        if inputs == "particles":
            make_shard(Particles(), SAMPLE, shard)
        elif inputs == "observables":
            make_shard(Observables(), SAMPLE, shard)
        else:
            name = inputs.removeprefix("images/")
            make_shard(Images(name, RECIPES[name]), SAMPLE, shard)
    return JetSample.choose([open_shard(shard)], [np.arange(N_JETS)])


def score_speeds(trainings: dict[str, Path], repeats: int) -> dict[str, float]:
    """Measure each tagger's jets/s from the shard to the score, as medians over repetitions."""
    with tempfile.TemporaryDirectory() as temporary:
        passes = {}
        for label, training in trainings.items():
            model, record = load_training(training)
            sample = bundled_jets(record.inputs, Path(temporary))
            passes[label] = (model, sample, record.settings["batch_size"], view_of(record))
            class_scores(*passes[label])[:, 1]  # not counted: it traces every shape
        seconds: dict[str, list[float]] = {label: [] for label in passes}
        for _ in range(repeats):
            for label, arguments in passes.items():
                start = time.perf_counter()
                class_scores(*arguments)[:, 1]
                seconds[label].append(time.perf_counter() - start)
    return {label: N_JETS / median(values) for label, values in seconds.items()}


#: Points between two labels of a panel.
LABEL = 9


@style.styled
def frontier(rows: list[dict[str, str]], speeds: dict[str, float]):
    """Draw the AUC against minutes of training and microseconds per score."""
    figure, axes_of = style.panels(2, 4.4, sharey=True)
    look = style.styles(("particles", "images", "observables"))
    costs = (
        ("training [minutes on one core]", lambda row: float(row["minutes"])),
        ("one score [µs on one core]", lambda row: 1e6 / speeds[row["label"]]),
    )
    for axes, (name, cost) in zip(axes_of, costs, strict=True):
        best: list[dict[str, str]] = []
        for row in sorted(rows, key=cost):
            if not best or float(row["auc"]) > float(best[-1]["auc"]):
                best.append(row)
            kind = row["inputs"].split("/")[0]
            drawn = axes.errorbar(
                cost(row),
                float(row["auc"]),
                yerr=float(row["auc_sample_error"]),
                color=look[kind]["color"],
                marker="osD"[list(look).index(kind)],
                capsize=2,
                label=kind if kind not in axes.get_legend_handles_labels()[1] else None,
            )
            drawn.lines[0].set_markersize(5)
        steps = [(cost(row), float(row["auc"])) for row in best]
        axes.step(
            *zip(*steps, strict=True), where="post", color="0.8", lw=1, zorder=0, label="frontier"
        )
        axes.set_xscale("log")
        axes.set_xlabel(name)
        axes.margins(x=0.3)
        axes.grid(color="0.93", linewidth=0.6)
    axes_of[0].set_ylabel("area under the ROC curve")
    axes_of[0].legend(loc="lower right")
    figure.draw_without_rendering()
    for axes, (_, cost) in zip(axes_of, costs, strict=True):
        _write_labels(axes, rows, cost, look)
    return figure


def _write_labels(axes, rows: list[dict[str, str]], cost: Callable, look: style.Styles) -> None:
    """Write each point's name beside it, moved down if another name is already there."""
    scale = 72 / axes.figure.dpi
    above = np.inf
    for row in sorted(rows, key=lambda row: -float(row["auc"])):
        point = cost(row), float(row["auc"])
        height = axes.transData.transform(point)[1] * scale
        right = axes.transAxes.inverted().transform(axes.transData.transform(point))[0] > 0.55
        above = min(height, above - LABEL)
        axes.annotate(
            style.literal(row["label"]),
            point,
            (-7 if right else 7, above - height),
            textcoords="offset points",
            ha="right" if right else "left",
            va="center",
            fontsize=7,
            color=look[row["inputs"].split("/")[0]]["color"],
        )


def with_errors(row: dict[str, str], figure: str, digits: int) -> str:
    """Format a value with the test sample's error and, if there are several seeds, their spread."""
    parts = (row[figure], row[f"{figure}_sample_error"], row[f"{figure}_seed_spread"])
    return " ± ".join(f"{float(part):.{digits}f}" for part in parts if part)


def training_speed(row: dict[str, str]) -> str:
    """Compute the jets/s of an epoch; boosted trees have none."""
    return "" if row["inputs"] == "observables" else f"{float(row['jets_per_second']):,.0f}"


def main() -> None:
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="folder of a run")
    parser.add_argument("--figure", type=Path, required=True, help="where to draw the frontier")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    with (arguments.run / "comparison/comparison.csv").open() as stream:
        rows = sorted(csv.DictReader(stream), key=lambda row: float(row["auc"]))
    folder = arguments.run / "trainings"
    trainings = {row["label"]: min((folder / row["label"]).glob("seed-*")) for row in rows}
    speeds = score_speeds(trainings, arguments.repeats)
    print(
        "| tagger | inputs | identity | parameters | accuracy | AUC | 1/ε_g at 50 % | at 30 % ",
        end="",
    )
    print("| epochs | minutes | training, jets/s | scores, jets/s |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row['label']} | {row['inputs']} | {row['identity']} | {row['parameters']} "
            f"| {with_errors(row, 'accuracy', 4)} | {with_errors(row, 'auc', 4)} "
            f"| {with_errors(row, 'rejection_50', 1)} | {with_errors(row, 'rejection_30', 1)} "
            f"| {float(row['epochs']):.0f} | {float(row['minutes']):.2g} "
            f"| {training_speed(row)} | {speeds[row['label']]:,.0f} |"
        )
    style.save(frontier(rows, speeds), arguments.figure)


if __name__ == "__main__":
    main()
