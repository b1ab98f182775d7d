"""The lessons run, on small settings in seconds, and are notebooks that a student can open."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from jetline.evaluation.comparison import write_comparison
from lesson_run import Cell, cells_of, parameters_of
from synthetic_run import write_run

ROOT = Path(__file__).parents[2]
LESSONS = sorted((ROOT / "docs/lessons").glob("*.py"))

#: In place of the settings of the cell `parameters`, so that a lesson takes seconds.
SMALL = {
    "1_digits": {"epochs": 1, "pictures": 640},
    "2_jets": {"shown": 2, "jets_read": 500},
    "3_images": {"jets_read": 1000},
    "4_counting": {"epochs": 1, "jets_each": 400},
    "5_regularity": {"epochs": 1, "epochs_of_normalisation": 1, "jets_each": 100},
    "6_clouds": {
        "epochs": 1,
        "epochs_of_efn": 1,
        # Attention takes a minute to trace.
        "attending": "pfn",
        "epochs_of_attention": 1,
        "jets_each": 400,
    },
    "7_better": {"results": "a synthetic run", "resamples": 100, "studies": 100},
    "8_learnt": {"epochs": 1, "jets_each": 400, "explained": 10, "steps": 4},
}


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def lesson(request) -> Path:
    """The source of a lesson."""
    return request.param


def small_settings(lesson: Path, folder: Path) -> dict:
    """Settings that take seconds, and what they need in a folder."""
    settings = dict(SMALL[lesson.stem])
    assert set(settings) <= parameters_of(cells_of(lesson))
    if "results" in settings:
        settings["results"] = str(folder / "results")
        write_tested_run(folder / "results")
    return settings


def write_tested_run(folder: Path) -> None:
    """A run of two taggers, with scores of known quality in place of trainings."""
    trainings, evaluations = write_run(folder, {"cnn": {"noise": 1.6}, "pfn": {"noise": 0.4}})
    write_comparison(trainings, evaluations, folder / "comparison")
    for predictions in folder.glob("predictions/*/*/demo.npz"):
        # Scores of the test jets stand for those of the validation part.
        (predictions.parent / "validation").mkdir()
        shutil.copy(predictions, predictions.parent / "validation/scores.npz")


def run(lesson: Path, settings: dict, folder: Path) -> str:
    """What a lesson prints, run in an empty folder by a process of its own."""
    # The command by which pytest runs need not be on the PATH, nor the lesson in this folder.
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "CUDA_VISIBLE_DEVICES": "-1"}
    command = [sys.executable, ROOT / "tests/support/lesson_run.py", lesson, json.dumps(settings)]
    done = subprocess.run(
        [*command, folder / "figures"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.slow
def test_a_lesson_runs_on_small_settings(lesson, tmp_path):
    run(lesson, small_settings(lesson, tmp_path), tmp_path)
    assert list((tmp_path / "figures").iterdir())


@pytest.mark.long
def test_a_lesson_runs_as_it_is(lesson, tmp_path):
    print(run(lesson, {}, tmp_path))


def test_every_lesson_has_small_settings_and_is_listed():
    listed = (ROOT / "docs/lessons/README.md").read_text()
    assert {path.stem for path in LESSONS} == set(SMALL)
    assert re.findall(r"\]\((.*?\.py)\)", listed) == [path.name for path in LESSONS]


def test_a_lesson_says_what_is_learnt_and_ends_in_exercises_with_hints(lesson):
    text = [cell.source for cell in cells_of(lesson) if cell.markdown]
    assert text[0].startswith(f"# Lesson {lesson.stem[0]}: ")
    assert "**You learn**" in text[0]
    assert "**You need**" in text[0]
    exercises = text[-1].rpartition("## Exercises\n")[2]
    single = re.split(r"^\d\. ", exercises, flags=re.MULTILINE)[1:]
    assert len(single) >= 3
    without = [one for one in single if "*Hint:" not in one]
    assert not without, without


def test_a_lesson_is_a_notebook_without_outputs(lesson):
    cells = cells_of(lesson)
    notebook = nbformat.v4.new_notebook(cells=[of_notebook(cell) for cell in cells])
    nbformat.validate(notebook)
    # What only IPython understands would not run as a script.
    assert not [cell for cell in cells if not cell.markdown and re.search(r"^[!%]", cell.source)]


@pytest.mark.long
def test_a_lesson_runs_in_jupyter(lesson, tmp_path):
    jupytext = pytest.importorskip("jupytext", reason="`make lessons-test` installs it")
    nbclient = pytest.importorskip("nbclient", reason="`make lessons-test` installs it")
    notebook, cells = jupytext.read(lesson), cells_of(lesson)
    assert [one.source for one in notebook.cells] == [one.source for one in cells]
    assert [one.cell_type == "markdown" for one in notebook.cells] == [
        one.markdown for one in cells
    ]
    (place,) = [number for number, cell in enumerate(cells) if "parameters" in cell.tags]
    small = "\n".join(
        f"{name} = {value!r}" for name, value in small_settings(lesson, tmp_path).items()
    )
    notebook.cells[place].source += f"\n{small}"
    nbclient.NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [
        output
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]
    assert shown


def of_notebook(cell: Cell):
    new = nbformat.v4.new_markdown_cell if cell.markdown else nbformat.v4.new_code_cell
    return new(cell.source)


def test_an_axis_without_a_label_is_refused(tmp_path):
    lesson = tmp_path / "unlabelled.py"
    lesson.write_text(
        "# %%\nimport matplotlib.pyplot as plt\n\nfigure, axes = plt.subplots()\n"
        "axes.plot([1, 2])\naxes.set_xlabel('epoch')\n"
    )
    with pytest.raises(AssertionError, match="an axis without a label"):
        run(lesson, {}, tmp_path)
