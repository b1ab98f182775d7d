"""Validation: values and errors are right, and the bundled jets agree with the benchmark."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.jets.formats.npz import write_jets
from jetline.jets.index import index_jets
from jetline.jets.species import PDG_IDS
from jetline.jets.species_names import SPECIES_NAMES
from jetline.records.validation import Quantity
from jetline.validation import published
from jetline.validation.estimates import area_under_roc, mean_and_deviation, species_fractions
from jetline.validation.measurement import measure
from jetline.validation.measures import Sample, read_sample, validation_rows
from jetline.validation.verdicts import format_report, format_table, judge, summary

SAMPLE = sorted((Path(__file__).parents[3] / "resources" / "sample").glob("QG_jets_*.npz"))
SELECTION = 2
FIGURES_WITH_GOALS = 4 + len(published.FRACTIONS) + len(published.AUC) + SELECTION


def row(**changed) -> Quantity:
    return judge(
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


def toy_species(rng: np.random.Generator, n_jets: int) -> tuple:
    """Jets in which one species rules, so that particles of one jet are far from independent."""
    labels = np.arange(n_jets) % 2
    multiplicities = rng.poisson(np.where(labels == 1, 20, 40)) + 1
    species = np.zeros((n_jets, len(PDG_IDS)), dtype=int)
    species[:, 0] = rng.binomial(multiplicities, rng.choice([0.1, 0.9], n_jets))
    species[:, 1] = multiplicities - species[:, 0]
    return species, multiplicities, [labels == 0, labels == 1]


def write(path: Path, jets: list[list[list[float]]], labels: list[int]) -> Path:
    """A jet file of jets given as lists of constituents."""
    constituents = np.zeros((len(jets), max(map(len, jets)), 4))
    for number, jet in enumerate(jets):
        constituents[number, : len(jet)] = jet
    write_jets(path, constituents, np.array(labels, dtype=float))
    return path


def rows_of(*paths: Path) -> dict[str, Quantity]:
    return {one.quantity: one for one in validation_rows(read_sample(paths))}


@pytest.fixture(scope="module")
def bundled_rows() -> dict[str, Quantity]:
    return rows_of(*SAMPLE)


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
    figures = [species_fractions(*toy_species(rng, 400)) for _ in range(2000)]
    fractions, errors = np.transpose(figures, (1, 0, 2))
    np.testing.assert_allclose(fractions.sum(axis=1), 1)
    assert errors[:, 0].mean() == pytest.approx(fractions[:, 0].std(), rel=0.06)
    particles = toy_species(rng, 400)[1].sum()
    assert errors[:, 0].mean() > 4 * 0.5 / np.sqrt(particles), "a binomial error is far too small"


def test_the_share_of_a_species_that_was_not_seen_has_an_error():
    species, multiplicities, kinds = toy_species(np.random.default_rng(5), 400)
    fractions, errors = species_fractions(species, multiplicities, kinds)
    assert fractions[-1] == 0
    assert errors[-1] == pytest.approx(1 / multiplicities.sum())


def test_fractions_are_those_of_kinds_in_equal_numbers():
    species = np.zeros((5, len(PDG_IDS)), dtype=int)
    species[:, 0] = [10, 10, 10, 10, 0]
    species[:, 1] = [0, 0, 0, 0, 30]
    quark = np.array([True, True, True, False, False])
    fractions, _ = species_fractions(species, species.sum(axis=1), [quark, ~quark])
    # A quark jet has 10 of the first; a gluon jet has 5 of the first and 15 of the second.
    np.testing.assert_allclose(fractions[:2], [15 / 30, 15 / 30])


def test_values_that_are_all_the_same_have_no_deviation():
    assert mean_and_deviation(np.full(5, 3)) == (3.0, 0.0, 0.0, 0.0)


def test_a_verdict_tells_agreement_from_a_significant_difference_within_the_goal():
    assert row(measured=10.1).verdict == "agrees"
    assert row(measured=10.3).verdict == "within the goal, but 3.0 standard errors off"
    assert row(measured=9.4).verdict == "outside the goal, 6.0 standard errors off"


def test_a_difference_that_the_error_explains_is_not_held_against_few_jets():
    assert "too few jets to tell" in row(measured=9.4, error=0.5).verdict
    assert row(measured=9.4, error=0.5).status == "open"


def test_without_a_published_figure_there_is_neither_difference_nor_verdict():
    alone = row(published=None, goal=None)
    assert alone.difference is alone.standard_errors is None
    assert alone.verdict == "no published figure"
    assert "| 10.3 ± 0.1 |           |            | no published figure |" in format_table([alone])


def test_one_jet_that_the_selection_forbids_is_outside():
    forbidden = {"error": 0, "published": 0, "goal": 0, "digits": 0}
    assert row(measured=0, **forbidden).verdict == "agrees"
    assert row(measured=1, **forbidden).verdict == "outside the goal"


def test_the_summary_counts_the_figures_that_have_goals():
    rows = [row(), row(measured=9.4), row(measured=9.4, error=0.5), row(published=None, goal=None)]
    expected = "1 of 3 figures within their goals; 1 outside"
    assert summary(rows) == f"{expected}; 1 undecided for want of jets"
    assert summary(rows[:2]) == "1 of 2 figures within their goals; 1 outside"
    assert format_report(rows, []).splitlines()[-1] == summary(rows)


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


@pytest.mark.parametrize("labels", [[1], [1, 0], None])
def test_files_without_two_labelled_jets_of_a_kind_are_refused(tmp_path, labels):
    path = tmp_path / "jets.npz"
    constituents = np.tile([[5.0, 0, 0, 22]], (len(labels or "abc"), 1, 1))
    if labels is None:
        np.savez(path, X=constituents)
    else:
        write_jets(path, constituents, np.array(labels))
    with pytest.raises(JetlineError, match="more jets, all of them labelled") as caught:
        read_sample([path])
    assert "jets.npz" in caught.value.where


def test_jets_of_other_classes_have_nothing_to_be_compared_with(jets, tmp_path):
    classes, labels = ("gluon", "quark", "w"), np.array([0, 0, 1, 1, 2, 2])
    write_jets(tmp_path / "jets.npz", jets[0][:6], labels, classes)
    index_jets(tmp_path / "jets.npz", "jets", classes=classes).write(tmp_path / "index.npz")
    measure(tmp_path / "jets.npz", tmp_path / "index.npz").write(tmp_path / "measured.npz")
    with pytest.raises(JetlineError, match="2 jets with labels of 2 or more") as caught:
        read_sample([tmp_path / "measured.npz"])
    assert "jets of quarks" in caught.value.expected


@pytest.mark.parametrize("others", [0, 1])
@pytest.mark.parametrize(("kind", "other"), [("quark", "gluon"), ("gluon", "quark")])
def test_jets_of_one_kind_are_compared_by_what_they_tell(
    jets, bundled_rows, tmp_path, capsys, kind, other, others
):
    of_kind = jets[1] == (kind == "quark")
    chosen = [*np.flatnonzero(of_kind)[:200], *np.flatnonzero(~of_kind)[:others]]
    write_jets(tmp_path / "jets.npz", jets[0][chosen], jets[1][chosen])
    rows = rows_of(tmp_path / "jets.npz")
    named = [SPECIES_NAMES[pdg_id] for pdg_id in published.FRACTIONS]
    needing_both = {f"{species} [% of particles]" for species in named}
    needing_both |= {f"AUC of the {name}" for name in ("multiplicity", "jet mass")}
    of_other = {name for name in bundled_rows if name.startswith(other)}
    assert set(bundled_rows) - set(rows) == needing_both | of_other
    assert rows[f"{kind} multiplicity, mean"].n_jets == 200
    # Published of both kinds together, which is no figure of one.
    assert rows["jets of one particle"].published is None
    assert main(["validate", str(tmp_path / "jets.npz")]) == 0
    number = "is 1" if others else "are no"
    told = capsys.readouterr().out
    assert f"Of {kind} jets alone, because there {number} {other} jet" in told
    assert "nan" not in told


def test_jets_of_both_kinds_have_no_such_limits():
    assert read_sample(SAMPLE[:1]).limits == ""


def test_no_files_are_refused():
    with pytest.raises(JetlineError, match="no jet files"):
        read_sample([])


def test_the_bundled_sample_is_as_close_as_its_errors_and_the_goals_ask(bundled_rows):
    goals = [one for one in bundled_rows.values() if one.goal is not None]
    assert len(goals) == FIGURES_WITH_GOALS
    assert [one for one in goals if one.status == "outside" and one.standard_errors > 3] == []
    assert {one.n_jets for one in bundled_rows.values()} == {10_000, 20_000}


def test_multiplicity_and_mass_tell_the_kinds_apart_as_published(bundled_rows):
    for name, area in (("multiplicity", 0.8399), ("jet mass", 0.7390)):
        one = bundled_rows[f"AUC of the {name}"]
        assert abs(one.measured - area) < 3 * one.error


def test_observables_without_published_figures_are_told_by_class(bundled_rows):
    for name in ("jet pT", "jet mass", "girth", "pTD", "leading constituent's z"):
        unit = " [GeV]" if name.startswith("jet") else ""
        quark, gluon = (bundled_rows[f"{kind} {name}, mean{unit}"] for kind in ("quark", "gluon"))
        assert quark.verdict == gluon.verdict == "no published figure"
        if name != "jet pT":
            wider = name in ("jet mass", "girth")
            pull = (gluon.measured - quark.measured) / np.hypot(gluon.error, quark.error)
            assert (pull if wider else -pull) > 10


def test_degenerate_jets_are_counted(tmp_path):
    alone = [[520, 0, 0, 22]]
    soft = [[300, 0, 0, 22], [199, 0, 0.1, 22]]
    forward = [[300, 1.80, 0, 22], [220, 1.79, 0.1, 22]]
    collinear = [[300, 0.5, 0, 22], [220, 0.5, 0, 22]]
    path = write(tmp_path / "jets.npz", [alone, alone, soft, forward, collinear], [1, 1, 1, 0, 0])
    rows = rows_of(path)
    assert rows["jets of one particle"].measured == 2
    assert rows["jets of no mass"].measured == 3
    assert rows["jets that repeat another"].measured == 1
    for quantity in ("jets outside 500 to 550 GeV", "jets of absolute rapidity 1.7 or more"):
        assert rows[quantity].measured == 1
        assert rows[quantity].status == "outside"


def test_rounding_puts_no_jet_outside_the_selection(tmp_path):
    edges = [[[pt, y, 3, 22]] for pt in (500.0002, 549.9998) for y in (-1.6999, 1.6999)]
    constituents = np.array(edges, dtype=np.float32)
    write_jets(tmp_path / "jets.npz", constituents, np.array([0, 1, 0, 1]))
    rows = rows_of(tmp_path / "jets.npz")
    assert rows["jets outside 500 to 550 GeV"].measured == 0
    assert rows["jets of absolute rapidity 1.7 or more"].measured == 0


FIRST = [[0.268769142, 0.356903171, 4.74138734, 22], [0.160076377, -0.255609533, 4.55022910, 22]]
FIRST += [[1.14868731, -0.0624380156, 4.50385377, -211], [500, 0, 4.6, 211]]
LABELS = [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0]


def like_the_first_file(folder: Path, first: list, labels: list, dtype: type) -> Path:
    """Jets of which only the first is given; nothing but the content tells them."""
    jets = [first, *([[510.0 + k, 0.1, 1, 22]] for k in range(len(labels) - 1))]
    path = write(folder / "renamed.npz", jets, labels)
    with np.load(path) as archive:
        np.savez_compressed(path, X=archive["X"].astype(dtype), y=archive["y"])
    return path


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_first_file_of_the_benchmark_is_recognised_by_its_jets(tmp_path, capsys, dtype):
    path = like_the_first_file(tmp_path, FIRST, [*LABELS, 0, 1], dtype)
    assert main(["validate", str(path)]) == 0
    assert (
        "renamed.npz begins with the jets of QG_jets.npz, Zenodo 3164691."
        in capsys.readouterr().out.splitlines()
    )


def test_other_jets_are_not_taken_for_the_first_file(tmp_path):
    moved = [[row[0] * 1.00001, *row[1:]] for row in FIRST]
    others = [
        (moved, LABELS),
        (FIRST[::-1], LABELS),
        (FIRST[:2], LABELS),
        (FIRST, [0, *LABELS[1:]]),
        (FIRST, LABELS[:19]),
    ]
    for first, labels in others:
        path = like_the_first_file(tmp_path, first, labels, np.float64)
        assert read_sample([path]).recognised == []
    assert read_sample(SAMPLE[:1]).recognised == []


def test_unlike_jets_are_told_without_blame_and_without_failing(tmp_path, capsys):
    rng = np.random.default_rng(6)
    jets = [
        np.column_stack(
            [np.full(9, 525 / 9), *rng.uniform(-0.1, 0.1, (2, 9)), np.full(9, 211)]
        ).tolist()
        for _ in range(200)
    ]
    path = write(tmp_path / "jets.npz", jets, [0, 1] * 100)
    assert main(["validate", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith("2 of 18 figures within their goals; 16 outside")
    assert "expected" in lines[-2]


def test_several_files_are_taken_together(tmp_path):
    parts = [measure(path) for path in SAMPLE[:2]]
    together = validation_rows(Sample(parts))
    assert together[0].measured == pytest.approx(
        np.average(
            [validation_rows(Sample([part]))[0].measured for part in parts],
            weights=[np.sum(part.labels == 1) for part in parts],
        )
    )
    doubled = Sample([parts[0], dataclasses.replace(parts[0], file="copy.npz")])
    repeated = {one.quantity: one.measured for one in validation_rows(doubled)}
    assert repeated["jets that repeat another"] == len(parts[0].labels)
