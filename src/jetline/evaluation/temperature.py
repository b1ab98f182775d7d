"""The temperature that makes scores probabilities."""

from __future__ import annotations

import math

import numpy as np

from jetline.records.calibration import Temperature

_RANGE = (1e-3, 1e3)  # of the inverse temperature


def fitted_temperature(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None
) -> Temperature | None:
    """Fit the temperature T that makes sigmoid(logit(score) / T) the most likely.

    C. Guo et al., arXiv:1706.04599. The negative logarithm of the likelihood is convex in 1 / T;
    its curvature there gives the error;
    with weights the scatter of its slope does too.

    Parameters
    ----------
    labels : (n_jets,) integer array
        1 for quark, 0 for gluon, of jets that no tagger was trained on.
    scores : (n_jets,) float array
        Quark probability.
    weights : (n_jets,) float array, optional
        Of each jet.

    Returns
    -------
    Temperature or None
        None where there is no such temperature: jets of one class alone, or scores that sort the
        jets without a mistake or no better than chance.
    """
    logits = _logits(scores)
    own = np.ones(len(labels)) if weights is None else weights.astype(np.float64)

    def slope(inverse: float) -> float:
        return float(np.sum(own * logits * (_sigmoid(inverse * logits) - labels)))

    low, high = _RANGE
    if not slope(low) < 0 < slope(high):
        return None
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    inverse = math.sqrt(low * high)
    probability = _sigmoid(inverse * logits)
    of_jets = logits**2 * probability * (1 - probability)
    curvature = float(np.sum(own * of_jets))
    error = math.sqrt(float(np.sum(own**2 * of_jets))) / curvature
    return Temperature(value=1 / inverse, error=error / inverse**2, jets=len(labels))


def tempered(scores: np.ndarray, temperature: Temperature) -> np.ndarray:
    """Divide the logits of scores by a temperature."""
    return _sigmoid(_logits(scores) / temperature.value)


def _logits(scores: np.ndarray) -> np.ndarray:
    # Scores are of single precision, in which 1 is anything closer than this.
    clipped = np.clip(scores.astype(np.float64), 2**-25, 1 - 2**-25)
    return np.asarray(np.log(clipped) - np.log1p(-clipped))


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 * (1 + np.tanh(logits / 2)))
