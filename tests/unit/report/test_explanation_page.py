"""The page on explanations shows what was found, and says where it is worthless."""

from __future__ import annotations

import re

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.core.files import write_arrays
from jetline.records.explanation import (
    Completeness,
    Correlation,
    ExplanationRecord,
    GroupSums,
    Importance,
    Mean,
    Surrogate,
    WeightsCheck,
)
from jetline.report.explained_taggers import Joined, read_explained
from jetline.report.explanation_page import write_explanations

CLASSES = ("w", "z", "top")


def record(label="pfn", seed=1, survives=False, added=0.5, **told) -> ExplanationRecord:
    sums = [
        GroupSums(
            of=of,
            by=by,
            groups=["<b>one</b>", "other"],
            added=[Mean(value=added, error=0.03), Mean(value=-0.1, error=0.04)],
            presence=[0.1, 0.1],
            left_out=[Mean(value=0.2, error=0.01), None],
            particles=[3, 0],
        )
        for of in CLASSES
        for by in ("species", "z", "distance")
    ]
    return ExplanationRecord(
        **{
            "label": label,
            "seed": seed,
            "dataset": "demo",
            "inputs": "particles",
            "architecture": "pfn",
            "classes": CLASSES,
            "jets": dict.fromkeys(CLASSES, 10),
            "baselines": 2,
            "steps": 8,
            "completeness": Completeness(relative=0.01, largest=0.03),
            "check": WeightsCheck(magnitudes=0.6, signed=0.1, survives=survives),
            "sums": sums,
        }
        | told
    )


def written(folder, *records, **arrays):
    files = []
    for number, one in enumerate(records):
        path = folder / str(number) / "explanation.json"
        one.write(path)
        write_arrays(path.with_suffix(".npz"), **arrays)
        files.append(path)
    return files


def jets():
    numbers = np.random.default_rng(1)
    return {f"jet_{kind}_0": numbers.random((9, 5)) for kind in range(3)}


def test_trainings_of_a_label_are_shown_together(tmp_path):
    files = written(tmp_path, record(seed=1, added=0.4), record(seed=2, added=0.6), **jets())
    (found,) = read_explained(files)
    assert found.classes == ["top", "z", "w"]
    one, other = found.added("top", "z")
    assert one.value == pytest.approx(0.5)
    # The error from the jets, and the spread of 0.4 and 0.6.
    assert one.error == pytest.approx(np.hypot(0.03, 0.2 / np.sqrt(2)))
    assert (other.value, other.error) == pytest.approx((-0.1, 0.04))
    assert found.left_out("top", "z")[1] is None
    assert found.presence("w").value == pytest.approx((0.2 / 0.3 + 0.2 / 0.5) / 2)


def test_the_page_shows_every_tagger_and_its_figures(tmp_path):
    told = {
        "correlations": [Correlation(of="top", observable="mass", value=0.8)],
        "surrogates": [Surrogate(of="top", explained=0.71, agreement=0.9)],
    }
    trees = [
        Importance(
            observables=["mass", "tau_1"],
            shapley=Mean(value=1.0, error=0.1),
            permutation=Mean(value=0.2, error=0.01),
        )
    ]
    files = written(tmp_path, record(**told), **jets())
    grown = record("trees", sums=[], check=None, importances=trees)
    files += written(tmp_path / "trees", grown, labels=np.zeros(3))
    write_explanations(files, tmp_path / "page.html", tmp_path / "figures")
    text = (tmp_path / "page.html").read_text()
    assert text.count("<img ") == 3
    assert re.search(r"reproduce 71\s+% of the variance of the decision for top", text)
    assert "Worthless" not in text
    assert "<b>one</b>" not in text
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {
        f"{name}.{ending}"
        for name in ("pfn-groups", "pfn-jets", "trees-importances")
        for ending in ("png", "pdf")
    }


def test_an_explanation_that_survives_shuffled_weights_is_said_to_be_worthless(tmp_path):
    files = written(tmp_path, record(survives=True), **jets())
    write_explanations(files, tmp_path / "page.html")
    assert "Worthless as it stands" in (tmp_path / "page.html").read_text()


def test_an_incomplete_explanation_is_said_to_be(tmp_path):
    incomplete = record(completeness=Completeness(relative=0.2, largest=0.5))
    write_explanations(written(tmp_path, incomplete, **jets()), tmp_path / "page.html")
    assert "raise <code>steps</code>" in (tmp_path / "page.html").read_text()


def test_maps_of_pixels_and_filters_are_drawn(tmp_path):
    numbers = np.random.default_rng(2)
    arrays = {}
    for kind in range(3):
        arrays[f"mean_added_{kind}"] = numbers.normal(size=(5, 5, 2))
        arrays[f"added_{kind}_0"] = numbers.normal(size=(5, 5, 2))
    arrays |= {
        "filters": numbers.random((4, 10, 12)),
        "filter_distances": np.array([0.1, np.nan, 0.2, np.nan]),
        "filter_areas": np.array([0.01, np.nan, 0.04, np.nan]),
        "filter_radius": np.array(0.4),
    }
    files = written(tmp_path, record(sums=[]), **arrays)
    write_explanations(files, tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text().count("<img ") == 2


def test_without_filters_that_have_a_place_there_is_a_figure_nevertheless(tmp_path):
    arrays = {
        "filters": np.zeros((2, 10, 12)),
        "filter_distances": np.full(2, np.nan),
        "filter_areas": np.full(2, np.nan),
        "filter_radius": np.array(0.4),
    }
    write_explanations(written(tmp_path, record(sums=[]), **arrays), tmp_path / "page.html")


def test_a_missing_explanation_is_told(tmp_path):
    with pytest.raises(JetlineError, match="no such file"):
        write_explanations([tmp_path / "explanation.json"], tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_a_single_training_has_the_error_of_its_jets():
    assert Joined.of([Mean(value=1, error=0.2)]) == Joined(1, 0.2)
