"""Checkpoints: what a training needs to continue exactly as if it had not been interrupted."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import zipfile
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import keras

from jetline.core.errors import JetlineError
from jetline.core.files import flush, read_json, write_json
from jetline.core.locks import try_lock
from jetline.models import register_layers
from jetline.training.trained import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator

#: File of the weights of the best epoch so far, in the folder of each epoch.
_BEST = "best.weights.h5"


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
                    expected="one process for each training",
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
        if progress.best_epoch == progress.epochs:
            model.save_weights(unfinished / _BEST)
        else:
            shutil.copyfile(self._epochs()[-1] / _BEST, unfinished / _BEST)
        write_json(unfinished / "progress.json", asdict(progress))
        for written in (unfinished / "model.keras", unfinished / _BEST, unfinished):
            flush(written)
        unfinished.rename(self.folder / name)
        flush(self.folder)
        for old in self._epochs()[:-1]:
            shutil.rmtree(old)

    def restore(self) -> tuple[keras.Model, Progress] | None:
        """Load model, optimiser's state and progress of the latest epoch; None without one.

        Raises
        ------
        JetlineError
            If a file of it is damaged.
        """
        epochs = self._epochs()
        if not epochs:
            return None
        register_layers()
        with _whole(epochs[-1]):
            model = keras.saving.load_model(epochs[-1] / "model.keras")
            return model, Progress(**read_json(epochs[-1] / "progress.json"))

    def load_best(self, model: keras.Model) -> None:
        """Put the best epoch's weights into the model."""
        latest = self._epochs()[-1]
        with _whole(latest):
            model.load_weights(latest / _BEST)

    def remove(self) -> None:
        """Remove the folder: the training is finished."""
        shutil.rmtree(self.folder)

    def _epochs(self) -> list[Path]:
        return sorted(self.folder.glob("epoch-*"), key=lambda path: int(path.name[6:]))


@contextlib.contextmanager
def _whole(epoch: Path) -> Iterator[None]:
    """Tell that the folder of an epoch is damaged where it cannot be read."""
    try:
        yield
    # What zipfile, HDF5, Keras and `Progress` raise; JetlineError of a file that is no JSON. Their
    # texts are left out: Keras says of a file that is cut off that it is not found.
    except (
        OSError,
        EOFError,
        KeyError,
        TypeError,
        ValueError,
        zipfile.BadZipFile,
        zlib.error,
        JetlineError,
    ) as error:
        if isinstance(error, PermissionError):
            raise
        raise JetlineError(
            str(epoch),
            found="a damaged checkpoint: one of its files is missing or cut off",
            expected="a whole one",
            remedy=f"rm -r {shlex.quote(str(epoch))}, then run the same command again",
        ) from None
