"""Explanations of networks of images, pixel by pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jetline.explanation.integrated import Decides, integrated_gradients
from jetline.explanation.sums import DISTANCE_EDGES, Groups, in_bins

if TYPE_CHECKING:
    from jetline.inputs.kinds.images.recipe import ImageRecipe
    from jetline.inputs.sample import Tensors


@dataclass(frozen=True)
class PixelAttributions:
    """What each pixel adds to the decisions on some images, against those on their baselines.

    Attributes
    ----------
    pixels : (n_jets, n_y, n_phi, channels) float64 array
    differences : (n_jets,) float64 array
        Decision on the image less that on its baseline, to which the pixels add up.
    """

    pixels: np.ndarray
    differences: np.ndarray

    @property
    def totals(self) -> np.ndarray:
        """Sum over each image, (n_jets,) float64."""
        total: np.ndarray = self.pixels.sum(axis=(1, 2, 3))
        return total


def explain_images(
    decisions: Decides, images: Tensors, baselines: Tensors, weights: np.ndarray, steps: int
) -> PixelAttributions:
    """Share the difference of decisions between images and their baselines out among pixels.

    Parameters
    ----------
    decisions : Decides
        What the network decides.
    images, baselines : dict of str to array
        Tensors of a batch, its one array (n_jets, n_y, n_phi, channels), and of as many images of
        other classes.
    weights : (n_jets, n_classes) float32 array
        What is decided, as `Decisions.values` takes it.
    steps : int
        Points on the line between both.
    """
    (pixels,) = integrated_gradients(decisions, baselines, images, weights, steps).values()
    differences = decisions.values(images, weights) - decisions.values(baselines, weights)
    return PixelAttributions(pixels, differences)


def pixel_distances(recipe: ImageRecipe) -> Groups:
    """Group the pixels of an image by the distance of their middle from that of the window.

    That is where the recipe puts the jet's axis, or its hardest constituent.

    Returns
    -------
    Groups
        Of n_y * n_phi pixels.
    """
    middles = []
    for (low, high), pixels in zip(
        (recipe.rapidity, recipe.azimuth), recipe.shape[:2], strict=True
    ):
        edges = np.linspace(low, high, pixels + 1)
        middles.append((edges[1:] + edges[:-1]) / 2)
    return in_bins(
        "distance", DISTANCE_EDGES, np.hypot(*np.meshgrid(*middles, indexing="ij")).ravel()
    )
