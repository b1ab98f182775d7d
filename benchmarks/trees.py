"""Scoring with boosted trees: ours beside scikit-learn's own, in turns on the same threads.

A thousand trees of 15 leaves are grown on random numbers and score 200,000 jets of 14 observables:
ours from a table in memory to scores through `class_scores`, batches of 5,000 jets included, once
the loop has been compiled; scikit-learn's by `predict_proba`. The ratio is that of the fastest
turns. Run it with::

    python benchmarks/trees.py [--jets 200000] [--trees 1000] [--threads 2] [--repeats 3]
"""

from __future__ import annotations

import argparse
import time
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable


def seconds_of(calls: dict[str, Callable[[], np.ndarray]], repeats: int) -> dict[str, list[float]]:
    """Measure calls in turns, after one of each that is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(1 + repeats):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - start)
    return {name: taken[1:] for name, taken in seconds.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jets", type=int, default=200_000)
    parser.add_argument("--trees", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()

    from jetline.training.device import on_device

    with on_device("cpu", asked.threads):
        from pathlib import Path

        from sklearn.ensemble import HistGradientBoostingClassifier

        from jetline.inputs.sample import JetSample
        from jetline.inputs.shards import Shard
        from jetline.models.layers.trees import grow
        from jetline.training.scores import class_scores

        numbers = np.random.default_rng(1)
        grown = numbers.normal(size=(20_000, 14)).astype(np.float32)
        labels = grown[:, 0] + grown[:, 1] * grown[:, 2] + numbers.normal(size=20_000) > 0
        boosting = HistGradientBoostingClassifier(
            learning_rate=0.05, max_iter=asked.trees, max_leaf_nodes=15, early_stopping=False
        ).fit(grown, labels)
        trees = [predictor.nodes for (predictor,) in boosting._predictors]
        model = grow(boosting._baseline_prediction[0], trees, list(range(14)), 14)
        table = numbers.normal(size=(asked.jets, 14)).astype(np.float32)
        manifest = {"arrays": {"observables": {"columns": [str(number) for number in range(14)]}}}
        shard = Shard(Path(), np.zeros(asked.jets, np.uint8), {"observables": table}, manifest)
        sample = JetSample.choose([shard], [np.arange(asked.jets)])
        calls = {
            "ours": lambda: class_scores(model, sample, 5000, None)[:, 1],
            "scikit-learn": lambda: boosting.predict_proba(table)[:, 1],
        }
        np.testing.assert_allclose(calls["ours"](), calls["scikit-learn"](), atol=3e-7)
        seconds = seconds_of(calls, asked.repeats)
        ratio = min(seconds["ours"]) / min(seconds["scikit-learn"])
        for name, taken in seconds.items():
            print(f"{name}: {median(taken):.1f} s, {min(taken):.1f} to {max(taken):.1f}")
        print(f"{asked.jets:,} jets, {asked.trees:,} trees: ours takes {ratio:.2f} times as long")


if __name__ == "__main__":
    main()
