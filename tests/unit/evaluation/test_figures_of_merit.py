"""A figure of merit is one file: evaluation, comparison and report follow by themselves."""

from __future__ import annotations

import importlib
import shutil
import sys

import numpy as np
import pytest

from contributing import example_of
from jetline.core.files import read_json, write_json
from jetline.evaluation import bootstrap, figures_of_merit, metrics
from jetline.evaluation.cuts import figures_of_merit as figures_of_cuts
from jetline.evaluation.figures_of_merit import FIGURES_OF_MERIT, in_order
from jetline.evaluation.figures_of_merit.figure_of_merit import FigureOfMerit
from jetline.evaluation.scored_jets import ScoredJets
from jetline.planning import code_version
from jetline.records.comparison import Summary
from jetline.report.figures_of_merit import heading, printed
from jetline.report.run_page import write_report
from synthetic_run import CONFIGURATION_SEED, toy_scores, write_drawn_comparison, write_run
from validated import write_validated

ALL = ["accuracy", "auc", "rejection_50", "rejection_30", "log_loss"]
NAME = "significance_improvement"


@pytest.fixture(scope="module")
def example(root) -> str:
    """The example of CONTRIBUTING."""
    return example_of(root, "Add a figure of merit")


@pytest.fixture
def added(example, tmp_path, monkeypatch) -> str:
    """The example as a file of the registry's package, in a folder of its own."""
    (tmp_path / "further").mkdir()
    (tmp_path / f"further/{NAME}.py").write_text(example)
    folders = [*figures_of_merit.__path__, str(tmp_path / "further")]
    monkeypatch.setattr(figures_of_merit, "__path__", folders)
    importlib.invalidate_caches()
    yield NAME
    FIGURES_OF_MERIT._loaded.pop(NAME, None)
    sys.modules.pop(f"{figures_of_merit.__name__}.{NAME}", None)


def test_columns_keep_their_names_and_their_order():
    assert list(in_order()) == ALL
    assert [name for name, figure in in_order().items() if figure.of_one_class] == ["accuracy"]
    assert [figure.of_probabilities for figure in in_order().values()] == [False] * 4 + [True]
    assert figures_of_cuts() == ALL[:4]


