"""Checkpoints: what a training needs to continue exactly as if it had not been interrupted."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import keras
import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.files import flush, read_json, short_hash, write_json, xxh3_of
from jetline.core.locks import try_lock
from jetline.training.trained import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Files of a checkpoint: all variables of a training, those of the best epoch's model, the rest.
_STATE, _BEST, _PROGRESS = "state.npz", "best.npz", "progress.json"

#: Whole checkpoints that are kept: if the newest turns out to be damaged there is another one.
_KEPT = 2


class Checkpoint:
    """The checkpoint folder of one training.

    Each checkpoint is a folder in it, named by whole epochs and by batches of the next. It has the
    variables of the training as plain arrays, so that nothing of it is ever executed, and of all
    files the hash, in the file that is written last.

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

    def save(
        self,
        state: Sequence[keras.Variable],
        progress: Progress,
        best: Sequence[np.ndarray] | None = None,
    ) -> None:
        """Save; a whole checkpoint exists at every moment.

        Parameters
        ----------
        state : sequence of Variable
            All that changes in the training, in an order that `restore` is given again.
        progress : Progress
            How far the training is.
        best : sequence of arrays, optional
            The model of the best epoch, if that is new; else the last checkpoint's stays.
        """
        before = self._saved()
        name = f"epoch-{progress.epochs}-batch-{progress.batches}"
        unfinished = self.folder / f".{name}"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        _write(unfinished / _STATE, values_of(state))
        if best is not None:
            _write(unfinished / _BEST, best)
        elif before and (before[-1] / _BEST).exists():
            _link(before[-1] / _BEST, unfinished / _BEST)
        hashes = {path.name: xxh3_of(path) for path in unfinished.iterdir()}
        told = asdict(progress)
        content = {"files": hashes, "progress": told, "hash": short_hash(told)}
        write_json(unfinished / _PROGRESS, content)
        flush(unfinished)
        if (self.folder / name).exists():  # of a training that was set back by a damaged one
            shutil.rmtree(self.folder / name)
        unfinished.rename(self.folder / name)
        flush(self.folder)
        for old in self._saved()[:-_KEPT]:
            shutil.rmtree(old)

    def restore(self, state: Sequence[keras.Variable]) -> Progress | None:
        """Put the latest whole checkpoint into the variables, and tell how far it is.

        A damaged one is told, and left out for the one before. None if there is none at all.

        Raises
        ------
        JetlineError
            If there are checkpoints, and all are damaged.
        """
        saved = self._saved()
        for folder in reversed(saved):
            found = _read(folder, state)
            if isinstance(found, Progress):
                return found
            if folder != saved[0]:
                print(f"{folder} is damaged ({found}): going on from the checkpoint before it")
                shutil.rmtree(folder)
                continue
            raise JetlineError(
                str(folder),
                found=f"a damaged checkpoint: {found}",
                expected="a checkpoint as `jetline train` saves it",
                remedy=f"remove it, rm -r {shlex.quote(str(folder))}, and train again from the "
                "start",
            )
        return None

    def best(self) -> list[np.ndarray]:
        """Give the variables of the model of the best epoch so far."""
        return _arrays(self._saved()[-1] / _BEST)

    def remove(self) -> None:
        """Remove the folder: the training is finished."""
        shutil.rmtree(self.folder)

    def _saved(self) -> list[Path]:
        return sorted(self.folder.glob("epoch-*-batch-*"), key=_place)


def values_of(variables: Sequence[keras.Variable]) -> list[np.ndarray]:
    """Copy the values of variables, whose memory the next step may use again."""
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


def put_values(variables: Sequence[keras.Variable], values: Sequence[np.ndarray]) -> None:
    """Assign to variables what `values_of` gave."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _place(folder: Path) -> tuple[int, int]:
    _, epochs, _, batches = folder.name.split("-")
    return int(epochs), int(batches)


def _write(path: Path, arrays: Sequence[np.ndarray]) -> None:
    """Write arrays by their numbers, and wait until the disk has them."""
    np.savez(path, allow_pickle=False, **{str(n): array for n, array in enumerate(arrays)})
    flush(path)


def _arrays(path: Path) -> list[np.ndarray]:
    with np.load(path, allow_pickle=False) as archive:
        return [archive[str(number)] for number in range(len(archive.files))]


def _link(source: Path, path: Path) -> None:
    """Give a file that never changes a further name, or copy it where links are not to be had."""
    try:
        os.link(source, path)
    except OSError:
        shutil.copyfile(source, path)
        flush(path)


def _read(folder: Path, state: Sequence[keras.Variable]) -> Progress | str:
    """Assign what a checkpoint holds, or tell, having assigned nothing, what is wrong with it."""
    try:
        content = read_json(folder / _PROGRESS)
        for name, digest in content["files"].items():
            if xxh3_of(folder / name) != digest:
                return f"{name} has another content than was written"
        if short_hash(content["progress"]) != content["hash"]:
            return f"{_PROGRESS} has another content than was written"
        progress = Progress(**content["progress"])
    except JetlineError as error:
        return f"{_PROGRESS}: {error.found}"
    except (OSError, KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        return f"{type(error).__name__}: {error}"
    arrays = _arrays(folder / _STATE)
    if [array.shape for array in arrays] != [tuple(variable.shape) for variable in state]:
        return f"{_STATE} has variables of another network"
    put_values(state, arrays)
    return progress
