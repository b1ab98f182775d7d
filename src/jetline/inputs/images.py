"""Jet images: a histogram of each jet's constituents in rapidity and azimuth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from jetline.inputs.angles import centred
from jetline.inputs.shards import save_blocks, write_manifest
from jetline.jets.format import PHI, PT, RAPIDITY, read_jets

_BLOCK = 4096  # jets imaged at a time: the temporaries stay under 100 MB


@dataclass(frozen=True)
class ImageRecipe:
    """One way of imaging a jet.

    Parameters
    ----------
    bins : int
        Pixels along rapidity, and as many along azimuth.
    rapidity, phi : (low, high)
        Edges of the grid; azimuth in rad.
    centring : "none" or "centroid"
        "centroid" puts the pT-weighted centroid of the jet in the middle of the grid.
    weights : "count" or "pt"
        What one constituent adds to its pixel.
    normalisation : "density" or "l1"
        "density" divides by the image's sum and by the pixel area, as `numpy.histogram2d` does;
        "l1" divides by the image's sum.
    padding_as_particles : bool
        Histogram the padding rows (0, 0, 0, 0) as though they were particles: the flaw of the
        course notebook, kept only to reproduce it.
    description : str
        One line for the documentation.
    """

    bins: int
    rapidity: tuple[float, float]
    phi: tuple[float, float]
    centring: Literal["none", "centroid"]
    weights: Literal["count", "pt"]
    normalisation: Literal["density", "l1"]
    padding_as_particles: bool
    description: str

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of one image: rapidity, azimuth, channel."""
        return (self.bins, self.bins, 1)


RECIPES = {
    "notebook": ImageRecipe(
        bins=28,
        rapidity=(-1.7, 1.7),
        phi=(0.0, 2 * np.pi),
        centring="none",
        weights="count",
        normalisation="density",
        padding_as_particles=True,
        description="the course notebook's: 28 x 28 over the whole detector, not centred, "
        "constituents counted, padding counted as particles at the origin (its flaw)",
    ),
    "pt": ImageRecipe(
        bins=33,
        rapidity=(-0.4, 0.4),
        phi=(-0.4, 0.4),
        centring="centroid",
        weights="pt",
        normalisation="l1",
        padding_as_particles=False,
        description="33 x 33 over 0.8 x 0.8 about the jet's centroid, pT-weighted, sum 1",
    ),
}


def image_file(jets_file: Path, recipe: str, folder: Path) -> None:
    """Make the image shard of one jet file.

    Parameters
    ----------
    jets_file : Path
        A jet file.
    recipe : str
        A name in `RECIPES`.
    folder : Path
        The shard's directory; created if missing, overwritten otherwise.

    Raises
    ------
    JetlineError
        If the jet file is not valid.
    """
    jets = read_jets(jets_file)
    settings = RECIPES[recipe]
    blocks = (
        image_jets(jets.constituents[start : start + _BLOCK], settings)
        for start in range(0, len(jets), _BLOCK)
    )
    save_blocks(folder, "images", (len(jets), *settings.shape), np.float32, blocks)
    write_manifest(folder, jets_file, f"images/{recipe}", jets.labels)


def image_jets(constituents: np.ndarray, recipe: ImageRecipe) -> np.ndarray:
    """Image jets.

    Parameters
    ----------
    constituents : (n_jets, M, 4) float array
        pT [GeV], rapidity, azimuth [rad], PDG id, padded with rows of zeros.
    recipe : ImageRecipe
        How to image them.

    Returns
    -------
    (n_jets, bins, bins, 1) float32 array
        Axes: jet, rapidity, azimuth, channel. A constituent on an inner edge belongs to the upper
        pixel, one on the grid's outermost edge to the last, one outside to none. A jet with
        nothing inside the grid has an image of zeros.
    """
    n_jets = len(constituents)
    pt = constituents[..., PT].astype(np.float64)
    real = pt > 0
    if recipe.centring == "centroid":
        rapidity, phi = centred(constituents, real)
    else:
        rapidity, phi = constituents[..., RAPIDITY], constituents[..., PHI]
    row = _pixel(rapidity, recipe.rapidity, recipe.bins)
    column = _pixel(phi, recipe.phi, recipe.bins)
    inside = (row >= 0) & (column >= 0)
    if not recipe.padding_as_particles:
        inside &= real
    pixels = recipe.bins**2
    jet = np.arange(n_jets)[:, None]
    target = (jet * pixels + row * recipe.bins + column)[inside]
    weights = pt[inside] if recipe.weights == "pt" else None
    images = np.bincount(target, weights, minlength=n_jets * pixels).reshape(n_jets, pixels)
    total = images.sum(axis=1, keepdims=True, dtype=np.float64)
    if recipe.normalisation == "density":
        area = np.diff(recipe.rapidity)[0] * np.diff(recipe.phi)[0] / pixels
        total = total * area
    images = np.divide(images, total, out=np.zeros(images.shape), where=total > 0)
    return images.astype(np.float32).reshape(n_jets, *recipe.shape)


def _pixel(values: np.ndarray, limits: tuple[float, float], bins: int) -> np.ndarray:
    """Pixel index of each value by `numpy.histogram`'s rules; -1 outside the limits."""
    edges = np.linspace(*limits, bins + 1)
    # Compared in double precision, as numpy.histogram2d compares.
    values = values.astype(np.float64)
    index = np.searchsorted(edges, values, side="right") - 1
    index[values == edges[-1]] = bins - 1
    index[(index < 0) | (index >= bins)] = -1
    return index
