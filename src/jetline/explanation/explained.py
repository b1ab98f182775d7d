"""What an explanation of a network is made of, whatever it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.randomness import generator
from jetline.explanation.integrated import baselines_of_other_classes, class_weights
from jetline.records.explanation import Completeness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jetline.explanation.settings import Explain
    from jetline.records.explanation import GroupSums, Importance, WeightsCheck

#: Shuffles of the weights, and jets that are explained anew with each.
SHUFFLES, CHECKED = 3, 40

#: Pairs of a jet and a baseline in one step, at most.
_BATCH = 100


@dataclass(frozen=True)
class Pairs:
    """Jets and their baselines, `each` a jet, those of one jet one after the other.

    Attributes
    ----------
    jets, baselines : (n_pairs,) integer arrays
        Positions in the sample.
    weights : (n_pairs, n_classes) float32 array
        What is decided: the jet's class against its baseline's.
    each : int
    """

    jets: np.ndarray
    baselines: np.ndarray
    weights: np.ndarray
    each: int

    @classmethod
    def drawn(cls, labels: np.ndarray, n_classes: int, settings: Explain, seed: int) -> Pairs:
        """Draw the baselines of all jets: the same for all taggers."""
        numbers = generator(seed, "explain", "baselines")
        jets, baselines = baselines_of_other_classes(labels, settings.baselines, numbers)
        weights = class_weights(labels[jets], labels[baselines], n_classes)
        return cls(jets, baselines, weights, settings.baselines)

    def __len__(self) -> int:
        return len(self.jets)

    def batches(self) -> Iterator[Pairs]:
        """Give them in batches that are explained at once, the pairs of a jet together."""
        jets = max(1, _BATCH // self.each)
        for start in range(0, len(self), jets * self.each):
            yield self.chosen(slice(start, start + jets * self.each))

    def of_first(self, jets: int) -> Pairs:
        """Keep those of the first jets."""
        return self.chosen(slice(0, jets * self.each))

    def chosen(self, pairs: slice) -> Pairs:
        """Keep some."""
        return Pairs(self.jets[pairs], self.baselines[pairs], self.weights[pairs], self.each)

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Average what there is of each pair over a jet's baselines: (n_jets, ...)."""
        mean: np.ndarray = values.reshape(-1, self.each, *values.shape[1:]).mean(axis=1)
        return mean


@dataclass(frozen=True)
class Explained:
    """What was found of a tagger.

    Attributes
    ----------
    completeness : Completeness
    check : WeightsCheck or None
    sums : list of GroupSums
    importances : list of Importance
    arrays : dict of str to array
        What is drawn, as `jetline explain` documents it.
    """

    completeness: Completeness
    check: WeightsCheck | None = None
    sums: list[GroupSums] = field(default_factory=list)
    importances: list[Importance] = field(default_factory=list)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)


def completeness_of(totals: np.ndarray, differences: np.ndarray) -> Completeness:
    """Compare what was added to the decisions with the differences that it should make up."""
    error = totals - differences
    size = float(np.sqrt((differences**2).mean())) or 1.0
    return Completeness(
        relative=float(np.sqrt((error**2).mean())) / size, largest=float(np.abs(error).max()) / size
    )
