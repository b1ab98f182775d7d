"""Bootstrap over test jets: many resamples at once, on jets reduced to their distinct scores.

B. Efron, Ann. Statist. 7 (1979) 1: resample the jets with replacement, as many as there are,
and take the spread of a figure over the resamples for its error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jetline.core.randomness import generator

EFFICIENCY_GRID = np.arange(1, 101) / 100
"""Quark efficiencies at which the rejection curve and its replicas are kept."""

TAIL = 0.158655
"""Probability outside the interval on either side: a Gaussian beyond one standard deviation."""

SCORE_MARGIN = float(np.finfo(np.float32).eps)
"""Distance that the logarithmic loss keeps from scores of 0 and 1: scores are float32."""

_BLOCK = 1_000_000  # jets drawn at a time, whatever the size of the test sample: about 60 MB


def inside_margin(scores: np.ndarray) -> np.ndarray:
    """Scores as float64, kept `SCORE_MARGIN` away from 0 and 1."""
    return np.clip(np.asarray(scores, dtype=np.float64), SCORE_MARGIN, 1 - SCORE_MARGIN)


def central_interval(replicas: np.ndarray) -> tuple[float | None, float | None]:
    """Central 68.27 % interval of bootstrap replicas (percentile method).

    Parameters
    ----------
    replicas : (n_resamples,) float array
        NaN marks a resample in which the figure is not defined, which is left out; infinity a
        rejection without any gluon jet.

    Returns
    -------
    low, high : float or None
        None for an end that is infinite, or if no replica is defined.
    """
    low, high = central_band(replicas[:, None])
    return tuple(float(end[0]) if np.isfinite(end[0]) else None for end in (low, high))


def central_band(replicas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`central_interval` of each column; ends that are not defined are infinite or NaN.

    Parameters
    ----------
    replicas : (n_resamples, n_columns) float array

    Returns
    -------
    low, high : (n_columns,) float64 arrays
    """
    defined = replicas[~np.isnan(replicas).any(axis=1)]
    if len(defined) == 0:
        undefined = np.full(replicas.shape[1], np.nan)
        return undefined, undefined
    # Interpolating between two infinities gives NaN, hence an order statistic: the outer one,
    # so that the interval never covers less than it says.
    low = np.quantile(defined, TAIL, axis=0, method="lower")
    high = np.quantile(defined, 1 - TAIL, axis=0, method="higher")
    return low, high


@dataclass(frozen=True)
class Replicas:
    """Figures in each resample; NaN where the resample has no jet of one class.

    Attributes
    ----------
    accuracy, auc, log_loss : (n_resamples,) float64 arrays
    gluon_efficiency : (n_resamples, 100) float64 array
        At `EFFICIENCY_GRID`.
    """

    accuracy: np.ndarray
    auc: np.ndarray
    log_loss: np.ndarray
    gluon_efficiency: np.ndarray


