"""Figures of the training part by which inputs are normalised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from jetline.errors import JetlineError
from jetline.inputs.shards import Shard, open_shard
from jetline.inputs.split import PARTS, TRAIN, Parts

_BLOCK = 8192


def training_statistics(shards: list[Path], parts: Parts) -> dict[str, Any]:
    """Statistics of the training part alone, for ``statistics.json``.

    Every shard's arrays are compared with their hashes on the way.

    Parameters
    ----------
    shards : list of Path
        Shards of all files of the dataset, in its order.
    parts : Parts
        The part of each jet.

    Returns
    -------
    dict
        ``jets``: quarks and gluons in each part; ``shape`` of an image and
        ``largest`` pixel of the training images, or
        ``multiplicity`` (mean and standard deviation of the training jets' constituents).

    Raises
    ------
    JetlineError
        If a shard is damaged, or a part that trains or validates lacks a class.
    """
    counts = {part: {"quark": 0, "gluon": 0} for part in PARTS}
    largest, shape, multiplicities = 0.0, None, []
    for folder, part in zip(shards, parts.parts, strict=True):
        shard = open_shard(folder, verify=True)
        for value, name in enumerate(PARTS):
            labels = shard.labels[part == value]
            counts[name]["quark"] += int(np.sum(labels == 1))
            counts[name]["gluon"] += int(np.sum(labels == 0))
        rows = np.flatnonzero(part == TRAIN)
        if "images" in shard.arrays:
            shape = list(shard.arrays["images"].shape[1:])
            largest = max(largest, _largest_pixel(shard, rows))
        else:
            multiplicities.append(np.diff(shard.arrays["offsets"])[rows])
    _refuse_single_class(counts)
    if not multiplicities and largest == 0:
        raise JetlineError(
            f"training images, made from {shards[0]} and others",
            found="no pixel above zero",
            expected="jets inside the recipe's grid",
            remedy="check rapidity and azimuth of the jets, or choose a recipe that centres them",
        )
    if not multiplicities:
        return {"jets": counts, "shape": shape, "largest": largest}
    n = np.concatenate(multiplicities)
    return {
        "jets": counts,
        "multiplicity": {"mean": float(n.mean()), "deviation": float(n.std())},
    }


def _largest_pixel(shard: Shard, rows: np.ndarray) -> float:
    blocks = np.split(rows, range(_BLOCK, len(rows), _BLOCK))
    return max(float(shard.arrays["images"][block].max(initial=0)) for block in blocks)


def _refuse_single_class(counts: dict[str, dict[str, int]]) -> None:
    for part, classes in counts.items():
        for name, count in classes.items():
            if count == 0 and sum(classes.values()) > 0:
                raise JetlineError(
                    f"{part} part of the dataset",
                    found=f"no {name} jet among {sum(classes.values())} jets",
                    expected="jets of both classes",
                    remedy=f"add jet files with {name} jets (y = {int(name == 'quark')}), "
                    "or check the labels",
                )
