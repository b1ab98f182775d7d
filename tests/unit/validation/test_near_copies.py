"""Near copies in a sample are counted, and told where chance does not give so many."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jetline.cli.main import main
from jetline.jets.formats.npz import write_jets
from jetline.validation import near_copies as module
from jetline.validation.measures import read_sample, validation_rows

SAMPLE = Path(__file__).parents[3] / "resources" / "sample" / "QG_jets_0.npz"
ROW = "jets nearly like another"


@pytest.fixture(scope="module")
def jets() -> tuple[np.ndarray, np.ndarray]:
    with np.load(SAMPLE) as archive:
        return archive["X"][:600], archive["y"][:600]


def turned(constituents: np.ndarray) -> np.ndarray:
    """Shift azimuths by a turn, mirror the rapidity and multiply pT, and smear it by 2 %."""
    made = constituents.astype(float)
    made[..., 0] *= 1.000001 * (1 + 0.02 * np.random.default_rng(1).normal(size=made.shape[:2]))
    made[..., 1] *= -1
    made[..., 2] += np.where(made[..., 0] > 0, 2 * np.pi, 0)
    return made


def written(folder: Path, name: str, constituents: np.ndarray, labels: np.ndarray) -> Path:
    write_jets(folder / name, constituents.astype(np.float32), labels)
    return folder / name


def test_turned_and_smeared_jets_of_another_file_are_told(jets, tmp_path, capsys):
    constituents, labels = jets
    first = written(tmp_path, "jets.npz", constituents, labels)
    second = written(tmp_path, "turned.npz", turned(constituents[:100]), labels[:100])
    sample = read_sample([first, second])
    rows = {one.quantity: one for one in validation_rows(sample)}
    assert rows["jets that repeat another"].measured == 0
    assert 90 <= (found := rows[ROW].measured) <= 100
    assert rows[ROW].n_jets == 700
    assert main(["validate", str(first), str(second)]) == 0
    told = capsys.readouterr().out
    assert f"warning: {found} jets are like earlier ones but for rotation" in told
    assert "`duplicates: drop`" in told


def test_identical_jets_are_no_near_copies(jets, tmp_path):
    path = written(tmp_path, "jets.npz", *jets)
    sample = read_sample([path, path])
    rows = {one.quantity: one.measured for one in validation_rows(sample)}
    assert rows["jets that repeat another"] == 600
    assert rows[ROW] == 0
    assert sample.warnings == []


def test_only_the_first_jets_of_a_large_sample_are_searched(jets, tmp_path, monkeypatch):
    constituents, labels = jets
    both = np.concatenate([constituents, turned(constituents)])
    path = written(tmp_path, "jets.npz", both, np.concatenate([labels, labels]))
    monkeypatch.setattr(module, "MOST", 700)
    (found,) = (one for one in validation_rows(read_sample([path])) if ROW in one.quantity)
    assert found.quantity == f"{ROW} among the first 700"
    assert 90 <= found.measured <= 100
    assert found.n_jets == 700
