"""Published rejections stand in the figure only where they may be compared."""

from __future__ import annotations

import pytest

from jetline.cli.main import main
from jetline.core.files import write_json
from jetline.evaluation.comparison import write_comparison
from jetline.report import style
from jetline.report.published_points import PublishedPoint, add_points, comparable, published_points
from synthetic_run import write_run

BENCHMARK = {
    "datasets": {
        "pythia": {"source": "zenodo", "sample": "pythia", "files": 20},
        "herwig": {"source": "zenodo", "sample": "herwig", "files": 20},
    },
    "train_on": "pythia",
    "test_on": ["pythia", "herwig"],
    "split": {"by": "file", "train": 0.8, "validation": 0.1, "test": 0.1},
}


def test_only_the_benchmark_trained_and_tested_on_is_comparable():
    assert comparable(BENCHMARK) == ["pythia"]


@pytest.mark.parametrize(
    "change",
    [
        {"split": BENCHMARK["split"] | {"by": "jet"}},
        {"train_on": "herwig"},
        {"datasets": BENCHMARK["datasets"] | {"pythia": {"source": "sample"}}},
        {
            "datasets": BENCHMARK["datasets"]
            | {"pythia": BENCHMARK["datasets"]["pythia"] | {"files": 2}}
        },
        {"test_on": ["herwig"]},
    ],
    ids=["another split", "trained on another", "other jets", "fewer files", "tested on another"],
)
def test_anything_else_is_not(change):
    assert comparable(BENCHMARK | change) == []


def test_points_are_those_of_taggers_that_were_told_as_much():
    found = published_points({"experimental"})
    assert {one.identity for one in found} == {"experimental"}
    of_particlenet = {
        one.quark_efficiency: one.rejection for one in found if one.method == "ParticleNet"
    }
    assert of_particlenet == {0.5: 39.8, 0.3: 98.6}
    assert published_points(()) == []


def test_points_lie_within_the_axes_and_keep_the_legend():
    figure = style.new_figure(4, 4)
    axes = figure.subplots()
    axes.plot([0.1, 1], [20, 1], label="pfn")
    axes.set_ylim(1, 30)
    before = axes.legend()
    add_points(figure, [PublishedPoint("ParT", "full", 0.3, 129.5)])
    assert axes.get_ylim()[1] > 129.5
    assert before in axes.get_children()
    assert axes.get_legend() is not before
    drawn = axes.lines[-1]
    assert (drawn.get_xdata().tolist(), drawn.get_ydata().tolist()) == ([0.3], [129.5])


def test_the_command_draws_them_by_the_configuration(tmp_path):
    trainings, evaluations = write_run(tmp_path, {"pfn": {"noise": 0.1}}, (1,), ("pythia",))
    write_comparison(trainings, evaluations, tmp_path / "comparison")
    told = ["draw", "--comparison", str(tmp_path / "comparison")]
    told += ["--trainings", *map(str, trainings), "--evaluations", *map(str, evaluations)]
    pictures = []
    for name, split in (("alike", "file"), ("otherwise", "jet"), ("untold", "")):
        settings = BENCHMARK | {"split": BENCHMARK["split"] | {"by": split}}
        write_json(tmp_path / f"{name}.json", settings)
        by = ["--configuration", str(tmp_path / f"{name}.json")] if split else []
        assert main([*told, *by, "--output", str(tmp_path / name)]) == 0
        pictures.append((tmp_path / name / "roc-pythia.png").read_bytes())
    alike, otherwise, untold = pictures
    assert otherwise == untold != alike
