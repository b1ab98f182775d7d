"""Prediction files: evaluated, and what came of it written beside each other."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

import jetline
from jetline.core.classes import count_by_class, numbered
from jetline.core.errors import JetlineError
from jetline.core.weights import effective_by_class, require_positive_sum
from jetline.evaluation import bootstrap, metrics
from jetline.records.evaluation import Bootstrap, Curves, EvaluationRecord, TestJets
from jetline.records.predictions import Predictions
from jetline.records.training import read_tagger

SCORE_EDGES = np.linspace(0, 1, 41)
"""Edges of the score histograms."""

_CURVE_POINTS = 500  # of the ROC curve along either axis: more than a page can show


def evaluate_predictions(
    predictions: Path, training: Path, dataset: str, seed: int, output: Path
) -> EvaluationRecord:
    """Evaluate one prediction file; write `metrics.json` and `curves.npz` into `output`.

    Jets are put into the order of their file's name and index first, so that the bootstrap
    draws the same jets for every training whatever the order of the prediction file. Jets of one
    class alone are evaluated for what they can tell.

    Parameters
    ----------
    predictions : Path
        What `Predictions.write` wrote.
    training : Path
        Directory of the tagger, with its ``training.json``, whoever trained it.
    dataset : str
        Name of the test dataset.
    seed : int
        The configuration's seed, from which the bootstrap draws.
    output : Path
        Directory to write into.

    Returns
    -------
    EvaluationRecord
        What was written into `metrics.json`.

    Raises
    ------
    JetlineError
        If the prediction file is broken, empty or another tagger's, a jet has no label, or the
        tagger's description is missing.
    """
    predicted = Predictions.read(Path(predictions))
    _require_labelled(Path(predictions), predicted)
    tagger = read_tagger(training)
    if predicted.training != tagger.key:
        raise JetlineError(
            str(predictions),
            found=f"scores by another tagger (key {predicted.training})",
            expected=f"scores by the tagger {training} (key {tagger.key})",
            remedy="predict again: the tagger was trained again since, or give the other's folder",
        )
    labels, scores, weights = predicted.labels, predicted.scores, predicted.weights
    if weights is not None:
        for number, name in enumerate(predicted.classes):
            if (own := labels == number).any():
                where = f"{predictions}, array weights"
                require_positive_sum(where, weights[own], f"{name} jets")
    evaluation = metrics.evaluate(labels, scores, seed, dataset, weights=weights)
    curves(labels, scores, evaluation, weights).write(Path(output) / "curves.npz")
    record = EvaluationRecord(
        label=tagger.label,
        seed=tagger.seed,
        training=tagger.key,
        dataset=dataset,
        bootstrap=Bootstrap(seed=seed, resamples=len(evaluation.replicas)),
        jets=TestJets(
            classes=predicted.classes,
            by_class=count_by_class(predicted.labels, predicted.classes),
            effective=effective_by_class(labels, weights, predicted.classes),
            sha256=_fingerprint(predicted),
        ),
        figures=evaluation.estimates,
        jetline=jetline.__version__,
    )
    record.write(Path(output) / "metrics.json")
    return record


def _require_labelled(path: Path, predicted: Predictions) -> None:
    labels = predicted.labels
    unlabelled = int(np.count_nonzero(labels == 255))
    if unlabelled:
        raise JetlineError(
            f"{path}: labels[{int(np.argmax(labels == 255))}]",
            found=f"255 ({unlabelled} such jets)",
            expected=numbered(predicted.classes),
            remedy="predict jets whose labels are known",
        )
    if not len(labels):
        raise JetlineError(
            f"{path}: labels",
            found="no jets",
            expected="test jets",
            remedy="give the test part more jets",
        )


def curves(
    labels: np.ndarray,
    scores: np.ndarray,
    evaluation: metrics.Evaluation,
    weights: np.ndarray | None = None,
) -> Curves:
    """Collect all that a picture shows of an evaluation, and the replicas.

    Parameters
    ----------
    labels : (n_jets,) integer array
        1 for quark, 0 for gluon; the number of the class of more than two.
    scores : (n_jets,) or (n_jets, n_classes) float array
        Quark probability in [0, 1], or that of each class.
    evaluation : Evaluation
        Of these jets.
    weights : (n_jets,) float array, optional
        Of each jet.
    """
    if scores.ndim > 1:
        # Curves and histograms of one score need two classes; the replicas stay.
        labels, scores, weights = labels[:0], scores[:0, 0], None
    quark_efficiency, gluon_efficiency, threshold = _roc_points(labels, scores, weights)
    quarks, gluons = (
        np.histogram(
            scores[labels == label],
            SCORE_EDGES,
            weights=None if weights is None else weights[labels == label],
        )[0]
        for label in (1, 0)
    )
    with np.errstate(divide="ignore"):
        rejection = 1 / evaluation.gluon_efficiency
        low, high = bootstrap.central_band(1 / evaluation.gluon_efficiency_replicas)
    return Curves(
        roc_quark_efficiency=quark_efficiency,
        roc_gluon_efficiency=gluon_efficiency,
        roc_threshold=threshold,
        quark_efficiency=metrics.EFFICIENCY_GRID[: len(rejection)],
        rejection=rejection,
        rejection_low=low,
        rejection_high=high,
        gluon_efficiency_replicas=evaluation.gluon_efficiency_replicas.astype(np.float32),
        score_edges=SCORE_EDGES,
        score_quark=quarks,
        score_gluon=gluons,
        replicas=evaluation.replicas,
        replica_names=np.array(list(evaluation.estimates)),
    )


def _roc_points(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None
) -> tuple[np.ndarray, ...]:
    """Compute the thinned ROC curve; it has no points where all jets are of one class."""
    if len(np.unique(labels)) < 2:
        return np.empty(0), np.empty(0), np.empty(0)
    points = metrics.roc_curve(labels, scores, weights)
    # Where negative weights make shares fall, a point is looked up among the largest so far.
    kept = _thinned(*map(np.maximum.accumulate, points[:2]))
    return tuple(one[kept] for one in points)


def _thinned(quark_efficiency: np.ndarray, gluon_efficiency: np.ndarray) -> np.ndarray:
    """Choose ROC points that are even in quark and in the logarithm of gluon efficiency."""
    last = len(quark_efficiency) - 1
    smallest = gluon_efficiency[gluon_efficiency > 0][0]
    along_quark = np.searchsorted(quark_efficiency, np.linspace(0, 1, _CURVE_POINTS))
    along_gluon = np.searchsorted(gluon_efficiency, np.geomspace(smallest, 1, _CURVE_POINTS))
    return np.unique(np.concatenate([along_quark, along_gluon, [0, last]]).clip(0, last))


def _fingerprint(predicted: Predictions) -> str:
    """Compute a SHA-256 that two evaluations share exactly if they are of the same test jets."""
    digest, names = hashlib.sha256(), predicted.names
    for name in np.unique(names):
        chosen = names == name
        digest.update(f"{name}:{np.count_nonzero(chosen)};".encode())
        digest.update(predicted.jets[chosen].astype("<i8").tobytes())
        digest.update(predicted.labels[chosen].astype(np.uint8).tobytes())
        if predicted.weights is not None:
            digest.update(predicted.weights[chosen].astype("<f4").tobytes())
    return digest.hexdigest()
