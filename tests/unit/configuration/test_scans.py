"""Mistakes in scans are told before anything runs, each with what to write instead."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import model_validator

from configurations import changed, mistake, mistakes
from jetline.configuration.reading import read_configuration
from jetline.configuration.scans import space_of
from jetline.models import ARCHITECTURES
from jetline.models.pfn import ParticleFlowNetwork

HERE = "configuration, architectures.pfn.scan"


def scanned(scan: Any, **others: Any) -> dict[str, Any]:
    return changed("architectures", value={"pfn": {"scan": scan}, **others})


def space(scan: Any) -> dict[str, Any]:
    return space_of("pfn", read_configuration(scanned(scan)).architectures["pfn"])


def test_values_are_read_as_the_settings_read_them():
    # YAML takes 1e-3 for text.
    grid = {"learning_rate": ["1e-3", 0.01], "training.clip": [None, 1], "phi": [[8, 8], [4]]}
    assert space({"grid": grid}) == {
        "learning_rate": [0.001, 0.01],
        "training.clip": [None, 1.0],
        "phi": [[8, 8], [4]],
    }


def test_a_range_is_of_whole_numbers_where_the_setting_is():
    ends = {"low": 1, "high": 2}
    found = space({"space": {"batch_size": ends, "training.clip": ends}})
    assert found["batch_size"]["whole"]
    assert not found["training.clip"]["whole"]


@pytest.mark.parametrize(
    ("scan", "where", "found", "remedy"),
    [
        ({}, "", "no such key", "grid"),
        ({"grid": {}}, ".grid", "{}", "grid"),
        ({"grid": {"learning_rate": []}}, ".grid.learning_rate", "no value", "add some"),
        ({"grid": {"learning_rate": 1}}, ".grid.learning_rate", "1", "grid"),
        ({"grid": {"learning_rates": [1]}}, ".grid.learning_rates", "unknown", "learning_rate?"),
        ({"grid": {"schedule": ["cosine"]}}, ".grid.schedule", "unknown", "training.schedule?"),
        ({"grid": {"inputs": ["particles"]}}, ".grid.inputs", "inputs", "an entry for each"),
        ({"grid": {"seeds": [[1]]}}, ".grid.seeds", "seeds", "an entry for each"),
        ({"grid": {"gpus": [1, 2]}}, ".grid.gpus", "gpus", "choose one"),
        ({"grid": {"learning_rate": [0.1, 5]}}, ".grid.learning_rate[1]", "5", "allowed"),
        ({"grid": {"training.clip": [-1]}}, ".grid.training.clip[0]", "-1", "allowed"),
        ({"grid": {"epochs": [1, 1]}}, ".grid.epochs", "[1, 1]", "write [1]"),
        (
            {"grid": {"training.early_stopping": ["auc", "loss"]}},
            ".grid.training.early_stopping",
            "early_stopping",
            "choose one",
        ),
        (
            {"grid": {"training": [{"early_stopping": "auc"}, "published"]}},
            ".grid",
            "early_stopping",
            "choose one",
        ),
        (
            {"grid": {"training": ["published"], "training.clip": [1.0]}},
            ".grid.training.clip",
            "beside",
            "remove one",
        ),
        (
            {"grid": {"epochs": list(range(1, 101)), "batch_size": list(range(1, 101))}},
            ".grid",
            "10,000 points",
            "fewer values",
        ),
        ({"space": {"epochs": 3}}, ".space.epochs", "3", "space"),
        ({"space": {"epochs": {"low": 1}}}, ".space.epochs.high", "no such key", "space"),
        ({"space": {"epochs": {"low": 3, "high": 1}}}, ".space.epochs", "3", "space"),
        (
            {"space": {"training.weight_decay": {"low": 0, "high": 0.1, "log": True}}},
            ".space.training.weight_decay",
            "0",
            "space",
        ),
        ({"space": {"epochs": {"low": 0, "high": 5}}}, ".space.epochs.low", "0", "allowed"),
        ({"space": {"epochs": [1, 2]}, "trials": 0}, ".trials", "0", "trials: 30"),
        ({"space": {"epochs": [1, 2]}, "trails": 5}, ".trails", "5", "did you mean trials?"),
        ({"grid": {"epochs": [1, 2]}, "at_onc": 5}, ".at_onc", "5", "remove"),
        (7, "", "7", "grid"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_to_do(scan, where, found, remedy):
    error = mistake(scanned(scan))
    assert error.where == HERE + where
    assert found in error.found
    assert remedy in error.remedy


def test_all_wrong_values_are_told_at_once():
    grid = {"learning_rate": [5, 0.1], "training.schedule": ["cosin"]}
    assert len(mistakes(scanned({"grid": grid}))) == 2


def test_an_entry_has_not_the_name_of_a_trial():
    scan = {"grid": {"epochs": [1, 2]}}
    error = mistake(scanned(scan, **{"pfn--2": {"architecture": "pfn"}}))
    assert error.where == "configuration, architectures.pfn--2"
    read_configuration(scanned(scan, **{"pfn--mine": {"architecture": "pfn"}}))


def test_points_that_do_not_go_together_are_told_before_anything_runs(monkeypatch):
    class Paired(ParticleFlowNetwork):
        @model_validator(mode="after")
        def _fit(self):
            if self.batch_size < self.epochs:
                raise ValueError("a batch_size of epochs or more")
            return self

    monkeypatch.setitem(ARCHITECTURES._loaded, "pfn", Paired)
    error = mistake(scanned({"grid": {"batch_size": [5, 50], "epochs": [1, 9]}}))
    assert error.where == f"{HERE}.grid"
    assert error.found == '{"batch_size": 5, "epochs": 9}'
    assert error.expected == "a batch_size of epochs or more"
    assert "take one of these values out" in error.remedy
