"""How much there is to do is known before anything is read."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from jetline.configuration.reading import read_configuration
from jetline.models import names
from jetline.models.generative import GENERATIVE_MODELS
from jetline.planning.plan import Plan
from jetline.planning.sizes import SPEEDS, Sizes


@pytest.fixture
def sizes(root):
    """Give the sizes of a configuration with one dataset."""

    def of(tagger: dict | None = None, **source) -> Sizes:
        values = {
            "run": "few",
            "datasets": {"few": source},
            "train_on": "few",
            "test_on": ["few"],
            "architectures": {"tagger": tagger or {"architecture": "cnn"}},
        }
        return Sizes(Plan(read_configuration(values), root / "resources/sample"))

    return of


def test_jets_are_counted_before_they_are_made(sizes):
    assert sizes(source="zenodo", sample="pythia", files=3).jets("few") == 300_000
    assert sizes(source="pythia", files=4, jets_per_file=1000).jets("few") == 4000


def test_jets_of_files_that_lie_there_are_estimated_from_their_bytes(sizes, bundled):
    assert 20_000 <= sizes(source="sample").jets("few") <= 40_000
    own = sizes(source="files", paths=[str(path) for path in bundled[:2]])
    assert 10_000 <= own.jets("few") <= 20_000


def test_small_steps_are_small_where_there_are_few_jets(sizes):
    assert sizes(source="sample").few
    assert not sizes(source="zenodo", sample="pythia", files=2).few


BENCHMARK = {"source": "zenodo", "sample": "pythia", "files": 20}
TRAINING = SimpleNamespace(label="tagger", seed="1")


def minutes(sizes, **tagger) -> int:
    return sizes(tagger=tagger, **BENCHMARK).training_minutes(TRAINING)


def test_a_training_asks_for_the_time_that_its_jets_and_epochs_take(sizes):
    few = sizes(tagger={"architecture": "pfn", "epochs": 20}, source="sample")
    assert few.training_minutes(TRAINING) == 60
    # 4 * 2,000,000 jets * 20 epochs / 6500 jets/s
    assert minutes(sizes, architecture="pfn", epochs=20) == 411
    assert minutes(sizes, architecture="pfn", epochs=10) == 206
    assert minutes(sizes, architecture="pfn", epochs=20, training_jets=500_000) == 103
    assert minutes(sizes, architecture="particlenet", epochs=20) == 24 * 60


@pytest.mark.parametrize(
    "tagger",
    [{"phi": [1000, 1000]}, {"scan": {"grid": {"learning_rate": [1e-3, 1e-4]}}}],
    ids=["larger", "scanned"],
)
def test_a_training_whose_speed_nobody_knows_asks_for_a_day(sizes, tagger):
    assert minutes(sizes, architecture="pfn", epochs=1, **tagger) == 24 * 60


@pytest.mark.parametrize("name", sorted(set(SPEEDS) - set(GENERATIVE_MODELS)))
def test_a_measured_architecture_as_it_comes_is_taken_as_measured(sizes, name):
    few = sizes(tagger={"architecture": name}, source="pythia", files=1, jets_per_file=2)
    assert few.training_minutes(TRAINING) == 60


def test_every_measured_architecture_is_one():
    assert set(SPEEDS) <= set(names()) | set(GENERATIVE_MODELS)


def test_a_split_asks_for_memory_by_its_jets(sizes):
    few, many = SimpleNamespace(dataset="few"), sizes(**BENCHMARK)
    assert many.split_memory(few, 1) == 2400
    assert many.split_memory(few, 2) == 4800
    assert many.split_memory(SimpleNamespace(), 1) == 2400
    assert sizes(source="sample").split_memory(few, 1) < 1500
