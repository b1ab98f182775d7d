"""Test datasets of one class, or with hardly a jet of it, are compared, drawn and reported."""

from __future__ import annotations

import csv
import json
import re

import pytest

from jetline.cli.main import main
from jetline.evaluation.one_class import limits
from jetline.report import comparison_plots, plots, style
from jetline.report.run_page import write_report
from synthetic_run import write_configuration, write_drawn_comparison, write_run
from validated import write_validated

DESCRIBED = {"cnn": {"noise": 2.5}, "pfn-full": {"noise": 0.1}}
QUARKS, GLUONS = (0, None), (None, 0)


def reported(root, kept, datasets, described=DESCRIBED, seeds=(1, 2)) -> str:
    """The report's text after a run on these datasets."""
    trainings, evaluations = write_run(
        root, described, seeds, datasets=datasets, n_jets=300, kept=kept
    )
    write_drawn_comparison(trainings, evaluations, root / "comparison")
    write_configuration(root / "configuration.json", described, seeds, datasets)
    validations = write_validated(root / "validation", demo=0)
    told = (root / "comparison", root / "configuration.json", validations)
    write_report(*told, root / "report.html")
    return (root / "report.html").read_text(encoding="utf-8")


def shown(text: str) -> str:
    """What a reader of the page sees."""
    return re.sub(r"<(style|title)>.*?</\1>|<[^>]*>", "", text, flags=re.DOTALL)


def strict_json(folder) -> dict:
    return {
        path: json.loads(path.read_text(), parse_constant=pytest.fail)
        for path in folder.rglob("*.json")
    }


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """A run tested on both classes, on quark and on gluon jets alone."""
    root = tmp_path_factory.mktemp("mixed")
    kept = {"quark_jets": QUARKS, "gluon_jets": GLUONS}
    return root, reported(root, kept, ("demo", "quark_jets", "gluon_jets"))


def test_what_cannot_be_told_is_null_and_an_empty_field(mixed):
    files = strict_json(mixed[0])
    metrics = [one for path, one in files.items() if path.name == "metrics.json"]
    assert len(metrics) == 12
    for one in metrics:
        known = {name for name, figure in one["figures"].items() if figure["value"] is not None}
        if one["dataset"] == "demo":
            assert known >= {"accuracy", "auc", "log_loss"}
        else:
            assert known == {"accuracy"}
    with (mixed[0] / "comparison/comparison.csv").open(newline="") as stream:
        for line in csv.DictReader(stream):
            of_auc = {
                line[name]
                for name in line
                if name.startswith(("auc", "rejection", "gluon_", "log_"))
            }
            assert (of_auc == {""}) == (line["dataset"] != "demo")
            assert 0 < float(line["accuracy_sample_error"]) < float(line["accuracy"]) < 1


def test_only_datasets_of_both_classes_have_pairs(mixed):
    compared = json.loads((mixed[0] / "comparison/comparison.json").read_text())
    assert {pair["dataset"] for pair in compared["pairs"]} == {"demo"}


@pytest.mark.parametrize("kind", ["quark", "gluon"])
def test_the_report_tells_why_figures_are_missing(mixed, kind):
    page = shown(mixed[1])
    told = f"{kind}_jets holds {kind} jets alone: AUC, 1/εg and Log loss need both classes."
    told += f" Accuracy is there the efficiency of {kind} jets at the threshold"
    results = page.index("Results")
    assert page.count(told) == 2
    assert page.index(told) < results < page.rindex(told)
    assert f"{kind}_jets holds {kind} jets alone: there is no AUC to compare" in page
    assert f"{kind}_jets holds {kind} jets alone: a rejection curve needs both" in page
    assert f"Score (quark probability) of {kind} jets of {kind}_jets" in page
    section = page[page.index(f"Tested on {kind}_jets") :]
    row = re.search(r"pfn-full.*particles.*", section)[0]
    assert re.fullmatch(r"pfn-full–(0\.\d+)± \S+ ± \d\.\d+–––particlesfull2", row)
    assert "One architecture only" not in page
    assert not re.search(r"\bnan\b|None", page)


def test_the_dataset_of_both_classes_is_told_as_ever(mixed):
    page = shown(mixed[1])
    assert "On demo, the largest AUC is that of pfn-full" in page
    beside = page[page.index("Beside the published results") :]
    assert "pfn-fullthis run, on demo" in beside
    assert "this run, on quark_jets" not in beside
    assert "quark_jets, of quark jets alone, has no figures to set beside them" in beside
    # Jets, learning curves, three pictures of demo, and the scores of each of the others.
    assert len(re.findall('src="data:image/png', mixed[1])) == 7


def test_a_picture_that_cannot_be_drawn_says_why(mixed, monkeypatch):
    said = []
    monkeypatch.setattr(
        plots, "in_place", lambda words: said.append(words) or style.new_figure(1, 1)
    )
    root = mixed[0]
    trainings = sorted((root / "trainings").glob("*/*"))
    evaluations = sorted((root / "evaluation").glob("*/*/*"))
    comparison_plots.draw_comparison(root / "comparison", trainings, evaluations, root / "again")
    needs = "jets alone: this picture needs both classes"
    assert said == [
        f"{kind}_jets holds {kind} {needs}" for kind in ("quark", "gluon") for _ in "12"
    ]
    for name in ("roc", "auc"):
        written = root / f"comparison/{name}-quark_jets.png"
        assert written.stat().st_size > 2000


def test_every_test_dataset_may_be_of_one_class(tmp_path):
    page = shown(reported(tmp_path, {"demo": QUARKS}, ("demo",), {"pfn": {"noise": 1}}, (1,)))
    assert "Test dataset demo holds quark jets alone" in page
    assert "the AUC of" not in page
    assert "this run, on" not in page
    assert "PFN-ID" in page
    strict_json(tmp_path)


@pytest.mark.parametrize("kept", [(1, 1), (1, 2), (2, 1), (1, 100), (100, 1), (0, 1), (1, 0)])
def test_a_handful_of_jets_goes_all_the_way(tmp_path, kept):
    """Most resamples lack a class or any gluon jet that passes: no warning, no NaN."""
    page = shown(reported(tmp_path, {"demo": kept}, ("demo",)))
    assert not re.search(r"\bnan\b|\binf\b|None", page)
    strict_json(tmp_path)


def test_commands_say_it_at_the_terminal(tmp_path, capsys):
    trainings, evaluations = write_run(
        tmp_path, DESCRIBED, (1,), ("herwig",), n_jets=100, kept={"herwig": GLUONS}
    )
    told = ["--training", trainings[0], "--dataset", "herwig", "--configuration-seed", "7"]
    told += ["--predictions", tmp_path / "predictions/cnn/seed-1/herwig.npz"]
    assert main(["evaluate", *map(str, told), "--output", str(tmp_path / "again")]) == 0
    said = "test dataset herwig holds gluon jets alone: AUC, 1/ε_g and Log loss need both classes."
    assert said in capsys.readouterr().out
    told = ["--trainings", *trainings, "--evaluations", *evaluations]
    assert main(["compare", *map(str, told), "--output", str(tmp_path / "comparison")]) == 0
    assert said in capsys.readouterr().out


def test_both_classes_have_no_such_limits():
    assert limits({"quark": 1, "gluon": 1}, ["auc", "accuracy"]) == ""
