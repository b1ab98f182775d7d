"""The error for a wrong value says what to write instead."""

import pytest

from configurations import LEAST, changed, mistake, mistakes, pasted
from jetline.configuration.reading import read_configuration
from jetline.core.errors import JetlineError
from jetline.inputs.kinds.observables import COLUMNS

WRONG = [
    (("run",), 2024, "text", "run: '2024'"),
    (("run",), "my run", "letters, digits, _ and -", "run: my_run"),
    (("run",), "../../etc", "letters, digits, _ and -", "run: etc"),
    (("run",), "x" * 61, "at most 60 characters", "run: demo"),
    (("seed",), "abc", "a whole number", "seed: 1"),
    (("seed",), 1.5, "a whole number", "seed: 1"),
    (("seed",), -1, "0 or more", "seed: 1"),
    (("seeds",), 3, "a list", "seeds: [3]"),
    (("seeds",), [], "1 or more entries", "seeds: [1, 2]"),
    (("test_on",), "jets", "a list", "test_on: [jets]"),
    (("train_on",), ["jets"], "text", "train_on: jets"),
    (("split",), 0.8, "keys and values", "split: {by: jet, train: 0.8"),
    (("split", "train"), "most", "a number", "train: 0.8"),
    (("split", "train"), 1.5, "less than 1", "train: 0.8"),
    (("split", "test"), 0, "more than 0", "test: 0.1"),
    (("device",), "cuda", "auto, cpu or gpu", "device: auto"),
    (("datasets",), ["jets"], "keys and values", "datasets: {jets: {source: sample}}"),
    (("datasets",), {}, "1 or more entries", "datasets: {jets: {source: sample}}"),
    (("datasets", "jets"), "sample", "`source`", "jets: {source: sample}"),
    (("datasets", "jets"), ["a.npz"], "`source`", "jets: {source: sample}"),
    (("datasets", "jets"), None, "`source`", "jets: {source: sample}"),
    (("architectures",), ["pfn"], "keys and values", "architectures: {pfn: {"),
    (("architectures",), {}, "1 or more entries", "architectures: {pfn: {"),
    (("architectures", "pfn"), None, "{} for the defaults", "pfn: {}"),
    (("architectures", "mine"), 3, "{} for the defaults", "mine: {architecture: cnn}"),
    (("architectures", "pfn", "epochs"), "many", "a whole number", "epochs: 20"),
    (("architectures", "pfn", "epochs"), 0, "1 or more", "epochs: 20"),
    (("architectures", "pfn", "learning_rate"), 2, "1 or less", "learning_rate: 0.001"),
    (("architectures", "pfn", "phi"), 100, "a list", "phi: [100]"),
    (("architectures", "pfn", "identity"), "charge", "none, experimental or full", "full"),
    (("architectures", "cnn", "dropout"), 1, "less than 1", "dropout: 0.5"),
    (("architectures", "cnn", "inputs"), ["images/pt"], "text", "inputs: images/notebook"),
    (("architectures", "observables", "observables"), "mass", "a list", "observables: [mass]"),
]


@pytest.mark.parametrize(("path", "value", "expected", "remedy"), WRONG)
def test_a_wrong_value_is_answered_with_what_to_paste(path, value, expected, remedy):
    values = changed(*path, value=value)
    error = mistake(values)
    assert error.where == "configuration, " + ".".join(path)
    assert expected in error.expected
    assert remedy in error.remedy
    read_configuration(pasted(error, values))


@pytest.mark.parametrize(
    ("path", "value", "word"),
    [
        (("split", "by"), "jets", "jet"),
        (("split", "by"), "names", "name"),
        (("split", "duplicates"), "dropped", "drop"),
        (("device",), "gpus", "gpu"),
        (("datasets", "jets", "source"), "smaple", "sample"),
        (("architectures", "pfn", "identity"), "experiment", "experimental"),
        (("architectures", "pfn", "identity"), "fullest", "full"),
        (("architectures", "pfn", "inputs"), "images/particles", "particles"),
        (("architectures", "observables", "observables"), ["mass", "multiplicty"], "multiplicity"),
        (("architectures", "pnf"), {}, "pfn"),
        (("architectures", "mine"), {"architecture": "cn"}, "cnn"),
        (("architectures", "cnn", "inputs"), "images/ptt", "images/pt"),
        (("architectures", "cnn", "inputs"), "pt", "images/pt"),
        (("train_on",), "jest", "jets"),
        (("test_on",), ["jets", "jetz"], "jets"),
    ],
)
def test_a_misspelt_value_is_answered_with_the_nearest_known_one(path, value, word):
    error = mistake(changed(*path, value=value))
    assert error.where.startswith("configuration, " + ".".join(path[:2]))
    assert error.remedy == f"did you mean {word}?"
    assert word in error.expected


@pytest.mark.parametrize("per_file", [4999, 1])
def test_a_file_has_as_many_quark_jets_as_gluon_jets(per_file):
    error = mistake(
        changed("datasets", "jets", value={"source": "pythia", "jets_per_file": per_file})
    )
    assert error.where == "configuration, datasets.jets.jets_per_file"
    assert error.found == str(per_file)
    assert error.expected.startswith(("a multiple of 2 (number", "2 or more (number"))
    assert "as many of each class" in error.expected
    assert "jets_per_file: 5000" in error.remedy


