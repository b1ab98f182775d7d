"""Images of raw jets, as `jetline.inputs.kinds.images.kernel` makes them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from jetline.export.clouds import valid_jets
from jetline.export.functions import arctan2, wrapped
from jetline.export.graph import joined
from jetline.inputs.kinds.images.recipe import GROUPS
from jetline.jets.constituents import PDG_ID, PHI, PT, RAPIDITY

if TYPE_CHECKING:
    from collections.abc import Callable

    from jetline.export.graph import Tensor
    from jetline.inputs.kinds.images.recipe import ImageRecipe

Angles = tuple["Tensor", "Tensor"]

#: As the step `flip` has it: on an axis, up to rounding.
_ON_AXIS = 1e-9


def can_be_made(recipe: ImageRecipe) -> bool:
    """Tell whether images by a recipe can be made in a graph, step by step."""
    return set(recipe.steps) <= set(_STEPS)


def images_of(jets: Tensor, recipe: ImageRecipe) -> tuple[Tensor, Tensor]:
    """Image jets.

    Parameters
    ----------
    jets : (n, M, 4) float tensor
        pT [GeV], rapidity, azimuth [rad] and PDG id; a pT of 0 is padding.
    recipe : ImageRecipe
        How to image them.

    Returns
    -------
    images : (n, channels, n_y, n_phi) float32 tensor
    valid : (n,) bool tensor
        False for what is no jet.
    """
    valid = valid_jets(jets)
    columns = valid.expand(1, 2).where(jets, 0).cast(np.float64)
    pt, ids = columns.column(PT), columns.column(PDG_ID)
    real = pt > 0
    angles = columns.column(RAPIDITY), columns.column(PHI)
    if recipe.centring == "pixel":
        places = [_snapped(pt, real, one, recipe, turns) for turns, one in enumerate(angles)]
    else:
        y, phi = _centred(pt, real, angles, recipe)
        for step in recipe.steps:
            y, phi = _STEPS[step](pt, y, phi)
        places = [_pixel(y, recipe.rapidity, recipe), _pixel(phi, recipe.azimuth, recipe)]
    rows, columns_met = (
        (place.expand(-1).equals(np.arange(recipe.pixels)) & real.expand(-1)).cast(np.float64)
        for place in places
    )
    padding = (~real).cast(np.float64).sum(1)
    return _filled(pt, ids, rows, columns_met, padding, recipe), valid


def _inside(angle: Tensor) -> Tensor:
    """Bring an azimuth difference into [-pi, pi); leave one that lies there as it is."""
    return ((angle >= -math.pi) & (angle < math.pi)).where(angle, wrapped(angle))


def _hardest(pt: Tensor, values: Tensor) -> Tensor:
    """Give what the hardest constituent, the first of several, has: (n, 1)."""
    place = pt.op("ArgMax", axis=1, keepdims=1, dtype=np.int64)
    return values.op("GatherElements", place, axis=1)


def _centred(pt: Tensor, real: Tensor, angles: Angles, recipe: ImageRecipe) -> Angles:
    """Bring jets relative to their centres, or into the window."""
    y, phi = angles
    low, high = recipe.azimuth
    if recipe.centring == "none":
        if recipe.wrap_azimuth:
            turns = ((phi - low) / (2 * math.pi)).op("Floor")
            moved = phi - turns * (2 * math.pi)
            phi = ((phi >= low) & (phi <= high)).where(phi, moved)
        return y, phi
    y = real.where(y - _hardest(pt, y), 0)
    phi = real.where(_inside(phi - _hardest(pt, phi)), 0)
    if recipe.centring == "centroid":
        total = pt.sum(1)
        y = real.where(y - (pt * y).sum(1) / total, 0)
        phi = real.where(_inside(phi - (pt * phi).sum(1) / total), 0)
    return y, phi


def _rotated(pt: Tensor, y: Tensor, phi: Tensor) -> Angles:
    """Turn the principal axis into the direction of rapidity."""
    yy, yphi, phiphi = ((pt * one * other).sum(1) for one, other in ((y, y), (y, phi), (phi, phi)))
    angle = arctan2(yphi * 2.0, yy - phiphi) * 0.5
    cosine, sine = angle.op("Cos"), angle.op("Sin")
    return cosine * y + sine * phi, cosine * phi - sine * y


def _flipped(pt: Tensor, y: Tensor, phi: Tensor) -> Angles:
    """Mirror jets so that the quadrant with most pT is that of larger rapidity and azimuth."""
    sides = [((one >= -_ON_AXIS), (one < _ON_AXIS)) for one in (y, phi)]
    sums = [(right & upper).cast(np.float64) * pt for right in sides[0] for upper in sides[1]]
    quadrants = joined([one.sum(1) for one in sums], 1)
    most = quadrants.op("ArgMax", axis=1, keepdims=1, dtype=np.int64)
    lower, left = most >= 2, most.op("Mod", 2).equals(1)
    return lower.where(-y, y), left.where(-phi, phi)


_STEPS: dict[str, Callable[[Tensor, Tensor, Tensor], Angles]] = {
    "rotate": _rotated,
    "flip": _flipped,
}


def _pixel(values: Tensor, window: tuple[float, float], recipe: ImageRecipe) -> Tensor:
    """Find the pixels of values by `numpy.histogram`'s rules, (n, M) int64; -1 outside."""
    last = recipe.pixels
    edges = np.linspace(*window, last + 1)
    table = values.graph.constant(edges, np.float64)
    per_width = 1 / ((edges[-1] - edges[0]) / last)
    inside = (values >= edges[0]) & (values <= edges[-1])
    steps = inside.where((values - edges[0]) * per_width, 0)
    index = steps.op("Floor").cast(np.int64).op("Min", last - 1)
    # So close to an edge that the division's rounding would decide, the edges do.
    index = index - (values < table.op("Gather", index)).cast(np.int64)
    index = index.op("Max", 0)
    index = index + (values >= table.op("Gather", index + 1)).cast(np.int64)
    return inside.where(index.op("Min", last - 1), -1)


