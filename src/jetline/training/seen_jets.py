"""Whether weights that a training starts from have seen the jets that it is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.files import sha256_of
from jetline.inputs.parts import TEST, TRAIN, VALIDATION, Parts
from jetline.jets.index import JetIndex
from jetline.records.training import TRAINING, TrainingRecord, read_tagger

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

#: Parts of a jet there and here that must not meet: what was trained on validates or tests
#: nothing, and what chose the best epoch tests nothing.
_FORBIDDEN = ((TRAIN, VALIDATION), (TRAIN, TEST), (VALIDATION, TEST))


@dataclass(frozen=True)
class Known:
    """What may be at hand of the jets that other weights were trained on.

    Parameters
    ----------
    splits : Path
        Folder of the splits of the run that they are of, one ``<dataset>.npz`` each.
    indices : Path
        Folder with indices of jet files, which is searched for those of both trainings.
    """

    splits: Path
    indices: Path


def require_unseen(training: Path, splits: Sequence[Path], known: Known) -> None:
    """Refuse weights that were trained on jets which validate or test here.

    The same split is enough to know. Another split of the same jet files is compared jet by jet,
    splits of other files by the fingerprints of their indices: by identical jets, that is.

    Parameters
    ----------
    training : Path
        Folder of the training that they are from.
    splits : sequence of Path
        Of the dataset that is trained on here, and of those that are tested on.
    known : Known
        What is at hand of the former.

    Raises
    ------
    JetlineError
        If they were, or if it cannot be known.
    """
    record = read_tagger(training)
    if not isinstance(record, TrainingRecord):
        raise _unknown(training, "a tagger whose weights come from elsewhere")
    start = record.settings.get("start_from") or {}
    if start.get("training") or start.get("weaver"):
        told = start.get("training") or start.get("weaver")
        raise _unknown(training, f"a training that itself started from {told}")
    if sha256_of(splits[0]) == record.data.parts:
        return
    path = known.splits / f"{record.dataset}.npz"
    if not path.is_file() or sha256_of(path) != record.data.parts:
        raise _unknown(training, f"no split {path} with which it was trained")
    theirs, seen = Parts.read(path), 0
    for split in splits:
        ours = Parts.read(split)
        if set(theirs.sha256) <= set(ours.sha256):
            seen += sum(_met(*both) for both in _rows_of_both(theirs, ours))
        else:
            pair = [(parts, _indices(parts, known.indices)) for parts in (theirs, ours)]
            for parts, indices in pair:
                if missing := [f for f, i in zip(parts.files, indices, strict=True) if i is None]:
                    raise _unknown(training, f"no index of jet file {missing[0]} to compare by")
            seen += _met_by_content(*pair)
    if seen:
        raise JetlineError(
            f"start_from {training}",
            found=f"weights that were trained, or chosen, on {seen:,} of the jets that validate "
            "or test here",
            expected="weights that have not seen them: the tagger would look better than it is",
            remedy=f"split as the run of {training} does, or start from an entry of this "
            "configuration, or from other jets",
        )


def _rows_of_both(theirs: Parts, ours: Parts) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give the parts there and here of the jets of each file of both."""
    for sha256, part in zip(ours.sha256, ours.parts, strict=True):
        for number in np.flatnonzero(np.array(theirs.sha256) == sha256):
            yield theirs.parts[number], part


def _met(theirs: np.ndarray, ours: np.ndarray) -> int:
    """Count the jets that are in parts which must not meet."""
    return sum(int(np.sum((theirs == there) & (ours == here))) for there, here in _FORBIDDEN)


def _met_by_content(
    theirs: tuple[Parts, list[JetIndex | None]], ours: tuple[Parts, list[JetIndex | None]]
) -> int:
    """Count the jets here that are identical to one there, in parts which must not meet."""

    def of(split: tuple[Parts, list[JetIndex | None]], part: int) -> np.ndarray:
        prints = [
            index.fingerprints[chosen == part]
            for chosen, index in zip(split[0].parts, split[1], strict=True)
            if index is not None
        ]
        return np.concatenate(prints)

    return sum(
        int(np.sum(np.isin(of(ours, here), of(theirs, there)))) for there, here in _FORBIDDEN
    )


def _indices(parts: Parts, folder: Path) -> list[JetIndex | None]:
    """Find the index of each file, or None, in a folder and those below it."""
    return [
        next(
            (
                index
                for path in sorted(folder.glob(f"**/{file}.index.npz"))
                if (index := JetIndex.read(path)).sha256 == sha256
            ),
            None,
        )
        for file, sha256 in zip(parts.files, parts.sha256, strict=True)
    ]


def _unknown(training: Path, found: str) -> JetlineError:
    return JetlineError(
        f"start_from {training}",
        found=f"{found}: it cannot be known which jets it has seen",
        expected=f"a training whose {TRAINING}, split and indices of jet files lie where its run "
        "has written them, so that no jet that validates or tests here has trained it",
        remedy="start from such a training; or, if you know that it has not seen them, add "
        "`unchecked_jets: true` beside `training`",
    )
