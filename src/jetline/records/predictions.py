"""Scores of jets: one ``.npz`` for each training and dataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, Self

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.files import read_arrays, write_arrays

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_OF_JETS = ("labels", "scores", "jets", "files")


@dataclass(frozen=True)
class Predictions:
    """What a tagger says of jets.

    Attributes
    ----------
    labels : (n_jets,) uint8 array
        1 quark, 0 gluon, 255 unlabelled.
    scores : (n_jets,) float32 array
        Quark probability.
    jets : (n_jets,) int64 array
        Index of each jet in its file, from 0.
    files : (n_jets,) int32 array
        Index of its file in `file_names`.
    file_names : (n_files,) unicode array
        Names of the files.
    training : str
        Key of the tagger: `TrainingRecord.key`, or the SHA-256 of weights from elsewhere.
    """

    labels: np.ndarray
    scores: np.ndarray
    jets: np.ndarray
    files: np.ndarray
    file_names: np.ndarray
    training: str

    @classmethod
    def of(
        cls,
        labels: np.ndarray,
        scores: np.ndarray,
        jets: np.ndarray,
        files: np.ndarray,
        file_names: Sequence[str],
        *,
        training: str,
    ) -> Self:
        """Take what is known of jets, whatever its integer types."""
        jets, files = jets.astype(np.int64), files.astype(np.int32)
        return cls(labels, scores, jets, files, np.array(file_names), training)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def names(self) -> np.ndarray:
        """Name of each jet's file, (n_jets,) unicode."""
        return self.file_names[self.files]

    def write(self, path: Path) -> None:
        """Write to an ``.npz``, whole or not at all."""
        arrays = {name: getattr(self, name) for name in (*_OF_JETS, "file_names")}
        write_arrays(path, training=np.array(self.training), **arrays)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote, the jets in the order of their files' names and their indices.

        Raises
        ------
        JetlineError
            If an array is missing or of the wrong length, a label is unknown, a score is NaN or
            outside [0, 1], a file has no name, or a jet occurs twice.
        """
        arrays = read_arrays(path)
        expected = (*_OF_JETS, "file_names", "training")
        absent = [name for name in expected if name not in arrays]
        if absent:
            _refuse(path, f"no array {', '.join(absent)}", f"the arrays {', '.join(expected)}")
        lengths = {name: len(arrays[name]) for name in _OF_JETS}
        if len(set(lengths.values())) != 1:
            _refuse(path, f"arrays of lengths {lengths}", "one entry a jet in each")
        training = str(arrays.pop("training"))
        found = cls(**{name: arrays[name] for name in expected[:-1]}, training=training)
        found._require_sound(path)
        return found._sorted(path)

    def _require_sound(self, path: Path) -> None:
        labels, scores, files = self.labels, self.scores, self.files
        wrong = np.flatnonzero(~np.isin(labels, (0, 1, 255)))
        if len(wrong):
            _refuse(
                f"{path}: labels[{wrong[0]}]",
                f"{labels[wrong[0]]} ({len(wrong)} such jets)",
                "1 (quark), 0 (gluon) or 255 (unlabelled)",
            )
        wrong = np.flatnonzero(~((scores >= 0) & (scores <= 1)))
        if len(wrong):
            _refuse(
                f"{path}: scores[{wrong[0]}]",
                f"{scores[wrong[0]]} ({len(wrong)} such jets)",
                "a quark probability in [0, 1]",
                "look at the training's history: a loss that became NaN has spoilt the model",
            )
        if len(self) and (files.min() < 0 or files.max() >= len(self.file_names)):
            _refuse(
                f"{path}: files",
                f"indices from {files.min()} to {files.max()}",
                f"indices into the {len(self.file_names)} file names",
            )

    def _sorted(self, path: Path) -> Self:
        place = np.unique(self.file_names, return_inverse=True)[1][self.files]
        order = np.lexsort((self.jets, place))
        found = type(self)(
            **{name: getattr(self, name)[order] for name in _OF_JETS},
            file_names=self.file_names,
            training=self.training,
        )
        place, jets = place[order], found.jets
        twice = np.flatnonzero((place[1:] == place[:-1]) & (jets[1:] == jets[:-1]))
        if len(twice):
            name = found.names[twice[0]]
            _refuse(
                f"{path}: jets",
                f"jet {jets[twice[0]]} of {name} more than once ({len(twice)} such jets)",
                "each jet once",
            )
        return found


def _refuse(
    where: Path | str,
    found: str,
    expected: str,
    remedy: str = "remove the file and predict again",
) -> NoReturn:
    raise JetlineError(str(where), found=found, expected=expected, remedy=remedy)
