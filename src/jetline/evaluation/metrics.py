"""Figures of merit of a quark/gluon tagger, with the error that the test sample gives them.

Everywhere a label is 1 for a quark jet (signal) and 0 for a gluon jet (background), and a score
is the tagger's quark probability.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jetline.evaluation import bootstrap

FIGURES = ("accuracy", "auc", "rejection_50", "rejection_30", "log_loss")
"""Names of the figures of merit, in the order of the columns of `Evaluation.replicas`."""


@dataclass(frozen=True)
class Figure:
    """One figure of merit with its interval from the test sample.

    Attributes
    ----------
    value : float or None
        None for a rejection where no gluon jet passes.
    low, high : float or None
        Ends of the central 68.27 % interval. `high` is None where more than 16 % of the
        resamples have no gluon jet left: the interval is then a lower bound only.
    error : float or None
        Half the width of the interval.
    """

    value: float | None
    low: float | None
    high: float | None

    @property
    def error(self) -> float | None:
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


@dataclass(frozen=True)
class Evaluation:
    """What one tagger reaches on one test sample.

    Attributes
    ----------
    figures : dict of Figure
        By the names in `FIGURES`.
    replicas : (n_resamples, 5) float64 array
        The figures in each bootstrap resample. A rejection is infinite where no gluon jet
        passes; AUC and rejections are NaN where the resample has no jet of one class.
    gluon_efficiency : (100,) float64 array
        Gluon efficiency at the quark efficiencies `bootstrap.EFFICIENCY_GRID`.
    gluon_efficiency_replicas : (n_resamples, 100) float64 array
        The same in each resample.
    """

    figures: dict[str, Figure]
    replicas: np.ndarray
    gluon_efficiency: np.ndarray
    gluon_efficiency_replicas: np.ndarray


def _require_both_classes(labels: np.ndarray) -> None:
    quarks = int(np.count_nonzero(labels))
    if quarks in (0, len(labels)):
        missing = "quark" if quarks == 0 else "gluon"
        raise ValueError(f"no {missing} jet among {len(labels)} jets")


def roc_curve(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Receiver operating characteristic, one point for each distinct score.

    Parameters
    ----------
    labels : (n_jets,) integer array
        1 for quark (signal), 0 for gluon (background).
    scores : (n_jets,) float array
        Tagger output; larger means more quark-like. Ties share one threshold.

    Returns
    -------
    quark_efficiency, gluon_efficiency, threshold : (n_distinct + 1,) float64 arrays
        Fractions of jets with score >= threshold. The first threshold is infinite, where
        nothing passes; at the last everything passes.

    Raises
    ------
    ValueError
        If one class is missing.
    """
    from sklearn.metrics import roc_curve as sklearn_roc_curve

    _require_both_classes(labels)
    gluon_efficiency, quark_efficiency, threshold = sklearn_roc_curve(
        labels, np.asarray(scores, dtype=np.float64), drop_intermediate=False
    )
    return quark_efficiency, gluon_efficiency, threshold


def auc(labels: np.ndarray, scores: np.ndarray) -> float:
    """Area under the ROC curve: the chance that a quark jet outscores a gluon jet, ties half.

    Raises
    ------
    ValueError
        If one class is missing.
    """
    from sklearn.metrics import roc_auc_score

    _require_both_classes(labels)
    return float(roc_auc_score(labels, scores))


def accuracy(labels: np.ndarray, scores: np.ndarray) -> float:
    """Share of jets classified correctly, a quark being what scores at least 0.5."""
    return float(np.mean((np.asarray(scores) >= 0.5) == (np.asarray(labels) == 1)))


def log_loss(labels: np.ndarray, scores: np.ndarray) -> float:
    """Mean binary cross-entropy in nats.

    Scores are kept `bootstrap.SCORE_MARGIN` away from 0 and 1, so that one certain and wrong jet
    does not make it infinite.
    """
    from sklearn.metrics import log_loss as sklearn_log_loss

    return float(sklearn_log_loss(labels, bootstrap.inside_margin(scores), labels=[0, 1]))


