"""One training: epochs with validation, early stopping and checkpoints."""

from __future__ import annotations

import csv
import io
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops
from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from jetline.core.errors import JetlineError
from jetline.core.files import atomic, write_json, write_text
from jetline.core.randomness import generator, small_seed
from jetline.models.architecture import Architecture
from jetline.training.batches import Batches, JetSample
from jetline.training.checkpoint import Checkpoint, Progress
from jetline.training.prediction import jit_compile, quark_scores

#: Columns of ``history.csv``.
COLUMNS = (
    "epoch",
    "loss",
    "accuracy",
    "validation_loss",
    "validation_accuracy",
    "validation_auc",
    "learning_rate",
    "seconds",
)


@dataclass(frozen=True)
class Trained:
    """A finished training.

    Parameters
    ----------
    model : keras.Model
        With the weights of the best epoch.
    progress : Progress
        Its history and best epoch.
    """

    model: keras.Model
    progress: Progress


def train(
    architecture: Architecture,
    seed: int,
    training: JetSample,
    validation: JetSample,
    statistics: dict[str, Any],
    checkpoint: Checkpoint,
    on_epoch: Callable[[dict[str, float]], None] = lambda row: None,
) -> Trained:
    """Train a model, going on from the checkpoint if there is one.

    Order of the jets, initial weights and dropout follow from the seed alone, so that an
    interrupted training ends where an uninterrupted one does.

    Parameters
    ----------
    architecture : Architecture
        What to build, and how to train it.
    seed : int
        The training's seed.
    training, validation : JetSample
        The jets that train, and those that decide when to stop and which epoch is best.
    statistics : dict
        Content of ``statistics.json``.
    checkpoint : Checkpoint
        Where to save each epoch; held while training.
    on_epoch : callable
        Called with each new row of the history.

    Raises
    ------
    JetlineError
        If a loss is not finite.
    """
    restored = checkpoint.restore()
    if restored:
        model, progress = restored
        print(f"going on after epoch {progress.epochs}", flush=True)
    else:
        keras.utils.set_random_seed(small_seed(seed, "weights"))
        model, progress = _compiled(architecture, statistics), Progress()
    while progress.epochs < architecture.epochs:
        if progress.epochs_without_gain >= architecture.patience:
            print(f"no lower validation loss in {architecture.patience} epochs: stopping")
            break
        row = _epoch(model, architecture, seed, progress.epochs + 1, training, validation)
        progress.history.append(row)
        if progress.best_epoch == 0 or row["validation_loss"] < progress.best_loss:
            progress.best_epoch = progress.epochs
        checkpoint.save(model, progress)
        print(_line(row, architecture.epochs), flush=True)
        on_epoch(row)
    checkpoint.load_best(model)
    return Trained(model, progress)


@keras.saving.register_keras_serializable("jetline")
def cross_entropy(labels, scores):
    """Minus the logarithm of the score of each jet's own class, (n_jets,).

    Keras' own reaches behind the softmax on TensorFlow; elsewhere it cuts scores off at 1e-7, and
    with them the gradient of the jets that an untrained network is most wrong about.

    Parameters
    ----------
    labels : (n_jets,) tensor
        1 quark, 0 gluon.
    scores : (n_jets, 2) tensor
        Probabilities of gluon and quark.
    """
    if keras.backend.backend() == "tensorflow":
        return keras.losses.sparse_categorical_crossentropy(labels, scores)
    own = ops.reshape(ops.cast(labels, "int32"), (-1, 1))
    # Added, because the larger of a NaN and a number is the number to some backends.
    least = np.finfo(np.float32).tiny
    return -ops.log(ops.take_along_axis(scores, own, axis=1)[:, 0] + least)


def _compiled(architecture: Architecture, statistics: dict[str, Any]) -> keras.Model:
    model = architecture.build(statistics)
    model.compile(
        optimizer=keras.optimizers.Adam(architecture.learning_rate),
        loss=cross_entropy,
        weighted_metrics=["accuracy"],
        jit_compile=jit_compile(architecture.view),
    )
    return model


def _epoch(
    model: keras.Model,
    architecture: Architecture,
    seed: int,
    epoch: int,
    training: JetSample,
    validation: JetSample,
) -> dict[str, float]:
    """Train for one epoch and validate; a row of the history."""
    start = time.perf_counter()
    order = generator(seed, "order", epoch).permutation(len(training))
    batches = Batches(training, order, architecture.batch_size, architecture.view)
    _reseed_dropout(model, seed, epoch)
    with tqdm(
        total=len(training), desc=f"epoch {epoch}", unit="jet", leave=False, disable=None
    ) as bar:
        step = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: bar.update(architecture.batch_size)
        )
        # Keras would draw the batches in an order of its own, which no resumption could repeat.
        logs = model.fit(batches.stream(), shuffle=False, verbose=0, callbacks=[step]).history
    # Keras averages over the jets of weight zero too, which fill up the last batch.
    filled = len(batches) * architecture.batch_size / len(training)
    scores = quark_scores(model, validation, architecture.batch_size, architecture.view)
    labels = validation.labels
    loss, validation_loss = logs["loss"][0] * filled, _log_loss(labels, scores)
    if not (math.isfinite(loss) and math.isfinite(validation_loss)):
        raise JetlineError(
            f"training, epoch {epoch}",
            found=f"loss {loss}, validation loss {validation_loss}",
            expected="finite losses",
            remedy="lower learning_rate",
        )
    return {
        "epoch": epoch,
        "loss": loss,
        "accuracy": logs["accuracy"][0],
        "validation_loss": validation_loss,
        "validation_accuracy": float(np.mean((scores >= 0.5) == labels)),
        "validation_auc": float(roc_auc_score(labels, scores)),
        "learning_rate": float(model.optimizer.learning_rate),
        "seconds": time.perf_counter() - start,
    }


def _log_loss(labels: np.ndarray, scores: np.ndarray) -> float:
    """Mean cross-entropy; probabilities are kept a rounding error away from 0 and 1."""
    margin = np.finfo(np.float32).eps
    probabilities = np.clip(scores.astype(np.float64), margin, 1 - margin)
    return float(-np.mean(np.log(np.where(labels == 1, probabilities, 1 - probabilities))))


def _reseed_dropout(model: keras.Model, seed: int, epoch: int) -> None:
    """Start each layer's random numbers anew in each epoch, from the seed and the epoch alone."""
    states = [variable for variable in model.variables if variable.name == "seed_generator_state"]
    for number, state in enumerate(states):
        state.assign(np.array([small_seed(seed, "dropout", epoch, number), 0], dtype=state.dtype))


def _line(row: dict[str, float], epochs: int) -> str:
    return (
        f"epoch {row['epoch']}/{epochs}: loss {row['loss']:.4f}, "
        f"validation loss {row['validation_loss']:.4f}, "
        f"accuracy {row['validation_accuracy']:.4f}, AUC {row['validation_auc']:.4f}, "
        f"{row['seconds']:.1f} s"
    )


def write_training(trained: Trained, facts: dict[str, Any], folder: Path) -> None:
    """Write ``model.keras``, ``history.csv`` and, last, ``training.json``."""
    folder = Path(folder)
    with atomic(folder / "model.keras") as temporary:
        trained.model.save(temporary)
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(trained.progress.history)
    write_text(folder / "history.csv", table.getvalue())
    write_json(folder / "training.json", facts)
