"""The configuration: what is accepted, and what a mistake is answered with."""

import copy
import textwrap
from typing import Any

import pytest
import yaml

from jetline.configuration.reading import Configuration, load_yaml, read_configuration
from jetline.core.errors import JetlineError
from jetline.inputs.kinds.observables import COLUMNS
from jetline.models import names, settings_class

#: A right configuration without any key that may be left out.
LEAST = {
    "run": "mine",
    "datasets": {"jets": {"source": "sample"}},
    "train_on": "jets",
    "test_on": ["jets"],
    "architectures": {"pfn": {}},
}

GONE = object()


def changed(*path: str, value: Any, base: dict[str, Any] = LEAST) -> dict[str, Any]:
    """The least configuration with another value (or none, `GONE`) at a key."""
    result = copy.deepcopy(base)
    *parents, key = path
    section = result
    for parent in parents:
        section = section.setdefault(parent, {})
    if value is GONE:
        del section[key]
    else:
        section[key] = value
    return result


def mistakes(values: dict[str, Any]) -> list[JetlineError]:
    """Everything that a configuration is refused for."""
    with pytest.raises(JetlineError) as caught:
        read_configuration(values)
    errors = [caught.value, *caught.value.others]
    for error in errors:
        assert error.where.startswith("configuration, ")
        assert "see config/README.md" not in error.remedy
        # pydantic's own words, which tell a reader of YAML nothing
        for word in ("valid integer", "valid string", "tuple", "dictionary", "instance", "Input"):
            assert word not in str(error)
    return errors


def mistake(values: dict[str, Any]) -> JetlineError:
    """The one thing that a configuration is refused for."""
    (error,) = mistakes(values)
    return error


def pasted(error: JetlineError, values: dict[str, Any]) -> dict[str, Any]:
    """The configuration with the error's snippet merged into it."""
    assert error.remedy.startswith("paste\n")
    lines = error.remedy.splitlines()[1:]
    snippet = yaml.safe_load(textwrap.dedent("\n".join(x for x in lines if "    or " not in x)))

    def merged(old: Any, new: Any) -> Any:
        if not (isinstance(old, dict) and isinstance(new, dict)):
            return new
        return old | {key: merged(old.get(key), value) for key, value in new.items()}

    return merged(values, snippet)


# What is accepted


def test_the_default_configuration_file_is_valid(root):
    configuration = read_configuration(load_yaml(root / "config/config.yaml"))
    assert configuration.run == "demo"
    assert set(configuration.architectures) >= {"cnn", "pfn"}
    assert configuration.split.fractions == (0.8, 0.1, 0.1)


def test_every_configuration_file_that_is_shipped_is_valid(root):
    for path in (root / "config").glob("*.yaml"):
        read_configuration(load_yaml(path))


def test_keys_that_may_be_left_out_have_defaults():
    configuration = read_configuration(LEAST)
    assert configuration.seeds == (1,)
    assert configuration.split.fractions == (0.8, 0.1, 0.1)
    assert configuration.architectures["pfn"].batch_size == 500


def test_an_entry_may_have_seeds_of_its_own_which_are_no_setting_of_its_trainings():
    values = changed("architectures", "slow", value={"architecture": "pfn", "seeds": [7]})
    configuration = read_configuration({**values, "seeds": [1, 2]})
    assert configuration.trainings == [("pfn", 1), ("pfn", 2), ("slow", 7)]
    slow, pfn = (configuration.architectures[name] for name in ("slow", "pfn"))
    assert slow.model_dump_json() == pfn.model_dump_json()


def test_an_entry_of_another_name_says_which_architecture_it_is():
    entries = {"no_identity": {"architecture": "pfn", "identity": "none"}, "cnn": {}}
    configuration = read_configuration(changed("architectures", value=entries))
    assert configuration.architectures["no_identity"].architecture == "pfn"
    assert configuration.architectures["no_identity"].identity == "none"
    assert configuration.architectures["cnn"].inputs == "images/notebook"


def test_a_configuration_survives_being_written_and_read():
    first = read_configuration(LEAST)
    again = read_configuration(yaml.safe_load(yaml.safe_dump(first.model_dump(mode="json"))))
    assert again == first


def test_shares_need_add_up_only_to_rounding():
    split = {"train": 0.7, "validation": 0.2, "test": 0.1}
    assert sum(split.values()) != 1
    read_configuration(changed("split", value=split))


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
    assert error.remedy == "remove the key; it belongs to pythia or zenodo"