def background_rejection(labels: np.ndarray, scores: np.ndarray, signal_efficiency: float) -> float:
    """Inverse gluon efficiency at a given quark efficiency, 1 / eps_g(eps_q).

    It is read at the tightest threshold that keeps at least `signal_efficiency` of the quark
    jets. Where several jets share the score at that threshold, the fraction of them that the
    quark efficiency asks for is kept: the ROC curve is a straight line across a tie.

    Parameters
    ----------
    labels : (n_jets,) integer array
        1 for quark (signal), 0 for gluon (background).
    scores : (n_jets,) float array
        Tagger output; larger means more quark-like. Ties share one threshold.
    signal_efficiency : float
        Quark efficiency at which to read the curve, in (0, 1].

    Raises
    ------
    ValueError
        If one class is missing, or no gluon jet passes.
    """
    _require_both_classes(labels)
    ranking = bootstrap.Ranking.of(labels, scores)
    efficiency = ranking.gluon_efficiency(ranking.counts(), np.array([signal_efficiency]))[0, 0]
    if efficiency == 0:
        raise ValueError(f"no gluon jet passes at a quark efficiency of {signal_efficiency}")
    return float(1 / efficiency)


def _rejection(gluon_efficiency: float, replicas: np.ndarray, n_gluon: int) -> Figure:
    if gluon_efficiency == 0:
        # Every resample lacks gluons too, so the bootstrap cannot bound it; the binomial limit
        # for none out of n_gluon can (Clopper and Pearson, Biometrika 26 (1934) 404).
        limit = -np.expm1(np.log(bootstrap.TAIL) / n_gluon)
        return Figure(value=None, low=float(1 / limit), high=None)
    low, high = bootstrap.central_interval(replicas)
    return Figure(value=float(1 / gluon_efficiency), low=low, high=high)


def evaluate(
    labels: np.ndarray,
    scores: np.ndarray,
    seed: int,
    dataset: str,
    resamples: int = 1000,
) -> Evaluation:
    """Every figure of merit of one tagger, with intervals from one bootstrap over the jets.

    The resamples depend on `seed`, `dataset` and the number of jets only. Taggers evaluated on
    the same jets in the same order therefore see the same resamples, and the replicas of two of
    them can be subtracted.

    Parameters
    ----------
    labels : (n_jets,) integer array
        1 for quark, 0 for gluon.
    scores : (n_jets,) float array
        Quark probability in [0, 1].
    seed : int
        The configuration's seed.
    dataset : str
        Name of the test dataset.
    resamples : int
        Number of bootstrap resamples.

    Raises
    ------
    ValueError
        If one class is missing.
    """
    _require_both_classes(labels)
    ranking = bootstrap.Ranking.of(labels, scores)
    curve = ranking.gluon_efficiency(ranking.counts(), bootstrap.EFFICIENCY_GRID)[0]
    replicas = bootstrap.resample(ranking, seed, dataset, resamples)
    at_50, at_30 = (
        int(np.flatnonzero(efficiency == bootstrap.EFFICIENCY_GRID)[0]) for efficiency in (0.5, 0.3)
    )
    with np.errstate(divide="ignore"):
        rejections = 1 / replicas.gluon_efficiency[:, [at_50, at_30]]
    n_gluon = len(labels) - int(np.count_nonzero(labels))
    figures = {
        name: Figure(value, *bootstrap.central_interval(column))
        for name, value, column in (
            ("accuracy", accuracy(labels, scores), replicas.accuracy),
            ("auc", auc(labels, scores), replicas.auc),
            ("log_loss", log_loss(labels, scores), replicas.log_loss),
        )
    }
    figures["rejection_50"] = _rejection(curve[at_50], rejections[:, 0], n_gluon)
    figures["rejection_30"] = _rejection(curve[at_30], rejections[:, 1], n_gluon)
    return Evaluation(
        figures={name: figures[name] for name in FIGURES},
        replicas=np.column_stack((replicas.accuracy, replicas.auc, rejections, replicas.log_loss)),
        gluon_efficiency=curve,
        gluon_efficiency_replicas=replicas.gluon_efficiency,
    )
