"""Statistics of the training part, by which inputs are normalised."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.classes import QUARK_GLUON, count_by_class
from jetline.core.errors import JetlineError
from jetline.inputs.dataset import identity_of, open_part, require_number
from jetline.inputs.making import inputs_of
from jetline.inputs.parts import PARTS, TEST, TRAIN, Parts
from jetline.records.statistics import Statistics

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from jetline.inputs.kinds.input_kind import InputStatistics


def training_statistics(
    shards: list[Path], parts: Parts, classes: Sequence[str] = QUARK_GLUON
) -> Statistics:
    """Find the statistics of the training part alone.

    Every shard's arrays are compared with their hashes on the way.

    Parameters
    ----------
    shards : list of Path
        Shards of all files of the dataset, in its order.
    parts : Parts
        The part of each jet.
    classes : sequence of str
        Names of the classes by number.

    Returns
    -------
    Statistics
        Jets of each class in each part, and what the kind of inputs tells of the training jets.

    Raises
    ------
    JetlineError
        If a shard is damaged or of another file than was split, or a part that trains or
        validates lacks a class.
    """
    counts = {part: Counter[str]() for part in PARTS}
    found: InputStatistics | None = None
    manifests = {}
    require_number(shards, parts)
    # Sums round otherwise in another order, and the order in which files are listed decides
    # nothing.
    for number in parts.by_content:
        shard, part = open_part(shards[number], parts, number), parts.parts[number]
        manifests[number] = shard.manifest
        for value, name in enumerate(PARTS):
            labels = shard.labels[part == value]
            counts[name].update(count_by_class(labels, classes))
        found = found or inputs_of(shard).statistics()
        found.add(shard, np.flatnonzero(part == TRAIN))
    _refuse_missing_class(counts, classes)
    return Statistics(
        jets={part: dict(of_part) for part, of_part in counts.items()},
        inputs=(found.result() if found else {}) | {"classes": list(classes)},
        made_of=identity_of([manifests[number] for number in range(len(shards))], parts),
    )


def _refuse_missing_class(counts: Mapping[str, Mapping[str, int]], classes: Sequence[str]) -> None:
    # Nothing is learnt or chosen on the test part: one class of jets tells what it can.
    for part in PARTS[:TEST]:
        jets = sum(counts[part].values())
        for name, count in counts[part].items():
            if count == 0 and jets > 0:
                raise JetlineError(
                    f"{part} part of the dataset",
                    found=f"no {name} jet among {jets} jets",
                    expected="jets of both classes" if len(classes) == 2 else "jets of every class",
                    remedy=f"add jet files with {name} jets (y = {classes.index(name)}), "
                    "or check the labels",
                )
