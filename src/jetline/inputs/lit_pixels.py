"""Images of a batch as the few pixels that are not empty, and what changes of them are told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: By more than this, relative to it, does a sum differ from another one; less is rounding.
_ROUNDING = 1e-6


class Imaging(Protocol):
    """What is told of how images are made: of `ImageRecipe`, whose code is no part of a training's.

    `channels` have `weight` and `normalisation`; `steps` are those that have moved the jets.
    """

    @property
    def pixels(self) -> int: ...  # noqa: D102
    @property
    def rapidity(self) -> tuple[float, float]: ...  # noqa: D102
    @property
    def azimuth(self) -> tuple[float, float]: ...  # noqa: D102
    @property
    def centring(self) -> str: ...  # noqa: D102
    @property
    def channels(self) -> Sequence[Any]: ...  # noqa: D102
    @property
    def steps(self) -> Mapping[str, Any]: ...  # noqa: D102


@dataclass(frozen=True)
class LitPixels:
    """Pixels that are not empty; of a jet of 40 particles that is 3 % of an image.

    Parameters
    ----------
    shape : (n_jets, n_y, n_phi, channels)
        Of the images.
    image, row, column : (n,) int64 arrays
        Where each pixel is; no two are in one place.
    values : (n, channels) float32 array
        What is in it.
    """

    shape: tuple[int, ...]
    image: np.ndarray
    row: np.ndarray
    column: np.ndarray
    values: np.ndarray

    @classmethod
    def of(cls, images: np.ndarray) -> Self:
        """Find the lit pixels of images (n_jets, n_y, n_phi, channels) float32."""
        flat = images.reshape(-1, images.shape[-1])
        # NumPy finds what is true nine times as fast as what is not 0. Of the places of all
        # channels, those of one pixel follow each other.
        places = np.flatnonzero(flat != 0) // flat.shape[1]
        places = places[np.diff(places, prepend=-1) > 0]
        image, row, column = np.unravel_index(places, images.shape[:-1])
        return cls(images.shape, image, row, column, flat[places])

    @property
    def images(self) -> np.ndarray:
        """(n_jets, n_y, n_phi, channels) float32: the images."""
        images = np.zeros(self.shape, np.float32)
        images[self.image, self.row, self.column] = self.values
        return images

    def chosen(self, which: np.ndarray) -> Self:
        """Take the pixels for which `which` (n,) is true."""
        places = (part[which] for part in (self.image, self.row, self.column, self.values))
        return type(self)(self.shape, *places)

    def at(self, row: np.ndarray, column: np.ndarray) -> Self:
        """Put the pixels elsewhere in their images.

        Those that come into one place are added up; those outside the image are lost.

        Parameters
        ----------
        row, column : (n,) integer arrays
            Where each pixel comes to lie.
        """
        rows, columns, channels = self.shape[1:]
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        moved = replace(self, row=row, column=column).chosen(inside)
        places = np.ravel_multi_index((moved.image, moved.row, moved.column), self.shape[:-1])
        different, which = np.unique(places, return_inverse=True)
        if len(different) == len(places):
            return moved
        sums = [np.bincount(which, moved.values[:, channel]) for channel in range(channels)]
        image, row, column = np.unravel_index(different, self.shape[:-1])
        values = np.stack(sums, axis=1).astype(np.float32)
        return type(self)(self.shape, image, row, column, values)

    def sums(self, channels: np.ndarray) -> np.ndarray:
        """Sum up each image over the channels for which `channels` is true, (n_jets,) float64."""
        values = self.values @ channels.astype(np.float64)
        return np.bincount(self.image, values, minlength=self.shape[0])


def pt_channels(recipe: Imaging) -> np.ndarray:
    """Tell which channels hold pT and not counts, (channels,) bool."""
    return np.array([channel.weight == "pt" for channel in recipe.channels], dtype=bool)


def without_pt(recipe: Imaging) -> str | None:
    """Name images of which no channel shows pT, for a step that needs one; None for others."""
    return None if pt_channels(recipe).any() else "images that count particles and have no pT"


def normalised_again(pixels: LitPixels, before: LitPixels, recipe: Imaging) -> LitPixels:
    """Give changed images the sums that they had, where the recipe normalises each image.

    An image that has become empty is as it was.

    Parameters
    ----------
    pixels, before : LitPixels
        With the change and without it.
    recipe : Imaging
        Channels of the same weight and normalisation have one sum.
    """
    emptied = np.bincount(before.image, minlength=before.shape[0]) > 0
    emptied[pixels.image] = False
    if emptied.any():
        pixels = _together(pixels, before.chosen(emptied[before.image]))
    kinds = [(channel.weight, channel.normalisation) for channel in recipe.channels]
    for kind in dict.fromkeys(kinds):
        members = np.array([kind[1] != "none" and other == kind for other in kinds], dtype=bool)
        old, new = before.sums(members), pixels.sums(members)
        changed = (np.abs(new - old) > _ROUNDING * old) & (new > 0)
        if changed.any():
            scale = np.divide(old, new, out=np.ones_like(old), where=changed)
            scales = np.where(members, scale[pixels.image, None], 1)
            pixels = replace(pixels, values=(pixels.values * scales).astype(np.float32))
    return pixels


def _together(one: LitPixels, other: LitPixels) -> LitPixels:
    parts = (
        np.concatenate([getattr(one, name), getattr(other, name)])
        for name in ("image", "row", "column", "values")
    )
    return LitPixels(one.shape, *parts)
