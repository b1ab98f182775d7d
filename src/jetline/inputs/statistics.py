"""Figures of the training part by which inputs are normalised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.inputs.shards import Shard, open_shard
from jetline.inputs.split import PARTS, TRAIN, Parts

_BLOCK = 2048


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
        ``jets``: quarks and gluons in each part; for images their ``shape`` and what the recipe's
        normalisation of the set needs, ``largest`` pixel of each channel, or ``mean`` and
        ``deviation`` of each pixel (n_y, n_phi, channels); for particles the ``multiplicity``
        (mean and standard deviation of the training jets' constituents); for
        observables nothing more.

    Raises
    ------
    JetlineError
        If a shard is damaged, or a part that trains or validates lacks a class.
    """
    counts = {part: {"quark": 0, "gluon": 0} for part in PARTS}
    pixels, multiplicities = None, []
    for folder, part in zip(shards, parts.parts, strict=True):
        shard = open_shard(folder)
        for value, name in enumerate(PARTS):
            labels = shard.labels[part == value]
            counts[name]["quark"] += int(np.sum(labels == 1))
            counts[name]["gluon"] += int(np.sum(labels == 0))
        rows = np.flatnonzero(part == TRAIN)
        if "images" in shard.arrays:
            pixels = pixels or _Pixels(shard)
            pixels.add(shard.arrays["images"], rows)
        elif "offsets" in shard.arrays:
            multiplicities.append(np.diff(shard.arrays["offsets"])[rows])
    _refuse_single_class(counts)
    if pixels and not pixels.largest.any():
        raise JetlineError(
            f"training images, made from {shards[0]} and others",
            found="no pixel above zero",
            expected="jets inside the recipe's grid",
            remedy="check rapidity and azimuth of the jets, or choose a recipe that centres them",
        )
    if pixels:
        return {"jets": counts} | pixels.statistics()
    if not multiplicities:
        return {"jets": counts}  # trees split observables as they are
    n = np.concatenate(multiplicities)
    return {
        "jets": counts,
        "multiplicity": {"mean": float(n.mean()), "deviation": float(n.std())},
    }


class _Pixels:
    """Figures of images that are met block by block."""

    def __init__(self, shard: Shard) -> None:
        self._normalisation = shard.manifest["recipe"]["set_normalisation"]
        self._shape = shard.arrays["images"].shape[1:]
        self.largest = np.zeros(self._shape[2])
        self._images = 0
        self._sum, self._squares = np.zeros(self._shape), np.zeros(self._shape)

    def add(self, images: np.ndarray, rows: np.ndarray) -> None:
        for start in range(0, len(rows), _BLOCK):
            block = images[rows[start : start + _BLOCK]]
            self.largest = np.maximum(self.largest, block.max(axis=(0, 1, 2)))
            if self._normalisation == "standardise":
                self._images += len(block)
                self._sum += block.sum(axis=0, dtype=np.float64)
                self._squares += np.square(block, dtype=np.float64).sum(axis=0)

    def statistics(self) -> dict[str, Any]:
        shape = {"shape": list(self._shape)}
        if self._normalisation == "largest":
            return shape | {"largest": self.largest.tolist()}
        if self._normalisation == "none":
            return shape
        mean = self._sum / self._images
        variance = self._squares / self._images - mean**2
        return shape | {
            "mean": mean.tolist(),
            "deviation": np.sqrt(np.maximum(variance, 0)).tolist(),
        }


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
