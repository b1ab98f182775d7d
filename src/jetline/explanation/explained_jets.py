"""The test jets that taggers are explained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.randomness import generator
from jetline.inputs.dataset import open_dataset
from jetline.inputs.parts import TEST, Parts
from jetline.inputs.sample import JetSample

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def jets_of_test(parts: Path, shards: Sequence[Path], classes: Sequence[str]) -> JetSample:
    """Take the labelled test jets of a dataset, in an order that their files' content decides.

    Parameters
    ----------
    parts : Path
        Split of the dataset.
    shards : sequence of Path
        Shards of its files, in its order.
    classes : sequence of str
        Names by number.

    Raises
    ------
    JetlineError
        If the test part has jets of fewer than two classes.
    """
    split = Parts.read(parts)
    opened = list(open_dataset(shards, split))
    order = split.by_content
    rows = [
        np.flatnonzero((split.parts[number] == TEST) & (opened[number].labels < len(classes)))
        for number in order
    ]
    whole = JetSample.choose([opened[number] for number in order], rows)
    if len(np.unique(whole.labels)) < 2:
        raise JetlineError(
            str(parts),
            found="test jets of fewer than two classes",
            expected="jets of at least two, since each is compared with jets of others",
            remedy="name first in `test_on` a dataset that has several classes, or leave out "
            "`explain`",
        )
    return whole


def drawn_jets(whole: JetSample, classes: Sequence[str], most: int, seed: int) -> JetSample:
    """Draw jets of each class, in an order that mixes the classes.

    Parameters
    ----------
    whole : JetSample
        Jets to draw from.
    classes : sequence of str
        Names by number.
    most : int
        How many of each class.
    seed : int
        Draws them: the same whatever the shards hold.
    """
    labels, numbers = whole.labels, generator(seed, "explain", "jets")
    shuffled = numbers.permutation(len(whole))
    chosen = [shuffled[labels[shuffled] == kind][:most] for kind in range(len(classes))]
    jets = numbers.permutation(np.concatenate(chosen))
    return JetSample(whole.shards, whole.shard[jets], whole.row[jets])
