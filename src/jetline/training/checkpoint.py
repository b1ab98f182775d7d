"""Checkpoints: what a training needs to go on where it stopped, as though it never had."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import keras

from jetline.core.errors import JetlineError
from jetline.core.files import read_json, write_json
from jetline.core.locks import try_lock


@dataclass
class Progress:
    """How far a training is.

    Parameters
    ----------
    history : list of dict
        One row an epoch: the columns of ``history.csv``.
    best_epoch : int
        Epoch (from 1) of the lowest validation loss; 0 before the first.
    """

    history: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0

    @property
    def epochs(self) -> int:
        """Epochs done."""
        return len(self.history)

    @property
    def best_loss(self) -> float:
        """Lowest validation loss so far."""
        return self.history[self.best_epoch - 1]["validation_loss"]

    @property
    def epochs_without_gain(self) -> int:
        """Epochs since the best one."""
        return self.epochs - self.best_epoch


class Checkpoint:
    """The checkpoint folder of one training: the latest whole epoch, and the best weights.

    Parameters
    ----------
    folder : Path
        Beside no rule's output, because Snakemake deletes those before a job starts.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder; the lock dies with the process, even a killed one.

        Raises
        ------
        JetlineError
            If another process holds it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            if not try_lock(lock):
                raise JetlineError(
                    str(self.folder),
                    found="another process trains with this checkpoint",
                    expected="one process a training",
                    remedy="wait for it, or end it (it may have outlived an interrupted snakemake)",
                )
            yield

    def save(self, model: keras.Model, progress: Progress) -> None:
        """Save after an epoch; a whole checkpoint exists at every moment."""
        name = f"epoch-{progress.epochs}"
        unfinished = self.folder / f".{name}"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        model.save(unfinished / "model.keras")
        best = self._best()
        if progress.best_epoch == progress.epochs:
            model.save_weights(unfinished / "best.weights.h5")
        else:
            shutil.copyfile(best, unfinished / "best.weights.h5")
        write_json(unfinished / "progress.json", asdict(progress))
        unfinished.rename(self.folder / name)
        for old in self._epochs()[:-1]:
            shutil.rmtree(old)

    def restore(self) -> tuple[keras.Model, Progress] | None:
        """Model with its optimiser's state, and progress, of the latest epoch; None if new."""
        epochs = self._epochs()
        if not epochs:
            return None
        model = keras.saving.load_model(epochs[-1] / "model.keras")
        return model, Progress(**read_json(epochs[-1] / "progress.json"))

    def load_best(self, model: keras.Model) -> None:
        """Put the best epoch's weights into the model."""
        model.load_weights(self._best())

    def remove(self) -> None:
        """Remove the folder: the training is finished."""
        shutil.rmtree(self.folder)

    def _epochs(self) -> list[Path]:
        return sorted(self.folder.glob("epoch-*"), key=lambda path: int(path.name[6:]))

    def _best(self) -> Path | None:
        epochs = self._epochs()
        return epochs[-1] / "best.weights.h5" if epochs else None
