"""A tagger is told no more of species than the files tell."""

import numpy as np
import pytest

from foreign_files import FILES
from jetline.core.errors import JetlineError
from jetline.inputs.making import make_scratch_shards, read_inputs
from jetline.jets.formats.npz import write_jets
from jetline.jets.layouts.layout import Layout
from jetline.jets.told_species import identity_in, require_identity


@pytest.fixture(scope="module")
def jets(root) -> tuple[np.ndarray, np.ndarray]:
    with np.load(root / "resources/sample/QG_jets_0.npz") as archive:
        return archive["X"][:200], archive["y"][:200]


@pytest.fixture
def files(tmp_path, jets):
    """One file for each identity."""
    FILES["weaver"][0](tmp_path / "full.parquet", *jets)
    FILES["jetclass"][0](tmp_path / "experimental.root", *jets)
    FILES["top-tagging"][0](tmp_path / "none.h5", *jets)
    return {path.stem: path for path in tmp_path.iterdir()}


def test_each_file_tells_what_its_columns_tell(files):
    assert {name: identity_in(path) for name, path in files.items()} == {
        name: name for name in files
    }


@pytest.mark.parametrize("identity", ["none", "experimental", "full"])
def test_a_tagger_that_is_told_more_than_a_file_tells_does_not_score_it(files, identity):
    for name, path in files.items():
        order = ["none", "experimental", "full"]
        if order.index(identity) <= order.index(name):
            require_identity(path, identity)
            continue
        with pytest.raises(JetlineError) as caught:
            require_identity(path, identity)
        assert f"`identity: {name}`" in caught.value.remedy


def test_an_archive_without_species_tells_none(tmp_path, jets):
    constituents = jets[0].copy()
    constituents[..., 3] = 0
    write_jets(tmp_path / "jets.npz", constituents, jets[1])
    assert identity_in(tmp_path / "jets.npz") == "none"
    constituents[0, 0, 3] = 22
    with pytest.raises(JetlineError, match="0 throughout"):
        write_jets(tmp_path / "mixed.npz", constituents, jets[1])


def test_files_are_scored_as_they_lie(tmp_path, files, jets):
    write_jets(tmp_path / "plain.npz", *jets)
    paths = [tmp_path / "plain.npz", *files.values()]
    shards = make_scratch_shards(read_inputs("particles"), paths, tmp_path / "shards")
    for shard in shards[1:]:
        np.testing.assert_array_equal(shard.arrays["offsets"], shards[0].arrays["offsets"])
        np.testing.assert_array_equal(shard.labels, jets[1])


def test_files_are_scored_by_a_layout_of_ones_own(tmp_path, jets):
    write_jets(tmp_path / "plain.npz", *jets)
    turned = np.swapaxes(jets[0], 1, 2)
    np.savez(tmp_path / "turned.npz", particles=turned)
    layout = Layout.model_validate(
        {
            "columns": {
                "pt": "particles[0]",
                "rapidity": "particles[1]",
                "phi": "particles[2]",
                "pdg_id": "particles[3]",
            },
            "axes": "features-constituents",
        }
    )
    inputs = read_inputs("particles")
    (plain,) = make_scratch_shards(inputs, [tmp_path / "plain.npz"], tmp_path / "a")
    (own,) = make_scratch_shards(inputs, [tmp_path / "turned.npz"], tmp_path / "b", layout=layout)
    np.testing.assert_array_equal(own.arrays["particles"], plain.arrays["particles"])
    require_identity(tmp_path / "turned.npz", "full", layout)