def test_a_new_one_is_computed_compared_and_reported(added, tmp_path):
    described = {"cnn": {"noise": 2.5}, "pfn-full": {"noise": 0.1}}
    trainings, evaluations = write_run(tmp_path, described, n_jets=300)
    write_drawn_comparison(trainings, evaluations, tmp_path / "comparison")
    header = (tmp_path / "comparison/comparison.csv").read_text().splitlines()[0].split(",")
    assert header[-5:] == [
        added,
        *(f"{added}_{part}" for part in ("low", "high", "sample_error", "seed_spread")),
    ]
    rows = read_json(tmp_path / "comparison/comparison.json")["rows"]
    for row in rows:
        assert row["figures"][added]["value"] > 0
        assert row["figures"][added]["sample_error"] > 0
        assert row["figures"][added]["seed_spread"] >= 0
        for one in row["by_seed"]:
            rejection = one["figures"]["rejection_50"]["value"]
            assert one["figures"][added]["value"] == pytest.approx(0.5 * np.sqrt(rejection))

    datasets = {"demo": {"source": "sample"}}
    settings = {"run": "toy", "seed": CONFIGURATION_SEED, "datasets": datasets, "seeds": [1, 2]}
    settings |= {"train_on": "demo", "test_on": ["demo"], "architectures": described}
    settings |= {"split": {"by": "jet", "train": 0.8, "validation": 0.1, "test": 0.1}}
    write_json(tmp_path / "configuration.json", settings)
    validations = write_validated(tmp_path / "validation", demo=0)
    told = (tmp_path / "comparison", tmp_path / "configuration.json", validations)
    write_report(*told, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "ε<sub>q</sub> / √ε<sub>g</sub> ↑<small>at ε<sub>q</sub> = 50 %</small>" in page
    for row in rows:
        summary = Summary(**row["figures"][added])
        value, errors = printed(added, summary).split(" ± ", 1)
        cell = f'<td class="n" data-value="{summary.value!r}">{value}<small>± {errors}</small></td>'
        assert cell in page
    assert added in figures_of_cuts()


def test_one_that_is_missing_from_an_older_evaluation_is_told(added, tmp_path, monkeypatch):
    from jetline.core.errors import JetlineError

    new = write_run(tmp_path / "new", {"pfn": {"noise": 1}}, seeds=(1,), n_jets=200)
    monkeypatch.undo()
    old = write_run(tmp_path / "old", {"cnn": {"noise": 1}}, seeds=(1,), n_jets=200)
    with pytest.raises(JetlineError, match="evaluate again, all with one version") as caught:
        write_drawn_comparison(new[0] + old[0], new[1] + old[1], tmp_path / "comparison")
    assert "evaluation of cnn, seed 1, on demo" in str(caught.value)


def test_a_new_one_reruns_evaluation_and_no_training(example, tmp_path, monkeypatch):
    monkeypatch.setattr(code_version, "PACKAGE", tmp_path / "jetline")
    shutil.copytree(importlib.import_module("jetline").__path__[0], tmp_path / "jetline")
    folder = "evaluation/figures_of_merit"
    (tmp_path / f"jetline/{folder}/{NAME}.py").write_text(example)
    known = [FIGURES_OF_MERIT.module(name) for name in FIGURES_OF_MERIT]
    new = f"evaluation.figures_of_merit.{NAME}"
    evaluate = "evaluation.predictions"
    assert code_version.code_version(evaluate, *known) != code_version.code_version(
        evaluate, *known, new
    )
    # What finds them by name does not depend on them.
    assert not set(known) & code_version.dependencies(evaluate)
    for step in ("training.job", "training.prediction"):
        assert not any(name.startswith("evaluation") for name in code_version.dependencies(step))


@pytest.mark.parametrize("name", ALL)
def test_a_resample_has_the_value_of_the_jets_that_were_drawn(name):
    """Weights are whole numbers: a jet of weight 2 counts as two jets."""
    labels, scores = toy_scores(200, 1.5, np.random.default_rng(3))
    scores = np.round(scores, 1)
    jets, figure = ScoredJets.of(labels, scores), FIGURES_OF_MERIT[name]
    drawn = np.random.default_rng(4).integers(200, size=(5, 200))
    found = figure.values(jets.resampled(drawn))
    for indices, value in zip(drawn, found, strict=True):
        alone = figure.values(ScoredJets.of(labels[indices], scores[indices]))
        np.testing.assert_allclose(alone, [value], rtol=1e-12)


def test_weights_and_counts_by_score_tell_the_same():
    """A figure of merit that takes labels, scores and weights is the fast one for two classes."""

    def accuracy(jets: ScoredJets) -> np.ndarray:
        correct = jets.scores.argmax(axis=1) == jets.labels
        return jets.weights @ correct / jets.weights.sum(axis=1)

    labels, scores = toy_scores(300, 1.5, np.random.default_rng(3))
    jets = ScoredJets.of(labels, scores)
    (drawn,) = bootstrap.resamples(jets, 1, "demo", 20)
    assert drawn.weights.dtype.kind == "i"
    np.testing.assert_array_equal(drawn.weights.sum(axis=1), 300)
    for sample in (jets, drawn):
        np.testing.assert_allclose(accuracy(sample), FIGURES_OF_MERIT["accuracy"].values(sample))


def test_a_figure_of_merit_of_three_classes_fits_the_interface():
    numbers = np.random.default_rng(5)
    labels = numbers.integers(3, size=400)
    scores = numbers.dirichlet(np.ones(3), size=400)
    jets = ScoredJets.of(labels, scores)
    own = FigureOfMerit(
        title="Accuracy",
        values=lambda jets: (
            jets.weights @ (jets.scores.argmax(axis=1) == jets.labels) / jets.weights.sum(axis=1)
        ),
        place=1,
    )
    assert own.values(jets)[0] == np.mean(scores.argmax(axis=1) == labels)
    (drawn,) = bootstrap.resamples(jets, 1, "demo", 10)
    assert own.values(drawn).shape == (10,)
    with pytest.raises(ValueError, match="only two have one"):
        FIGURES_OF_MERIT["rejection_50"].values(jets)


def test_a_value_that_has_no_upper_end_and_no_bound_of_its_own_has_its_replicas_interval(added):
    labels = np.repeat([0, 1], [50, 50])
    scores = np.concatenate([np.linspace(0, 0.6, 50), np.linspace(0.7, 1, 50)])
    estimate = metrics.evaluate(labels, scores, 1, "demo", 20).estimates[added]
    assert (estimate.value, estimate.low, estimate.high, estimate.error) == (None,) * 4


def test_headings_escape_what_they_show():
    figure = FigureOfMerit(title="a < b_c", values=len, place=1, better="lower", unit="x")
    assert heading(figure) == "a &lt; b<sub>c</sub> ↓<small>[x]</small>"
    assert heading(figure, arrow=False) == "a &lt; b<sub>c</sub><small>[x]</small>"
    assert figure.full_title == "a < b_c [x]"