def test_a_key_that_is_a_number_is_told_to_be_no_name():
    error = mistake({**LEAST, 1: "x"})
    assert error.where == "configuration, 1"
    assert "in quotes if it is a number" in error.expected


# Wrong values

WRONG = [
    (("run",), 2024, "text", "run: '2024'"),
    (("run",), "my run", "letters, digits, _ and -", "run: my_run"),
    (("run",), "../../etc", "letters, digits, _ and -", "run: etc"),
    (("run",), "x" * 61, "at most 60 characters", "run: demo"),
    (("seed",), "abc", "a whole number", "seed: 1"),
    (("seed",), 1.5, "a whole number", "seed: 1"),
    (("seed",), -1, "0 or more", "seed: 1"),
    (("seeds",), 3, "a list", "seeds: [3]"),
    (("seeds",), [], "at least 1 entry", "seeds: [1, 2]"),
    (("test_on",), "jets", "a list", "test_on: [jets]"),
    (("train_on",), ["jets"], "text", "train_on: jets"),
    (("split",), 0.8, "keys and values", "split: {by: jet, train: 0.8"),
    (("split", "train"), "most", "a number", "train: 0.8"),
    (("split", "train"), 1.5, "less than 1", "train: 0.8"),
    (("split", "test"), 0, "more than 0", "test: 0.1"),
    (("device",), "cuda", "auto, cpu or gpu", "device: auto"),
    (("datasets",), ["jets"], "keys and values", "datasets: {jets: {source: sample}}"),
    (("datasets",), {}, "at least 1 entry", "datasets: {jets: {source: sample}}"),
    (("datasets", "jets"), "sample", "`source`", "jets: {source: sample}"),
    (("datasets", "jets"), ["a.npz"], "`source`", "jets: {source: sample}"),
    (("datasets", "jets"), None, "`source`", "jets: {source: sample}"),
    (("architectures",), ["pfn"], "keys and values", "architectures: {pfn: {"),
    (("architectures",), {}, "at least 1 entry", "architectures: {pfn: {"),
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
    assert error.expected.startswith(("a multiple of 2 (half quark", "2 or more (half quark"))
    assert "jets_per_file: 5000" in error.remedy


def test_a_split_that_does_not_add_up_is_told_with_its_sum():
    error = mistake(changed("split", value={"train": 0.9}))
    assert error.where == "configuration, split"
    assert error.found == '{"train": 0.9}'
    assert "add up to 1" in error.expected
    assert "is 1.1" in error.expected


def test_an_unknown_source_is_told_which_there_are():
    error = mistake(changed("datasets", "jets", "source", value="internet"))
    assert error.found == 'source "internet"'
    assert error.expected == "source: sample, pythia, zenodo or files"


def test_an_unknown_observable_is_answered_with_all_there_are():
    values = changed("architectures", "observables", "observables", value=["mass", "charge"])
    error = mistake(values)
    assert error.where == "configuration, architectures.observables.observables[1]"
    assert error.found == '"charge"'
    assert all(observable in error.expected for observable in COLUMNS)
    read_configuration(pasted(error, values))


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


def test_all_contradictions_are_told_at_once():
    values = LEAST | {"train_on": "a", "test_on": ["b", "c"], "seeds": [1, 1]}
    values["architectures"] = {"pfn": {"inputs": "images/pt"}}
    places = [error.where.removeprefix("configuration, ") for error in mistakes(values)]
    assert places == ["train_on", "test_on", "test_on", "seeds", "architectures.pfn.inputs"]


def test_a_configuration_is_not_changed_by_being_read():
    values = changed("split", value={"by": "file"})
    before = copy.deepcopy(values)
    assert isinstance(read_configuration(values), Configuration)
    assert values == before


# Files


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("run: demo\n  seed: 1\n", "line 2, column 7: "),
        ("run: demo\nseeds: [1, 2\n", "line 3, column 1: "),
        ("run: demo\n\tseed: 1\n", "line 2, column 1: "),
        ("", "nothing"),
        ("# only a comment\n", "nothing"),
        ("- run\n- seed\n", "['run', 'seed']"),
        ("run\n", "'run'"),
    ],
)
def test_a_file_that_is_no_mapping_is_told_with_the_line(tmp_path, content, found):
    path = tmp_path / "mine.yaml"
    path.write_text(content)
    with pytest.raises(JetlineError) as caught:
        load_yaml(path)
    assert caught.value.where == str(path)
    assert caught.value.found.startswith(found)
    assert "config/config.yaml" in caught.value.remedy


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path):
    with pytest.raises(JetlineError, match="No such file"):
        load_yaml(tmp_path / "mine.yaml")
    for content in (b"\xff\xfe\x00", b"run: \x00"):
        (tmp_path / "mine.yaml").write_bytes(content)
        with pytest.raises(JetlineError, match="no text"):
            load_yaml(tmp_path / "mine.yaml")


