"""Validation: figures are right, errors cover, and the bundled sample is the benchmark's."""

from pathlib import Path

import numpy as np
import pytest

from jetline.errors import JetlineError
from jetline.jets.format import PDG_IDS, Jets, write_jets
from jetline.jets.validation import (
    PUBLISHED_FRACTIONS,
    Counts,
    Row,
    area_under_roc,
    count,
    format_table,
    mean_and_deviation,
    species_fractions,
    validation_table,
)

SAMPLE = sorted((Path(__file__).parents[2] / "resources" / "sample").glob("QG_jets_*.npz"))
QUANTITIES_WITH_GOALS = 4 + len(PUBLISHED_FRACTIONS) + 1


def row(**changed) -> Row:
    return Row(
        **{
            "quantity": "mass",
            "measured": 10.3,
            "error": 0.1,
            "published": 10.0,
            "n_jets": 100,
            "published_jets": 10**9,
            "goal": 0.5,
            "digits": 1,
        }
        | changed
    )


def toy_counts(rng: np.random.Generator, n_jets: int) -> Counts:
    """Jets in which one species rules, so that particles of one jet are far from independent."""
    labels = np.arange(n_jets) % 2
    multiplicities = rng.poisson(np.where(labels == 1, 20, 40)) + 1
    species = np.zeros((n_jets, len(PDG_IDS)), dtype=int)
    species[:, 0] = rng.binomial(multiplicities, rng.choice([0.1, 0.9], n_jets))
    species[:, 1] = multiplicities - species[:, 0]
    return Counts(labels, multiplicities, species)


def test_padding_is_counted_as_no_particle():
    constituents = np.zeros((2, 3, 4))
    constituents[0, :2] = [[5, 0, 0, 22], [1, 0, 0, -211]]
    constituents[1, :1] = [[5, 0, 0, -13]]
    counts = count(Jets(constituents, np.array([1, 0], dtype=np.uint8)))
    np.testing.assert_array_equal(counts.multiplicities, [2, 1])
    np.testing.assert_array_equal(counts.species.sum(axis=1), [2, 1])
    assert counts.species[0, PDG_IDS.index(22)] == 1
    assert counts.species[0, PDG_IDS.index(-211)] == 1
    assert counts.species[1, PDG_IDS.index(-13)] == 1


def test_the_area_is_scikit_learns_with_ties():
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(1)
    signal, background = rng.integers(0, 6, 300), rng.integers(2, 9, 500)
    area, _ = area_under_roc(signal, background)
    labels = np.repeat([1, 0], [300, 500])
    expected = roc_auc_score(labels, np.concatenate([signal, background]))
    assert area == pytest.approx(expected, abs=1e-12)


def test_the_area_is_one_where_all_signal_lies_above_and_a_half_where_all_scores_tie():
    assert area_under_roc(np.array([3, 4]), np.array([1, 2])) == (1.0, 0.0)
    assert area_under_roc(np.ones(5), np.ones(7)) == (0.5, 0.0)


def test_the_error_of_the_area_is_its_spread_over_samples():
    rng = np.random.default_rng(2)
    areas, errors = np.transpose(
        [area_under_roc(rng.poisson(12, 150), rng.poisson(9, 250)) for _ in range(2000)]
    )
    assert errors.mean() == pytest.approx(areas.std(), rel=0.06)


def test_the_errors_of_mean_and_deviation_are_their_spread_over_samples():
    rng = np.random.default_rng(3)
    figures = [mean_and_deviation(rng.gamma(4, 8, 500)) for _ in range(2000)]
    mean, mean_error, deviation, deviation_error = np.transpose(figures)
    assert mean.mean() == pytest.approx(32, rel=0.01)
    assert deviation.mean() == pytest.approx(16, rel=0.01)
    assert mean_error.mean() == pytest.approx(mean.std(), rel=0.06)
    assert deviation_error.mean() == pytest.approx(deviation.std(), rel=0.06)


def test_the_errors_of_fractions_are_their_spread_over_samples():
    rng = np.random.default_rng(4)
    figures = [species_fractions(toy_counts(rng, 400)) for _ in range(2000)]
    fractions, errors = np.transpose(figures, (1, 0, 2))
    np.testing.assert_allclose(fractions.sum(axis=1), 1)
    assert errors[:, 0].mean() == pytest.approx(fractions[:, 0].std(), rel=0.06)
    particles = toy_counts(rng, 400).multiplicities.sum()
    assert errors[:, 0].mean() > 4 * 0.5 / np.sqrt(particles), "a binomial error is far too small"


def test_fractions_are_those_of_kinds_in_equal_numbers():
    species = np.zeros((5, len(PDG_IDS)), dtype=int)
    species[:, 0] = [10, 10, 10, 10, 0]
    species[:, 1] = [0, 0, 0, 0, 30]
    counts = Counts(np.array([1, 1, 1, 0, 0]), species.sum(axis=1), species)
    fractions, _ = species_fractions(counts)
    # A quark jet has 10 of the first; a gluon jet has 5 of the first and 15 of the second.
    np.testing.assert_allclose(fractions[:2], [15 / 30, 15 / 30])


def test_a_verdict_tells_agreement_from_a_significant_difference_within_the_goal():
    assert row(measured=10.1).verdict == "agrees"
    assert row(measured=10.3).verdict == "within the goal, but 3.0 standard errors off"
    assert row(measured=9.4).verdict == "OUTSIDE the goal"


def test_the_published_samples_own_error_counts():
    equal = row(measured=10.3, published_jets=100)
    assert equal.standard_errors == pytest.approx(3 / np.sqrt(2))


def test_the_table_has_a_line_for_each_row():
    table = format_table([row(), row(measured=9.4)])
    lines = table.splitlines()
    assert len(lines) == 4
    assert len({len(line) for line in lines}) == 1, "columns are aligned"
    assert "10.3 ± 0.1" in lines[2]
    assert "-0.6" in lines[3]


@pytest.mark.parametrize("labels", [[1, 1, 1], [1, 0, 0], None])
def test_files_without_two_labelled_jets_of_each_kind_are_refused(tmp_path, labels):
    path = tmp_path / "jets.npz"
    constituents = np.tile([[5.0, 0, 0, 22]], (3, 1, 1))
    if labels is None:
        np.savez(path, X=constituents)
    else:
        write_jets(path, constituents, np.array(labels))
    with pytest.raises(JetlineError, match="both kinds") as caught:
        validation_table([path])
    assert "jets.npz" in caught.value.where


def test_no_files_are_refused():
    with pytest.raises(JetlineError, match="no jet files"):
        validation_table([])


def test_the_bundled_sample_is_within_every_goal():
    rows = validation_table(SAMPLE)
    assert rows[-2].n_jets == 20_000
    assert len([r for r in rows if np.isfinite(r.goal)]) == QUANTITIES_WITH_GOALS
    assert [r for r in rows if not r.within_goal] == []


def test_the_multiplicity_of_the_bundled_sample_tells_the_kinds_apart_as_published():
    (area,) = (r for r in validation_table(SAMPLE) if r.quantity == "AUC of the multiplicity")
    assert area.measured == pytest.approx(0.840, abs=0.008)
