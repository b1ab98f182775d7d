"""Files of evaluation and validation keep their layout: what older versions wrote is read back."""

from __future__ import annotations

import json
from dataclasses import fields

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.core.files import read_arrays, write_arrays, write_json
from jetline.records.comparison import ComparisonRecord
from jetline.records.cuts import CutsRecord
from jetline.records.evaluation import Curves, EvaluationRecord
from jetline.records.predictions import Predictions
from jetline.records.training import ForeignTagger, TrainingRecord, read_tagger
from jetline.records.validation import ValidationRecord
from synthetic_run import write_training

AUC = {"value": 0.86, "low": 0.85, "high": 0.87, "error": 0.01}
BOUND = {"value": None, "low": 54.8, "high": None, "error": None}
METRICS = {
    "label": "cnn",
    "seed": 1,
    "dataset": "demo",
    "bootstrap": {"seed": 7, "resamples": 1000},
    "jets": {
        "classes": ["gluon", "quark"],
        "by_class": {"quark": 10, "gluon": 12},
        "effective": None,
        "sha256": "ab",
    },
    "figures": {"auc": AUC, "rejection_50": BOUND},
    "jetline": "0.1.0",
    "training": "0123456789",
}
CUTS = {
    "dataset": "demo",
    "jets": {"quark": 10, "gluon": 12},
    "rows": [{"observable": "mass", "below": True, "threshold": 41.5, "figures": {"auc": AUC}}],
}
SUMMARY = {"value": 0.86, "low": 0.85, "high": 0.87, "sample_error": 0.01, "seed_spread": None}
ROW = {
    "label": "cnn",
    "dataset": "demo",
    "architecture": "cnn",
    "inputs": "images/pt",
    "identity": "none",
    "trained_on": "demo",
    "seeds": [1],
    "training_jets": 16000,
    "test_jets": {"quark": 10, "gluon": 12},
    "test_effective": {"quark": 8.5, "gluon": 11.0},
    "parameters": 9,
    "epochs": 6.0,
    "minutes": 1.04,
    "jets_per_second": 1561.0,
    "figures": {"auc": SUMMARY},
    "inverses": {"gluon_efficiency_50": SUMMARY},
    "by_seed": [{"seed": 1, "figures": {"auc": AUC}}],
}
PAIR = {
    "dataset": "demo",
    "figure": "auc",
    "first": "pfn",
    "second": "cnn",
    "difference": 0.01,
    "low": 0.005,
    "high": 0.015,
    "sample_error": 0.005,
    "seed_error": None,
    "error": 0.005,
    "p_value": 0.04,
    "verdict": "one seed only",
    "adjusted_p_value": 0.08,
    "adjusted_verdict": "not significant",
    "statement": "This training does better.",
}
QUANTITY = {
    "quantity": "jets of no mass",
    "measured": 3,
    "error": 0,
    "n_jets": 100,
    "digits": 0,
    "published": None,
    "published_jets": 100000,
    "goal": None,
    "difference": None,
    "standard_errors": None,
    "status": "unpublished",
    "verdict": "no published figure",
}
VALIDATION = {
    "dataset": "demo",
    "files": ["QG_jets_0.npz"],
    "jets": {"quark": 10, "gluon": 12},
    "rows": [QUANTITY, QUANTITY | {"measured": 0.86, "error": 0.01, "goal": 0.008}],
    "summary": "1 of 2 figures within their goals; 0 outside",
    "limits": "",
    "recognised": [],
    "warnings": [],
    "distributions": {
        "mass": {
            "edges": [0.0, 1.0],
            "quark": [10],
            "gluon": [12.5],
            "quark_error": None,
            "gluon_error": [3.5],
        }
    },
}


@pytest.mark.parametrize(
    ("kind", "content"),
    [(EvaluationRecord, METRICS), (CutsRecord, CUTS), (ValidationRecord, VALIDATION)],
)
def test_a_file_that_is_read_is_written_with_the_same_bytes(tmp_path, kind, content):
    write_json(tmp_path / "old.json", content)
    kind.read(tmp_path / "old.json").write(tmp_path / "new.json")
    assert (tmp_path / "new.json").read_bytes() == (tmp_path / "old.json").read_bytes()


