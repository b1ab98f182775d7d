"""Jets with their classes, scores and weights, in a sample or in many resamples of it at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from jetline.core.classes import share_of
from jetline.evaluation.ranking import Ranking, histograms


@dataclass(frozen=True)
class TwoClasses:
    """The jets of two classes among those of more, or of one class and all others.

    Attributes
    ----------
    chosen : (n_chosen,) integer array
        Which jets these are, in the order of their cells.
    jets : ScoredJets
        They themselves, 1 the signal and 0 the background, in the same order.
    first : (n_cells,) integer array
        Place of the first jet of each cell that has one.
    cells : (n_cells,) integer array
        Which cell of the ranking that is.
    """

    chosen: np.ndarray
    jets: ScoredJets
    first: np.ndarray
    cells: np.ndarray

    @classmethod
    def of(
        cls,
        labels: np.ndarray,
        scores: np.ndarray,
        signal: int,
        background: int | None,
        weights: np.ndarray | None = None,
    ) -> TwoClasses:
        """Choose jets, as `ScoredJets.between` says."""
        if background is None:
            chosen, ranked_by = np.arange(len(labels)), scores[:, signal]
        else:
            chosen = np.flatnonzero((labels == signal) | (labels == background))
            ranked_by = share_of(scores[chosen], signal, background)
        is_signal = (labels[chosen] == signal).astype(np.int64)
        order = np.argsort(Ranking.of(is_signal, ranked_by).cell, kind="stable")
        of_chosen = None if weights is None else weights[chosen[order]]
        jets = ScoredJets.of(is_signal[order], ranked_by[order], of_chosen)
        first = np.flatnonzero(np.diff(jets._ranking.cell, prepend=-1))
        return cls(chosen[order], jets, first, jets._ranking.cell[first])

    def weighted(self, weights: np.ndarray) -> ScoredJets:
        """Give these jets in resamples of all, whose weights are (n_resamples, n_jets)."""
        in_cells = np.add.reduceat(weights[:, self.chosen], self.first, axis=1)
        counts = np.zeros((len(weights), 2 * len(self.jets.thresholds)), dtype=weights.dtype)
        counts[:, self.cells] = in_cells
        return replace(self.jets, counted=counts.reshape(len(weights), 2, -1))


@dataclass(frozen=True)
class ScoredJets:
    """Jets with their classes, scores and weights: what a figure of merit is a function of.

    A weight says how often a resample has drawn a jet, and is 1 in the sample itself; where jets
    have weights of their own, it is the product. So the same function gives a figure of merit of
    the sample and of each resample. There is a row for each resample, and a single one for the
    sample. Without weights of their own, jets are counted in whole numbers.

    Figures of merit of two classes see no more of the jets than how many of each class have each
    score. `counts`, `passing`, `numbers`, `mean` and `gluon_efficiency` work on that without the
    weights, which is faster.

    Attributes
    ----------
    labels : (n_jets,) integer array
        Class of each jet: of two 0 is gluon, the background, and 1 quark, the signal.
    scores : (n_jets, n_classes) float64 array
        Score of each class, by its label.
    drawn : (n_resamples, n_jets) integer array or None
        Indices of the jets in each resample; None for the sample itself.
    ranking : Ranking or None
        The jets by their distinct scores, if there are two classes.
    counted : (n_resamples, 2, n_distinct) array or None
        `counts` in the resamples of a sample of more classes, if these are two of them.
    of_jets : (n_jets,) float64 array or None
        Each jet's own weight; None where all count the same.
    """

    labels: np.ndarray
    scores: np.ndarray
    drawn: np.ndarray | None = None
    ranking: Ranking | None = None
    counted: np.ndarray | None = None
    of_jets: np.ndarray | None = None
    #: Shared by all resamples: rankings cost more than what is done with them.
    _two: dict[tuple[int, int | None], TwoClasses] = field(
        default_factory=dict, repr=False, compare=False
    )

    @classmethod
    def of(
        cls, labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None
    ) -> ScoredJets:
        """Take a sample of jets.

        Parameters
        ----------
        labels : (n_jets,) integer array
            Number of each jet's class; of two 1 is quark (signal), 0 gluon (background).
        scores : (n_jets,) or (n_jets, n_classes) float array
            Quark probability, or the score of each class.
        weights : (n_jets,) float array, optional
            Of each jet; all count the same if not given.

        Raises
        ------
        ValueError
            If there are no jets.
        """
        labels, scores = np.asarray(labels), np.asarray(scores, dtype=np.float64)
        if scores.ndim == 1:
            scores = np.column_stack([1 - scores, scores])
        if not len(labels):
            raise ValueError("no jets")
        ranking = Ranking.of(labels, scores[:, 1]) if scores.shape[1] == 2 else None
        of_jets = None if weights is None else np.asarray(weights, dtype=np.float64)
        return cls(labels, scores, ranking=ranking, of_jets=of_jets)

    def __len__(self) -> int:
        return len(self.labels)

    def resampled(self, drawn: np.ndarray) -> ScoredJets:
        """Take resamples of these jets, given their indices in each, (n_resamples, n_jets)."""
        return replace(self, drawn=drawn)

    @cached_property
    def weights(self) -> np.ndarray:
        """Weight of each jet in each resample, (n_resamples, n_jets); int64 without their own."""
        drawn = np.ones((1, len(self)), dtype=np.int64)
        if self.drawn is not None:
            drawn = histograms(self.drawn, len(self))
        return drawn if self.of_jets is None else drawn * self.of_jets

    def between(self, signal: int, background: int | None = None) -> ScoredJets:
        """Take one class as the signal, and another one, or all others, as the background.

        Parameters
        ----------
        signal, background : int
            Numbers of the classes; None for all others. One class is told from another by
            p_s / (p_s + p_b), and from all others by p_s.

        Returns
        -------
        ScoredJets
            The jets of these classes alone, in the same resamples.
        """
        key = (signal, background)
        if key not in self._two:
            self._two[key] = TwoClasses.of(
                self.labels, self.scores, signal, background, self.of_jets
            )
        return self._two[key].weighted(self.weights)

    @property
    def classes(self) -> int:
        """Number of classes that there are scores of."""
        return int(self.scores.shape[1])

    @cached_property
    def counts(self) -> np.ndarray:
        """Jets by class and distinct score, (n_resamples, 2, n_distinct): gluons, quarks.

        Scores fall, as `Ranking.thresholds` do. They are whole numbers (int64), or sums of weights.
        """
        if self.counted is not None:
            return self.counted
        cell = self._ranking.cell
        cells = cell[None] if self.drawn is None else cell[self.drawn]
        own = self.of_jets
        if own is not None:
            own = own[None] if self.drawn is None else own[self.drawn]
        counts = histograms(cells, 2 * len(self.thresholds), own)
        return counts.reshape(len(cells), 2, -1)

    @property
    def thresholds(self) -> np.ndarray:
        """Distinct scores of being a quark jet, falling, (n_distinct,) float64."""
        return self._ranking.thresholds

    @cached_property
    def passing(self) -> np.ndarray:
        """Jets by class that score at least each distinct score, shaped as `counts`."""
        return np.cumsum(self.counts, axis=2)

    @cached_property
    def numbers(self) -> np.ndarray:
        """Jets of each class, (n_resamples, n_classes): of two gluons, quarks."""
        if self.classes == 2:
            return self.passing[:, :, -1]
        return self.weights @ (self.labels[:, None] == np.arange(self.classes)).astype(np.int64)

    @property
    def complete(self) -> np.ndarray:
        """Whether each resample has jets of every class, (n_resamples,) bool.

        A class whose weights have no positive sum is as good as missing: no share of it exists.
        """
        return np.asarray((self.numbers > 0).all(axis=1))

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Take the mean over jets of a function of class and score.

        Parameters
        ----------
        values : (2, n_distinct) or (n_jets,) array
            The function for gluon and for quark jets at each of `thresholds`; of more classes for
            each jet.

        Returns
        -------
        (n_resamples,) float64 array
        """
        if self.classes > 2:
            return np.asarray(self.weights @ values / self.weights.sum(axis=1))
        columns = np.column_stack([np.ones(values.size), values.ravel()])
        number, total = (self.counts.reshape(len(self.counts), -1) @ columns).T
        return np.asarray(total / number)

    def gluon_efficiency(self, quark_efficiency: np.ndarray) -> np.ndarray:
        """Give the gluon efficiency at quark efficiencies.

        It is read at the tightest threshold that keeps at least the quark efficiency. Where
        several jets share the score at that threshold, the fraction of them that the quark
        efficiency asks for is kept: the ROC curve is a straight line across a tie.

        Parameters
        ----------
        quark_efficiency : (n_points,) float array
            In (0, 1].

        Returns
        -------
        gluon_efficiency : (n_resamples, n_points) float64 array
            NaN where the resample has no jet of one class.
        """
        n_gluon, n_quark = self.numbers[:, :1], self.numbers[:, 1:]
        n_resamples, _, n_distinct = self.counts.shape
        # Rounded to a millionth of a jet: 0.07 * 100 is more than 7 in floating point.
        wanted = np.round(n_quark * quark_efficiency, 6)
        if self.of_jets is None:
            lift = np.arange(n_resamples)[:, None] * self._above_all
            enough = np.searchsorted(self._lifted_quarks, np.ceil(wanted).astype(np.int64) + lift)
            enough -= np.arange(n_resamples)[:, None] * n_distinct
        else:
            # Less by more than rounding, so that sums of the same weights reach it. Negative
            # weights make fewer pass again, hence the most so far.
            wanted = n_quark * quark_efficiency * (1 - 1e-12)
            most = np.maximum.accumulate(self.passing[:, 1], axis=1)
            enough = np.stack([np.searchsorted(*row) for row in zip(most, wanted, strict=True)])
        reached = np.minimum(enough, n_distinct - 1)

        def at(values: np.ndarray) -> np.ndarray:
            return np.take_along_axis(values, reached, axis=1)

        tied_gluon, tied_quark = at(self.counts[:, 0]), at(self.counts[:, 1])
        share = np.divide(
            at(self.passing[:, 1]) - wanted,
            tied_quark,
            out=np.zeros(reached.shape),
            where=tied_quark > 0,
        )
        left = at(self.passing[:, 0]) - share * tied_gluon
        valid = np.broadcast_to((n_gluon > 0) & (n_quark > 0), left.shape)
        return np.divide(left, n_gluon, out=np.full(left.shape, np.nan), where=valid)

    @property
    def _ranking(self) -> Ranking:
        if self.ranking is None:
            raise ValueError(f"a ranking of {self.classes} classes: only two have one")
        return self.ranking

    @cached_property
    def _lifted_quarks(self) -> np.ndarray:
        """Passing quark jets, each resample above the one before: all of them one sorted array."""
        quarks = self.passing[:, 1]
        return (quarks + np.arange(len(quarks))[:, None] * self._above_all).ravel()

    @property
    def _above_all(self) -> int:
        """More than the quark jets of any resample, which may have more than the sample."""
        return 1 + max(len(self), int(self.numbers.max()))
