"""Jet images: a histogram of each jet's constituents in rapidity and azimuth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.inputs.kinds.images.recipe import GROUPS, ImageRecipe
from jetline.jets.species import PDG_IDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jetline.jets.reading import JetFile

_BLOCK = 128  # jets read and imaged at a time: a few MB


def image_blocks(jets: JetFile, recipe: ImageRecipe) -> Iterator[np.ndarray]:
    """Image the jets of a file in the memory of a block of jets.

    Yields
    ------
    (n, pixels, pixels, channels) array of the recipe's dtype
        As `image_jets` gives them; the next block may overwrite the last.

    Raises
    ------
    JetlineError
        If the jet file is not valid, or a pixel's value is beyond the recipe's dtype.
    """
    from jetline.jets.soundness import sound

    fill = _filler(recipe)
    images = np.empty((min(_BLOCK, len(jets)), *recipe.shape), np.float32)
    first = 0
    for constituents in jets.blocks(_BLOCK, sound):
        block = images[: len(constituents)]
        fill(constituents, block)
        try:
            yield _stored(block, recipe)
        except OverflowError as error:
            jet = first + error.args[0]
            raise JetlineError(
                f"{jets.path}, jet {jet} (counted from 0)",
                found=f"a pixel of {error.args[1]:g}",
                expected=f"at most {_limit(recipe.dtype):g}, which the dtype {recipe.dtype} holds",
                remedy="give the recipe another `dtype`, or smaller pixels",
            ) from None
        first += len(block)


def image_jets(constituents: np.ndarray, recipe: ImageRecipe) -> np.ndarray:
    """Image jets.

    Parameters
    ----------
    constituents : (n_jets, M, 4) float array
        pT [GeV], rapidity, azimuth [rad], PDG id, padded with rows of zeros at each jet's end.
    recipe : ImageRecipe
        How to image them.

    Returns
    -------
    (n_jets, pixels, pixels, channels) array of the recipe's dtype
        Axes: jet, rapidity, azimuth, channel. A constituent on an inner edge belongs to the upper
        pixel (with centring `pixel` to the lower one), one on the window's outermost edge to the
        last, one outside to none. A jet with nothing inside the window has an image of zeros.

    Raises
    ------
    OverflowError
        If a pixel's value is beyond the recipe's dtype: the jet's number, and the value.
    """
    images = np.empty((len(constituents), *recipe.shape), np.float32)
    _filler(recipe)(np.ascontiguousarray(constituents), images)
    return _stored(images, recipe)


def _filler(recipe: ImageRecipe) -> Callable[[np.ndarray, np.ndarray], None]:
    """Prepare the compiled loops for one recipe: takes constituents and the images to fill."""
    # Only now: numba takes half a second to import.
    from jetline.core.compiled import compiled
    from jetline.inputs.kinds.images.kernel import CENTRINGS, fill_images, locate_jets

    locating = (CENTRINGS.index(recipe.centring), recipe.wrap_azimuth, *recipe.azimuth)
    steps = [compiled(step.move) for step in recipe.steps.values()]
    arguments = (
        bool(steps),
        *locating,
        np.linspace(*recipe.rapidity, recipe.pixels + 1),
        np.linspace(*recipe.azimuth, recipe.pixels + 1),
        *_channel_arguments(recipe),
    )

    numbers, positions = np.empty(_BLOCK, np.int64), np.empty((2, _BLOCK, 0))

    def fill(constituents: np.ndarray, images: np.ndarray) -> None:
        nonlocal positions
        if positions.shape[2] != constituents.shape[1]:
            # Kept from block to block: memory that is new each time costs more than a step.
            positions = np.empty((2, _BLOCK, constituents.shape[1]))
        y, phi = positions
        if not steps:
            fill_images(constituents, numbers, y, phi, *arguments, images)
            return
        for start in range(0, len(constituents), _BLOCK):
            block = constituents[start : start + _BLOCK]
            jets = (numbers[: len(block)], y[: len(block)], phi[: len(block)])
            locate_jets(block, *locating, *jets)
            for step in steps:
                step(block, *jets)
            fill_images(block, *jets, *arguments, images[start : start + _BLOCK])

    return fill


def _channel_arguments(recipe: ImageRecipe) -> tuple[Any, ...]:
    """Give what `fill_images` is told of the channels."""
    channels = recipe.channels
    largest_id = max(map(abs, PDG_IDS))
    channels_of = np.zeros(2 * largest_id + 1, np.int64)
    padding = 0
    for number, channel in enumerate(channels):
        # Whatever a valid file may hold is among all.
        every = channel.species == "all"
        entered = slice(None) if every else np.array(GROUPS[channel.species]) + largest_id
        channels_of[entered] |= 1 << number
        if recipe.padding_as_particles and every:
            padding |= 1 << number
    kinds = [(channel.weight, channel.normalisation) for channel in channels]
    shared = [-1 if kind[1] == "none" else kinds.index(kind) for kind in kinds]
    return (
        channels_of,
        padding,
        np.array([channel.weight == "pt" for channel in channels]),
        np.array(shared),
        np.array([channel.normalisation == "density" for channel in channels]),
    )


def _limit(dtype: str) -> float:
    """Give the largest number that a dtype holds."""
    kind = np.dtype(dtype)
    return float(np.iinfo(kind).max if kind.kind == "u" else np.finfo(kind).max)


def _stored(images: np.ndarray, recipe: ImageRecipe) -> np.ndarray:
    """Convert images to the recipe's dtype."""
    if recipe.dtype == "float32":
        return images
    largest = images.max(axis=(1, 2, 3))
    if np.any(largest > _limit(recipe.dtype)):
        jet = int(largest.argmax())
        raise OverflowError(jet, float(largest[jet]))
    return images.astype(recipe.dtype)
