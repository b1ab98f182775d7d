"""Cuts on one observable alone: what every tagger has to beat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError
from jetline.evaluation import metrics
from jetline.evaluation.figures_of_merit import in_order
from jetline.evaluation.figures_of_merit.auc import area_under_curve
from jetline.evaluation.scored_jets import ScoredJets
from jetline.inputs.dataset import open_part, require_number
from jetline.inputs.kinds.observables import COLUMNS
from jetline.inputs.parts import PARTS, TEST, TRAIN, Parts
from jetline.records.cuts import Cut, CutsRecord

if TYPE_CHECKING:
    from pathlib import Path


def figures_of_merit() -> list[str]:
    """Name the figures of merit of a cut: all that do not need a probability, in order."""
    return [name for name, one in in_order().items() if not one.of_probabilities]


def write_cuts(
    trained: tuple[Path, list[Path]],
    tested: tuple[Path, list[Path]],
    dataset: str,
    seed: int,
    output: Path,
) -> CutsRecord:
    """Cut on each observable alone, and write what comes of it as JSON.

    Which side of a cut is the quarks', and where it lies, is chosen on the training part, for the
    best accuracy there. The intervals are from the resamples that all taggers share. Test jets of
    one class alone are evaluated for what they can tell.

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
        The file, a `CutsRecord`.

    Returns
    -------
    CutsRecord
        What was written.

    Raises
    ------
    JetlineError
        If a shard is damaged or of another file than was split, the training part lacks a class,
        or the test part has no jets.
    """
    training, training_labels = _part(*trained, TRAIN)
    table, labels = _part(*tested, TEST)
    cuts = []
    for column, name in enumerate(COLUMNS):
        below, threshold = best_cut(training_labels, training[:, column])
        scores = _scores(table[:, column], below, threshold)
        estimates = metrics.evaluate(labels, scores, seed, dataset).estimates
        chosen = {key: estimates[key] for key in figures_of_merit()}
        cuts.append(Cut(observable=name, below=below, threshold=threshold, figures=chosen))
    quarks = int(np.count_nonzero(labels))
    record = CutsRecord(
        dataset=dataset, jets={"quark": quarks, "gluon": len(labels) - quarks}, rows=cuts
    )
    record.write(output)
    return record


def _part(parts: Path, shards: list[Path], part: int) -> tuple[np.ndarray, np.ndarray]:
    """Read table and labels of a part, its jets in the order of `evaluate_predictions`."""
    split = Parts.read(parts)
    require_number(shards, split)
    order = np.argsort(split.files)
    tables, labels = [], []
    for number in order:
        shard = open_part(shards[number], split, int(number))
        rows = np.flatnonzero(split.parts[number] == part)
        columns = [(shard.columns or []).index(name) for name in COLUMNS]
        tables.append(shard.arrays["observables"][rows][:, columns])
        labels.append(shard.labels[rows])
    chosen = np.concatenate(labels)
    quarks, gluons = (int(np.count_nonzero(chosen == label)) for label in (1, 0))
    # A cut is chosen between two classes; jets of one are enough to test it.
    enough = quarks + gluons if part == TEST else min(quarks, gluons)
    if not enough or quarks + gluons < len(chosen):
        raise JetlineError(
            f"{parts}, {PARTS[part]} part",
            found=f"{quarks} quark, {gluons} gluon and "
            f"{len(chosen) - quarks - gluons} unlabelled jets",
            expected="jets, all of them labelled"
            if part == TEST
            else "jets of both classes, all of them labelled",
            remedy="give the part more jets, or check the labels of the files",
        )
    return np.concatenate(tables), chosen


def best_cut(labels: np.ndarray, values: np.ndarray) -> tuple[bool, float]:
    """Find the cut of the largest accuracy.

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
    below = bool(area_under_curve(ScoredJets.of(labels, values))[0] < 0.5)
    sign = -1.0 if below else 1.0
    quark, gluon, thresholds = metrics.roc_curve(labels, sign * values)
    quarks = np.count_nonzero(labels)
    right = quark * quarks + (1 - gluon) * (len(labels) - quarks)
    # The first point is the infinite threshold that nothing passes.
    return below, float(sign * thresholds[1 + right[1:].argmax()])


def _scores(values: np.ndarray, below: bool, threshold: float) -> np.ndarray:
    """Turn values into numbers in (0, 1) of the same order, quarks at 0.5 and more, ties kept."""
    sign = -1.0 if below else 1.0
    distinct, place = np.unique(sign * values.astype(np.float64), return_inverse=True)
    first = np.searchsorted(distinct, sign * threshold)
    return 0.5 + (place - first + 0.25) / (2 * len(distinct) + 2)
