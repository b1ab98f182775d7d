import csv
import json
import math
from dataclasses import fields

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.core.files import read_json, write_json
from jetline.evaluation import comparison, display
from jetline.evaluation.differences import differences, holm
from jetline.evaluation.predictions import evaluate_predictions
from jetline.evaluation.seeds import Entry, Result, Training, entries
from jetline.evaluation.spread import c4, spread
from jetline.records.comparison import Summary
from jetline.records.evaluation import Bootstrap, Curves, Estimate, EvaluationRecord, TestJets
from synthetic_run import CONFIGURATION_SEED, write_predictions, write_run, write_training

FIGURES = ["accuracy", "auc", "rejection_50", "rejection_30", "log_loss"]

CNN = {"architecture": "cnn", "inputs": "images/pt", "settings": {"epochs": 6}, "parameters": 9}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Two architectures, one much worse, two seeds, two datasets."""
    root = tmp_path_factory.mktemp("run")
    described = {"cnn": {"noise": 2.5, **CNN}, "pfn-full": {"noise": 0.1}}
    trainings, evaluations = write_run(root, described, datasets=("demo", "herwig"))
    comparison.write_comparison(trainings, evaluations, root / "comparison")
    return root, trainings, evaluations


@pytest.fixture(scope="module")
def written(run):
    return read_json(run[0] / "comparison" / "comparison.json")


def row_of(written, label, dataset="demo"):
    (row,) = (row for row in written["rows"] if (row["label"], row["dataset"]) == (label, dataset))
    return row


def entry_of(label, auc_by_seed, wobble=0.01, resamples=1000, figure="auc"):
    """An entry whose AUC moves by `wobble` over resamples that all entries share.

    Another `figure` of merit moves by that share of itself.
    """
    common = np.random.default_rng(4).normal(scale=wobble, size=resamples)
    results = []
    for seed, auc in enumerate(auc_by_seed):
        own = np.random.default_rng([*label.encode()]).normal(scale=wobble / 10, size=resamples)
        record = EvaluationRecord(
            label=label,
            seed=seed,
            training=f"{label}-{seed}",
            dataset="demo",
            bootstrap=Bootstrap(seed=1, resamples=resamples),
            jets=TestJets(by_class={"quark": 1, "gluon": 1}, sha256=""),
            figures={figure: Estimate.of(auc, None, None)},
            jetline="",
        )
        arrays = {field.name: np.empty(0) for field in fields(Curves)}
        moved = auc + common + own if figure == "auc" else auc * np.exp(common + own)
        arrays |= {"replicas": moved[:, None], "replica_names": np.array([figure])}
        results.append(Result(record, Curves(**arrays)))
    return Entry(label, "demo", [], results)


def pair_of(first, second):
    """The difference between two labels that are alone, whichever is the larger."""
    (pair,) = differences([first, second])
    return pair


def test_the_files_that_the_workflow_expects_are_written(run):
    assert {path.name for path in (run[0] / "comparison").iterdir()} == {
        "comparison.csv",
        "comparison.json",
    }


def test_a_figure_is_the_mean_over_seeds_and_the_spread_their_corrected_deviation(run, written):
    for label in ("cnn", "pfn-full"):
        row = row_of(written, label)
        single = [
            read_json(run[0] / "evaluation" / label / f"seed-{seed}" / "demo" / "metrics.json")
            for seed in (1, 2)
        ]
        for name in FIGURES:
            values = [one["figures"][name]["value"] for one in single]
            assert row["figures"][name]["value"] == pytest.approx(np.mean(values))
            assert row["figures"][name]["seed_spread"] == pytest.approx(
                np.std(values, ddof=1) * math.sqrt(math.pi / 2)
            )


@pytest.mark.parametrize("number", [2, 3, 5])
def test_the_spread_over_few_seeds_is_right_on_average(number):
    """The root of the sample variance is too small: 20 % with two seeds, 11 % with three."""
    drawn = np.random.default_rng(1).normal(scale=3, size=(20_000, number))
    assert np.mean([spread(values) for values in drawn]) == pytest.approx(3, rel=0.02)
    assert c4(number) == pytest.approx({2: 0.7979, 3: 0.8862, 5: 0.9400}[number], abs=1e-4)


def test_the_efficiency_that_a_rejection_inverts_stands_beside_it(run, written):
    for label in ("cnn", "pfn-full"):
        row = row_of(written, label)
        assert set(row["inverses"]) == {"gluon_efficiency_50", "gluon_efficiency_30"}
        for name, inverse in row["inverses"].items():
            seeds = [
                1 / one["figures"][name.replace("gluon_efficiency", "rejection")]["value"]
                for one in row["by_seed"]
            ]
            assert inverse["value"] == pytest.approx(np.mean(seeds))
            assert inverse["seed_spread"] == pytest.approx(spread(seeds))
            assert 0 <= inverse["low"] < inverse["value"] < inverse["high"] < 1


def test_the_sample_error_of_a_mean_comes_from_the_averaged_replicas(run, written):
    found = [Result.read(path) for path in run[2] if path.parts[-3:-2] == ("cnn",)]
    of_demo = [result for result in found if result.record.dataset == "demo"]
    column = np.mean([result.curves.replicas[:, 1] for result in of_demo], axis=0)
    auc = row_of(written, "cnn")["figures"]["auc"]
    assert auc["sample_error"] == pytest.approx(column.std(), rel=0.08)
    assert auc["low"] < auc["value"] < auc["high"]


def test_rows_say_what_was_trained(written):
    row = row_of(written, "pfn-full", "herwig")
    assert row["architecture"] == "pfn"
    assert row["identity"] == "full"
    assert row_of(written, "cnn")["identity"] == "none"
    assert row["trained_on"] == "demo"
    assert row["training_jets"] == 16000
    assert row["minutes"] == pytest.approx((62.5 + 63.5) / 2 / 60)
    assert row["seeds"] == [1, 2]


def test_csv_and_json_tell_the_same(run, written):
    with (run[0] / "comparison" / "comparison.csv").open() as stream:
        lines = list(csv.DictReader(stream))
    assert [(line["label"], line["dataset"]) for line in lines] == [
        (row["label"], row["dataset"]) for row in written["rows"]
    ]
    for line, row in zip(lines, written["rows"], strict=True):
        for name, inverse in row["inverses"].items():
            assert float(line[name]) == inverse["value"]
            assert float(line[f"{name}_sample_error"]) == inverse["sample_error"]
        for name in FIGURES:
            assert float(line[name]) == row["figures"][name]["value"]
            assert float(line[f"{name}_seed_spread"]) == row["figures"][name]["seed_spread"]


def test_json_holds_no_infinity_and_no_nan(run):
    text = (run[0] / "comparison" / "comparison.json").read_text()
    json.loads(text, parse_constant=pytest.fail)


def test_a_clear_difference_is_called_significant(written):
    pair = next(pair for pair in written["pairs"] if pair["dataset"] == "demo")
    assert pair["figure"] == "auc"
    assert (pair["first"], pair["second"]) == ("pfn-full", "cnn")
    assert pair["verdict"] == "significant"
    assert pair["low"] > 0
    rows = [row_of(written, label)["figures"]["auc"]["value"] for label in ("pfn-full", "cnn")]
    assert pair["difference"] == pytest.approx(rows[0] - rows[1])


def test_pairing_removes_the_error_that_both_share():
    pair = pair_of(entry_of("a", [0.86, 0.86]), entry_of("b", [0.85, 0.85]))
    assert pair.sample_error < 0.01 * 0.2
    assert pair.verdict == "significant"


def test_a_difference_within_the_spread_over_seeds_is_not_significant():
    pair = pair_of(entry_of("a", [0.87, 0.85]), entry_of("b", [0.862, 0.842]))
    assert pair.seed_error == pytest.approx(0.01 * math.sqrt(2) * math.sqrt(math.pi / 2))
    assert pair.verdict == "not significant"
    assert pair.statement.startswith("No significant difference between a and b")


def test_two_seeds_ask_for_more_than_two_deviations():
    """The spread is known so badly from two seeds that Student's tails are long."""
    pair = pair_of(
        entry_of("a", [0.86, 0.87], wobble=1e-5), entry_of("b", [0.845, 0.855], wobble=1e-5)
    )
    assert pair.difference / pair.error > 1.6
    # Two errors of 0.005 from two seeds each: together Cauchy's distribution of width 0.01.
    assert pair.p_value == pytest.approx(2 * math.atan2(0.01, 0.015) / math.pi, abs=1e-4)
    assert pair.verdict == "not significant"


