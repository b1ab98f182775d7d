"""Gradient boosting: scikit-learn grows trees, and a Keras model holds them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from jetline.core.randomness import small_seed
from jetline.inputs.sample import array_rows
from jetline.models.layers.trees import grow
from jetline.training.task import accuracy, area_under_curve
from jetline.training.trained import Progress, Trained, describe
from jetline.training.trainers.trainer import Assignment, Trainer

if TYPE_CHECKING:
    from collections.abc import Callable

    from jetline.inputs.sample import JetSample
    from jetline.models.observables import BoostedTrees


class Boosting(Trainer):
    """Grow boosted trees on observables."""

    def train(self, asked: Assignment) -> Trained:
        """Grow the trees anew; the checkpoint is not used."""
        settings = cast("BoostedTrees", asked.architecture)
        return fit_trees(settings, asked.seed, asked.training, asked.validation, asked.on_epoch)


def fit_trees(
    settings: BoostedTrees,
    seed: int,
    training: JetSample,
    validation: JetSample,
    on_epoch: Callable[[dict[str, float]], None] = lambda _row: None,
) -> Trained:
    """Grow trees on all jets together, and keep those up to the lowest validation loss.

    This takes seconds, so that an interrupted training begins anew.

    Parameters
    ----------
    settings : BoostedTrees
        Which trees to grow.
    seed : int
        The training's seed.
    training, validation : JetSample
        The jets that train, and those that decide when to stop; of tables.
    on_epoch : callable
        Called with each row of the history, one for each tree, or for each round of one
        tree a class where there are more than two.
    """
    columns = training.columns or []
    used = [columns.index(name) for name in settings.observables]
    tables = [
        array_rows(sample, np.arange(len(sample)), "observables")[:, used]
        for sample in (training, validation)
    ]
    labels = [sample.labels for sample in (training, validation)]
    weights = [sample.weights for sample in (training, validation)]
    start = time.perf_counter()
    boosting = HistGradientBoostingClassifier(
        learning_rate=settings.learning_rate,
        max_iter=settings.epochs,
        max_leaf_nodes=settings.leaves,
        max_features=settings.observables_per_split,
        early_stopping=True,
        n_iter_no_change=settings.patience,
        tol=0,
        random_state=small_seed(seed, "fit"),
    )
    boosting.fit(
        tables[0],
        labels[0],
        weights[0],
        X_val=tables[1],
        y_val=labels[1],
        sample_weight_val=weights[1],
    )
    # Of one tree among all, because they are not timed one by one.
    seconds = (time.perf_counter() - start) / boosting.n_iter_

    progress = Progress()
    for row in _history(boosting, tables, labels, weights, seconds):
        progress.add(row, "validation_loss")
        on_epoch(row)
    best = progress.best_epoch
    start_logits = boosting._baseline_prediction[0]
    rounds = "trees" if len(start_logits) == 1 else "rounds of a tree a class"
    print(
        f"{progress.epochs} {rounds}, the best {best}: {describe(progress.history[best - 1])}",
        flush=True,
    )
    # Nodes and start have no public name in scikit-learn; a test holds ours to its scores.
    trees = [tree.nodes for of_round in boosting._predictors[:best] for tree in of_round]
    return Trained(grow(start_logits, trees, used, len(columns)), progress)


def _history(
    boosting: HistGradientBoostingClassifier,
    tables: list[np.ndarray],
    labels: list[np.ndarray],
    weights: list[np.ndarray | None],
    seconds: float,
) -> list[dict[str, float]]:
    """Make the rows of ``history.csv``, one for each tree."""
    scores = zip(*(boosting.staged_predict_proba(table) for table in tables), strict=True)
    return [
        {
            "epoch": number,
            "loss": -float(boosting.train_score_[number]),
            "accuracy": accuracy(labels[0], trained, weights[0]),
            "validation_loss": -float(boosting.validation_score_[number]),
            "validation_accuracy": accuracy(labels[1], held, weights[1]),
            "validation_auc": area_under_curve(labels[1], held, weights[1]),
            "learning_rate": boosting.learning_rate,
            "seconds": seconds,
        }
        for number, (trained, held) in enumerate(scores, start=1)
    ]