@pytest.mark.parametrize(("per_file", "enough"), [({"jets_per_file": 100}, 102), ({}, 5001)])
def test_a_file_has_as_many_jets_of_each_class(per_file, enough):
    classes = ["quark", "w", "top"]
    entry = {"source": "pythia", "classes": classes, **per_file}
    error = mistake(changed("datasets", "jets", value=entry) | {"classes": classes})
    assert error.where == "configuration, datasets.jets.jets_per_file"
    assert error.expected.startswith("a multiple of 3 (number of jets in each file")
    assert f"jets_per_file: {enough}" in error.remedy
    entry["jets_per_file"] = enough
    read_configuration(changed("datasets", "jets", value=entry) | {"classes": classes})


def test_generated_jets_are_of_the_configurations_classes():
    classes = ["gluon", "w"]
    error = mistake(changed("datasets", "jets", value={"source": "pythia"}) | {"classes": classes})
    assert error.where == "configuration, datasets.jets"
    assert error.found == "jets of gluon, quark, beside classes: [gluon, w]"
    assert error.remedy.endswith("classes: [gluon, w]")
    strange = changed("datasets", "jets", value={"source": "pythia"}) | {"classes": ["0", "1"]}
    assert "`files` takes labels of any classes" in mistake(strange).remedy


def test_a_split_that_does_not_add_up_is_told_with_its_sum():
    error = mistake(changed("split", value={"train": 0.9}))
    assert error.where == "configuration, split"
    assert error.found == '{"train": 0.9}'
    assert "add up to 1" in error.expected
    assert "is 1.1" in error.expected


NAMED = {"by": "name", "train": ["a.npz"], "validation": ["b.npz"], "test": ["c.npz"]}


@pytest.mark.parametrize(
    ("wrong", "where", "expected", "remedy"),
    [
        ({"by": "file"}, "split.by", "name", "split:\n        by: name"),
        ({"by": None}, "split.by", "name", "by: name"),
        ({"train": "a.npz"}, "split.train", "a list", "train: [a.npz]"),
        ({"train": 0.8}, "split.train", "a list", "train: [train.npz]"),
        ({"test": []}, "split.test", "1 or more entries", "test: [test.npz]"),
        ({"test": [3]}, "split.test[0]", "text", "test: [test.npz]"),
        ({"trian": ["d.npz"]}, "split.trian", "one of the keys", "did you mean train?"),
    ],
)
def test_a_wrong_value_of_a_named_split_is_answered(wrong, where, expected, remedy):
    values = changed("split", value=NAMED | wrong)
    error = mistake(values)
    assert error.where == f"configuration, {where}"
    assert expected in error.expected
    assert remedy in error.remedy
    if error.remedy.startswith("paste"):
        read_configuration(pasted(error, values))


@pytest.mark.parametrize("left_out", NAMED)
def test_a_named_split_lacks_no_key(left_out):
    values = changed("split", value={key: NAMED[key] for key in NAMED if key != left_out})
    error = mistake(values)
    assert error.where == f"configuration, split.{left_out}"
    assert error.found == "no such key"
    read_configuration(pasted(error, values))


def test_an_unknown_source_is_told_which_there_are():
    error = mistake(changed("datasets", "jets", "source", value="internet"))
    assert error.found == 'source "internet"'
    assert (
        error.expected == "source: digits, drawn, files, mnist, pictures, pythia, sample or zenodo"
    )


def test_an_unknown_observable_is_answered_with_all_there_are():
    values = changed("architectures", "observables", "observables", value=["mass", "charge"])
    error = mistake(values)
    assert error.where == "configuration, architectures.observables.observables[1]"
    assert error.found == '"charge"'
    assert all(observable in error.expected for observable in COLUMNS)
    read_configuration(pasted(error, values))


@pytest.mark.parametrize("section", ["datasets", "architectures"])
def test_a_name_that_would_make_a_bad_path_is_refused(section):
    entry = {"source": "sample"} if section == "datasets" else {"architecture": "pfn"}
    for name in ("my jets", "a/b", "..", "-x", ""):
        (error,) = mistakes(changed(section, value={**LEAST[section], name: entry}))
        assert error.found == f"the name {name}"
        assert "letters, digits, _ and -" in error.expected
        assert error.remedy.startswith("rename it")
    (error,) = mistakes(changed(section, value={**LEAST[section], 3: entry}))
    assert error.remedy == 'rename it, for example "3"'


def test_a_wrong_entry_of_a_list_is_counted():
    error = mistake(changed("seeds", value=[1, "two"]))
    assert error.where == "configuration, seeds[1]"
    assert error.found == '"two"'


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"pt_window": [550, 500]}, "lower end first"),
        ({"tune": 11}, "needs no LHAPDF"),
        ({"shower": "vincia", "tune": 5}, "no tune beside"),
        ({"pythia": ["Random:seed = 1"]}, "does not decide itself"),
        ({"pythia": ["quickly"]}, "a line such as"),
    ],
)
def test_what_a_generated_dataset_cannot_be_is_told(settings, expected):
    entry = {"source": "pythia", **settings}
    with pytest.raises(JetlineError) as caught:
        read_configuration(changed("datasets", "jets", value=entry))
    assert expected in caught.value.expected
    assert caught.value.where.startswith("configuration, datasets.jets")
