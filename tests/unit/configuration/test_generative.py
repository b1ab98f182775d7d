"""Generative models in a configuration, and jets drawn from them."""

from __future__ import annotations

import pytest

from configurations import LEAST, changed, mistake, mistakes
from jetline.configuration.reading import read_configuration

FLOW = {"flow": {"architecture": "flow-matching"}}
DRAWN = {"source": "drawn", "model": "flow"}


def with_flow(*path, value=None):
    base = changed("generative", value=FLOW)
    base = changed("datasets", "drawn", value=DRAWN, base=base)
    base = changed("test_on", value=["jets", "drawn"], base=base)
    return changed(*path, value=value, base=base) if path else base


def test_drawn_jets_have_a_key_of_their_run_their_model_and_how_they_are_drawn():
    keys = {
        read_configuration(values).datasets["drawn"].key
        for values in (
            with_flow(),
            with_flow("run", value="another"),
            with_flow("datasets", "drawn", "steps", value=5),
            with_flow("datasets", "drawn", "seed", value=5),
        )
    }
    assert len(keys) == 4
    more = read_configuration(with_flow("datasets", "drawn", "files", value=7))
    assert more.datasets["drawn"].key in keys
    assert len(more.datasets["drawn"].jet_files(None)) == 7


def test_models_are_trained_beside_taggers_and_score_nothing():
    configuration = read_configuration(with_flow())
    assert list(configuration.architectures) == list(LEAST["architectures"])
    assert set(configuration.entries) == {"flow", *LEAST["architectures"]}
    assert configuration.trainings == [("pfn", 1)]
    assert configuration.seeds_of("flow") == (1,)


@pytest.mark.parametrize(
    ("path", "value", "remedy"),
    [
        (("datasets", "drawn", "model"), "flo", "did you mean flow?"),
        (("datasets", "drawn", "training_seed"), 2, "training_seed: 1"),
        (("datasets", "drawn", "classes"), ["top"], "classes: [gluon, quark]"),
        (("datasets", "drawn", "pt_window"), [3, 1], "pt_window: [1.0, 3.0]"),
        (("generative", "flow", "architecture"), "pfn", "move the entry to `architectures`"),
        (("generative", "flow", "epoch"), 2, "did you mean epochs?"),
        (("generative", "flow", "inputs"), "images/pt", "inputs: particles"),
        (("generative", "flow", "scan"), {"grid": {"epochs": [1, 2]}}, "remove the key"),
        (("generative", "flow", "start_from"), "pfn", "remove the key"),
        (("generative", "flow", "training"), {"label_smoothing": 0.1}, "remove the key"),
        (("architectures", "flow2"), {"architecture": "flow-matching"}, "to `generative`"),
        (("train_on",), "drawn", "as `source: files`"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(path, value, remedy):
    error = mistake(with_flow(*path, value=value))
    assert remedy in error.remedy


def test_a_name_is_that_of_one_thing():
    values = changed("generative", value={"pfn": {"architecture": "flow-matching"}})
    assert mistake(values).found == "the name of a tagger"


def test_a_drawn_dataset_needs_a_model():
    values = changed("datasets", "drawn", value=DRAWN)
    (error,) = mistakes(values)
    assert "there is none" in error.expected
    assert "architecture: flow-matching" in error.remedy
