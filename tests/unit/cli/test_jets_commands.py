"""Commands on jet files say what a user has to know of them."""

import numpy as np
import pytest

from jetline.cli.main import main


@pytest.fixture
def jets() -> dict[str, np.ndarray]:
    """Twenty jets of one photon each, of all pT between 500 and 550 GeV."""
    constituents = np.zeros((20, 2, 4))
    constituents[:, 0, 0] = np.linspace(500, 550, 20)
    constituents[:, 0, 3] = 22
    return {"X": constituents, "y": np.arange(20) % 2}


def printed(capsys, *words) -> str:
    assert main(list(map(str, words))) == 0
    return capsys.readouterr().out


def test_arrays_that_nothing_reads_are_named_once(tmp_path, capsys, jets):
    path, index = tmp_path / "jets.npz", tmp_path / "index.npz"
    further = {"weights": np.ones(20), "event\nnumber": np.arange(20), "version": np.array(3)}
    np.savez(path, **jets, **further)
    text = printed(capsys, "check", path, "--name", "jets", "--output", index)
    assert text.count("nothing reads") == 1
    assert r"'event\nnumber' (20,), version, weights (20,): constituents (X)" in text
    assert "no weight counts" in text
    assert text.splitlines()[0].endswith("10 quark and 10 gluon jets, all valid")

    text = printed(capsys, "validate", path)
    assert text.count("nothing reads") == 1
    # What was measured comes with a check, which has named them.
    measured = tmp_path / "measured.npz"
    assert not printed(capsys, "measure", path, "--output", measured)
    assert "nothing reads" not in printed(capsys, "validate", measured)


def test_objects_that_nothing_reads_are_named_and_not_loaded(tmp_path, capsys, jets):
    np.savez(tmp_path / "jets.npz", **jets, meta=np.array([{"run": 1}], dtype=object))
    told = ["check", tmp_path / "jets.npz", "--name", "jets", "--output", tmp_path / "i.npz"]
    assert "nothing reads meta:" in printed(capsys, *told)


def test_hundreds_of_arrays_are_counted(tmp_path, capsys, jets):
    np.savez(tmp_path / "jets.npz", **jets, **{f"w{n:03}": np.ones(20) for n in range(100)})
    told = ["check", tmp_path / "jets.npz", "--name", "jets", "--output", tmp_path / "i.npz"]
    assert "w009 (20,), and 90 more:" in printed(capsys, *told)


def test_nothing_is_said_of_a_file_that_is_read_whole(tmp_path, capsys, jets):
    np.savez(tmp_path / "jets.npz", **jets)
    told = ["check", tmp_path / "jets.npz", "--name", "jets", "--output", tmp_path / "i.npz"]
    assert "nothing reads" not in printed(capsys, *told)
