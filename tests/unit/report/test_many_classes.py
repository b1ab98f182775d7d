"""Runs of more than two classes are drawn and reported so that ten can be read."""

from __future__ import annotations

import re

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from jetline.cli.main import main
from jetline.records.classes_examination import Confusion
from jetline.records.comparison import ComparisonRecord, Summary
from jetline.report import classes_plots
from jetline.report.examined_classes import short
from jetline.report.result import result_of_run
from jetline.report.run_page import write_report
from jetline.tracking.tables import taggers_table
from many_classes import THREE, write_report_of
from synthetic_run import write_configuration, write_drawn_comparison, write_run


def summary(value, error=0.01, seeds=None) -> Summary:
    ends = {"low": value - error, "high": value + error}
    return Summary(value=value, **ends, sample_error=error, seed_spread=seeds)


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    root = tmp_path_factory.mktemp("reported")
    taggers = {"worse": 2.0, "better": 0.5}
    write_report_of(root, THREE, taggers, n_jets=180, kept=("top", "gluon"))
    return root, (root / "report.html").read_text(encoding="utf-8")


def text_of(page: str) -> str:
    shown = re.sub(r"<(style|title|script)>.*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)
    return " ".join(shown.split())


def test_the_page_has_all_by_class_and_nothing_of_quarks_against_gluons(reported):
    root, page = reported
    text = text_of(page)
    assert "On demo , the largest AUC is that of better" in text
    for words in (
        "By class on demo",
        "Test jets: gluon: 60, quark: 60, top: 60.",
        "better, the best: each pair of classes",
        "AUC against the rest: differences from the best tagger",
        "Hand and Till",
    ):
        assert words in text
    for words in ("gluon jet passes", "1/ε g", "Published", "quark/gluon", "Calls a quark"):
        assert words not in text
    assert page.count("<table") == page.count("</table>")
    links = set(re.findall(r'href="(examination/[^"]*|comparison/[^"]*)"', page))
    assert {"examination/demo/classes.json", "comparison/confusion-demo.pdf"} < links
    assert all((root / link).is_file() for link in links)
    assert not re.findall(r'href="#(?!\w*")', page)
    for target in re.findall(r'href="#([^"]*)"', page):
        assert f'id="{target}"' in page


def test_a_dataset_without_a_class_says_what_it_cannot_tell(reported):
    text = text_of(reported[1])
    assert (
        "Test dataset few has no quark jets: AUC, Log loss and 1/ε rest need all classes." in text
    )
    assert "By class on few Test jets: gluon: 30" in text.replace("60", "30")


def test_pictures_are_drawn_again_from_their_data(reported, tmp_path, capsys):
    root, _ = reported
    data = [root / "comparison/figures.npz", root / "examination/demo/classes.json"]
    assert not main(["draw", "--data", *map(str, data), "--output", str(tmp_path)])
    for name in ("confusion-demo", "reliability-demo", "auc-demo"):
        drawn, again = (folder / f"{name}.png" for folder in (root / "comparison", tmp_path))
        assert drawn.read_bytes() == again.read_bytes()
    assert not (root / "comparison/roc-demo.png").exists()


def test_tables_elsewhere_have_the_figures_of_more_classes(reported, tmp_path):
    root, _ = reported
    table = (root / "comparison/comparison.tex").read_text()
    assert r"1/$\varepsilon_{\mathrm{rest}}$ at $\varepsilon$ = 50 \%, macro" in table
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs/toy").symlink_to(root)
    told = "\n".join(result_of_run(tmp_path / "runs/toy"))
    assert "Taggers on the 180 test jets of demo" in told
    assert "AUC against the rest, macro" in told


@pytest.mark.parametrize("n_classes", [3, 6, 10, 20])
def test_numbers_stay_within_their_cells(n_classes):
    numbers = np.random.default_rng(1)
    classes = [f"class-{number}"[:8] for number in range(n_classes)]
    matrices = [
        Confusion(
            label="particle-transformer",
            asked=asked,
            thresholds=[],
            shares=[
                [summary(share) for share in row]
                for row in np.maximum(numbers.dirichlet(np.full(n_classes, 0.2), n_classes), 0.003)
            ],
        )
        for asked in (None, 0.5)
    ]
    figure = classes_plots.confusion_matrices(matrices, classes)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw_without_rendering()
    for axes in figure.axes:
        box = axes.get_window_extent(renderer)
        cell = box.width / n_classes, box.height / n_classes
        for text in axes.texts:
            extent = text.get_window_extent(renderer)
            assert extent.width < cell[0]
            assert extent.height < cell[1]


def test_numbers_are_as_short_as_their_errors_allow():
    shares = [0.0, 0.0002, 0.004, 0.0994, 0.0996, 1.0]
    printed = [classes_plots.cell(summary(share), errors=False) for share in shares]
    assert printed == ["0", "<.1", "0.4", "9.9", "10", "100"]
    assert classes_plots.cell(summary(0.5, 0.0213), errors=True) == "50\n± 2.1"
    assert short(summary(0.91234, 0.003, 0.004)) == ("0.9123", "0.0050")
    bound = Summary(value=None, low=41.2, high=None, sample_error=None, seed_spread=None)
    assert short(bound) == ("> 41", "")


def test_two_classes_of_other_names_are_called_by_them(tmp_path):
    described = {"cnn": {"noise": 2.5}, "pfn": {"noise": 0.1}}
    counts = {part: {"top": 100, "light-qcd": 100} for part in ("train", "validation")}
    facts = {"classes": ("light-qcd", "top"), "jets": counts}
    described = {label: told | facts for label, told in described.items()}
    trainings, evaluations = write_run(tmp_path, described, n_jets=300)
    write_drawn_comparison(trainings, evaluations, tmp_path / "comparison")
    write_configuration(tmp_path / "configuration.json", described, (1, 2), ("demo",))
    told = (tmp_path / "comparison", tmp_path / "configuration.json", [], tmp_path / "report.html")
    write_report(*told)
    text = text_of((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "1/ε lightqcd ↑ at ε top = 50 %" in text
    assert "light-qcd rejection at 50 % top efficiency" in text
    assert "The classes are top, the signal, and light-qcd, the background." in text
    assert "Top jets Light-qcd jets" in text
    assert "Beside the published results" not in text
    header = (tmp_path / "comparison/comparison.csv").read_text().splitlines()[0]
    assert "test_top_jets,test_light-qcd_jets" in header
    compared = ComparisonRecord.read(tmp_path / "comparison/comparison.json")
    table = taggers_table("demo", compared.rows, compared.trainings[0].classes)
    assert "| 1/ε_lightqcd at ε_top = 50 % |" in table
    assert r"\mathrm{lightqcd}" in (tmp_path / "comparison/comparison.tex").read_text()
