"""Which configurations are accepted, and how their files are read."""

import copy

import pytest
import yaml

from configurations import LEAST, changed
from jetline.configuration.reading import load_yaml, read_configuration
from jetline.configuration.schema import Configuration
from jetline.core.errors import JetlineError


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


def test_shares_may_leave_jets_out():
    split = {"train": 0.1, "validation": 0.1, "test": 0.2}
    assert read_configuration(changed("split", value=split)).split.fractions == (0.1, 0.1, 0.2)


def test_a_configuration_is_not_changed_by_being_read():
    values = changed("split", value={"by": "file"})
    before = copy.deepcopy(values)
    assert isinstance(read_configuration(values), Configuration)
    assert values == before


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
