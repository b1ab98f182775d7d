"""Which jets of a dataset a training is given."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.classes import QUARK_GLUON, count_by_class
from jetline.core.errors import JetlineError
from jetline.core.randomness import generator
from jetline.core.weights import require_positive_sum
from jetline.inputs.parts import TRAIN, VALIDATION
from jetline.inputs.sample import JetSample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.inputs.parts import Parts
    from jetline.inputs.shards import Shard


def choose_jets(
    shards: list[Shard],
    split: Parts,
    most: int | None,
    seed: int,
    classes: Sequence[str] = QUARK_GLUON,
) -> tuple[JetSample, JetSample]:
    """Choose the jets that train, and those that validate.

    Their order follows from the content of the jet files and from the split, not from the order in
    which the files are listed.

    Parameters
    ----------
    shards : list of Shard
        Of all files of the dataset, in its order.
    split : Parts
        The part of each jet.
    most : int, optional
        How many jets of the training part train; all of them if not given.
    seed : int
        The training's seed, which draws them.
    classes : sequence of str
        Names of the classes by number.

    Returns
    -------
    training, validation : JetSample

    Raises
    ------
    JetlineError
        If there are fewer jets than are asked for, or those that are drawn lack a class.
    """
    order = split.by_content
    ordered, parts = [shards[n] for n in order], [split.parts[n] for n in order]
    own = split.training_weights or split.weights
    weights = own and [own[n] for n in order]
    rows = [np.flatnonzero(part == TRAIN) for part in parts]
    if most is not None:
        rows = _drawn(rows, [split.sha256[n] for n in order], most, seed)
    training = _averaging_one(JetSample.choose(ordered, rows, weights))
    counts = count_by_class(training.labels, classes)
    if most is not None and not all(counts.values()):
        told = ", ".join(f"{count} {kind} jets" for kind, count in counts.items())
        raise JetlineError(
            f"the {most:,} jets that are drawn to train",
            found=told,
            expected="jets of both classes" if len(classes) == 2 else "jets of every class",
            remedy="raise training_jets, or take another seed",
        )
    validating = [np.flatnonzero(part == VALIDATION) for part in parts]
    return training, _averaging_one(JetSample.choose(ordered, validating, weights))


def _averaging_one(sample: JetSample) -> JetSample:
    """Give the same jets with weights that are 1 on average, so that the learning rate means that.

    Raises
    ------
    JetlineError
        If their sum is not positive.
    """
    if sample.weights is None or not len(sample):
        return sample
    require_positive_sum("weights of the jets", sample.weights, "jets that train or validate")
    mean = sample.weights.mean(dtype=np.float64)
    return replace(sample, weights=(sample.weights / mean).astype(np.float32))


def _drawn(rows: list[np.ndarray], sha256: list[str], most: int, seed: int) -> list[np.ndarray]:
    """Draw rows of each file: every jet has a random number, and the smallest are taken.

    A jet's number depends on the seed, the content of its file and its row alone, so that the
    fewer jets are among the more.
    """
    there = sum(map(len, rows))
    if most > there:
        raise JetlineError(
            "training_jets",
            found=f"{most:,}",
            expected=f"at most {there:,}, as many as the training part has",
            remedy="lower it, leave it out, or take more jets",
        )
    numbers = [
        generator(seed, "training_jets", file).random(int(chosen[-1]) + 1)[chosen]
        if len(chosen)
        else np.empty(0)
        for file, chosen in zip(sha256, rows, strict=True)
    ]
    taken = np.zeros(there, bool)
    taken[np.argsort(np.concatenate(numbers), kind="stable")[:most]] = True
    ends = np.cumsum([len(chosen) for chosen in rows])[:-1]
    return [chosen[keep] for chosen, keep in zip(rows, np.split(taken, ends), strict=True)]
