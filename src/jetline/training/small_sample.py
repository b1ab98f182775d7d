"""A training of some files in memory, without the workflow: for lessons, and to try an idea.

There are no records, no tracking, and nothing that a second call would find again. The workflow's
trainings call the same functions.
"""

from __future__ import annotations

import itertools
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.classes import QUARK_GLUON
from jetline.core.errors import JetlineError
from jetline.inputs.making import make_scratch_shards, read_inputs
from jetline.inputs.sample import JetSample
from jetline.training.checkpoint import Checkpoint
from jetline.training.loop import Jets, Loop
from jetline.training.method import method_of
from jetline.training.scores import class_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.models.architecture import Network
    from jetline.training.trained import Trained


@dataclass(frozen=True)
class SmallSample:
    """Jets, or pictures, in three parts.

    Parameters
    ----------
    training, validation, test : JetSample
        What trains, what decides which epoch is best, and what decides nothing.
    statistics : dict
        What `Network.build` gets, of the training part alone.
    """

    training: JetSample
    validation: JetSample
    test: JetSample
    statistics: dict[str, Any]


def read_sample(
    inputs: str,
    training: Sequence[Path],
    validation: Sequence[Path],
    test: Sequence[Path],
    folder: Path,
    classes: Sequence[str] = QUARK_GLUON,
    at_most: int | None = None,
    recipe: dict[str, Any] | None = None,
) -> SmallSample:
    """Make the inputs of a network from files, each of which belongs to one part.

    Parameters
    ----------
    inputs : str
        As a configuration names them: `images/<recipe>`, `particles`, `observables`, `pictures`.
    training, validation, test : sequence of Path
        Jet files, or picture files.
    folder : Path
        Where the shards are written; they are read from there as long as the sample is used.
    classes : sequence of str
        Names of the classes by number.
    at_most : int, optional
        Of each file, take the first so many; all if left out.
    recipe : dict, optional
        Settings of the recipe that `inputs` names; without them it is a built-in one.

    Raises
    ------
    JetlineError
        If there are no such inputs or recipe, a file is not valid, or it belongs to two parts.
    """
    files = [Path(path) for part in (training, validation, test) for path in part]
    for path in files:
        if files.count(path) > 1:
            raise JetlineError(
                str(path),
                found="one file in two places of the parts",
                expected="each file in one part, so that no test jet trains",
                remedy="give each part files of its own",
            )
    kind = read_inputs(inputs, recipe)
    shards = make_scratch_shards(kind, files, Path(folder), classes)
    rows = [np.arange(min(len(shard), at_most or len(shard))) for shard in shards]
    statistics = kind.statistics()
    for shard, chosen in zip(shards[: len(training)], rows, strict=False):
        statistics.add(shard, chosen)
    ends = np.cumsum([0, len(training), len(validation), len(test)])
    trained, validated, tested = (
        JetSample.choose(shards[start:end], rows[start:end])
        for start, end in itertools.pairwise(ends)
    )
    told = statistics.result() | {"classes": list(classes)}
    return SmallSample(trained, validated, tested, told)


def train(network: Network, sample: SmallSample, seed: int = 1) -> Trained:
    """Train a network, printing a line an epoch; give that of the best epoch, and the history.

    Raises
    ------
    JetlineError
        If a measured value is not finite, or the network tells no jet from another.
    """
    with tempfile.TemporaryDirectory(prefix="jetline-") as folder:
        checkpoint = Checkpoint(Path(folder))
        with checkpoint.locked():
            jets = Jets(sample.training, sample.validation)
            loop = Loop(network, method_of(network), seed, jets, sample.statistics, checkpoint)
            return loop.run()


def scores(network: Network, trained: Trained, jets: JetSample) -> np.ndarray:
    """Compute the probabilities of each jet's classes, (n_jets, n_classes) float32."""
    return class_scores(trained.model, jets, network.batch_size, network.view)
