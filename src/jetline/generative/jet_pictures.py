"""Judging drawn jet images as jets of particles are judged: by what true images reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError
from jetline.generative.distances import mean_picture_difference, wasserstein
from jetline.generative.rows import judged_rows
from jetline.generative.truth import FEWEST
from jetline.generative.verdicts import VISIBLE, Quantity

if TYPE_CHECKING:
    from jetline.records.judgement import JudgedRow

#: What is measured of a picture, by its name.
PICTURED = {
    "sum": "sum of the pixels",
    "lit": "pixels above 0",
    "brightest": "brightest pixel's share",
    "girth": "girth about the centroid",
    "mass_over_pt": "mass / pT of massless pixels",
}


def measure_pictures(pictures: np.ndarray, pixel: float) -> np.ndarray:
    """Measure pictures (n_jets, n_y, n_phi), whose pixels hold shares of pT.

    About the centroid, ``girth = sum p r / sum p`` and ``m / pT = sqrt(sum p r^2 / sum p)``, to the
    second order of the distance r (arXiv:1106.3076; m^2 is the sum over pairs of
    ``pT pT' dR^2``).

    Parameters
    ----------
    pictures : (n_jets, n_y, n_phi) float array
        None negative; of one that is dark throughout all values are 0.
    pixel : float
        Width of a pixel in rapidity and in azimuth.

    Returns
    -------
    (n_jets, 5) float64 array
        In the order of `PICTURED`.
    """
    pictures = pictures.astype(np.float64)
    total = pictures.sum(axis=(1, 2))
    shares = pictures / np.where(total > 0, total, 1)[:, None, None]
    y, phi = (pixel * np.arange(size) for size in pictures.shape[1:])
    y_apart = y - (shares.sum(axis=2) @ y)[:, None]
    phi_apart = phi - (shares.sum(axis=1) @ phi)[:, None]
    squares = y_apart[:, :, None] ** 2 + phi_apart[:, None, :] ** 2
    return np.stack(
        [
            total,
            np.count_nonzero(pictures > 0, axis=(1, 2)),
            shares.max(axis=(1, 2)),
            (shares * np.sqrt(squares)).sum(axis=(1, 2)),
            np.sqrt((shares * squares).sum(axis=(1, 2))),
        ],
        axis=1,
    )


def judge_pictures(
    of: str,
    drawn: np.ndarray,
    reference: np.ndarray,
    bar: np.ndarray,
    pixel: float,
    random: np.random.Generator,
) -> list[JudgedRow]:
    """Judge drawn pictures of the jets of one class, or of all.

    Parameters
    ----------
    of : str
        Name of the class.
    drawn, reference, bar : (n_jets, n_y, n_phi) float arrays
        Drawn pictures, those of the test part, and other true ones.
    pixel : float
        Width of a pixel in rapidity and in azimuth.
    random : numpy.random.Generator
        Draws re-splits and bootstraps.

    Raises
    ------
    JetlineError
        If pixels are negative or not finite, pictures have not the same pixels, or there are too
        few.
    """
    for name, pictures in (("drawn", drawn), ("test part's", reference), ("other true", bar)):
        _require_pictures(f"{name} pictures of {of} jets", pictures, reference.shape[1:])
    # As many true ones as drawn ones, neither more.
    number = min(len(drawn), len(bar))
    drawn, bar = drawn[:number], bar[:number]
    values = [measure_pictures(one, pixel) for one in (drawn, reference, bar)]
    sizes = values[1].std(axis=0)
    observables = [
        Quantity("pictures", name, label, "", VISIBLE * float(size), float(size))
        for (name, label), size in zip(PICTURED.items(), sizes, strict=True)
    ]
    label = "difference of mean pictures, summed, over their sum"
    mean = [Quantity("pictures", "mean", label, "", VISIBLE)]
    flat = [one.reshape(len(one), -1).astype(np.float64) for one in (drawn, reference, bar)]
    rows = []
    for quantities, of_jets, comparison in (
        (observables, values, wasserstein),
        (mean, flat, mean_picture_difference),
    ):
        made, true = (comparison(np.concatenate([of_jets[k], of_jets[1]])) for k in (0, 2))
        among_true = (true, number, number + len(reference))
        rows += judged_rows(of, quantities, (made, number), among_true, len(reference), random)
    return rows


def _require_pictures(where: str, pictures: np.ndarray, pixels: tuple[int, ...]) -> None:
    remedy = "draw the pictures again from a model whose training has gone well"
    if pictures.ndim != 3 or pictures.shape[1:] != pixels:
        raise JetlineError(
            where,
            found=f"shape {pictures.shape}",
            expected=f"(n_jets, n_y, n_phi) with the pixels of true ones, {pixels}",
            remedy="draw pictures by the recipe of the true ones",
        )
    if len(pictures) < FEWEST:
        raise JetlineError(
            where,
            found=f"{len(pictures)} pictures",
            expected=f"at least {FEWEST}",
            remedy="draw more of them, or give the split more jets of this class",
        )
    wrong = ~(np.isfinite(pictures) & (pictures >= 0)).all(axis=(1, 2))
    if wrong.any():
        raise JetlineError(
            f"{where}, picture {wrong.argmax()} (counted from 0)",
            found=f"pixels that are negative or not finite ({wrong.sum()} of {len(wrong)} have "
            "such)",
            expected="pixels of 0 or more",
            remedy=remedy,
        )