def _snapped(pt: Tensor, real: Tensor, angle: Tensor, recipe: ImageRecipe, turns: int) -> Tensor:
    """Find the pixels along one axis by EnergyFlow's rule, (n, M) int64."""
    low, high = recipe.azimuth if turns else recipe.rapidity
    width = (high - low) / recipe.pixels
    hardest = _hardest(pt, angle)
    difference = real.where(angle - hardest, 0)
    if turns:
        near = (difference >= -math.pi) & (difference < math.pi)
        difference = _inside(difference)
        angle = near.where(angle, hardest + difference)
    mean = (pt * difference).sum(1) / pt.sum(1)
    shift = ((hardest + mean) / width - 0.5).op("Ceil") - float(recipe.pixels // 2)
    place = (angle / width - 0.5).op("Ceil") - shift
    inside = (place >= 0) & (place < recipe.pixels)
    return inside.where(place, -1).cast(np.int64)


def _filled(
    pt: Tensor, ids: Tensor, rows: Tensor, columns: Tensor, padding: Tensor, recipe: ImageRecipe
) -> Tensor:
    """Add up what constituents add to their pixels, and normalise each image."""
    edges = [
        np.linspace(*window, recipe.pixels + 1) for window in (recipe.rapidity, recipe.azimuth)
    ]
    images, kinds = [], []
    for channel in recipe.channels:
        weight = pt if channel.weight == "pt" else pt.equals(pt).cast(np.float64)
        if channel.species != "all":
            group = np.array(GROUPS[channel.species], np.float64)
            among = ids.expand(-1).equals(group).cast(np.float64).sum(-1, keep=False)
            weight = weight * among
        image = (rows * weight.expand(-1)).transpose(0, 2, 1).op("MatMul", columns)
        if recipe.padding_as_particles and channel.species == "all" and channel.weight == "count":
            image = image + padding.expand(-1) * _origin(edges)
        images.append(image)
        kinds.append((channel.weight, channel.normalisation))
    totals = {
        kind: joined(
            [one.sum(1, 2) for one, own in zip(images, kinds, strict=True) if own == kind], 1
        ).sum(1)
        for kind in kinds
        if kind[1] != "none"
    }
    normalised = []
    for image, kind in zip(images, kinds, strict=True):
        value = image
        if kind[1] == "density":
            value = value / np.diff(edges[0])[:, None] / np.diff(edges[1])
        if kind in totals:
            value = (totals[kind] > 0).where(value / totals[kind], 0)
        normalised.append(value.expand(1))
    stored = joined(normalised, 1).cast(np.float32)
    return stored.cast(recipe.dtype).cast(np.float32)


def _origin(edges: list[np.ndarray]) -> np.ndarray:
    """Give an image with 1 in the pixel of the origin."""
    one_hot = [np.histogram([0.0], one)[0].astype(np.float64) for one in edges]
    return np.outer(*one_hot)
