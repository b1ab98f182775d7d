"""Where an entry may start, and what is told where it may not."""

import pytest
import yaml

from configurations import LEAST, mistake, mistakes, pasted
from jetline.configuration.reading import read_configuration
from jetline.configuration.starts import started_from

HERE = "configuration, architectures.small.start_from"


def starting(start, **entries):
    """A configuration of a large network, and a small one that starts so."""
    small = {"architecture": "pfn", "start_from": start}
    return LEAST | {"architectures": {"pfn": {}, "small": small} | entries}


def test_the_name_of_an_entry_is_short_for_keys():
    (short, long) = (read_configuration(starting(s)) for s in ("pfn", {"entry": "pfn"}))
    assert short == long
    written = yaml.safe_dump(short.model_dump(mode="json"))
    assert read_configuration(yaml.safe_load(written)) == short


def test_a_training_starts_from_that_of_its_seed_or_the_only_one():
    values = starting("pfn", other={"architecture": "pfn", "seeds": [7], "start_from": "small"})
    configuration = read_configuration(values | {"seeds": [1, 7]})
    assert started_from(configuration, "pfn", 1) is None
    assert started_from(configuration, "small", 7) == ("pfn", 7)
    assert started_from(configuration, "other", 7) == ("small", 7)
    only = starting("pfn", pfn={"seeds": [7]})
    assert started_from(read_configuration(only), "small", 1) == ("pfn", 7)


def test_an_entry_that_is_not_there_is_answered_with_the_nearest():
    error = mistake(starting("pnf"))
    assert (error.where, error.found, error.remedy) == (HERE, "pnf", "did you mean pfn?")


def test_a_path_is_answered_with_the_key_for_it():
    values = starting("results/runs/big/trainings/pfn/seed-1")
    error = mistake(values)
    assert error.where == HERE
    corrected = pasted(error, values)["architectures"]["small"]["start_from"]
    assert corrected == {"training": "results/runs/big/trainings/pfn/seed-1"}


def test_trees_are_no_start():
    error = mistake(starting("observables", observables={}))
    assert error.where == HERE
    assert "otherwise than by gradient descent" in error.found
    assert error.expected.endswith("pfn")


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_circle_is_told_at_each_entry_of_it(length):
    names = [f"n{number}" for number in range(length)]
    entries = {
        name: {"architecture": "pfn", "start_from": names[(number + 1) % length]}
        for number, name in enumerate(names)
    }
    entries["beside"] = {"architecture": "pfn", "start_from": "n0"}
    errors = mistakes(LEAST | {"architectures": entries})
    assert [error.where.split(".")[-2] for error in errors] == names
    assert "n0" in errors[0].found
    if length == 2:
        assert errors[0].found == "a circle: n0 starts from n1 starts from n0"


def test_seeds_that_the_other_entry_lacks_are_told_with_its_own():
    values = starting("pfn", pfn={"seeds": [1, 2]}) | {"seeds": [1, 3]}
    error = mistake(values)
    assert error.where == HERE
    assert error.found == "seed 3, with which pfn is not trained"
    corrected = pasted(error, values)
    assert corrected["architectures"]["small"]["seeds"] == [1, 2]
    read_configuration(corrected)


@pytest.mark.parametrize("start", [{}, {"entry": "pfn", "weaver": "net.pt"}, {"head_rate": 2}])
def test_exactly_one_place_to_start_from_is_named(start):
    error = mistake(starting(start))
    assert error.where == HERE
    assert "one of entry, training and weaver" in error.expected


def test_a_file_of_weavers_fits_its_own_networks_alone():
    error = mistake(starting({"weaver": "net.pt", "unchecked_jets": True}))
    assert error.where == HERE
    assert "ParticleNet" in error.expected


def test_of_a_file_of_weavers_the_user_says_that_its_jets_are_others():
    values = LEAST | {"architectures": {"particlenet": {"start_from": {"weaver": "net.pt"}}}}
    error = mistake(values)
    assert "does not tell the jets" in error.found
    lines = error.remedy.partition("paste")[2]
    start = yaml.safe_load(lines)["architectures"]["particlenet"]["start_from"]
    assert start == {"weaver": "net.pt", "unchecked_jets": True}
    read_configuration(LEAST | {"architectures": {"particlenet": {"start_from": start}}})


def test_a_key_of_the_block_that_stands_beside_it_is_moved_there():
    error = mistake(LEAST | {"architectures": {"pfn": {"freeze": ["phi"]}}})
    assert error.remedy == "move it to an entry's start_from"


@pytest.mark.parametrize(
    ("key", "value", "expected", "remedy"),
    [
        ("frezze", ["phi"], "entry, training, weaver, freeze", "did you mean freeze?"),
        ("head_rate", 0, "more than 0", "head_rate: 10.0"),
        ("freeze", "phi", "a list", "freeze: [phi]"),
        ("unchecked_jets", "maybe", "true or false", "unchecked_jets: false"),
    ],
)
def test_a_wrong_key_or_value_within_is_answered(key, value, expected, remedy):
    error = mistake(starting({"entry": "pfn", key: value}))
    assert error.where == f"{HERE}.{key}"
    assert expected in error.expected
    assert remedy in error.remedy
