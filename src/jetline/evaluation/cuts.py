"""Cuts on one observable alone: what every tagger has to beat."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

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
    from collections.abc import Sequence
    from pathlib import Path


def figures_of_merit() -> list[str]:
    """Name the figures of merit of a cut: all that do not need a probability, in order."""
    return [name for name, one in in_order().items() if not one.of_probabilities]


def write_cuts(
    trained: tuple[Sequence[Path], list[Path]],
    tested: tuple[Sequence[Path], list[Path]],
    dataset: str,
    seed: int,
    output: Path,
) -> CutsRecord:
    """Cut on each observable alone, and write what comes of it as JSON.

    Which side of a cut is the quarks', and where it lies, is chosen on the training part, for the
    best accuracy there. The intervals are from the resamples that all taggers share. Test jets of
    one class alone are evaluated for what they can tell.

    With folds a cut is chosen for each, and tested on the jets of its fold; what is told of its
    place is the median. On another dataset the folds' scores are averaged, as those of taggers are.

    Parameters
    ----------
    trained, tested : (sequence of Path, list of Path)
        Split, and shards of observables in its order, of the dataset that the taggers train on,
        and of the test dataset; of what is dealt into folds the split of each, in their order.
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
    training = [_part([parts], trained[1], TRAIN) for parts in trained[0]]
    test = _part(*tested, TEST)
    labels = test.labels
    cuts = []
    for column, name in enumerate(COLUMNS):
        chosen = [best_cut(one.labels, one.table[:, column], one.weights) for one in training]
        by_fold = np.array([_scores(test.table[:, column], *cut) for cut in chosen])
        # The jets of each fold by its own cut; of another dataset all jets by all.
        alone = len(tested[0]) == len(chosen)
        scores = by_fold[test.folds, np.arange(len(labels))] if alone else by_fold.mean(axis=0)
        estimates = metrics.evaluate(labels, scores, seed, dataset, weights=test.weights).estimates
        below = sum(one for one, _ in chosen) * 2 > len(chosen)
        threshold = float(np.median([place for side, place in chosen if side == below]))
        figures = {key: estimates[key] for key in figures_of_merit()}
        cuts.append(Cut(observable=name, below=below, threshold=threshold, figures=figures))
    quarks = int(np.count_nonzero(labels))
    record = CutsRecord(
        dataset=dataset, jets={"quark": quarks, "gluon": len(labels) - quarks}, rows=cuts
    )
    record.write(output)
    return record


class _Jets(NamedTuple):
    """Jets of a part, in the order of `evaluate_predictions`.

    `folds` has the number of the split whose part has each jet, `weights` is None without any.
    """

    table: np.ndarray
    labels: np.ndarray
    folds: np.ndarray
    weights: np.ndarray | None


def _part(parts: Sequence[Path], shards: list[Path], part: int) -> _Jets:
    """Read the jets of a part."""
    splits = [Parts.read(path) for path in parts]
    for split in splits:
        require_number(shards, split)
    tables, labels, numbers = [], [], []
    weights: list[np.ndarray] = []
    for number in np.argsort(splits[0].files):
        shard = open_part(shards[number], splits[0], int(number))
        inside = np.array([split.parts[number] == part for split in splits])
        rows = np.flatnonzero(inside.any(axis=0))
        columns = [(shard.columns or []).index(name) for name in COLUMNS]
        tables.append(shard.arrays["observables"][rows][:, columns])
        labels.append(shard.labels[rows])
        numbers.append(inside.argmax(axis=0)[rows])
        if splits[0].weights is not None:
            weights.append(splits[0].weights[number][rows])
    chosen = np.concatenate(labels)
    quarks, gluons = (int(np.count_nonzero(chosen == label)) for label in (1, 0))
    # A cut is chosen between two classes; jets of one are enough to test it.
    enough = quarks + gluons if part == TEST else min(quarks, gluons)
    if not enough or quarks + gluons < len(chosen):
        raise JetlineError(
            f"{parts[0]}, {PARTS[part]} part",
            found=f"{quarks} quark, {gluons} gluon and "
            f"{len(chosen) - quarks - gluons} unlabelled jets",
            expected="jets, all of them labelled"
            if part == TEST
            else "jets of both classes, all of them labelled",
            remedy="give the part more jets, or check the labels of the files",
        )
    own = np.concatenate(weights) if weights else None
    return _Jets(np.concatenate(tables), chosen, np.concatenate(numbers), own)


def best_cut(
    labels: np.ndarray, values: np.ndarray, weights: np.ndarray | None = None
) -> tuple[bool, float]:
    """Find the cut of the largest accuracy.

    Parameters
    ----------
    labels : (n_jets,) integer array
        1 for quark, 0 for gluon.
    values : (n_jets,) float array
        The observable.
    weights : (n_jets,) float array, optional
        Of each jet.

    Returns
    -------
    below : bool
        Whether quarks have the smaller values, by the area under the ROC curve.
    threshold : float
        Quarks are the jets with this value, or a smaller one (a larger one unless `below`).
    """
    below = bool(area_under_curve(ScoredJets.of(labels, values, weights))[0] < 0.5)
    sign = -1.0 if below else 1.0
    quark, gluon, thresholds = metrics.roc_curve(labels, sign * values, weights)
    gluons, quarks = np.bincount(labels, weights, 2)
    right = quark * quarks + (1 - gluon) * gluons
    # The first point is the infinite threshold that nothing passes.
    return below, float(sign * thresholds[1 + right[1:].argmax()])


def _scores(values: np.ndarray, below: bool, threshold: float) -> np.ndarray:
    """Turn values into numbers in (0, 1) of the same order, quarks at 0.5 and more, ties kept."""
    sign = -1.0 if below else 1.0
    distinct, place = np.unique(sign * values.astype(np.float64), return_inverse=True)
    first = np.searchsorted(distinct, sign * threshold)
    return 0.5 + (place - first + 0.25) / (2 * len(distinct) + 2)
