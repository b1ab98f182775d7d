"""A key that stands twice is told with its lines; what two files or a merge override is not."""

import pytest

from jetline.configuration.reading import load_yaml
from jetline.configuration.repetitions import require_single_keys, require_single_overrides
from jetline.core.errors import JetlineError


@pytest.mark.parametrize(
    ("content", "key", "lines"),
    [
        ("seed: 1\nrun: mine\nseed: 2\n", "seed", "twice, in lines 1 and 3"),
        ("seed: 1\nseed: 1\n", "seed", "twice, in lines 1 and 2"),
        ("seed: 1\n'seed': 2\n\nseed: 3\n", "seed", "3 times, in lines 1, 2 and 4"),
        (
            "architectures:\n  pfn: {epochs: 1}\n  cnn: {}\n  pfn:\n    epochs: 2\n",
            "architectures.pfn",
            "twice, in lines 2 and 4",
        ),
        (
            "architectures:\n  pfn: {epochs: 1, epochs: 2}\n",
            "architectures.pfn.epochs",
            "twice, in lines 2 and 2",
        ),
        ("list:\n- {a: 1}\n- a: 1\n  a: 2\n", "list.1.a", "twice, in lines 3 and 4"),
        ("a: &x\n  b: 1\n  b: 2\nc: *x\nd: {<<: *x}\n", "a.b", "twice, in lines 2 and 3"),
        ('{\n\t"seed": 1,\n\t"seed": 2\n}\n', "seed", "twice, in lines 2 and 3"),
    ],
)
def test_a_key_that_stands_twice_is_told_with_its_lines(tmp_path, content, key, lines):
    path = tmp_path / "mine.yaml"
    path.write_text(content)
    with pytest.raises(JetlineError) as caught:
        require_single_keys([path])
    assert caught.value.where == f"{path}, {key}"
    assert caught.value.found == f"the key stands {lines}"
    assert caught.value.others == []


def test_all_of_several_are_told(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("seed: 1\nrun: a\nseed: 2\nrun: b\n")
    with pytest.raises(JetlineError) as caught:
        load_yaml(path)
    told = [caught.value, *caught.value.others]
    assert sorted(error.where for error in told) == [f"{path}, run", f"{path}, seed"]


def test_anchors_merges_and_the_same_key_elsewhere_are_allowed(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "slow: &slow {epochs: 50, batch_size: 8}\n"
        "wide: &wide {phi: [99]}\n"
        "architectures:\n"
        "  pfn: {<<: *slow, epochs: 3}\n"
        "  efn:\n    <<: *slow\n    <<: *wide\n    epochs: 4\n"
        "again: *slow\n"
    )
    read = load_yaml(path)["architectures"]
    assert read["pfn"] == {"epochs": 3, "batch_size": 8}
    assert read["efn"] == {"epochs": 4, "batch_size": 8, "phi": [99]}


def test_two_files_may_set_the_same_key(tmp_path):
    paths = [tmp_path / "first.yaml", tmp_path / "second.yaml"]
    for path in paths:
        path.write_text("seed: 1\n")
    require_single_keys(paths)


@pytest.mark.parametrize("option", ["--config", "-C"])
def test_a_key_that_stands_twice_in_a_command_is_told(option):
    command = ["snakemake", option, "seed=1", "run=a", "--cores", "2", option, "seed=2"]
    with pytest.raises(JetlineError, match="seed=1 seed=2"):
        require_single_overrides(command)
    require_single_overrides(command[:-1])
    require_single_overrides(["snakemake", "seed=1", "seed=1", option, "seed=1", "-n"])