@dataclass(frozen=True)
class Ranking:
    """Jets reduced to the distinct scores they have, the most quark-like first.

    Attributes
    ----------
    thresholds : (n_distinct,) float64 array
        Distinct scores, falling.
    cell : (n_jets,) int64 array
        For each jet ``class * n_distinct + place of its score``, class 0 gluon and 1 quark: the
        histogram of it holds everything that a figure of merit needs, ties included.
    """

    thresholds: np.ndarray
    cell: np.ndarray

    @classmethod
    def of(cls, labels: np.ndarray, scores: np.ndarray) -> Ranking:
        distinct, place = np.unique(np.asarray(scores, dtype=np.float64), return_inverse=True)
        falling = len(distinct) - 1 - place
        is_quark = np.asarray(labels) == 1
        return cls(thresholds=distinct[::-1], cell=falling + is_quark * len(distinct))

    def counts(self, drawn: np.ndarray | None = None) -> np.ndarray:
        """Jets by class and score, in the sample itself or in resamples of it.

        Parameters
        ----------
        drawn : (n_resamples, n_jets) integer array, optional
            Indices of the jets in each resample; the sample itself if absent.

        Returns
        -------
        counts : (n_resamples, 2, n_distinct) int64 array
            Gluon jets, then quark jets.
        """
        cells = self.cell[None] if drawn is None else self.cell[drawn]
        width = 2 * len(self.thresholds)
        cells = cells + np.arange(len(cells))[:, None] * width
        return np.bincount(cells.ravel(), minlength=len(cells) * width).reshape(len(cells), 2, -1)

    def auc(self, counts: np.ndarray) -> np.ndarray:
        """Area under the ROC curve in each resample, (n_resamples,) float64; ties count half."""
        gluon, quark = counts[:, 0], counts[:, 1]
        twice_outscored = 2 * np.cumsum(quark, axis=1) - quark
        pairs = gluon.sum(axis=1) * quark.sum(axis=1).astype(np.float64)
        wins = np.einsum("rs,rs->r", gluon, twice_outscored) / 2
        return np.divide(wins, pairs, out=np.full(len(counts), np.nan), where=pairs > 0)

    def accuracy_and_log_loss(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Accuracy and mean cross-entropy in each resample, (n_resamples,) float64 each."""
        scores = inside_margin(self.thresholds)
        called_quark = self.thresholds >= 0.5
        correct = np.concatenate([~called_quark, called_quark]).astype(np.float64)
        loss = -np.concatenate([np.log1p(-scores), np.log(scores)])
        sums = counts.reshape(len(counts), -1) @ np.column_stack([correct, loss])
        return tuple((sums / len(self.cell)).T)

    def gluon_efficiency(self, counts: np.ndarray, quark_efficiency: np.ndarray) -> np.ndarray:
        """Gluon efficiency at given quark efficiencies in each resample.

        Read at the tightest threshold that keeps enough quark jets; across a tie the ROC curve
        is a straight line.

        Parameters
        ----------
        counts : (n_resamples, 2, n_distinct) int64 array
        quark_efficiency : (n_points,) float array
            In (0, 1].

        Returns
        -------
        gluon_efficiency : (n_resamples, n_points) float64 array
            NaN where the resample has no jet of one class.
        """
        n_resamples, _, n_distinct = counts.shape
        gluon, quark = (np.cumsum(counts[:, kind], axis=1) for kind in (0, 1))
        n_gluon, n_quark = gluon[:, -1:], quark[:, -1:]
        # Rounded to a millionth of a jet: 0.07 * 100 is more than 7 in floating point.
        wanted = np.round(n_quark * quark_efficiency, 6)
        # Lifting each resample above the one before makes all of them one sorted array.
        lift = np.arange(n_resamples)[:, None] * (len(self.cell) + 1)
        enough = np.searchsorted((quark + lift).ravel(), np.ceil(wanted).astype(np.int64) + lift)
        reached = np.minimum(enough - np.arange(n_resamples)[:, None] * n_distinct, n_distinct - 1)

        def at(values: np.ndarray) -> np.ndarray:
            return np.take_along_axis(values, reached, axis=1)

        tied_gluon, tied_quark = at(counts[:, 0]), at(counts[:, 1])
        share = (at(quark) - wanted) / np.maximum(tied_quark, 1)
        passing = at(gluon) - share * tied_gluon
        valid = np.broadcast_to((n_gluon > 0) & (n_quark > 0), passing.shape)
        return np.divide(passing, n_gluon, out=np.full(passing.shape, np.nan), where=valid)


def resample(ranking: Ranking, seed: int, dataset: str, resamples: int) -> Replicas:
    """Figures in bootstrap resamples that depend on seed, dataset and number of jets only.

    Parameters
    ----------
    ranking : Ranking
        The jets, in the order that all taggers to be compared share.
    seed : int
        The configuration's seed.
    dataset : str
        Name of the test dataset.
    resamples : int
        Number of resamples.
    """
    numbers = generator(seed, "bootstrap", dataset)
    n_jets = len(ranking.cell)
    at_once = max(1, _BLOCK // n_jets)
    blocks = []
    for start in range(0, resamples, at_once):
        size = (min(at_once, resamples - start), n_jets)
        counts = ranking.counts(numbers.integers(n_jets, size=size))
        blocks.append(
            (
                *ranking.accuracy_and_log_loss(counts),
                ranking.auc(counts),
                ranking.gluon_efficiency(counts, EFFICIENCY_GRID),
            )
        )
    accuracy, log_loss, auc, gluon_efficiency = (
        np.concatenate(column) for column in zip(*blocks, strict=True)
    )
    return Replicas(accuracy, auc, log_loss, gluon_efficiency)
