"""Values of a configuration that contradict each other are refused, all at once."""

import pytest

from configurations import LEAST, changed, mistake, mistakes, pasted
from jetline.configuration.reading import read_configuration


def test_an_unknown_recipe_is_told_which_the_architecture_can_take():
    values = changed("architectures", "cnn", "inputs", value="images/qcd")
    error = mistake(values)
    assert error.where == "configuration, architectures.cnn.inputs"
    assert error.found == "images/qcd"
    assert "images/notebook, images/pt" in error.expected
    read_configuration(pasted(error, values))


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("pfn", "images/pt"),
        ("particlenet", "images/pt"),
        ("particlenet", "observables"),
        ("cnn", "particles"),
        ("cnn", "images"),
        ("observables", "particles"),
    ],
)
def test_inputs_that_an_architecture_cannot_take_are_refused(name, inputs):
    values = changed("architectures", name, "inputs", value=inputs)
    error = mistake(values)
    assert error.where == f"configuration, architectures.{name}.inputs"
    assert error.found == inputs
    assert error.expected.startswith(f"what {name} can take: ")
    read_configuration(pasted(error, values))


@pytest.mark.parametrize(("key", "value"), [("train_on", "herwig"), ("test_on", ["herwig"])])
def test_a_dataset_that_is_not_there_is_told_which_there_are(key, value):
    values = changed(key, value=value)
    error = mistake(values)
    assert error.where == f"configuration, {key}"
    assert error.found == "herwig"
    assert error.expected == "one of the datasets: jets"
    read_configuration(pasted(error, values))


@pytest.mark.parametrize(
    ("path", "value", "once"),
    [
        (("seeds",), [3, 1, 3], [3, 1]),
        (("architectures", "pfn", "seeds"), [3, 1, 3], [3, 1]),
        (("test_on",), ["jets"] * 2, ["jets"]),
    ],
)
def test_what_is_named_twice_is_refused(path, value, once):
    error = mistake(changed(*path, value=value))
    assert error.where == "configuration, " + ".".join(path)
    assert error.expected == "each once"
    assert pasted(error, LEAST) == changed(*path, value=once)


def test_all_contradictions_are_told_at_once():
    values = LEAST | {"train_on": "a", "test_on": ["b", "c"], "seeds": [1, 1]}
    values["architectures"] = {"pfn": {"inputs": "images/pt"}}
    places = [error.where.removeprefix("configuration, ") for error in mistakes(values)]
    assert places == ["train_on", "test_on", "test_on", "seeds", "architectures.pfn.inputs"]


def test_images_that_convolutions_leave_nothing_of_are_refused():
    values = changed("recipes", "mine", value={"pixels": 9})
    values["architectures"] = {
        "small": {"architecture": "cnn", "inputs": "images/mine"},
        "cnn-paper": {"inputs": "images/notebook"},
        "resnet": {"inputs": "images/mine"},
    }
    errors = mistakes(values)
    assert [error.where for error in errors] == [
        "configuration, architectures.small.inputs",
        "configuration, architectures.cnn-paper.inputs",
    ]
    assert "9 x 9" in errors[0].found
    assert "10 x 10" in errors[0].expected
    assert "28 x 28" in errors[1].found
    assert "33 x 33" in errors[1].expected


def test_jets_of_partons_go_only_to_taggers_that_are_not_told_the_species():
    values = changed("datasets", "jets", value={"source": "pythia", "hadronisation": False})
    values["architectures"] = {
        "told": {"architecture": "pfn", "identity": "full"},
        "untold": {"architecture": "pfn", "identity": "none"},
        "coloured": {"architecture": "cnn", "inputs": "images/color"},
        "pixels": {"architecture": "cnn", "inputs": "images/pt"},
    }
    errors = mistakes(values)
    assert [error.where for error in errors] == [
        "configuration, architectures.told",
        "configuration, architectures.coloured",
    ]
    assert errors[0].found == (
        "full identity of particles, but dataset jets has `hadronisation: false`"
    )
    for error in errors:
        values = pasted(error, values)
    assert read_configuration(values).architectures["told"].identity == "none"


def test_a_tagger_that_is_told_the_species_of_partons_is_refused_once_for_all_datasets():
    partons = {"source": "pythia", "hadronisation": False}
    values = {**LEAST, "datasets": {"a": partons, "b": partons, "c": partons}}
    error = mistake({**values, "train_on": "a", "test_on": ["a", "b"]})
    assert "dataset a has" in error.found
    assert "dataset b has" in error.found
    assert "dataset c" not in error.found


def test_an_input_that_cannot_be_taken_is_told_before_what_it_tells_of_partons():
    values = changed("datasets", "jets", value={"source": "pythia", "hadronisation": False})
    values["architectures"] = {"efn": {"inputs": "images/color"}}
    assert mistake(values).where == "configuration, architectures.efn.inputs"