def test_seeds_that_lie_close_together_by_chance_make_no_certainty():
    """The spread of one label is not that of the other, however well its seeds agree."""
    pair = pair_of(entry_of("a", [0.9, 0.9001]), entry_of("b", [0.84, 0.85]))
    assert pair.difference / pair.error > 8
    assert pair.p_value > 0.05
    assert pair.verdict == "not significant"


def test_one_seed_never_makes_an_architecture_better():
    pair = pair_of(entry_of("a", [0.9]), entry_of("b", [0.8, 0.8001]))
    assert pair.seed_error is None
    assert pair.verdict == "one seed only"
    assert "the spread over trainings is unknown" in pair.statement


def test_the_spread_that_is_known_counts_beside_a_single_seed():
    single, other = entry_of("a", [0.86]), entry_of("b", [0.82, 0.88])
    for pair in (pair_of(single, other), pair_of(other, single)):
        assert abs(pair.difference) > 3 * pair.sample_error
        assert pair.verdict == "not significant"


def test_a_test_sample_without_an_error_tells_nothing():
    still = [entry_of(label, [auc], wobble=0) for label, auc in (("a", 1.0), ("b", 0.5))]
    pair = pair_of(*still)
    assert (pair.sample_error, pair.p_value, pair.verdict) == (0, 1, "not significant")


