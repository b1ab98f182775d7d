"""Prediction files: checked, evaluated, and what came of it written beside each other."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NoReturn

import numpy as np

import jetline
from jetline.core.errors import JetlineError
from jetline.core.files import read_arrays, read_json, write_arrays, write_json
from jetline.evaluation import bootstrap, metrics

SCORE_EDGES = np.linspace(0, 1, 41)
"""Edges of the score histograms."""

_CURVE_POINTS = 500  # of the ROC curve along either axis: more than a page can show


def evaluate_predictions(
    predictions: Path, training: Path, dataset: str, seed: int, output: Path
) -> None:
    """Evaluate one prediction file; write `metrics.json` and `curves.npz` into `output`.

    Jets are put into the order of their file's name and index first, so that the bootstrap
    draws the same jets for every training whatever the order of the prediction file.

    Parameters
    ----------
    predictions : Path
        ``.npz`` with ``labels`` uint8, ``scores`` float32 (quark probability), ``jets`` int64
        (index in its file), ``files`` int32 (index into ``file_names``), each (n_jets,), and
        ``file_names`` (n_files,) unicode.
    training : Path
        Directory of the training, with its ``training.json``.
    dataset : str
        Name of the test dataset.
    seed : int
        The configuration's seed, from which the bootstrap draws.
    output : Path
        Directory to write into.

    Raises
    ------
    JetlineError
        If an array is missing or of the wrong length, a label is not 0 or 1, a score is NaN or
        outside [0, 1], a jet occurs twice, or one class is missing.
    """
    labels, scores, names, jets = read_predictions(Path(predictions))
    trained = read_json(Path(training) / "training.json")
    evaluation = metrics.evaluate(labels, scores, seed, dataset)
    n_quark = int(np.count_nonzero(labels))
    write_arrays(Path(output) / "curves.npz", **curves(labels, scores, evaluation))
    write_json(
        Path(output) / "metrics.json",
        {
            "label": trained["label"],
            "seed": trained["seed"],
            "dataset": dataset,
            "bootstrap": {"seed": seed, "resamples": len(evaluation.replicas)},
            "jets": {
                "quark": n_quark,
                "gluon": len(labels) - n_quark,
                "sha256": _fingerprint(labels, names, jets),
            },
            "figures": {
                name: {
                    "value": figure.value,
                    "low": figure.low,
                    "high": figure.high,
                    "error": figure.error,
                }
                for name, figure in evaluation.figures.items()
            },
            "jetline": jetline.__version__,
        },
    )


def read_predictions(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Read and check a prediction file, its jets sorted by file name and index.

    Returns
    -------
    labels : (n_jets,) uint8 array
    scores : (n_jets,) float32 array
    names : (n_jets,) unicode array
        Name of each jet's file.
    jets : (n_jets,) int64 array
        Index of each jet in its file.

    Raises
    ------
    JetlineError
        See `evaluate_predictions`.
    """
    arrays = read_arrays(path)
    expected = ("labels", "scores", "jets", "files", "file_names")
    absent = [name for name in expected if name not in arrays]
    if absent:
        _refuse(path, f"no array {', '.join(absent)}", f"the arrays {', '.join(expected)}")
    lengths = {name: len(arrays[name]) for name in expected[:-1]}
    if len(set(lengths.values())) != 1:
        _refuse(path, f"arrays of lengths {lengths}", "one entry a jet in each")
    labels, scores = arrays["labels"], arrays["scores"]
    wrong = np.flatnonzero(~np.isin(labels, (0, 1)))
    if len(wrong):
        _refuse(
            f"{path}: labels[{wrong[0]}]",
            f"{labels[wrong[0]]} ({len(wrong)} such jets)",
            "1 (quark) or 0 (gluon)",
        )
    wrong = np.flatnonzero(~((scores >= 0) & (scores <= 1)))
    if len(wrong):
        _refuse(
            f"{path}: scores[{wrong[0]}]",
            f"{scores[wrong[0]]} ({len(wrong)} such jets)",
            "a quark probability in [0, 1]",
            "look at the training's history: a loss that became NaN has spoilt the model",
        )
    n_quark = int(np.count_nonzero(labels))
    if n_quark in (0, len(labels)):
        _refuse(
            f"{path}: labels",
            f"{n_quark} quark and {len(labels) - n_quark} gluon jets",
            "jets of both classes",
            "test on a dataset with both classes, or give the test part more jets",
        )
    files, file_names = arrays["files"], arrays["file_names"]
    if files.min() < 0 or files.max() >= len(file_names):
        _refuse(
            f"{path}: files",
            f"indices from {files.min()} to {files.max()}",
            f"indices into the {len(file_names)} file names",
        )
    names, jets = file_names[files], arrays["jets"]
    order = np.lexsort((jets, names))
    names, jets = names[order], jets[order]
    twice = np.flatnonzero((names[1:] == names[:-1]) & (jets[1:] == jets[:-1]))
    if len(twice):
        _refuse(
            f"{path}: jets",
            f"jet {jets[twice[0]]} of {names[twice[0]]} more than once ({len(twice)} such jets)",
            "each jet once",
        )
    return labels[order], scores[order], names, jets


