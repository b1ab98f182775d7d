"""A jet file that was replaced since it was indexed is refused, whatever the dates say."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.core.files import read_arrays, write_arrays
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.input_kind import Images
from jetline.inputs.kinds.observables import Observables
from jetline.inputs.kinds.particles import Particles
from jetline.inputs.making import make_shard
from jetline.jets.index import JetIndex, index_jets
from jetline.planning.content import content_of
from jetline.validation.measurement import measure

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, constituents: np.ndarray, labels: np.ndarray) -> None:
    """An archive that is not compressed: other jets, as many bytes; older than all that is made."""
    np.savez(path, X=constituents, y=labels)
    os.utime(path, (1e9, 1e9))


def other_label(constituents, labels):
    return constituents, np.where(np.arange(len(labels)) == 7, 1 - labels, labels)


def other_momentum(constituents, labels):
    changed = constituents.copy()
    changed[20, 0, 0] += 1
    return changed, labels


def fewer_jets(constituents, labels):
    return constituents[:-1], labels[:-1]


REPLACED = [other_label, other_momentum, fewer_jets]
STEPS = {
    "images": lambda jets, index, out: make_shard(Images("pt", RECIPES["pt"]), jets, out, index),
    "particles": lambda jets, index, out: make_shard(Particles(), jets, out, index),
    "observables": lambda jets, index, out: make_shard(Observables(), jets, out, index),
    "measure": lambda jets, index, _: measure(jets, index),
}


@pytest.fixture
def indexed(jets, tmp_path) -> tuple[Path, Path]:
    """A jet file and its index."""
    path = tmp_path / "jets.npz"
    write(path, jets[0][:60], jets[1][:60])
    index_jets(path, "jets").write(tmp_path / "jets.index.npz")
    return path, tmp_path / "jets.index.npz"


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("replaced", REPLACED)
def test_a_step_refuses_a_file_that_was_replaced_by_an_older_one(
    jets, indexed, tmp_path, step, replaced
):
    path, index = indexed
    write(path, *replaced(jets[0][:60], jets[1][:60]))
    with pytest.raises(JetlineError) as caught:
        STEPS[step](path, index, tmp_path / "shard")
    error = caught.value
    assert error.where == str(path)
    assert "indexed" in error.found
    assert f"remove {index}" in error.remedy
    assert "--forcerun check_jets" in error.remedy
    assert not (tmp_path / "shard").exists()


@pytest.mark.parametrize("step", STEPS)
def test_a_copy_with_another_date_and_place_is_the_same_file(indexed, tmp_path, step):
    path, index = indexed
    copy = tmp_path / "elsewhere.npz"
    shutil.copyfile(path, copy)
    STEPS[step](copy, index, tmp_path / "shard")


@pytest.mark.parametrize("command", [["shard", "--inputs", "particles"], ["measure"]])
def test_the_command_tells_it_in_one_error(jets, indexed, tmp_path, capsys, command):
    path, index = indexed
    write(path, *other_label(jets[0][:60], jets[1][:60]))
    words = ["--index", str(index), "--output", str(tmp_path / "made"), str(path)]
    assert main([*command, *words]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"error: {path}")
    assert "Traceback" not in told
    assert not (tmp_path / "made").exists()


def test_an_index_of_another_version_is_told_as_such(indexed):
    _, index = indexed
    arrays = read_arrays(index)
    del arrays["xxh3_128"]
    write_arrays(index, **arrays)
    with pytest.raises(JetlineError, match="this version of jetline") as caught:
        JetIndex.read(index)
    assert "remove it and run the step" in caught.value.remedy


@pytest.mark.parametrize("replaced", REPLACED)
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_replaced_archive_has_another_content_at_a_glance(jets, tmp_path, replaced, save):
    path = tmp_path / "jets.npz"
    told = []
    for constituents, labels in (jets, replaced(*jets)):
        save(path, X=constituents, y=labels)
        told.append(content_of(path))
    assert told[0] != told[1]


def test_a_copy_has_the_same_content_at_a_glance(indexed, tmp_path):
    path, _ = indexed
    (tmp_path / "sub").mkdir()
    shutil.copyfile(path, tmp_path / "sub/other.npz")
    assert content_of(tmp_path / "sub/other.npz") == content_of(path)


def test_what_cannot_be_read_has_no_content_until_the_step_that_tells_of_it(tmp_path):
    assert content_of(tmp_path / "missing.npz") == ""
    assert content_of(tmp_path) == ""
    (tmp_path / "empty").touch()
    assert content_of(tmp_path / "empty").startswith("0-")
