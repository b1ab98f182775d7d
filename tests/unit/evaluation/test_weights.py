"""Weights of jets: what weighs two is two jets, in every figure that is told of taggers."""

from __future__ import annotations

import numpy as np
import pytest

from jetline.core.weights import effective_by_class, effective_number
from jetline.evaluation import bootstrap
from jetline.evaluation.calibration import calibration_error, reliability
from jetline.evaluation.confusions import confusions
from jetline.evaluation.cuts import best_cut
from jetline.evaluation.examination import examine
from jetline.evaluation.metrics import evaluate, roc_curve
from jetline.evaluation.scored_jets import ScoredJets
from jetline.evaluation.separations import separations
from jetline.evaluation.shared_jets import SharedJets, TaggerScores
from jetline.evaluation.temperature import fitted_temperature
from jetline.evaluation.working_points import efficiency, mean_efficiency, threshold_at

GRID = np.array([0.07, 0.3, 0.5, 0.99, 1.0])


def jets(number, classes=2, seed=1):
    """Draw labels, scores that know something of them, and whole weights from 0 to 3."""
    numbers = np.random.default_rng(seed)
    labels = numbers.integers(classes, size=number)
    logits = numbers.normal(size=(number, classes)) + 1.2 * np.eye(classes)[labels]
    scores = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    scores = scores.round(2 if classes == 2 else 3)  # with ties
    weights = numbers.integers(4, size=number)
    return labels, scores[:, 1] if classes == 2 else scores, weights.astype(np.float32)


def estimates(labels, scores, **options):
    found = evaluate(labels, scores, 1, "test", resamples=3, **options).estimates
    return {name: one.value for name, one in found.items()}


@pytest.mark.parametrize("classes", [2, 3])
def test_a_weight_of_two_is_the_jet_twice(classes):
    labels, scores, weights = jets(400, classes)
    twice = np.repeat(np.arange(400), weights.astype(int))
    expected = estimates(labels[twice], scores[twice])
    assert estimates(labels, scores, weights=weights) == pytest.approx(expected, rel=1e-9)


def test_curves_and_cuts_are_those_of_the_jets_twice():
    labels, scores, weights = jets(400)
    twice = np.repeat(np.arange(400), weights.astype(int))
    kept = ScoredJets.of(labels, scores, weights).gluon_efficiency(GRID)
    assert kept == pytest.approx(
        ScoredJets.of(labels[twice], scores[twice]).gluon_efficiency(GRID), rel=1e-9
    )
    assert best_cut(labels, scores, weights) == best_cut(labels[twice], scores[twice])
    for asked in GRID:
        found = threshold_at(labels, scores, asked, weights)
        assert found == threshold_at(labels[twice], scores[twice], asked)
    curve = roc_curve(labels, scores, weights)
    assert np.all(np.diff(curve[0]) >= 0)
    assert curve[1][-1] == pytest.approx(1)


def test_calibration_and_temperature_are_those_of_the_jets_twice():
    labels, scores, weights = jets(2000)
    twice = np.repeat(np.arange(2000), weights.astype(int))
    own, doubled = (
        calibration_error(*judged, np.random.default_rng(1), weights=of_jets)
        for judged, of_jets in (((labels, scores), weights), ((labels[twice], scores[twice]), None))
    )
    assert own.value == pytest.approx(doubled.value, rel=1e-9)
    found, expected = (
        fitted_temperature(labels, scores, weights),
        fitted_temperature(labels[twice], scores[twice]),
    )
    assert found.value == pytest.approx(expected.value, rel=1e-9)
    # The same jet twice is no second jet.
    assert found.error > 1.2 * expected.error
    assert own.error > 1.2 * doubled.error
    rows = (
        reliability(labels, scores[None], weights),
        reliability(labels[twice], scores[None, twice]),
    )
    assert rows[0].share == pytest.approx(rows[1].share, rel=1e-9)