def curves(
    labels: np.ndarray, scores: np.ndarray, evaluation: metrics.Evaluation
) -> dict[str, np.ndarray]:
    """The arrays of `curves.npz`: everything that a plot shows, and the replicas.

    Parameters
    ----------
    labels : (n_jets,) integer array
    scores : (n_jets,) float array
    evaluation : Evaluation
        Of these jets.

    Returns
    -------
    dict of arrays
        ``roc_quark_efficiency``, ``roc_gluon_efficiency``, ``roc_threshold`` (n_points,): points
        of the ROC curve, thinned; ``quark_efficiency`` (100,) and on it ``rejection``,
        ``rejection_low``, ``rejection_high`` (infinite where no gluon jet passes) and
        ``gluon_efficiency_replicas`` (n_resamples, 100) float32; ``score_edges`` (41,),
        ``score_quark``, ``score_gluon`` (40,): jets by score; ``replicas`` (n_resamples, 5) of
        the figures ``replica_names``.
    """
    quark_efficiency, gluon_efficiency, threshold = metrics.roc_curve(labels, scores)
    kept = _thinned(quark_efficiency, gluon_efficiency)
    with np.errstate(divide="ignore"):
        rejection = 1 / evaluation.gluon_efficiency
        low, high = bootstrap.central_band(1 / evaluation.gluon_efficiency_replicas)
    return {
        "roc_quark_efficiency": quark_efficiency[kept],
        "roc_gluon_efficiency": gluon_efficiency[kept],
        "roc_threshold": threshold[kept],
        "quark_efficiency": bootstrap.EFFICIENCY_GRID,
        "rejection": rejection,
        "rejection_low": low,
        "rejection_high": high,
        "gluon_efficiency_replicas": evaluation.gluon_efficiency_replicas.astype(np.float32),
        "score_edges": SCORE_EDGES,
        "score_quark": np.histogram(scores[labels == 1], SCORE_EDGES)[0],
        "score_gluon": np.histogram(scores[labels == 0], SCORE_EDGES)[0],
        "replicas": evaluation.replicas,
        "replica_names": np.array(metrics.FIGURES),
    }


def _thinned(quark_efficiency: np.ndarray, gluon_efficiency: np.ndarray) -> np.ndarray:
    """Indices of ROC points that are even in quark and in the logarithm of gluon efficiency."""
    last = len(quark_efficiency) - 1
    smallest = gluon_efficiency[gluon_efficiency > 0][0]
    along_quark = np.searchsorted(quark_efficiency, np.linspace(0, 1, _CURVE_POINTS))
    along_gluon = np.searchsorted(gluon_efficiency, np.geomspace(smallest, 1, _CURVE_POINTS))
    return np.unique(np.concatenate([along_quark, along_gluon, [0, last]]).clip(0, last))


def _fingerprint(labels: np.ndarray, names: np.ndarray, jets: np.ndarray) -> str:
    """SHA-256 that two evaluations share exactly if they are of the same test jets."""
    digest = hashlib.sha256()
    for name in np.unique(names):
        chosen = names == name
        digest.update(f"{name}:{np.count_nonzero(chosen)};".encode())
        digest.update(jets[chosen].astype("<i8").tobytes())
        digest.update(labels[chosen].astype(np.uint8).tobytes())
    return digest.hexdigest()


def _refuse(
    where: Path | str,
    found: str,
    expected: str,
    remedy: str = "remove the file and predict again",
) -> NoReturn:
    raise JetlineError(str(where), found=found, expected=expected, remedy=remedy)
