"""Whether a score is the probability that it is taken for, before and after a temperature."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.randomness import generator
from jetline.evaluation.spread import spread
from jetline.evaluation.temperature import fitted_temperature, tempered
from jetline.evaluation.working_points import wilson
from jetline.records.calibration import (
    Calibration,
    CalibrationError,
    MeanCalibration,
    Reliability,
    Temperature,
)
from jetline.records.comparison import Summary

if TYPE_CHECKING:
    from jetline.evaluation.shared_jets import TaggerScores

BINS = 15
"""Bins of equal width of the score, as C. Guo et al. (arXiv:1706.04599) have them."""

TOYS = 200
"""Samples of known calibration that tell how large the error is by chance."""

BEYOND_DOUBT = 2.0
"""Standard errors by which a temperature differs from 1, so that a tagger is not calibrated."""

_AT_ONCE = 4_000_000  # random numbers drawn together: 16 MB


def bins_of(scores: np.ndarray) -> np.ndarray:
    """Give the bin of each score, from 0."""
    return np.minimum((scores * BINS).astype(np.int64), BINS - 1)


def reliability(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None
) -> Reliability:
    """Give the share of quark jets in each bin of the score, all seeds together.

    Parameters
    ----------
    labels : (n_jets,) integer array
        1 for quark, 0 for gluon.
    scores : (n_seeds, n_jets) float array
        Quark probability.
    weights : (n_jets,) float array, optional
        Of each jet.
    """
    own = _ones_or(weights, labels)
    number = np.zeros((4, BINS))
    for of_seed in scores:
        summed = (own, own * of_seed, own * labels, own**2)
        number += [np.bincount(bins_of(of_seed), values, BINS) for values in summed]
    jets, sums, quarks, squares = number / len(scores)  # the seeds judge the same jets
    rows: list[tuple[float | None, ...]] = []
    for place in range(BINS):
        if jets[place] <= 0:
            rows.append((None,) * 4)
            continue
        share = min(max(quarks[place] / jets[place], 0.0), 1.0)
        number_of = jets[place] ** 2 / squares[place]
        rows.append((sums[place] / jets[place], share, *wilson(share, number_of)))
    score, share, low, high = (list(column) for column in zip(*rows, strict=True))
    return Reliability(jets=jets.tolist(), score=score, share=share, low=low, high=high)


def _ones_or(weights: np.ndarray | None, labels: np.ndarray) -> np.ndarray:
    """Give the weight of each jet, in double precision."""
    return np.ones(len(labels)) if weights is None else weights.astype(np.float64)


def expected_calibration_error(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None
) -> float:
    """Compute the mean over jets of |share of quark jets - mean score| in the jet's bin.

    M. Pakdaman Naeini, G. Cooper, M. Hauskrecht, AAAI 29 (2015) 2901.
    """
    own = _ones_or(weights, labels)
    return float(np.abs(_excess(labels, scores, own)).sum() / own.sum())


def _excess(labels: np.ndarray, scores: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Give the quark jets in each bin beyond those that the scores promise."""
    return np.asarray(np.bincount(bins_of(scores), own * (labels - scores), BINS))


