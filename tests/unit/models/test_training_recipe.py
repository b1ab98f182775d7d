"""A word gives the recipe of an architecture's paper; keys that an entry names stay its own."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import ValidationError

from jetline.models import ARCHITECTURES, read_settings
from jetline.models.architecture import Network
from jetline.models.training_recipe import TrainingRecipe

NETWORKS = [name for name in ARCHITECTURES if issubclass(ARCHITECTURES[name], Network)]


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_has_a_published_recipe(name):
    told = ARCHITECTURES[name].published
    read = read_settings(name, {"training": "published"})
    for key in ("epochs", "batch_size", "learning_rate"):
        assert getattr(read, key) == told[key]
    for key, value in told["training"].items():
        assert getattr(read.training, key) == value
    # The whole schedule is run through.
    assert read.patience == read.epochs
    # What was expanded is read again as the same, as a job does.
    assert read_settings(name, read.model_dump(mode="json")) == read


def test_keys_that_an_entry_names_stay_its_own():
    entry = {"epochs": 3, "training": {"recipe": "published", "weight_decay": 0.3, "clip": 1.0}}
    read = read_settings("particlenet", entry)
    assert (read.epochs, read.patience, read.learning_rate) == (3, 3, 3e-3)
    assert read.training.weight_decay == 0.3
    assert read.training.clip == 1.0
    assert read.training.schedule == "one-cycle"


def test_a_recipe_decides_no_key_twice():
    """Equal settings have equal hashes, however they are written."""
    short = read_settings("pfn", {"training": "published"})
    long = read_settings("pfn", {"epochs": 50, "patience": 50, "training": {}})
    assert short.model_dump(mode="json") == long.model_dump(mode="json")


def test_adamw_decays_unless_told_how_much():
    assert TrainingRecipe(optimiser="adamw").weight_decay == 0.01
    assert TrainingRecipe(optimiser="adamw", weight_decay=0.1).weight_decay == 0.1
    assert TrainingRecipe(optimiser="adam").weight_decay == 0


class Unpublished(Network):
    """A network of nobody's."""

    architecture: Literal["unpublished"] = "unpublished"
    inputs: str = "particles"

    def build(self, statistics):
        raise AssertionError("not built here")


def test_a_network_without_a_recipe_says_so():
    with pytest.raises(ValidationError, match="none is published"):
        Unpublished.model_validate({"training": "published"})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("double_batch_after", [3, 3]),
        ("double_batch_after", [0]),
        ("double_batch_after", list(range(1, 9))),
        ("class_weights", {"gluon": 1.0}),
        ("class_weights", {"gluon": 0.0, "quark": 1.0}),
        ("averaging", 1.0),
        ("clip", 0),
        ("precision", "float64"),
    ],
)
def test_values_that_cannot_be_are_refused(key, value):
    with pytest.raises(ValidationError):
        TrainingRecipe.model_validate({key: value})
