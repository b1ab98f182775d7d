"""The plots of a comparison come from its data alone, and leave matplotlib as it was."""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.evaluation.comparison import write_comparison
from jetline.evaluation.seeds import Training
from jetline.report import plots, style
from jetline.report.comparison_plots import draw_comparison
from synthetic_run import write_run

NAMES = {
    "learning-curves.png",
    *(f"{kind}-{name}.png" for kind in ("roc", "scores", "auc") for name in ("demo", "herwig")),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Two labels, one much worse, two seeds, two datasets, compared but not drawn."""
    root = tmp_path_factory.mktemp("run")
    described = {"cnn": {"noise": 2.5}, "pfn-full": {"noise": 0.1}}
    trainings, evaluations = write_run(root, described, datasets=("demo", "herwig"))
    write_comparison(trainings, evaluations, root / "comparison")
    return root, trainings, evaluations


def test_every_plot_is_drawn_from_data_that_comparing_has_written(run, tmp_path):
    root, trainings, evaluations = run
    assert not list((root / "comparison").glob("*.png"))
    draw_comparison(root / "comparison", trainings, evaluations, tmp_path)
    data = {"figures.npz", "comparison.tex"}
    assert {path.name for path in tmp_path.iterdir() if path.suffix != ".pdf"} == NAMES | data
    for path in tmp_path.glob("*.png"):
        assert path.read_bytes().startswith(b"\x89PNG")


def test_drawing_twice_gives_the_same_bytes(run, tmp_path):
    root, trainings, evaluations = run
    told = ["--comparison", str(root / "comparison"), "--trainings", *map(str, trainings)]
    told += ["--evaluations", *map(str, evaluations)]
    for folder in ("one", "two"):
        output = str(tmp_path / folder)
        assert main(["draw", "--output", output, *told]) == 0
    for name in NAMES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_comparison_that_is_missing_is_a_clear_error(run, tmp_path):
    with pytest.raises(JetlineError, match=r"comparison\.json"):
        draw_comparison(tmp_path, run[1], run[2], tmp_path / "out")
    assert not (tmp_path / "out").exists()


class TestPlots:
    def test_every_architecture_has_its_own_look(self):
        look = style.styles([f"label-{place}" for place in range(30)])
        assert len({str(one) for one in look.values()}) == 30

    def test_drawing_leaves_the_settings_of_matplotlib_alone(self, run):
        before = dict(matplotlib.rcParams)
        trained = [Training.read(path) for path in run[1]]
        drawn = plots.learning_curves(
            [plots.LearningCurve(one.record.label, one.history) for one in trained],
            style.styles(["cnn", "pfn-full"]),
        )
        style.save(drawn, run[0] / "learning.png")
        assert dict(matplotlib.rcParams) == before

    def test_a_rejection_curve_without_gluons_still_has_a_figure(self, tmp_path):
        replicas = np.full((100, 100), np.inf)
        replicas[:, 50:] = 3
        curve = plots.RejectionCurve(
            "cnn",
            np.arange(1, 101) / 100,
            np.where(np.arange(100) < 50, np.inf, 3.0),
            replicas,
            [],
        )
        style.save(
            plots.rejection_curves([curve, curve], style.styles(["cnn"])), tmp_path / "roc.png"
        )
        assert (tmp_path / "roc.png").read_bytes().startswith(b"\x89PNG")
