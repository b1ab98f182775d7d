"""The comparison of all trainings of a run: a table, the pairs, and the figures."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.files import write_json, write_text
from jetline.evaluation import bootstrap
from jetline.evaluation.differences import auc_differences
from jetline.evaluation.metrics import FIGURES
from jetline.evaluation.records import Entry, Training, entries, read_result, read_training
from jetline.report import plots, style


def write_comparison(trainings: list[Path], evaluations: list[Path], output: Path) -> None:
    """Compare trainings on every dataset they were evaluated on; write into `output`.

    Writes `comparison.csv` (one row for each label and dataset), `comparison.json` (the same,
    with the seeds, the pairs and where everything came from), `learning-curves.png`, and for
    each dataset `roc-<dataset>.png`, `scores-<dataset>.png` and `auc-<dataset>.png`.

    Parameters
    ----------
    trainings : list of Path
        Directories with `training.json` and `history.csv`.
    evaluations : list of Path
        Directories with `metrics.json` and `curves.npz`.
    output : Path
        Directory to write into.

    Raises
    ------
    JetlineError
        If a file is missing or broken, or the evaluations cannot be compared; see
        `records.entries`.
    """
    if not trainings or not evaluations:
        raise JetlineError(
            "comparison",
            found=f"{len(trainings)} trainings, {len(evaluations)} evaluations",
            expected="at least one of each",
            remedy="give the directories of trainings and evaluations",
        )
    trained = [read_training(path) for path in trainings]
    found = entries(trained, [read_result(path) for path in evaluations])
    comparison = compare(trained, found)
    output = Path(output)
    write_text(output / "comparison.csv", table(comparison["rows"]))
    for name, figure in figures(trained, found, comparison["rows"]).items():
        style.save(figure, output / name)
    write_json(output / "comparison.json", comparison)


def compare(trained: list[Training], found: list[Entry]) -> dict[str, Any]:
    """Content of `comparison.json`.

    Returns
    -------
    dict
        ``datasets`` (names), ``rows`` (see `row`), ``pairs`` (see `differences.auc_difference`),
        ``trainings`` (the content of each `training.json`) and ``resamples`` (their number).
    """
    datasets = list(dict.fromkeys(entry.dataset for entry in found))
    return {
        "datasets": datasets,
        "rows": [row(entry) for entry in found],
        "pairs": [
            pair
            for dataset in datasets
            for pair in auc_differences([entry for entry in found if entry.dataset == dataset])
        ],
        "trainings": [training.facts for training in trained],
        "resamples": len(found[0].results[0].curves["replicas"]),
    }


def row(entry: Entry) -> dict[str, Any]:
    """One architecture on one dataset: means over seeds with both errors, and each seed.

    Returns
    -------
    dict
        What was trained, means over seeds of ``epochs``, ``minutes`` and ``jets_per_second``,
        ``test_jets`` by class, ``figures`` (see `summary`) and ``by_seed``.
    """
    first = entry.trainings[0]
    facts = [training.facts for training in entry.trainings]
    return {
        "label": entry.label,
        "dataset": entry.dataset,
        "architecture": first.facts["architecture"],
        "inputs": first.facts["inputs"],
        "identity": first.identity,
        "trained_on": first.facts["dataset"],
        "seeds": [training.seed for training in entry.trainings],
        "training_jets": first.jets,
        "test_jets": {kind: entry.results[0].metrics["jets"][kind] for kind in ("quark", "gluon")},
        # Of trees, the seed decides how many there are.
        "parameters": round(_mean([fact["parameters"] for fact in facts])),
        "epochs": _mean([fact["epochs"] for fact in facts]),
        "minutes": _mean([fact["seconds"] / 60 for fact in facts]),
        "jets_per_second": _mean([fact["jets_per_second"] for fact in facts]),
        "figures": {figure: summary(entry, figure) for figure in FIGURES},
        "by_seed": [
            {"seed": result.seed, "figures": result.metrics["figures"]} for result in entry.results
        ],
    }


def summary(entry: Entry, figure: str) -> dict[str, float | None]:
    """Mean over seeds of a figure of merit, with the two errors kept apart.

    Returns
    -------
    dict
        ``value``, mean over seeds; ``low`` and ``high``, 68.27 % interval of that mean from the
        test sample; ``sample_error``, half its width; ``seed_spread``, sample standard deviation
        over seeds, which a single training has (null with one seed). Null where a seed has no
        gluon jet left; ``high`` and ``sample_error`` also where too many resamples have none.
    """
    values = entry.values(figure)
    if None in values:
        # Bounds of single trainings: the smallest holds for the mean of all.
        lows = [result.metrics["figures"][figure]["low"] for result in entry.results]
        return {
            "value": None,
            "low": None if None in lows else min(lows),
            "high": None,
            "sample_error": None,
            "seed_spread": None,
        }
    low, high = bootstrap.central_interval(entry.replicas(figure))
    return {
        "value": _mean(values),
        "low": low,
        "high": high,
        "sample_error": None if low is None or high is None else (high - low) / 2,
        "seed_spread": float(np.std(values, ddof=1)) if len(values) > 1 else None,
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Content of `comparison.csv`; an empty field is a number that does not exist."""
    plain = ("label", "dataset", "architecture", "inputs", "identity", "trained_on")
    numbers = ("training_jets", "parameters", "epochs", "minutes", "jets_per_second")
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    parts = ("value", "low", "high", "sample_error", "seed_spread")
    writer.writerow(
        [
            *plain,
            "seeds",
            "test_quark_jets",
            "test_gluon_jets",
            *numbers,
            *(
                figure if part == "value" else f"{figure}_{part}"
                for figure in FIGURES
                for part in parts
            ),
        ]
    )
    for line in rows:
        writer.writerow(
            [
                *(line[key] for key in plain),
                len(line["seeds"]),
                line["test_jets"]["quark"],
                line["test_jets"]["gluon"],
                *(line[key] for key in numbers),
                *(line["figures"][figure][part] for figure in FIGURES for part in parts),
            ]
        )
    return stream.getvalue()


