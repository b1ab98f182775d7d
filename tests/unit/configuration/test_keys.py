"""The error for a missing or unknown key says what to write."""

import pytest

from configurations import GONE, LEAST, changed, mistake, mistakes, pasted
from jetline.configuration.reading import read_configuration
from jetline.models import names, settings_class

# Missing keys


@pytest.mark.parametrize("key", ["run", "datasets", "train_on", "test_on", "architectures"])
@pytest.mark.parametrize("also_missing", [None, "train_on", "test_on", "datasets"])
def test_what_is_pasted_for_a_missing_key_makes_the_configuration_valid(key, also_missing):
    values = changed(key, value=GONE)
    values.pop(also_missing, None)
    errors = mistakes(values)
    assert {error.where.removeprefix("configuration, ") for error in errors} == {
        key,
        also_missing or key,
    }
    for error in errors:
        assert error.found == "no such key"
        assert error.expected
        values = pasted(error, values)
    read_configuration(values)


@pytest.mark.parametrize(
    ("entry", "where"),
    [
        ({}, "datasets.jets"),
        ({"paths": ["a.npz"]}, "datasets.jets"),
        ({"jets_per_file": 100}, "datasets.jets"),
        ({"source": "files"}, "datasets.jets.paths"),
    ],
)
def test_what_is_pasted_for_a_dataset_makes_it_valid(entry, where):
    values = changed("datasets", "jets", value=entry)
    error = mistake(values)
    assert error.where == f"configuration, {where}"
    assert error.found in ("no such key", "no key `source`")
    read_configuration(pasted(error, values))


def test_what_is_pasted_for_an_entry_without_an_architecture_makes_it_valid():
    values = changed("architectures", value={"best_one": {"identity": "full"}})
    error = mistake(values)
    assert error.where == "configuration, architectures.best_one"
    assert "no key `architecture`" in error.found
    # The first that has an identity.
    assert "architecture: particle-transformer" in error.remedy
    read_configuration(pasted(error, values))


# Unknown keys


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        (("trainon",), "did you mean train_on?"),
        (("dataset",), "did you mean datasets?"),
        (("epochs",), "move it to an entry of architectures"),
        (("validation",), "move it to split"),
        (("paths",), "move it to an entry of datasets"),
        (("threads",), "remove the key"),
        (("split", "trian"), "did you mean train?"),
        (("split", "seed"), "move it to the top level"),
        (("datasets", "jets", "sourcee"), "did you mean source?"),
        (("datasets", "jets", "batch_size"), "move it to an entry of architectures"),
        (("architectures", "pfn", "idenity"), "did you mean identity?"),
        (("architectures", "pfn", "seed"), "move it to the top level"),
        (("architectures", "pfn", "momentum"), "remove the key"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_known_one(path, remedy):
    error = mistake(changed(*path, value=3))
    assert error.where == "configuration, " + ".".join(path)
    assert error.found == "unknown key, with value 3"
    assert error.remedy == remedy
    if remedy.startswith("did you mean"):
        assert remedy.split()[-1].strip("?") in error.expected


@pytest.mark.parametrize(
    ("name", "key"),
    [("efn", "identity"), ("cnn", "identity"), ("observables", "identity"), ("pfn", "dropout")],
)
def test_a_key_of_other_architectures_is_told_with_those_that_have_it(name, key):
    error = mistake(changed("architectures", name, key, value="full"))
    assert error.where == f"configuration, architectures.{name}.{key}"
    assert error.found == 'unknown key, with value "full"'
    told, owners = error.remedy.split("; it belongs to ")
    assert told == "remove the key"
    having = [other for other in names() if key in settings_class(other).model_fields]
    assert owners.replace(" or ", ", ").split(", ") == having


def test_a_key_of_other_sources_is_told_with_those_that_have_it():
    error = mistake(changed("datasets", "jets", "files", value=3))
    assert error.remedy == "remove the key; it belongs to drawn, pythia or zenodo"


def test_a_key_that_is_a_number_is_told_to_be_no_name():
    error = mistake({**LEAST, 1: "x"})
    assert error.where == "configuration, 1"
    assert "in quotes if it is a number" in error.expected


# Several at once


def test_all_mistakes_are_told_at_once():
    values = LEAST | {"sede": 2, "run": 3, "split": {"by": "jets"}}
    values["architectures"] = {"pfn": {"epochs": 0}, "pnf": {}, "cnn": {"drop": 0.5}}
    places = [
        "architectures.pfn.epochs",
        "architectures.pnf",
        "architectures.cnn.drop",
        "run",
        "split.by",
        "sede",
    ]
    errors = mistakes(values)
    assert [error.where.removeprefix("configuration, ") for error in errors] == places
    text = str(errors[0])
    assert text.count("found: ") == text.count("to do: ") == 6
    assert all(f"configuration, {name}\n" in text for name in places)
