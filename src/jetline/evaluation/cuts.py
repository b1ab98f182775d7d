"""Cuts on one observable alone: what every tagger has to beat."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.files import read_json, write_json
from jetline.evaluation import display, metrics
from jetline.inputs.kinds.observables import COLUMNS
from jetline.inputs.shards import open_shard
from jetline.inputs.split import PARTS, TEST, TRAIN, Parts
from jetline.observables.table import OBSERVABLES

#: Figures of merit of a cut: all but the log loss, which needs a probability.
FIGURES = tuple(name for name in metrics.FIGURES if name != "log_loss")


def write_cuts(
    trained: tuple[Path, list[Path]],
    tested: tuple[Path, list[Path]],
    dataset: str,
    seed: int,
    output: Path,
) -> None:
    """Cut on each observable alone, and write what comes of it as JSON.

    Which side of a cut is the quarks', and where it lies, is chosen on the training part, for the
    best accuracy there. The intervals are from the resamples that all taggers share.

    Parameters
    ----------
    trained, tested : (Path, list of Path)
        Split, and shards of observables in its order, of the dataset that the taggers train on,
        and of the test dataset.
    dataset : str
        Name of the test dataset.
    seed : int
        The configuration's seed, from which the bootstrap draws.
    output : Path
        The file: ``dataset``, ``jets`` by class, and ``rows``: for each observable its name,
        whether quarks lie ``below`` the ``threshold`` (which itself is theirs), and ``figures``.

    Raises
    ------
    JetlineError
        If a shard is damaged, or a part lacks a class.
    """
    training, training_labels = _part(*trained, TRAIN)
    table, labels = _part(*tested, TEST)
    rows = []
    for column, name in enumerate(COLUMNS):
        below, threshold = best_cut(training_labels, training[:, column])
        scores = _scores(table[:, column], below, threshold)
        figures = metrics.evaluate(labels, scores, seed, dataset).figures
        rows.append(
            {
                "observable": name,
                "below": below,
                "threshold": threshold,
                "figures": {
                    figure: {
                        "value": figures[figure].value,
                        "low": figures[figure].low,
                        "high": figures[figure].high,
                        "error": figures[figure].error,
                    }
                    for figure in FIGURES
                },
            }
        )
    quarks = int(np.count_nonzero(labels))
    jets = {"quark": quarks, "gluon": len(labels) - quarks}
    write_json(output, {"dataset": dataset, "jets": jets, "rows": rows})


def _part(parts: Path, shards: list[Path], part: int) -> tuple[np.ndarray, np.ndarray]:
    """Table and labels of a part, in the order in which `evaluate_predictions` has the jets."""
    split = Parts.read(parts)
    order = np.argsort(split.files)
    tables, labels = [], []
    for number in order:
        shard = open_shard(shards[number])
        rows = np.flatnonzero(split.parts[number] == part)
        columns = [shard.columns.index(name) for name in COLUMNS]
        tables.append(shard.arrays["observables"][rows][:, columns])
        labels.append(shard.labels[rows])
    chosen = np.concatenate(labels)
    quarks, gluons = (int(np.count_nonzero(chosen == label)) for label in (1, 0))
    if not quarks or not gluons or quarks + gluons < len(chosen):
        raise JetlineError(
            f"{parts}, {PARTS[part]} part",
            found=f"{quarks} quark, {gluons} gluon and "
            f"{len(chosen) - quarks - gluons} unlabelled jets",
            expected="jets of both classes, all of them labelled",
            remedy="give the part more jets, or check the labels of the files",
        )
    return np.concatenate(tables), chosen


def best_cut(labels: np.ndarray, values: np.ndarray) -> tuple[bool, float]:
    """The cut of the largest accuracy.

    Parameters
    ----------
    labels : (n_jets,) integer array
        1 for quark, 0 for gluon.
    values : (n_jets,) float array
        The observable.

    Returns
    -------
    below : bool
        Whether quarks have the smaller values, by the area under the ROC curve.
    threshold : float
        Quarks are the jets with this value, or a smaller one (a larger one unless `below`).
    """
    below = metrics.auc(labels, values) < 0.5
    sign = -1.0 if below else 1.0
    quark, gluon, thresholds = metrics.roc_curve(labels, sign * values)
    quarks = np.count_nonzero(labels)
    right = quark * quarks + (1 - gluon) * (len(labels) - quarks)
    # The first point is the infinite threshold that nothing passes.
    return below, float(sign * thresholds[1 + right[1:].argmax()])


def _scores(values: np.ndarray, below: bool, threshold: float) -> np.ndarray:
    """Numbers in (0, 1) in the order of the values, quarks at 0.5 and more; ties stay ties."""
    sign = -1.0 if below else 1.0
    distinct, place = np.unique(sign * values.astype(np.float64), return_inverse=True)
    first = np.searchsorted(distinct, sign * threshold)
    return 0.5 + (place - first + 0.25) / (2 * len(distinct) + 2)


def read_cuts(path: Path) -> dict[str, Any]:
    """What `write_cuts` wrote, best first, with all that a table shows.

    Returns
    -------
    dict
        ``dataset``, and ``rows``: ``name``, ``label``, ``definition``, ``quarks`` (which jets are
        called so), and ``figures`` as text.
    """
    content = read_json(path)
    rows = []
    for row in sorted(content["rows"], key=lambda row: -row["figures"]["auc"]["value"]):
        observable = OBSERVABLES[row["observable"]]
        unit = f" {observable.unit}" if observable.unit else ""
        figures = {
            name: display.figure(figure | {"sample_error": figure["error"], "seed_spread": None})
            for name, figure in row["figures"].items()
        }
        rows.append(
            {
                "name": row["observable"],
                "label": observable.label,
                "definition": observable.definition.replace("`", ""),
                "quarks": f"{'≤' if row['below'] else '≥'} {row['threshold']:.4g}{unit}",
                "figures": figures,
            }
        )
    return {"dataset": content["dataset"], "rows": rows}


def beside_published(row: dict[str, Any], where: str) -> dict[str, Any]:
    """A cut, as `read_cuts` has it, as a row beside the published one on the same observable."""
    return {
        "ours": True,
        "method": row["name"],
        "arxiv": None,
        "where": where,
        "inputs": "observable",
        "train_jets": None,
        "parameters": 1,
        "figures": [row["figures"][name] for name in FIGURES],
        "status": "a cut, ± test sample",
    }