# Recipes


def with_recipe(**settings: Any) -> dict[str, Any]:
    return changed("recipes", "mine", value=settings)


def test_an_architecture_takes_a_recipe_of_the_configuration():
    values = with_recipe(pixels=16, channels=[{"species": "photons", "weight": "count"}])
    values["architectures"] = {"cnn": {"inputs": "images/mine"}}
    configuration = read_configuration(values)
    recipe = configuration.all_recipes["mine"]
    assert recipe.pixels == 16
    assert recipe.channels[0].normalisation == "l1"
    assert {"notebook", "pt", "color"} < set(configuration.all_recipes)


def test_an_unknown_recipe_is_answered_with_the_nearest_one_of_the_configuration():
    values = with_recipe()
    values["architectures"] = {"cnn": {"inputs": "images/mime"}}
    assert mistake(values).remedy == "did you mean images/mine?"


def test_a_built_in_recipe_keeps_its_settings():
    read_configuration(changed("recipes", "pt", value={}))  # its very own
    error = mistake(changed("recipes", "pt", value={"pixels": 65}))
    assert error.where == "configuration, recipes.pt"
    assert "built in" in error.expected
    assert error.remedy == "call it my_pt"


@pytest.mark.parametrize(
    ("settings", "key", "expected"),
    [
        ({"rapidity": [1, -1]}, "rapidity", "the lower one first"),
        ({"rapidity": [1]}, "rapidity", "two numbers"),
        ({"rapidity": 1}, "rapidity", "two numbers"),
        ({"azimuth": [0, 7]}, "azimuth", "no wider than 2 pi"),
        ({"centring": "pixel", "azimuth": [0, 1]}, "centring", "0 in their middle"),
        ({"centring": "none", "rotate": True}, "rotate", "centroid"),
        ({"centring": "pixel", "flip": True}, "flip", "centroid"),
        ({"dtype": "uint8"}, "dtype", "`count`"),
        ({"dtype": "uint8", "channels": [{"weight": "count"}]}, "dtype", "`none`"),
        ({"padding_as_particles": True}, "padding_as_particles", "centring `none`"),
        ({"rotate": "maybe"}, "rotate", "true or false"),
        ({"channels": [3]}, "channels[0]", "keys and values"),
        ({"channels": []}, "channels", "at least 1 entry"),
    ],
)
def test_steps_of_a_recipe_that_do_not_fit_are_told_with_what_to_paste(settings, key, expected):
    values = with_recipe(**settings)
    error = mistake(values)
    assert error.where == f"configuration, recipes.mine.{key}"
    assert expected in error.expected
    read_configuration(pasted(error, values))


@pytest.mark.parametrize(
    ("settings", "key", "remedy"),
    [
        ({"pixel": 16}, "pixel", "did you mean pixels?"),
        ({"weight": "pt"}, "weight", "move it to an entry of channels"),
        ({"centring": "centre"}, "centring", "did you mean centroid?"),
        ({"channels": [{}, {"wieght": "pt"}]}, "channels[1].wieght", "did you mean weight?"),
        ({"channels": [{"pixels": 3}]}, "channels[0].pixels", "move it to an entry of recipes"),
        ({"channels": [{"species": "photon"}]}, "channels[0].species", "did you mean photons?"),
    ],
)
def test_a_slip_in_a_recipe_is_answered_with_the_right_word(settings, key, remedy):
    error = mistake(with_recipe(**settings))
    assert error.where == f"configuration, recipes.mine.{key}"
    assert error.remedy == remedy


def test_a_recipe_without_settings_is_answered_with_empty_ones():
    values = changed("recipes", "mine", value=None)
    read_configuration(pasted(mistake(values), values))


@pytest.mark.parametrize("species", [3, "quarks", None])
def test_a_species_that_is_none_is_answered_with_whole_channels(species):
    values = with_recipe(channels=[{"species": species}])
    read_configuration(pasted(mistake(values), values))


def test_images_that_convolutions_leave_nothing_of_are_refused():
    values = with_recipe(pixels=9)
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
