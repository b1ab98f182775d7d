"""Training of what is fitted to all jets at once, instead of epoch by epoch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from jetline.core.randomness import small_seed
from jetline.models.architecture import Architecture
from jetline.training.batches import JetSample, table_inputs
from jetline.training.checkpoint import Progress
from jetline.training.loop import Trained


def fit_at_once(
    architecture: Architecture,
    seed: int,
    training: JetSample,
    validation: JetSample,
    on_epoch: Callable[[dict[str, float]], None] = lambda row: None,
) -> Trained:
    """Fit a model; a matter of seconds, so that an interrupted one begins anew.

    Parameters
    ----------
    architecture : Architecture
        What to fit.
    seed : int
        The training's seed.
    training, validation : JetSample
        The jets that train, and those that decide when to stop; of tables.
    on_epoch : callable
        Called with each row of the history.
    """
    tables = [
        (table_inputs(sample, np.arange(len(sample)), len(sample)), sample.labels)
        for sample in (training, validation)
    ]
    model, history = architecture.fit(*tables, training.columns, small_seed(seed, "fit"))
    for row in history:
        on_epoch(row)
    best = 1 + int(np.argmin([row["validation_loss"] for row in history]))
    kept = history[best - 1]
    print(
        f"{len(history)} steps, the best {best}: validation loss {kept['validation_loss']:.4f}, "
        f"accuracy {kept['validation_accuracy']:.4f}, AUC {kept['validation_auc']:.4f}",
        flush=True,
    )
    return Trained(model, Progress(history, best))
