"""Which jets train follows from seed and content; the order in which files are listed does not."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.inputs.dataset import open_dataset
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.input_kind import Images
from jetline.inputs.kinds.observables import Observables
from jetline.inputs.kinds.particles import Particles
from jetline.inputs.making import make_shard
from jetline.inputs.parts import TRAIN, Parts
from jetline.inputs.split import split_files
from jetline.inputs.statistics import training_statistics
from jetline.jets.formats.npz import write_jets
from jetline.jets.index import index_jets
from jetline.models import read_settings
from jetline.records.training import TrainingRecord
from jetline.training.chosen_jets import choose_jets
from jetline.training.job import Request, run_training

SHARES = {"by": "jet", "train": 0.6, "validation": 0.2, "test": 0.1}
KINDS = {
    "particles": Particles(),
    "observables": Observables(),
    "images": Images("pt", RECIPES["pt"]),
}
TINY = {
    "particles": ("pfn", {"epochs": 2, "phi": [4], "f": [4], "batch_size": 32}),
    "images": ("cnn", {"inputs": "images/pt", "epochs": 1, "batch_size": 64}),
    "observables": ("observables", {"epochs": 5}),
}


@pytest.fixture(scope="module")
def files(jets, tmp_path_factory) -> Path:
    """Three jet files of 80, 90 and 100 jets, indexed, and their shards."""
    folder = tmp_path_factory.mktemp("files")
    for number, rows in enumerate(np.split(np.arange(270), [80, 170])):
        path = folder / f"jets_{number}.npz"
        write_jets(path, jets[0][rows], jets[1][rows])
        index_jets(path, path.stem).write(folder / f"{path.stem}.index.npz")
        for name, kind in KINDS.items():
            make_shard(kind, path, folder / name / path.stem, folder / f"{path.stem}.index.npz")
    return folder


def split(files: Path, order: str, output: Path) -> Path:
    indices = [files / f"jets_{number}.index.npz" for number in order]
    split_files(indices, seed=1, source="files", **SHARES, trained=None).write(output)
    return output


def chosen(files: Path, order: str, output: Path, most: int | None, seed: int = 1) -> list:
    """Content of the training jets that are chosen: file and row."""
    parts = Parts.read(split(files, order, output / "s.npz"))
    shards = list(open_dataset([files / f"particles/jets_{n}" for n in order], parts))
    training, _ = choose_jets(shards, parts, most, seed)
    names = [Path(shard.manifest.source.file).stem for shard in training.shards]
    return [(names[s], r) for s, r in zip(training.shard, training.row, strict=True)]


def train(files: Path, order: str, folder: Path, inputs: str, **settings) -> TrainingRecord:
    parts = split(files, order, folder / "s.npz")
    shards = [files / inputs / f"jets_{number}" for number in order]
    training_statistics(shards, Parts.read(parts)).write(folder / "statistics.json")
    name, tiny = TINY[inputs]
    request = Request(
        run="toy",
        label=name,
        seed=1,
        architecture=read_settings(name, tiny | settings),
        dataset="few",
        shards=shards,
        parts=parts,
        statistics=folder / "statistics.json",
        code="0",
    )
    tracker = SimpleNamespace(run_id=None, epoch=lambda row: None)
    run_training(request, "cpu", folder, folder / "checkpoints", lambda _: nullcontext(tracker))
    return TrainingRecord.read(folder / "training.json")


def weights(folder: Path) -> list[np.ndarray]:
    return keras.saving.load_model(folder / "model.keras", compile=False).get_weights()


def test_fewer_jets_of_a_seed_are_among_more_of_it(files, tmp_path):
    whole = chosen(files, "012", tmp_path, None)
    before: set = set()
    for most in (4, 10, 60, len(whole)):
        now = chosen(files, "012", tmp_path, most)
        assert len(set(now)) == len(now) == most
        assert before <= set(now) <= set(whole)
        before = set(now)
    assert chosen(files, "012", tmp_path, len(whole)) == whole


def test_another_seed_draws_other_jets(files, tmp_path):
    first, second = (set(chosen(files, "012", tmp_path, 50, seed)) for seed in (1, 2))
    assert first != second


def test_the_drawn_jets_come_from_all_files_alike(files, tmp_path):
    taken = [name for name, _ in chosen(files, "012", tmp_path, 100)]
    counts = [taken.count(f"jets_{number}") for number in range(3)]
    for count, jets in zip(counts, (80, 90, 100), strict=True):
        assert abs(count - 100 * jets / 270) < 15


@pytest.mark.parametrize("most", [None, 40])
def test_jets_and_their_order_do_not_depend_on_how_files_are_listed(files, tmp_path, most):
    first = chosen(files, "012", tmp_path, most)
    for order in ("210", "120"):
        assert chosen(files, order, tmp_path, most) == first


def test_more_jets_than_there_are_are_refused_with_the_number_there_are(files, tmp_path):
    there = len(chosen(files, "012", tmp_path, None))
    with pytest.raises(JetlineError) as caught:
        chosen(files, "012", tmp_path, there + 1)
    assert caught.value.where == "training_jets"
    assert f"at most {there}" in caught.value.expected


def test_drawn_jets_of_one_class_are_refused(files, tmp_path):
    with pytest.raises(JetlineError, match="jets of both classes"):
        chosen(files, "012", tmp_path, 1)


@pytest.mark.parametrize("inputs", TINY)
def test_the_record_says_how_many_jets_were_trained_on(files, tmp_path, inputs):
    record = train(files, "012", tmp_path, inputs, training_jets=60, epochs=1)
    assert record.training_jets == 60
    parts = Parts.read(tmp_path / "s.npz")
    assert sum(record.jets["validation"].values()) == sum(np.sum(p == 1) for p in parts.parts)
    assert sum(np.sum(p == TRAIN) for p in parts.parts) > 60


@pytest.mark.parametrize("inputs", TINY)
def test_the_model_is_the_same_to_the_bit_in_whatever_order_files_are_listed(
    files, tmp_path, inputs
):
    results = []
    for order in ("012", "201"):
        folder = tmp_path / order
        folder.mkdir()
        record = train(files, order, folder, inputs, training_jets=100)
        results.append((record.data.jets, weights(folder)))
    (one_files, one), (other_files, other) = results
    assert one_files == other_files
    for array, again in zip(one, other, strict=True):
        np.testing.assert_array_equal(array, again)
