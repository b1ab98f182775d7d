"""Weights that have seen jets which validate or test here are refused, and if it is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from ended_training import ENDED
from jetline.core.errors import JetlineError
from jetline.core.files import sha256_of
from jetline.inputs.parts import DROPPED, TEST, TRAIN, VALIDATION, Parts
from jetline.jets.formats.npz import write_jets
from jetline.jets.index import index_jets
from jetline.records.training import TRAINING, ForeignTagger, TrainingRecord, Weights
from jetline.training.seen_jets import Known, require_unseen

if TYPE_CHECKING:
    from pathlib import Path

TAGGER = {"label": "pfn", "architecture": "pfn", "inputs": "particles", "identity": "none"}


def index(jets, folder: Path, name: str, rows: slice) -> str:
    """Index a file of some of the jets, and give its hash."""
    path = folder / f"{name}.npz"
    write_jets(path, jets[0][rows], jets[1][rows])
    made = index_jets(path, name)
    made.write(folder / "results/jets/files" / f"{name}.index.npz")
    return made.sha256


@pytest.fixture
def hashes(jets, tmp_path) -> dict[str, str]:
    """Three jet files of ten jets, of which `b` and `c` share five."""
    rows = {"a": slice(0, 10), "b": slice(10, 20), "c": slice(15, 25)}
    return {name: index(jets, tmp_path, name, some) for name, some in rows.items()}


def split(path: Path, hashes: dict[str, str], **files: list[int]) -> Path:
    """A split of files, each with the part of all of its jets, or of each of them."""
    parts = [
        np.array(part * 10 if len(part) == 1 else part, dtype=np.uint8) for part in files.values()
    ]
    Parts(list(files), parts, [hashes[name] for name in files]).write(path)
    return path


@pytest.fixture
def trained(tmp_path, hashes):
    """Write a training of another run with its split."""

    def write(settings=None, **files: list[int]) -> Path:
        path = split(tmp_path / "results/runs/big/split/demo.npz", hashes, **files)
        data = {**ENDED["data"], "parts": sha256_of(path)}
        folder = tmp_path / "results/runs/big/trainings/pfn/seed-1"
        record = ENDED | TAGGER | {"data": data, "settings": settings or {}}
        TrainingRecord(**record).write(folder / TRAINING)
        return folder

    return write


def require(training: Path, *splits: Path) -> None:
    results = training.parents[4]
    require_unseen(training, splits, Known(training.parents[2] / "split", results / "jets"))


def test_the_same_split_is_right(trained, tmp_path, hashes):
    files = {"a": [TRAIN, VALIDATION, TEST, *[TRAIN] * 7]}
    training = trained(**files)
    require(training, split(tmp_path / "s.npz", hashes, **files))


@pytest.mark.parametrize(
    ("there", "here", "seen"),
    [
        (TRAIN, TRAIN, False),
        (TRAIN, VALIDATION, True),
        (TRAIN, TEST, True),
        (TRAIN, DROPPED, False),
        (VALIDATION, TRAIN, False),
        (VALIDATION, VALIDATION, False),
        (VALIDATION, TEST, True),
        (TEST, TEST, False),
        (TEST, TRAIN, False),
        (DROPPED, TEST, False),
    ],
)
def test_another_split_of_the_same_file_is_compared_jet_by_jet(
    trained, tmp_path, hashes, there, here, seen
):
    rest = [TEST, *[TRAIN] * 7]
    training = trained(a=[there, there, *rest])
    ours = split(tmp_path / "s.npz", hashes, a=[here, here, *rest])
    if not seen:
        require(training, ours)
        return
    with pytest.raises(JetlineError, match="on 2 of the jets that validate or test here"):
        require(training, ours)


def test_the_test_parts_of_other_datasets_are_compared_too(trained, tmp_path, hashes):
    training = trained(a=[TRAIN])
    ours = split(tmp_path / "s.npz", hashes, b=[TRAIN])
    tested = split(tmp_path / "t.npz", hashes, a=[TEST])
    require(training, ours)
    with pytest.raises(JetlineError, match="on 10 of the jets"):
        require(training, ours, tested)


def test_files_of_the_same_jets_are_compared_by_these(trained, tmp_path, hashes):
    training = trained(a=[TRAIN], b=[TRAIN])
    require(training, split(tmp_path / "s.npz", hashes, a=[TRAIN]))
    with pytest.raises(JetlineError, match="on 5 of the jets"):
        require(training, split(tmp_path / "s.npz", hashes, c=[TEST]))


def test_what_cannot_be_compared_is_refused_with_the_option_that_accepts_it(
    trained, tmp_path, hashes
):
    training = trained(a=[TRAIN])
    ours = split(tmp_path / "s.npz", hashes, c=[TEST])
    (tmp_path / "results/jets/files/a.index.npz").unlink()
    with pytest.raises(JetlineError, match="no index of jet file a") as caught:
        require(training, ours)
    assert "`unchecked_jets: true`" in caught.value.remedy
    (tmp_path / "results/runs/big/split/demo.npz").unlink()
    with pytest.raises(JetlineError, match="with which it was trained"):
        require(training, ours)


def test_the_split_of_a_later_run_of_this_name_is_not_taken_for_its_own(trained, tmp_path, hashes):
    training = trained(a=[TRAIN])
    split(tmp_path / "results/runs/big/split/demo.npz", hashes, a=[TEST])
    with pytest.raises(JetlineError, match="it cannot be known"):
        require(training, split(tmp_path / "s.npz", hashes, a=[TEST, *[TRAIN] * 9]))


@pytest.mark.parametrize(("start", "known"), [({"entry": "big"}, True), ({"weaver": "n"}, False)])
def test_a_training_that_started_elsewhere_is_only_known_within_its_run(
    trained, tmp_path, hashes, start, known
):
    training = trained(a=[TRAIN], settings={"start_from": start})
    ours = split(tmp_path / "s.npz", hashes, a=[TRAIN])
    if known:
        require(training, ours)
        return
    with pytest.raises(JetlineError, match="itself started from n"):
        require(training, ours)


def test_of_a_tagger_from_elsewhere_nothing_is_known(tmp_path, hashes):
    weights = Weights(file="net.pt", sha256="0")
    ForeignTagger(**TAGGER, settings={}, weights=weights).write(tmp_path / TRAINING)
    with pytest.raises(JetlineError, match="come from elsewhere"):
        require_unseen(tmp_path, [], Known(tmp_path, tmp_path))
