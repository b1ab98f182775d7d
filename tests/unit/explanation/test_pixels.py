"""Explanations of networks of images."""

from __future__ import annotations

import numpy as np
import pytest

from jetline.explanation.integrated import baselines_of_other_classes, class_weights
from jetline.explanation.pixels import explain_images, pixel_distances
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.training.gradients import Decisions
from known_networks import centre_pixel


@pytest.mark.parametrize("classes", [2, 5])
def test_a_network_that_sees_one_pixel_is_explained_by_it(classes):
    numbers = np.random.default_rng(2)
    images = numbers.random((30, 9, 9, 2), np.float32)
    labels = np.arange(30) % classes
    own, other = baselines_of_other_classes(labels, 3, numbers)
    weights = class_weights(labels[own], labels[other], classes)
    decisions = Decisions(centre_pixel((9, 9, 2), classes))
    found = explain_images(
        decisions, {"images": images[own]}, {"images": images[other]}, weights, 4
    )
    np.testing.assert_allclose(found.totals, found.differences, atol=1e-5)
    towards = (labels[own] - labels[other])[:, None]
    expected = towards * (images[own, 4, 4] - images[other, 4, 4])
    np.testing.assert_allclose(found.pixels[:, 4, 4], expected, atol=1e-5)
    found.pixels[:, 4, 4] = 0
    assert not found.pixels.any()


def test_pixels_are_grouped_by_the_distance_of_their_middle():
    recipe = RECIPES["notebook"].model_copy(
        update={"rapidity": (-0.6, 0.6), "azimuth": (-0.6, 0.6)}
    )
    groups = pixel_distances(recipe.model_copy(update={"pixels": 5}))
    table = np.array(groups.names)[groups.number].reshape(5, 5)
    assert table[2, 2] == "0 to 0.01"
    assert table[2, 3] == table[1, 2] == "0.2 to 0.3"
    assert table[0, 0] == "0.6 to 0.8"


def test_a_network_gives_probabilities_again_after_it_was_explained():
    network = centre_pixel((3, 3, 1))
    images = {"images": np.full((2, 3, 3, 1), 9, np.float32)}
    weights = np.array([[-1, 1]] * 2, np.float32)
    np.testing.assert_allclose(Decisions(network).values(images, weights), [9, 9], rtol=1e-5)
    np.testing.assert_allclose(np.asarray(network(images)).sum(axis=1), 1, rtol=1e-5)