def by_chance(
    scores: np.ndarray,
    numbers: np.random.Generator,
    probabilities: np.ndarray | None = None,
    weights: np.ndarray | None = None,
) -> np.ndarray:
    """Compute the calibration error of toys, whose labels are drawn with known probabilities.

    Parameters
    ----------
    scores : (n_jets,) float array
        Quark probability.
    numbers : numpy.random.Generator
        What is random.
    probabilities : (n_jets,) float array, optional
        Of being a quark jet; the scores themselves if left out.
    weights : (n_jets,) float array, optional
        Of each jet.

    Returns
    -------
    (TOYS,) float64 array
    """
    probabilities = scores if probabilities is None else probabilities
    order = np.argsort(bins_of(scores), kind="stable")
    drawn_with = probabilities[order].astype(np.float32)
    ordered = scores[order].astype(np.float32).astype(np.float64)
    own = None if weights is None else weights[order].astype(np.float64)
    total = len(scores) if own is None else own.sum()
    bins = bins_of(scores)[order]
    starts = np.flatnonzero(np.diff(bins, prepend=-1))
    promised = np.add.reduceat(ordered if own is None else own * ordered, starts)
    found = []
    at_once = max(1, _AT_ONCE // len(scores))
    for start in range(0, TOYS, at_once):
        size = (min(at_once, TOYS - start), len(scores))
        drawn = numbers.random(size, dtype=np.float32) < drawn_with
        if own is None:
            quarks = np.add.reduceat(drawn, starts, axis=1, dtype=np.int64)
        else:
            quarks = np.add.reduceat(drawn * own, starts, axis=1)
        found.append(np.abs(quarks - promised).sum(axis=1) / total)
    return np.concatenate(found)


def calibration_error(
    labels: np.ndarray,
    scores: np.ndarray,
    numbers: np.random.Generator,
    temperature: Temperature | None = None,
    weights: np.ndarray | None = None,
) -> CalibrationError:
    """Compute the expected calibration error with its bias, its error and its chance.

    It is a sum of absolute values, so that chance alone makes it positive. The bias is what the
    toys of `by_chance` have on average beyond their true error. It is larger for a calibrated
    tagger than for another, hence depends on what is supposed of the tagger. Where its temperature
    is not 1 beyond doubt, labels of the toys are drawn with the scores tempered by it, otherwise
    with the scores themselves. The error is that of the test sample to first order: the scatter of
    the jets' own terms, the sign in each bin kept. In bins where chance decides the sign it is too
    large, by up to 1 / sqrt(1 - 2 / pi) = 1.66.

    Parameters
    ----------
    labels : (n_jets,) integer array
        1 for quark, 0 for gluon.
    scores : (n_jets,) float array
        Quark probability.
    numbers : numpy.random.Generator
        From which toys are drawn.
    temperature : Temperature, optional
        Fitted on other jets; the tagger is taken for calibrated if left out.
    weights : (n_jets,) float array, optional
        Of each jet.
    """
    found = expected_calibration_error(labels, scores, weights)
    toys = by_chance(scores, numbers, weights=weights)
    bias = float(toys.mean())
    if temperature and abs(temperature.value - 1) > BEYOND_DOUBT * temperature.error:
        supposed = tempered(scores, temperature)
        true = expected_calibration_error(supposed, scores, weights)
        bias = float(by_chance(scores, numbers, supposed, weights).mean()) - true
    return CalibrationError(
        value=found,
        bias=bias,
        corrected=found - bias,
        error=_error(_terms(labels, scores, weights), weights),
        # The sample itself is one more toy, so that it is never 0.
        p_value=float((1 + np.count_nonzero(toys >= found)) / (1 + TOYS)),
    )


def _terms(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    """Give what each jet adds to the calibration error, whose mean it is."""
    sign = np.sign(_excess(labels, scores, _ones_or(weights, labels)))
    return np.asarray(sign[bins_of(scores)] * (labels - scores))


def _error(terms: np.ndarray, weights: np.ndarray | None) -> float:
    """Give the error of a mean, with weights that of the weighted one."""
    if weights is None:
        return float(terms.std() / math.sqrt(len(terms)))
    own = weights.astype(np.float64)
    apart = terms - np.average(terms, weights=own)
    return float(math.sqrt(np.sum((own * apart) ** 2)) / own.sum())


def calibrations(
    labels: np.ndarray,
    tagger: TaggerScores,
    dataset: str,
    seed: int,
    weights: np.ndarray | None = None,
) -> tuple[list[Calibration], MeanCalibration]:
    """Judge the calibration of each training of a label, and of all together.

    Parameters
    ----------
    labels : (n_jets,) integer array
        1 for quark, 0 for gluon, both present.
    tagger : TaggerScores
        Scores of these jets, and of the validation part.
    dataset : str
        Name of the test dataset.
    seed : int
        The configuration's seed, from which the toys are drawn.
    weights : (n_jets,) float array, optional
        Of each jet.
    """
    temperatures = [fitted_temperature(*validated) for validated in tagger.validated]
    temperatures += [None] * (len(tagger.seeds) - len(temperatures))

    def judged(scores: np.ndarray, temperature: Temperature | None = None) -> CalibrationError:
        numbers = generator(seed, "calibration", dataset)
        return calibration_error(labels, scores, numbers, temperature, weights)

    after = [
        None if temperature is None else tempered(scores, temperature)
        for scores, temperature in zip(tagger.scores, temperatures, strict=True)
    ]
    single = [
        Calibration(
            label=tagger.label,
            seed=of_seed,
            temperature=temperature,
            before=judged(scores, temperature),
            after=None if cooled is None else judged(cooled),
        )
        for of_seed, temperature, scores, cooled in zip(
            tagger.seeds, temperatures, tagger.scores, after, strict=True
        )
    ]
    known = (
        np.stack([one for one in after if one is not None])
        if all(one is not None for one in after)
        else None
    )
    fitted = [one.value for one in temperatures if one is not None]
    return single, MeanCalibration(
        label=tagger.label,
        temperature=float(np.mean(fitted)) if known is not None else None,
        temperature_spread=spread(fitted) if known is not None and len(fitted) > 1 else None,
        before=_mean(labels, tagger.scores, [one.before for one in single], weights),
        after=None
        if known is None
        else _mean(labels, known, [one.after for one in single if one.after], weights),
        reliability_before=reliability(labels, tagger.scores, weights),
        reliability_after=None if known is None else reliability(labels, known, weights),
    )


def _mean(
    labels: np.ndarray,
    scores: np.ndarray,
    errors: list[CalibrationError],
    weights: np.ndarray | None,
) -> Summary:
    """Take the mean over seeds of the corrected error; the seeds judge the same jets."""
    values = np.array([one.corrected for one in errors])
    terms = np.mean([_terms(labels, of_seed, weights) for of_seed in scores], axis=0)
    error = _error(terms, weights)
    value = float(values.mean())
    return Summary(
        value=value,
        low=value - error,
        high=value + error,
        sample_error=error,
        seed_spread=spread(values) if len(values) > 1 else None,
    )
