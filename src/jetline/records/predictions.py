"""Scores of jets: one ``.npz`` for each training and dataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, Self

import numpy as np

from jetline.core.classes import QUARK_GLUON, numbered
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
        Number of each jet's class; 255 unlabelled.
    scores : (n_jets,) or (n_jets, n_classes) float32 array
        Probability of the signal, the second of two classes; of more, that of each.
    jets : (n_jets,) int64 array
        Index of each jet in its file, from 0.
    files : (n_jets,) int32 array
        Index of its file in `file_names`.
    file_names : (n_files,) unicode array
        Names of the files.
    training : str
        Key of the tagger: `TrainingRecord.key`, or the SHA-256 of weights from elsewhere.
    classes : tuple of str
        Names of the classes by number, the signal last.
    weights : (n_jets,) float32 array or None
        Of each jet; None where all count the same.
    """

    labels: np.ndarray
    scores: np.ndarray
    jets: np.ndarray
    files: np.ndarray
    file_names: np.ndarray
    training: str
    classes: tuple[str, ...] = QUARK_GLUON
    weights: np.ndarray | None = None

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
        classes: Sequence[str] = QUARK_GLUON,
        weights: np.ndarray | None = None,
    ) -> Self:
        """Take what is known of jets, whatever its integer types."""
        jets, files = jets.astype(np.int64), files.astype(np.int32)
        names = np.array(file_names)
        return cls(labels, scores, jets, files, names, training, tuple(classes), weights)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def of_jets(self) -> tuple[str, ...]:
        """Names of the arrays with an entry for each jet."""
        return _OF_JETS if self.weights is None else (*_OF_JETS, "weights")

    @property
    def names(self) -> np.ndarray:
        """Name of each jet's file, (n_jets,) unicode."""
        return self.file_names[self.files]

    def write(self, path: Path) -> None:
        """Write to an ``.npz``, whole or not at all."""
        arrays = {name: getattr(self, name) for name in (*self.of_jets, "file_names")}
        told = {"training": np.array(self.training), "classes": np.array(self.classes)}
        write_arrays(path, **told, **arrays)

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
        expected = (*_OF_JETS, "file_names", "training", "classes")
        absent = [name for name in expected if name not in arrays]
        if absent:
            _refuse(path, f"no array {', '.join(absent)}", f"the arrays {', '.join(expected)}")
        lengths = {name: len(arrays[name]) for name in (*_OF_JETS, "weights") if name in arrays}
        if len(set(lengths.values())) != 1:
            _refuse(path, f"arrays of lengths {lengths}", "one entry a jet in each")
        found = cls(
            **{name: arrays[name] for name in (*_OF_JETS, "file_names")},
            training=str(arrays["training"]),
            classes=tuple(map(str, arrays["classes"])),
            weights=arrays.get("weights"),
        )
        found._require_sound(path)
        return found._sorted(path)

    def _require_sound(self, path: Path) -> None:
        labels, scores, files = self.labels, self.scores, self.files
        n_classes = len(self.classes)
        wrong = np.flatnonzero((labels >= n_classes) & (labels != 255))
        if len(wrong):
            _refuse(
                f"{path}: labels[{wrong[0]}]",
                f"{labels[wrong[0]]} ({len(wrong)} such jets)",
                f"{numbered(self.classes)}, or 255 (unlabelled)",
            )
        shape = (len(self),) if n_classes == 2 else (len(self), n_classes)
        if scores.shape != shape:
            _refuse(
                f"{path}: scores", f"shape {scores.shape}", f"{shape}, for {numbered(self.classes)}"
            )
        sound = (scores >= 0) & (scores <= 1)
        wrong = np.flatnonzero(~(sound if sound.ndim == 1 else sound.all(axis=1)))
        if len(wrong):
            _refuse(
                f"{path}: scores[{wrong[0]}]",
                f"{scores[wrong[0]]} ({len(wrong)} such jets)",
                "probabilities in [0, 1]",
                "look at the training's history: a loss that became NaN has spoilt the model",
            )
        if self.weights is not None and not np.isfinite(self.weights).all():
            _refuse(f"{path}: weights", "weights that are no finite numbers", "finite numbers")
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
            **{name: getattr(self, name)[order] for name in self.of_jets},
            file_names=self.file_names,
            training=self.training,
            classes=self.classes,
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
