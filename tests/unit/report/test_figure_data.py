"""Figures are drawn again, in any style, from the files that hold all that they show."""

from __future__ import annotations

import importlib.util
import shutil

import numpy as np
import pytest

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.report import style
from jetline.report.figure_data import FigureData
from synthetic_run import write_drawn_comparison, write_run
from validated import write_validated

FIGURES = {
    "learning-curves",
    *(f"{kind}-{name}" for kind in ("roc", "scores", "auc") for name in ("demo", "gluons")),
}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A comparison, one of its datasets of gluon jets alone, whose origins are gone."""
    root = tmp_path_factory.mktemp("run")
    described = {"cnn": {"noise": 2.5}, "a $x_{$ & <b>": {"noise": 0.1}}
    kept = {"gluons": (None, 0)}
    trainings, evaluations = write_run(root, described, datasets=("demo", "gluons"), kept=kept)
    write_drawn_comparison(trainings, evaluations, root / "comparison")
    for folder in ("trainings", "evaluation", "predictions"):
        shutil.rmtree(root / folder)
    return root / "comparison"


def test_every_figure_is_a_png_and_a_pdf(drawn):
    for name in FIGURES:
        assert (drawn / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert (drawn / f"{name}.pdf").read_bytes().startswith(b"%PDF")
    assert {path.stem for path in drawn.glob("*.p[nd][gf]")} == FIGURES


def test_every_figure_is_drawn_again_from_the_data_alone(drawn, tmp_path):
    told = ["draw", "--data", str(drawn / "figures.npz"), "--output", str(tmp_path)]
    assert main(told) == 0
    for path in [f"{name}.{kind}" for name in FIGURES for kind in ("png", "pdf")]:
        assert (tmp_path / path).read_bytes() == (drawn / path).read_bytes(), path


def test_the_distributions_of_a_dataset_are_drawn_again_from_its_validation(tmp_path):
    write_validated(tmp_path, demo=0)
    told = ["draw", "--data", str(tmp_path / "demo/validation.json"), "--output", str(tmp_path)]
    assert main(told) == 0
    for kind in ("png", "pdf"):
        again = tmp_path / f"distributions-demo.{kind}"
        assert again.read_bytes() == (tmp_path / f"demo/distributions.{kind}").read_bytes()


def test_what_holds_no_figures_is_refused(drawn, tmp_path, capsys):
    np.savez(tmp_path / "other.npz", scores=np.zeros(3))
    (tmp_path / "table.csv").write_text("a,b\n")
    for name, told in (("other.npz", "no figures of this version"), ("table.csv", "ends in .csv")):
        data = [str(drawn / "figures.npz"), "--data", str(tmp_path / name)]
        assert main(["draw", "--data", *data, "--output", str(tmp_path / "out")]) == 1
        assert told in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    (tmp_path / "examination.json").write_text("{}")
    data = [str(drawn / "figures.npz"), "--data", str(tmp_path / "examination.json")]
    assert main(["draw", "--data", *data, "--output", str(tmp_path / "out")]) == 1
    assert not (tmp_path / "out").exists()
    arrays = dict(np.load(drawn / "figures.npz"))
    del arrays["roc-demo/1/replicas"]
    np.savez(tmp_path / "less.npz", **arrays)
    with pytest.raises(JetlineError, match="roc-demo/1/replicas"):
        FigureData.read(tmp_path / "less.npz")


@pytest.mark.parametrize("given", [[], ["--comparison", "c", "--data", "d.npz"]])
def test_either_a_comparison_or_kept_data_are_drawn(given, tmp_path, capsys):
    assert main(["draw", *given, "--output", str(tmp_path / "out")]) != 0
    assert "either --comparison, --trainings and --evaluations" in capsys.readouterr().err


@pytest.mark.skipif(importlib.util.find_spec("mplhep") is not None, reason="mplhep is installed")
def test_a_style_that_is_not_installed_is_explained(drawn, tmp_path, capsys):
    told = ["draw", "--data", str(drawn / "figures.npz"), "--output", str(tmp_path / "out")]
    assert main([*told, "--style", "atlas"]) == 1
    assert "pip install -e '.[styles]'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(importlib.util.find_spec("mplhep") is None, reason="mplhep is not installed")
@pytest.mark.parametrize("name", ["atlas", "cms"])
def test_a_collaborations_style_changes_the_look_and_not_the_size(drawn, name):
    from matplotlib.image import imread

    data = FigureData.read(drawn / "figures.npz")
    with style.in_style(name):
        figure = data.drawn(style.styles(data.labels))["roc-demo"]
        style.save_both(figure, drawn / f"{name}/roc-demo.png")
    plain, styled = imread(drawn / "roc-demo.png"), imread(drawn / f"{name}/roc-demo.png")
    assert plain.shape == styled.shape
    assert (plain != styled).any()
