"""Explain a network of images: what pixels add to decisions, and what emptying them does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.core.randomness import generator
from jetline.explanation.explained import CHECKED, SHUFFLES, Explained, Pairs, completeness_of
from jetline.explanation.pixels import explain_images
from jetline.explanation.randomised import compare_jets, verdict
from jetline.explanation.sums import records_of
from jetline.inputs.sample import array_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.explanation.integrated import Decides
    from jetline.explanation.settings import Explain
    from jetline.explanation.sums import Groups
    from jetline.inputs.sample import JetSample
    from jetline.records.explanation import WeightsCheck
    from jetline.training.gradients import Decisions

#: Images of each class that are drawn one by one.
_DRAWN = 2

_EMPTIED_BATCH = 100


def explain_image_network(
    decisions: Decisions,
    array: str,
    sample: JetSample,
    classes: Sequence[str],
    settings: Explain,
    seed: int,
    groups: Groups | None,
) -> Explained:
    """Explain a network on images of a sample.

    Parameters
    ----------
    decisions : Decisions
        What the network decides.
    array : str
        What the shards' images are called, as the network's input is.
    sample : JetSample
        The images, of several classes in any order.
    classes : sequence of str
        Names by number.
    settings : Explain
    seed : int
        Draws the baselines, and shuffles weights.
    groups : Groups or None
        Of the n_y * n_phi pixels, if they are summed.
    """
    labels = sample.labels.astype(int)
    images = array_rows(sample, np.arange(len(sample)), array)
    pairs = Pairs.drawn(labels, len(classes), settings, seed)
    totals, differences, pixels = _found(decisions, array, images, pairs, settings.steps)
    sums = []
    if groups:
        sums = records_of(
            groups,
            labels,
            classes,
            _grouped(pixels, groups),
            np.zeros((len(images), len(groups.names))),
            _emptied(decisions, array, images, labels, groups, len(classes)),
            _grouped((images != 0).any(axis=-1, keepdims=True), groups),
        )
    return Explained(
        completeness=completeness_of(totals, differences),
        check=_check(
            decisions, array, images, pixels, pairs.of_first(CHECKED), settings.steps, seed
        ),
        sums=sums,
        arrays=_drawn(images, pixels, labels),
    )


def _found(
    decisions: Decides, array: str, images: np.ndarray, pairs: Pairs, steps: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give totals and differences of all pairs, and what pixels add to each image's decisions."""
    totals, differences, pixels = [], [], []
    for batch in pairs.batches():
        found = explain_images(
            decisions,
            {array: images[batch.jets]},
            {array: images[batch.baselines]},
            batch.weights,
            steps,
        )
        totals.append(found.totals)
        differences.append(found.differences)
        pixels.append(batch.mean(found.pixels))
    return np.concatenate(totals), np.concatenate(differences), np.concatenate(pixels)


def _grouped(pixels: np.ndarray, groups: Groups) -> np.ndarray:
    """Sum over the pixels of each group and over channels: (n_jets, n_groups)."""
    by_pixel = pixels.sum(axis=-1, dtype=np.float64).reshape(len(pixels), -1)
    sums: np.ndarray = by_pixel @ np.eye(len(groups.names))[groups.number]
    return sums


def _emptied(
    decisions: Decides,
    array: str,
    images: np.ndarray,
    labels: np.ndarray,
    groups: Groups,
    n_classes: int,
) -> np.ndarray:
    """Find by how much decisions for images' own classes fall where groups of pixels are emptied.

    The images are not normalised anew.

    Returns
    -------
    (n_jets, n_groups) float64 array
        Logit of the image's class less the mean of the others'.
    """
    weights = (n_classes * np.eye(n_classes, dtype=np.float32) - 1) / (n_classes - 1)
    falls = np.zeros((len(images), len(groups.names)))
    for first in range(0, len(images), _EMPTIED_BATCH):
        rows = slice(first, first + _EMPTIED_BATCH)
        before = decisions.values({array: images[rows]}, weights[labels[rows]])
        for group in np.unique(groups.number):
            kept = (groups.number != group).reshape(1, *images.shape[1:3], 1)
            emptied = (images[rows] * kept).astype(images.dtype)
            after = decisions.values({array: emptied}, weights[labels[rows]])
            falls[rows, group] = before - after
    return falls


def _check(
    decisions: Decisions,
    array: str,
    images: np.ndarray,
    pixels: np.ndarray,
    pairs: Pairs,
    steps: int,
    seed: int,
) -> WeightsCheck | None:
    compared = []
    for shuffle in range(SHUFFLES):
        with decisions.shuffled(generator(seed, "explain", "weights", shuffle)):
            _, _, shuffled = _found(decisions, array, images, pairs, steps)
        # Of pixels that add anything: that empty ones add nothing is no finding.
        told = [
            (one[lit], other[lit])
            for one, other in zip(pixels, shuffled, strict=False)
            for lit in [(one != 0) | (other != 0)]
        ]
        compared.append(compare_jets([one for one, _ in told], [other for _, other in told]))
    magnitudes, signed = map(np.array, zip(*compared, strict=True))
    return verdict(magnitudes, signed)


def _drawn(images: np.ndarray, pixels: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Give the mean over each class of what pixels add and of images, and single ones of both."""
    arrays = {}
    for kind in np.unique(labels):
        own = np.flatnonzero(labels == kind)
        arrays[f"mean_added_{kind}"] = pixels[own].mean(axis=0)
        arrays[f"mean_image_{kind}"] = images[own].mean(axis=0, dtype=np.float64)
        for number, jet in enumerate(own[:_DRAWN]):
            arrays[f"added_{kind}_{number}"] = pixels[jet]
            arrays[f"image_{kind}_{number}"] = images[jet]
    return arrays