def test_a_comparison_and_the_trainings_in_it_keep_their_layout(tmp_path):
    folder = write_training(tmp_path, "cnn", 1)
    training = json.loads((folder / "training.json").read_text())
    content = {
        "datasets": ["demo"],
        "rows": [ROW],
        "pairs": [PAIR],
        "trainings": [training],
        "resamples": 1000,
    }
    write_json(tmp_path / "old.json", content)
    ComparisonRecord.read(tmp_path / "old.json").write(tmp_path / "new.json")
    assert (tmp_path / "new.json").read_bytes() == (tmp_path / "old.json").read_bytes()


def test_a_key_that_is_missing_or_unknown_is_told_with_what_to_do(tmp_path):
    for changed, told in (({"seed": None}, "seed"), ({"colour": "red"}, "colour")):
        write_json(tmp_path / "metrics.json", METRICS | changed)
        with pytest.raises(JetlineError, match="evaluate again") as caught:
            EvaluationRecord.read(tmp_path / "metrics.json")
        assert caught.value.where == f"{tmp_path / 'metrics.json'}, {told}"


def test_curves_are_read_as_they_were_written(tmp_path):
    arrays = {one.name: np.arange(3.0) for one in fields(Curves)}
    arrays |= {"replicas": np.eye(2), "replica_names": np.array(["accuracy", "auc"])}
    write_arrays(tmp_path / "curves.npz", **arrays)
    curves = Curves.read(tmp_path / "curves.npz")
    np.testing.assert_array_equal(curves.replicas_of("auc"), [0, 1])
    curves.write(tmp_path / "again.npz")
    assert read_arrays(tmp_path / "again.npz").keys() == arrays.keys()


def test_curves_without_an_array_are_a_clear_error(tmp_path):
    write_arrays(tmp_path / "curves.npz", replicas=np.eye(2))
    with pytest.raises(JetlineError, match="evaluate again"):
        Curves.read(tmp_path / "curves.npz")


def test_predictions_are_read_in_the_order_of_file_and_jet(tmp_path):
    labels, scores = np.array([1, 0, 255], np.uint8), np.array([0.9, 0.2, 0.5], np.float32)
    jets, files = np.array([1, 0, 0]), np.array([0, 1, 0])
    written = Predictions.of(labels, scores, jets, files, ["b", "a"], training="key")
    written.write(tmp_path / "scores.npz")
    found = Predictions.read(tmp_path / "scores.npz")
    assert found.training == "key"
    assert found.names.tolist() == ["a", "b", "b"]
    assert found.labels.tolist() == [0, 255, 1]
    assert found.jets.tolist() == [0, 0, 1]
    assert [getattr(found, name).dtype for name in ("labels", "scores", "jets", "files")] == [
        np.uint8,
        np.float32,
        np.int64,
        np.int32,
    ]


def test_a_label_that_is_none_is_told(tmp_path):
    labels = np.array([1, 7], np.uint8)
    scores = np.full(2, 0.5, np.float32)
    written = Predictions.of(labels, scores, np.arange(2), np.zeros(2), ["a"], training="key")
    written.write(tmp_path / "s.npz")
    with pytest.raises(JetlineError, match=r"labels\[1\]"):
        Predictions.read(tmp_path / "s.npz")


def test_any_tagger_is_read_by_what_scoring_needs_of_it(tmp_path):
    write_training(tmp_path / "ours", "pfn-full", 2)
    theirs = ForeignTagger(
        label="particlenet",
        architecture="particlenet",
        inputs="particles",
        identity="none",
        settings={},
        weights={"file": "weights.pt", "sha256": "ab"},
    )
    theirs.write(tmp_path / "theirs/training.json")
    found = [read_tagger(tmp_path / name) for name in ("ours", "theirs")]
    assert [(one.label, one.seed) for one in found] == [("pfn-full", 2), ("particlenet", 0)]


def test_a_tagger_of_others_is_no_finished_training(tmp_path):
    write_json(tmp_path / "training.json", {"label": "particlenet", "architecture": "particlenet"})
    with pytest.raises(JetlineError, match="a finished training"):
        TrainingRecord.read(tmp_path / "training.json")