def test_rejections_are_compared_by_their_ratio():
    first = entry_of("a", [22, 22 * 1.02], figure="rejection_50")
    second = entry_of("b", [20, 20 * 1.02], figure="rejection_50")
    pair = pair_of(second, first)
    assert (pair.figure, pair.first, pair.second) == ("rejection_50", "a", "b")
    assert pair.difference == pytest.approx(math.log(1.1))
    # Each moves by a thousandth of its own, and by a hundredth that both share.
    assert pair.sample_error == pytest.approx(0.001 * math.sqrt(2), rel=0.1)
    assert pair.statement.startswith(
        "The gluon rejection at 50 % quark efficiency of a is larger than that of b by 10.0 ± 0."
    ) or pair.statement.startswith("No significant difference between a and b in gluon rejection")
    assert "(seeds) % (p = " in pair.statement


def test_every_pair_is_compared_by_auc_and_both_rejections(written):
    found = [(pair["dataset"], pair["figure"]) for pair in written["pairs"]]
    assert found == [
        (dataset, figure)
        for dataset in ("demo", "herwig")
        for figure in ("auc", "rejection_50", "rejection_30")
    ]
    for pair in written["pairs"]:
        figures = [
            row_of(written, label, pair["dataset"])["by_seed"]
            for label in (pair["first"], pair["second"])
        ]
        means = [
            np.mean([np.log(one["figures"][pair["figure"]]["value"]) for one in of_label])
            for of_label in figures
        ]
        if pair["figure"] != "auc":
            assert pair["difference"] == pytest.approx(means[0] - means[1])


def test_a_rejection_without_an_interval_is_not_compared():
    known = entry_of("a", [20, 21], figure="rejection_30")
    unknown = entry_of("b", [22, 23], figure="rejection_30")
    for result in unknown.results:
        result.curves.replicas[:200] = np.inf
    assert differences([known, unknown]) == []
    assert len(differences([known, entry_of("c", [22, 23], figure="rejection_30")])) == 1