@pytest.mark.parametrize("value", [1.0, 0.25, 1000.0])
def test_equal_weights_change_nothing(value):
    labels, scores, _ = jets(300)
    weights = np.full(300, value, np.float32)
    plain, weighted = (
        evaluate(labels, scores, 1, "test", resamples=50, weights=of_jets)
        for of_jets in (None, weights)
    )
    assert weighted.replicas == pytest.approx(plain.replicas, rel=1e-9)
    found, expected = efficiency(scores > 0.5, weights), efficiency(scores > 0.5)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_errors_are_those_of_the_effective_number():
    """Half the jets with nine times the weight of the others count like 0.61 of them all."""
    labels, scores, _ = jets(20_000)
    weights = np.where(np.arange(20_000) % 2, 9.0, 1.0)
    assert effective_number(weights) / 20_000 == pytest.approx(100 / 164, rel=1e-9)
    errors = [
        evaluate(labels, scores, 1, "test", resamples=400, weights=of_jets).estimates["auc"].error
        for of_jets in (None, weights)
    ]
    assert errors[1] / errors[0] == pytest.approx(np.sqrt(164 / 100), rel=0.12)
    passing = scores > 0.5
    wide = [efficiency(passing, of_jets) for of_jets in (None, weights)]
    ratio = (wide[1].high - wide[1].low) / (wide[0].high - wide[0].low)
    assert ratio == pytest.approx(np.sqrt(164 / 100), rel=0.03)
    assert effective_by_class(labels, weights, ("gluon", "quark")).keys() == {"quark", "gluon"}


def test_the_interval_of_a_weighted_efficiency_covers_the_truth():
    """Weights that go with the score, as those of a spectrum do, in 400 samples."""
    numbers = np.random.default_rng(3)
    covered = 0
    for _ in range(400):
        values = numbers.random(300)
        found = mean_efficiency((values > 0.6)[None], 0.2 + 2 * values)
        # The mean over w dx: (1 - 0.6) * 0.2 + 1 - 0.36, of 0.2 + 1.
        covered += found.low <= (0.08 + 0.64) / 1.2 <= found.high
    assert covered / 400 == pytest.approx(0.6827, abs=0.06)


def test_a_jet_and_its_negative_are_as_good_as_none():
    labels, scores, weights = jets(1000)
    weights[::10] = -1
    more = np.r_[np.arange(1000), 0, 0]
    both = np.r_[weights, 2.5, -2.5]
    found = estimates(labels, scores, weights=weights)
    assert estimates(labels[more], scores[more], weights=both) == pytest.approx(found, rel=1e-9)
    kept = ScoredJets.of(labels, scores, weights).gluon_efficiency(GRID)
    assert np.isfinite(kept).all()
    assert mean_efficiency((scores > 0.5)[None], -np.ones(1000)).value is None


def test_resamples_draw_jets_with_their_weights():
    labels, scores, weights = jets(50)
    sample = ScoredJets.of(labels, scores, weights)
    (drawn,) = bootstrap.resamples(sample, 1, "test", 20)
    assert drawn.numbers.sum(axis=1) == pytest.approx((drawn.weights).sum(axis=1))
    assert len(np.unique(drawn.numbers.sum(axis=1))) > 5


def test_the_examination_is_that_of_the_jets_twice():
    labels, scores, weights = jets(1500)
    of_seeds = np.stack([scores, scores**1.5])
    pt = np.random.default_rng(2).uniform(500, 550, 1500)

    def examined(chosen, own):
        validated = [(labels[chosen], of_seed[chosen], own) for of_seed in of_seeds]
        tagger = TaggerScores("one", [1, 2], of_seeds[:, chosen], validated)
        tested = SharedJets("test", labels[chosen], [tagger], {"pt": pt[chosen]}, weights=own)
        return examine(tested, 1)

    twice = np.repeat(np.arange(1500), weights.astype(int))
    own, doubled = examined(np.arange(1500), weights), examined(twice, None)

    def told(record):
        (calibration,) = record.mean_calibrations
        return [
            calibration.temperature,
            *(one.quark.value for one in record.mean_working_points),
            *(one.gluon.value for one in record.mean_working_points),
            *(one.gluon.value for one in record.working_points),
            *(one.value for one in record.ensembles[0].figures.values()),
            *(one.before.value for one in record.calibrations),
        ]

    assert told(own) == pytest.approx(told(doubled), rel=1e-6)
    assert len(own.bins) == len(doubled.bins)


def test_classes_are_told_apart_with_weights():
    labels, scores, weights = jets(600, 3)
    twice = np.repeat(np.arange(600), weights.astype(int))
    classes = ("gluon", "quark", "top")

    def judged(chosen, own):
        tagger = TaggerScores("one", [1], scores[None, chosen])
        shared = SharedJets("test", labels[chosen], [tagger], classes=classes, weights=own)
        return separations(shared, 1, 5)[0], confusions(shared.labels, tagger, own)

    (apart, mixed), (apart_twice, mixed_twice) = (
        judged(np.arange(600), weights),
        judged(twice, None),
    )
    assert [one.auc.value for one in apart] == pytest.approx([one.auc.value for one in apart_twice])
    assert [share.value for one in mixed for row in one.shares for share in row] == pytest.approx(
        [share.value for one in mixed_twice for row in one.shares for share in row]
    )
