"""Compute jet images in plain NumPy, jet by jet, as a reference for the compiled loop."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from jetline.inputs.kinds.images.recipe import GROUPS, ImageRecipe

if TYPE_CHECKING:
    from jetline.inputs.kinds.images.steps.image_step import ImageStep


def reference_images(constituents: np.ndarray, recipe: ImageRecipe) -> np.ndarray:
    """(n_jets, pixels, pixels, channels) float32."""
    return np.array([reference_image(jet, recipe) for jet in constituents], np.float32)


def total(values: np.ndarray) -> float:
    """The sum in the values' order: `numpy.sum` adds pairwise and rounds otherwise.

    It begins with 0: a sum of negative zeros would be one, by whose sign an axis turns either way.
    """
    return 0.0 + np.add.accumulate(values)[-1] if len(values) else 0.0


def wrapped(difference: np.ndarray) -> np.ndarray:
    far = (difference < -np.pi) | (difference >= np.pi)
    return np.where(far, np.mod(difference + np.pi, 2 * np.pi) - np.pi, difference)


def positions(jet: np.ndarray, recipe: ImageRecipe) -> tuple[np.ndarray, np.ndarray]:
    """Where each constituent of a jet without padding lies in the window."""
    pt, y, phi, _ = jet.T
    if recipe.centring == "none":
        low, high = recipe.azimuth
        outside = (phi < low) | (phi > high)
        if recipe.wrap_azimuth:
            phi = np.where(outside, low + np.mod(phi - low, 2 * np.pi), phi)
        return y, phi
    hardest = pt.argmax()
    y, phi = y - y[hardest], wrapped(phi - phi[hardest])
    if recipe.centring == "centroid":
        y, phi = y - total(pt * y) / total(pt), wrapped(phi - total(pt * phi) / total(pt))
    for name, step in recipe.steps.items():
        y, phi = STEPS[name](pt, y, phi) if name in STEPS else as_written(step, jet, y, phi)
    return y, phi


def rotated(pt: np.ndarray, y: np.ndarray, phi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    yy, yphi, phiphi = total(pt * y * y), total(pt * y * phi), total(pt * phi * phi)
    angle = 0.5 * math.atan2(2 * yphi, yy - phiphi)
    cosine, sine = math.cos(angle), math.sin(angle)
    return cosine * y + sine * phi, cosine * phi - sine * y


def flipped(pt: np.ndarray, y: np.ndarray, phi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    quadrants = [
        total(pt[(sign_y * y > -1e-9) & (sign_phi * phi > -1e-9)])
        for sign_y in (1, -1)
        for sign_phi in (1, -1)
    ]
    below, left = divmod(int(np.argmax(quadrants)), 2)
    return (-y if below else y), (-phi if left else phi)


#: Steps written a second time; another one is held to its own loop, not compiled.
STEPS = {"rotate": rotated, "flip": flipped}


def as_written(
    step: type[ImageStep], jet: np.ndarray, y: np.ndarray, phi: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What a step does to one jet without numba."""
    moved = y[None].copy(), phi[None].copy()
    step.move(jet[None], np.array([len(jet)]), *moved)
    return moved[0][0], moved[1][0]


def snapped(jet: np.ndarray, recipe: ImageRecipe) -> tuple[np.ndarray, np.ndarray]:
    """Middles of pixels, in a grid fixed in rapidity and azimuth that the centroid chooses."""
    pt, y, phi, _ = jet.T
    hardest = pt.argmax()
    offset = wrapped(phi - phi[hardest])
    phi = np.where(offset == phi - phi[hardest], phi, phi[hardest] + offset)
    found = []
    for values, differences, (low, high) in (
        (y, y - y[hardest], recipe.rapidity),
        (phi, offset, recipe.azimuth),
    ):
        width = (high - low) / recipe.pixels
        mean = values[hardest] + total(pt * differences) / total(pt)
        pixel = np.ceil(values / width - 0.5) - np.ceil(mean / width - 0.5) + recipe.pixels // 2
        found.append(low + (pixel + 0.5) * width)
    return tuple(found)


def reference_image(jet: np.ndarray, recipe: ImageRecipe) -> np.ndarray:
    """(pixels, pixels, channels) float64."""
    real = jet[jet[:, 0] > 0].astype(np.float64)
    y, phi = (snapped if recipe.centring == "pixel" else positions)(real, recipe)
    edges = [
        np.linspace(*window, recipe.pixels + 1) for window in (recipe.rapidity, recipe.azimuth)
    ]
    inside = (y >= edges[0][0]) & (y <= edges[0][-1]) & (phi >= edges[1][0]) & (phi <= edges[1][-1])
    padding = len(jet) - len(real) if recipe.padding_as_particles else 0
    image, added = [], []
    for channel in recipe.channels:
        member = np.isin(real[:, 3], GROUPS[channel.species])
        weights = real[:, 0] * member if channel.weight == "pt" else member.astype(float)
        counted = padding if channel.species == "all" and channel.weight == "count" else 0
        histogram, _, _ = np.histogram2d(
            np.append(y, np.zeros(counted)),
            np.append(phi, np.zeros(counted)),
            bins=edges,
            weights=np.append(weights, np.ones(counted)),
        )
        origin = all(edge[0] <= 0 <= edge[-1] for edge in edges)
        added.append(np.append(weights * inside, counted * origin))
        image.append(histogram)
    for number, channel in enumerate(recipe.channels):
        if channel.normalisation == "none":
            continue
        together = [
            sums
            for sums, other in zip(added, recipe.channels, strict=True)
            if (other.weight, other.normalisation) == (channel.weight, channel.normalisation)
        ]
        if channel.normalisation == "density":
            image[number] = image[number] / np.diff(edges[0])[:, None] / np.diff(edges[1])
        common = total(np.stack(together, axis=1).ravel())
        if common > 0:
            image[number] = image[number] / common
    return np.stack(image, axis=2)
