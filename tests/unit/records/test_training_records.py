"""Records of trainings: read as they were written, and wrong ones told."""

from __future__ import annotations

import json
import struct

import pytest

from ended_training import ENDED
from jetline.core.errors import JetlineError
from jetline.records.history import COLUMNS, HISTORY, History
from jetline.records.training import TRAINING, ForeignTagger, TrainingRecord, read_tagger

TAGGER = {
    "label": "pfn",
    "architecture": "pfn",
    "inputs": "particles",
    "identity": "full",
    "settings": {"batch_size": 500},
}
TRAINED = TAGGER | ENDED | {"seed": 2}


def test_a_history_is_read_to_the_last_bit(tmp_path):
    # A number that pandas' fast parser rounds to a neighbour.
    awkward = struct.unpack("<d", struct.pack("<q", 0x3FE0D9B2F3A1C7E5))[0]
    values = [awkward, 0.1 + 0.2, 1e-3, 0.6931471805599453, 1 / 3, 5e-324, 123456789.12345679]
    rows = [
        {name: value * (1 + 1e-16 * n) for n, name in enumerate(COLUMNS)} | {"epoch": epoch}
        for epoch, value in enumerate(values, start=1)
    ]
    History(rows).write(tmp_path / HISTORY)
    again = History.read(tmp_path / HISTORY)
    assert again.rows == rows
    assert again.column("loss").tolist() == [row["loss"] for row in rows]


@pytest.mark.parametrize("seed", range(3))
def test_a_history_of_many_digits_is_read_to_the_last_bit(tmp_path, seed):
    import numpy as np

    values = np.random.default_rng(seed).uniform(size=(300, len(COLUMNS)))
    rows = [
        dict(zip(COLUMNS, row, strict=True)) | {"epoch": n} for n, row in enumerate(values.tolist())
    ]
    History(rows).write(tmp_path / HISTORY)
    assert History.read(tmp_path / HISTORY).rows == rows


def test_the_record_of_a_training_and_of_a_foreign_tagger_are_told_apart(tmp_path):
    foreign = ForeignTagger(**TAGGER, weights={"file": "net.pt", "sha256": "f"})
    trained = TrainingRecord(**TRAINED)
    for record in (foreign, trained):
        record.write(tmp_path / TRAINING)
        assert read_tagger(tmp_path) == record
        assert type(read_tagger(tmp_path)) is type(record)


def test_a_record_with_a_key_missing_is_told_by_file_and_key(tmp_path):
    path = tmp_path / TRAINING
    path.write_text(json.dumps({key: TRAINED[key] for key in TRAINED if key != "epochs"}))
    with pytest.raises(JetlineError, match=r"training\.json, epochs"):
        read_tagger(tmp_path)
    path.write_text("[]")
    with pytest.raises(JetlineError, match="the record of a finished training"):
        read_tagger(tmp_path)
