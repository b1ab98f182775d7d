"""Statistics of the training part, by which inputs are normalised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError
from jetline.inputs.dataset import identity_of, open_part, require_number
from jetline.inputs.making import inputs_of
from jetline.inputs.parts import PARTS, TEST, TRAIN, Parts
from jetline.jets.constituents import CLASSES
from jetline.records.statistics import Statistics

if TYPE_CHECKING:
    from pathlib import Path

    from jetline.inputs.kinds.input_kind import InputStatistics


def training_statistics(shards: list[Path], parts: Parts) -> Statistics:
    """Find the statistics of the training part alone.

    Every shard's arrays are compared with their hashes on the way.

    Parameters
    ----------
    shards : list of Path
        Shards of all files of the dataset, in its order.
    parts : Parts
        The part of each jet.

    Returns
    -------
    Statistics
        Quarks and gluons in each part, and what the kind of inputs tells of the training jets.

    Raises
    ------
    JetlineError
        If a shard is damaged or of another file than was split, or a part that trains or
        validates lacks a class.
    """
    counts = {part: dict.fromkeys(CLASSES, 0) for part in PARTS}
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
            for kind, label in CLASSES.items():
                counts[name][kind] += int(np.sum(labels == label))
        found = found or inputs_of(shard).statistics()
        found.add(shard, np.flatnonzero(part == TRAIN))
    _refuse_single_class(counts)
    return Statistics(
        jets=counts,
        inputs=found.result() if found else {},
        made_of=identity_of([manifests[number] for number in range(len(shards))], parts),
    )


def _refuse_single_class(counts: dict[str, dict[str, int]]) -> None:
    # Nothing is learnt or chosen on the test part: one class of jets tells what it can.
    for part in PARTS[:TEST]:
        classes = counts[part]
        for name, count in classes.items():
            if count == 0 and sum(classes.values()) > 0:
                raise JetlineError(
                    f"{part} part of the dataset",
                    found=f"no {name} jet among {sum(classes.values())} jets",
                    expected="jets of both classes",
                    remedy=f"add jet files with {name} jets (y = {int(name == 'quark')}), "
                    "or check the labels",
                )
