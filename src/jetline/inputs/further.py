"""Further features of particles in shards: saved as particles are, and how they are spread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.inputs.shards import save_blocks
from jetline.jets.told_features import require_features

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jetline.inputs.shards import Shard
    from jetline.jets.reading import JetFile
    from jetline.records.manifest import SavedArray

#: Name of the array in a shard: (n_particles, n_features) float32, a row for each of `particles`.
ARRAY = "features"

#: Bits of a number by which it is counted: sign, exponent and 11 of its 23 digits, so that numbers
#: of one bin differ by less than 0.05 %.
_BITS = 20
_CUT = np.uint32(32 - _BITS)
_SIGN = np.uint32(1 << 31)


def save_features(
    jets: JetFile, folder: Path, places: np.ndarray, offsets: np.ndarray, block: int
) -> SavedArray:
    """Save the further features of a jet file's constituents, in the order of the particles.

    Parameters
    ----------
    jets : JetFile
        The opened file, which has some.
    folder : Path
        The shard's directory.
    places : (n_particles,) integer array
        Of each particle of the shard, its place among the constituents of the file without padding.
    offsets : (n_jets + 1,) integer array
        Of the shard.
    block : int
        Jets read at a time.
    """
    flat = np.concatenate(list(jets.features(block, np.diff(offsets))))
    # In pieces, as an array of them all in another order would be a second one.
    pieces = (flat[rows] for rows in np.array_split(places, 1 + len(places) // 2**20))
    saved = save_blocks(folder, ARRAY, flat.shape, flat.dtype, pieces)
    return saved.model_copy(update={"names": list(jets.feature_names)})


def names_in(shard: Shard) -> list[str]:
    """Name the further features that a shard has."""
    saved = shard.manifest.arrays.get(ARRAY)
    return (saved and saved.names) or []


def features_of(shard: Shard, rows: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Read features of particles of a shard.

    Parameters
    ----------
    shard : Shard
        Of particles.
    rows : (n,) integer array
        The particles.
    names : sequence of str
        The features.

    Returns
    -------
    (n, n_names) float32 array

    Raises
    ------
    JetlineError
        If the shard has no such feature.
    """
    there = names_in(shard)
    require_features(f"{shard.folder}, made from {shard.manifest.source.file}", there, names)
    found: np.ndarray = shard.arrays[ARRAY][rows][:, [there.index(name) for name in names]]
    return found


class Spread:
    """How the values of one feature are spread, as far as a network needs to know it.

    Values are counted in bins, so that memory does not grow with the jets, and their order decides
    nothing.
    """

    def __init__(self) -> None:
        self._counts = np.zeros(2**_BITS, np.int64)

    def add(self, values: np.ndarray) -> None:
        """Count (n,) float32 values, all finite."""
        bits = (values + np.float32(0)).view(np.uint32)  # -0 and 0 are the same
        # In this order integers rise as the numbers do.
        rising = np.where(bits & _SIGN, ~bits, bits | _SIGN) >> _CUT
        self._counts += np.bincount(rising, minlength=2**_BITS)

    def result(self) -> dict[str, float]:
        """Give ``centre`` and ``width`` of the values.

        The median, and half the distance between the quantiles of 16 and 84 %, which is the
        standard deviation of a normal distribution: impact parameters have tails of a thousand
        widths, which would make a mean and a standard deviation what a few tracks are. A value of
        0 does not count: it stands for what constituents without a track do not have, and most
        may be such. Where that leaves no width, as of flags, they are mean and standard deviation
        of all values; where these are all the same, the width is 1.
        """
        filled = np.flatnonzero(self._counts)
        values, counts = _lowest(filled), self._counts[filled]
        if (values != 0).any():
            ends = np.cumsum(np.where(values == 0, 0, counts))
            low, centre, high = values[
                np.searchsorted(ends, np.array([0.16, 0.5, 0.84]) * ends[-1])
            ]
            if high > low:
                return {"centre": float(centre), "width": float((high - low) / 2)}
        mean = np.average(values, weights=counts)
        width = float(np.sqrt(np.average((values - mean) ** 2, weights=counts)))
        return {"centre": float(mean), "width": width or 1.0}


def _lowest(bins: np.ndarray) -> np.ndarray:
    """Give the number nearest to 0 of each bin, (n,) float64."""
    cut = bins.astype(np.uint32) << _CUT
    digits = ~np.uint32((1 << int(_CUT)) - 1)
    bits = np.where(cut & _SIGN, cut ^ _SIGN, ~cut & digits)
    return bits.astype(np.uint32).view(np.float32).astype(np.float64)
