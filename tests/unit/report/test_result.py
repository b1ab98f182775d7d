from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from jetline.cli.main import main
from jetline.report.result import result_of_run
from synthetic_run import write_drawn_comparison, write_run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("place") / "results/runs/toy"
    taggers = {"bad": {"noise": 2.0}, "good": {"noise": 0.1}}
    made = write_run(folder, taggers, datasets=("demo", "other"), n_jets=300)
    write_drawn_comparison(*made, folder / "comparison")
    return folder


def test_each_test_dataset_has_a_table_best_tagger_first(run):
    lines = result_of_run(run)
    assert [line.split()[0] for line in lines if line.startswith("  ")] == [
        *("tagger", "good", "bad") * 2
    ]
    (title, *_) = lines
    assert title == "Taggers on the 300 test jets of demo, best first"
    assert lines[1] == "(mean ± error from the test sample ± spread over the seeds)"
    assert lines[2].split()[:3] == ["tagger", "AUC", "Accuracy"]
    assert lines[3].count("±") >= 6


def test_columns_that_do_not_fit_are_left_out_and_that_is_said(run):
    lines = result_of_run(run, width=60)
    assert lines[0].endswith("; the report has more columns")
    assert max(map(len, (line for line in lines if line.startswith("  ")))) <= 60
    assert lines[2].split()[:2] == ["tagger", "AUC"]


def test_columns_stay_straight_in_letters_that_are_longer(run):
    lines = result_of_run(run, letters=lambda text: text.replace("±", "+-").replace("ε", "eps"))
    heading, good, bad = lines[2:5]
    places = [match.start() for match in re.finditer(r"Accuracy|1/eps|Log", heading)]
    assert all(line[place - 2 : place] == "  " for place in places for line in (good, bad))
    assert "+-" in good


def test_the_command_for_mlflow_is_one_that_works_here(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert result_of_run(run)[-1] == f"MLflow:  jetline ui {run.parents[1]}"
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/.ready").touch()
    (tmp_path / "Makefile").touch()
    monkeypatch.chdir(tmp_path)
    assert result_of_run(run)[-1] == "MLflow:  make ui"


def test_the_result_is_a_command(run, capsys):
    assert main(["result", str(run)]) == 0
    assert "best first" in capsys.readouterr().out
    assert main(["result", str(run.parent)]) == 1
    assert "comparison.json" in capsys.readouterr().err