def test_a_resample_without_gluons_of_either_is_left_out():
    entries_of_two = [entry_of(label, [20, 21], figure="rejection_30") for label in "ab"]
    for entry in entries_of_two:
        for result in entry.results:
            result.curves.replicas[:10] = np.inf
    (pair,) = differences(entries_of_two)
    assert np.isfinite([pair.low, pair.high]).all()


def test_holm_multiplies_by_what_is_left_and_never_falls():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.6]) == [1, 1]
    assert holm([]) == []


def test_of_many_equal_taggers_no_pair_is_significant_among_all():
    """Of fourteen, five pairs are significant alone; the correction leaves none."""
    numbers = np.random.default_rng(3)
    many = [
        entry_of(f"tagger-{number}", 0.85 + 1e-3 * numbers.normal(size=20), wobble=1e-6)
        for number in range(14)
    ]
    pairs = differences(many)
    assert len(pairs) == 91
    alone = [pair for pair in pairs if pair.verdict == "significant"]
    assert alone
    assert {pair.adjusted_verdict for pair in pairs} == {"not significant"}
    assert "but among 91 pairs not significantly (p = " in alone[0].statement
    assert all(pair.adjusted_p_value >= pair.p_value for pair in pairs)


def test_a_difference_that_stands_among_all_pairs_says_so():
    labels = {"a": 0.9, "b": 0.85, "c": 0.85}
    pairs = differences(
        [entry_of(label, auc + 1e-4 * np.arange(5)) for label, auc in labels.items()]
    )
    assert [pair.adjusted_verdict for pair in pairs[:2]] == ["significant"] * 2
    assert "(p < 0.001; p < 0.001 among 3 pairs)" in pairs[0].statement


def test_one_seed_has_no_spread(tmp_path):
    trainings, evaluations = write_run(tmp_path, {"cnn": {"noise": 1, **CNN}}, seeds=(3,))
    comparison.write_comparison(trainings, evaluations, tmp_path / "comparison")
    written = read_json(tmp_path / "comparison" / "comparison.json")
    assert row_of(written, "cnn")["figures"]["auc"]["seed_spread"] is None
    assert written["pairs"] == []
    with (tmp_path / "comparison" / "comparison.csv").open() as stream:
        assert next(csv.DictReader(stream))["auc_seed_spread"] == ""


def test_a_rejection_without_gluons_stays_a_bound(tmp_path):
    training = write_training(tmp_path / "training", "cnn", 1)
    labels = np.repeat([0, 1], [100, 100])
    predictions = write_predictions(
        tmp_path / "demo.npz", labels, np.repeat([0.1, 0.9], [100, 100]), training="cnn-1"
    )
    evaluate_predictions(predictions, training, "demo", CONFIGURATION_SEED, tmp_path / "evaluation")
    comparison.write_comparison([training], [tmp_path / "evaluation"], tmp_path / "comparison")
    row = row_of(read_json(tmp_path / "comparison" / "comparison.json"), "cnn")
    figure, inverse = row["figures"]["rejection_50"], row["inverses"]["gluon_efficiency_50"]
    assert (figure["value"], figure["high"], figure["sample_error"]) == (None, None, None)
    assert display.figure_of_merit(Summary(**figure)) == "> 55"
    assert (inverse["value"], inverse["sample_error"]) == (0, None)
    assert display.share(Summary(**inverse)) == "< 1.8 %"


