"""Rejection in bins on toys whose rejection is known in each."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from jetline.evaluation.rejection_in_bins import bin_edges, rejections_in_bins
from jetline.evaluation.shared_jets import SharedJets, TaggerScores
from toy_taggers import toy_observables, toys


def toy_jets(n_jets=4000, seeds=2) -> SharedJets:
    jets = toys(n_jets, seeds=seeds)
    return dataclasses.replace(jets, observables=toy_observables(jets.labels))


def test_bins_hold_equally_many_jets_and_all_of_them():
    labels, values = np.arange(1000) % 2, np.random.default_rng(1).random(1000)
    edges = bin_edges(labels, values)
    assert (edges[0], edges[-1]) == (values.min(), values.max())
    assert np.histogram(values, edges)[0] == pytest.approx([200] * 5, abs=2)


def test_few_jets_of_one_class_have_few_bins():
    values = np.random.default_rng(1).random(1000)
    for gluons, bins in ((10, 1), (110, 2), (400, 5)):
        assert len(bin_edges(np.arange(1000) >= gluons, values)) == bins + 1


def test_equal_values_are_one_bin():
    assert bin_edges(np.arange(1000) % 2, np.full(1000, 3.0)).tolist() == [3, 3]


def test_every_jet_is_in_one_bin_of_each_observable():
    jets = toy_jets()
    bins = rejections_in_bins(jets, 1)
    for name in ("pt", "rapidity", "multiplicity"):
        own = [one for one in bins if one.observable == name]
        numbers = {kind: sum(getattr(one, f"{kind}_jets") for one in own) for kind in jets.by_class}
        assert numbers == jets.by_class
    multiplicities = [one.low for one in bins if one.observable == "multiplicity"]
    assert multiplicities == [round(edge) for edge in multiplicities]
    assert min(one.low for one in bins if one.observable == "rapidity") >= 0


def test_where_the_observable_does_not_matter_the_rejection_is_the_same_in_all_bins():
    jets = toy_jets(20000, seeds=1)
    bins = [one for one in rejections_in_bins(jets, 1) if one.observable == "pt"]
    values, errors = np.array([(one.rejection.value, one.rejection.sample_error) for one in bins]).T
    assert len(bins) == 5
    pulls = (values - np.average(values, weights=errors**-2)) / errors
    assert np.abs(pulls).max() < 3
    for one in bins:
        assert one.quark.value == pytest.approx(0.5, abs=4 * one.quark.sample_error)
        assert one.rejection.seed_spread is None


def test_a_score_that_is_the_observable_rejects_nothing_in_its_bins():
    numbers = np.random.default_rng(4)
    labels = np.arange(20000) % 2
    pt = numbers.uniform(500, 550, 20000) + 2 * labels
    # Of each bin of 10 GeV the tagger knows the middle alone.
    jets = SharedJets(
        "demo",
        labels,
        [TaggerScores("pt", [1], (np.floor(pt / 100) / 10)[None])],
        {"pt": pt},
    )
    for one in rejections_in_bins(jets, 1):
        assert one.rejection.value == pytest.approx(2, abs=0.1)


def test_equal_seeds_have_the_error_of_one():
    jets = toy_jets(seeds=1)
    tagger = jets.taggers[0]
    both = TaggerScores("pfn", [1, 2], np.repeat(tagger.scores, 2, axis=0))
    one = rejections_in_bins(jets, 1)
    two = rejections_in_bins(dataclasses.replace(jets, taggers=[both]), 1)
    for first, second in zip(one, two, strict=True):
        assert second.rejection.sample_error == pytest.approx(first.rejection.sample_error)
        if second.rejection.value is not None:
            assert second.rejection.seed_spread == pytest.approx(0, abs=1e-9)


def test_a_bin_without_gluons_that_pass_has_a_bound_and_one_without_gluons_nothing():
    labels = np.repeat([1, 0], 100)
    jets = SharedJets(
        "demo",
        labels,
        [TaggerScores("pfn", [1], np.where(labels == 1, 0.9, 0.1)[None])],
        {"pt": np.arange(200.0), "multiplicity": np.tile(np.arange(100.0), 2)},
    )
    found = rejections_in_bins(jets, 1)
    for one in found:
        assert one.rejection.value is None
        assert (one.rejection.low is None) == (one.observable == "pt")
    assert {one.gluon is None for one in found if one.observable == "pt"} == {True, False}