def figures(trained: list[Training], found: list[Entry], rows: list[dict[str, Any]]) -> dict:
    """Every figure of the comparison, by the name of its file."""
    styles = style.styles(dict.fromkeys(training.label for training in trained))
    made = {
        "learning-curves.png": plots.learning_curves(
            [plots.LearningCurve(one.label, one.seed, one.history) for one in trained], styles
        )
    }
    for dataset in dict.fromkeys(entry.dataset for entry in found):
        chosen = [entry for entry in found if entry.dataset == dataset]
        made[f"roc-{dataset}.png"] = plots.rejection_curves(
            [rejection_curve(entry) for entry in chosen], styles
        )
        made[f"scores-{dataset}.png"] = plots.score_distributions(
            [score_distribution(entry) for entry in chosen], styles
        )
        made[f"auc-{dataset}.png"] = plots.auc_points(
            [
                plots.AucPoint(
                    label=line["label"],
                    value=line["figures"]["auc"]["value"],
                    sample_error=line["figures"]["auc"]["sample_error"],
                    seed_values=[one["figures"]["auc"]["value"] for one in line["by_seed"]],
                )
                for line in rows
                if line["dataset"] == dataset
            ],
            styles,
        )
    return made


def rejection_curve(entry: Entry) -> plots.RejectionCurve:
    """Mean rejection over seeds against quark efficiency, with its replicas."""
    curves = [result.curves for result in entry.results]
    with np.errstate(divide="ignore"):
        replicas = np.mean(
            [1 / curve["gluon_efficiency_replicas"].astype(np.float64) for curve in curves], axis=0
        )
        single = [
            (curve["roc_quark_efficiency"], 1 / curve["roc_gluon_efficiency"]) for curve in curves
        ]
    return plots.RejectionCurve(
        label=entry.label,
        quark_efficiency=curves[0]["quark_efficiency"],
        rejection=np.mean([curve["rejection"] for curve in curves], axis=0),
        replicas=replicas,
        single=single if len(single) > 1 else [],
    )


def score_distribution(entry: Entry) -> plots.ScoreDistribution:
    """Score histograms by class, the seeds added up."""
    curves = [result.curves for result in entry.results]
    return plots.ScoreDistribution(
        label=entry.label,
        edges=curves[0]["score_edges"],
        quark=np.sum([curve["score_quark"] for curve in curves], axis=0),
        gluon=np.sum([curve["score_gluon"] for curve in curves], axis=0),
    )


def _mean(numbers: list[float]) -> float:
    return math.fsum(numbers) / len(numbers)
