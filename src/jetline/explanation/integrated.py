"""Integrated gradients: M. Sundararajan et al., Axiomatic Attribution for Deep Networks.

Proc. ICML 70 (2017) 3319, arXiv:1703.01365, equation 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from jetline.inputs.sample import Tensors


class Decides(Protocol):
    """What `jetline.training.gradients.Decisions` is to those who explain it."""

    compiled: bool

    def values(self, tensors: Tensors, weights: np.ndarray) -> np.ndarray:
        """Compute the decision on each jet."""

    def with_pairs(self, tensors: Tensors) -> Tensors:
        """Add what the network makes of pairs of particles, if it does."""

    def gradients(self, tensors: Tensors, weights: np.ndarray) -> Tensors:
        """Compute its derivatives by all floating-point tensors."""


def integrated_gradients(
    decisions: Decides, start: Tensors, end: Tensors, weights: np.ndarray, steps: int
) -> Tensors:
    """Share the difference of a decision between two batches out among the tensors' numbers.

    Parameters
    ----------
    decisions : Decides
        What the network decides.
    start, end : dict of str to array
        The baselines and the jets. Tensors of whole numbers, which say where particles stand, are
        those of both.
    weights : (n_jets, n_classes) float32 array
        What is decided, as `Decisions.values` takes it.
    steps : int
        Points on the straight line between both, in the middle of as many equal pieces.

    Returns
    -------
    dict of str to float64 array
        Of each floating-point tensor, in its shape: over each jet these sum to the difference of
        its decision, but for the error of the numerical integral.
    """
    floating = [name for name, one in end.items() if np.issubdtype(one.dtype, np.floating)]
    sums = {name: np.zeros(end[name].shape) for name in floating}
    for step in range(steps):
        share = (step + 0.5) / steps
        between = {
            name: ((1 - share) * start[name] + share * end[name]).astype(end[name].dtype)
            for name in floating
        }
        for name, gradient in decisions.gradients({**end, **between}, weights).items():
            sums[name] += gradient
    return {
        name: (end[name].astype(np.float64) - start[name]) * sums[name] / steps for name in floating
    }


def class_weights(classes: np.ndarray, others: np.ndarray, n_classes: int) -> np.ndarray:
    """Weigh logits so that they decide for one class against another.

    Parameters
    ----------
    classes, others : (n_jets,) integer arrays
        Number of each jet's class, and of that of its baseline.
    n_classes : int
        How many there are.

    Returns
    -------
    (n_jets, n_classes) float32 array
    """
    one = np.eye(n_classes, dtype=np.float32)
    weights: np.ndarray = one[classes] - one[others]
    return weights


def baselines_of_other_classes(
    labels: np.ndarray, number: int, numbers: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw, for each jet, jets of other classes to compare it with.

    A baseline of zeros is a jet that no network has seen, and what it says of it means nothing: the
    explanations from it mislead (arXiv:2412.13864).

    Parameters
    ----------
    labels : (n_jets,) integer array
        Number of each jet's class; at least two classes.
    number : int
        How many for each jet.
    numbers : numpy Generator
        Draws them.

    Returns
    -------
    jets, baselines : (n_jets * number,) integer arrays
        Positions of each jet, `number` times, and of its baselines.
    """
    jets = np.repeat(np.arange(len(labels)), number)
    baselines = np.empty_like(jets)
    for kind in np.unique(labels):
        here = labels[jets] == kind
        baselines[here] = numbers.choice(np.flatnonzero(labels != kind), here.sum())
    return jets, baselines