class TestWhatCannotBeComparedIsRefused:
    def test_an_evaluation_without_its_training(self, run):
        with pytest.raises(JetlineError, match=r"cnn, seed 1, on demo"):
            entries([Training.read(run[1][1])], [Result.read(run[2][0])])

    def test_other_test_jets(self, run, tmp_path):
        others = write_run(tmp_path, {"efn": {"noise": 1}}, n_jets=500)
        with pytest.raises(JetlineError, match="has other test jets than cnn, seed 1"):
            comparison.write_comparison(
                run[1] + others[0], [run[2][0], *others[1]], tmp_path / "comparison"
            )
        assert not (tmp_path / "comparison").exists()

    def test_seeds_with_other_settings(self, tmp_path):
        trainings, evaluations = write_run(tmp_path, {"cnn": {"noise": 1, **CNN}})
        write_training(trainings[1], "cnn", 2, **CNN | {"settings": {"epochs": 60}})
        with pytest.raises(JetlineError, match="settings of seed 2 unlike that of 1"):
            comparison.write_comparison(trainings, evaluations, tmp_path / "comparison")

    def test_the_same_seed_twice(self, run):
        with pytest.raises(JetlineError, match="seed 1 twice"):
            entries([Training.read(run[1][0])], [Result.read(run[2][0])] * 2)

    def test_a_history_without_a_validation_loss(self, tmp_path):
        directory = write_training(tmp_path, "cnn", 1)
        (directory / "history.csv").write_text("epoch,loss\n1,0.5\n")
        with pytest.raises(JetlineError, match="validation_loss"):
            Training.read(directory)

    def test_nothing(self, tmp_path):
        with pytest.raises(JetlineError, match="0 trainings, 0 evaluations"):
            comparison.write_comparison([], [], tmp_path)


@pytest.mark.parametrize(
    ("value", "errors", "shown"),
    [
        (0.861234, [0.00891], "0.8612 ± 0.0089"),
        (0.861234, [0.00891, 0.0021], "0.8612 ± 0.0089 ± 0.0021"),
        (0.861234, [0.00891, 0.00001], "0.8612 ± 0.0089 ± 0.00001"),
        (0.861234, [0.0021, 0.013], "0.861 ± 0.002 ± 0.013"),
        (47.93, [0.52], "47.93 ± 0.52"),
        (138.7, [12.3], "139 ± 12"),
        (0.5, [0.0], "0.5000 ± 0.0000"),
        (0.8, [None], "0.8000"),
        (-0.001, [0.44], "0.00 ± 0.44"),
    ],
)
def test_numbers_have_the_digits_that_their_error_warrants(value, errors, shown):
    assert display.with_errors(value, errors) == shown


@pytest.mark.parametrize(
    ("value", "errors", "shown"),
    [
        (math.log(1.12), [0.031, 0.0052], "12.0 ± 3.5 ± 0.6 %"),
        (math.log(2.5), [0.2], "150 ± 50 %"),
        (-0.01, [0.02], "-1.0 ± 2.0 %"),
    ],
)
def test_a_difference_of_logarithms_is_shown_as_the_percent_of_a_ratio(value, errors, shown):
    assert display.difference(value, errors, logarithm=True) == shown


def test_a_probability_is_shown_no_further_than_it_is_known():
    assert [display.chance(p) for p in (0.0412, 0.001, 1e-9, 1.0)] == [
        "0.041",
        "0.001",
        "< 0.001",
        "1",
    ]


def test_a_rejection_without_upper_end_is_shown_as_a_bound():
    summary = Summary(value=97.3, low=61.2, high=None, sample_error=None, seed_spread=None)
    assert display.figure_of_merit(summary) == "97 (> 61)"


def test_seeds_may_differ_in_how_many_parameters_were_fitted(tmp_path):
    trainings, evaluations = write_run(tmp_path, {"trees": {"noise": 1}}, n_jets=200)
    for path, parameters in zip(trainings, (100, 301), strict=True):
        facts = read_json(path / "training.json")
        write_json(path / "training.json", facts | {"parameters": parameters})
    comparison.write_comparison(trainings, evaluations, tmp_path / "comparison")
    (row,) = read_json(tmp_path / "comparison/comparison.json")["rows"]
    assert row["parameters"] == 200
