"""Filters of an Energy Flow Network are where they are, and as large."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from jetline.explanation.filters import LogPolar, filters_of, measure_filters, radius_of, sum_up
from jetline.models import read_settings

PLANE = LogPolar(0.4)


def discs(distances, sizes) -> np.ndarray:
    """Filters that are 1 within discs around points at these distances, and 0 elsewhere."""
    rapidity, azimuth = PLANE.points.T.astype(np.float64)
    found = []
    for number, (distance, size) in enumerate(zip(distances, sizes, strict=True)):
        middle = distance * np.cos(number), distance * np.sin(number)
        found.append(np.hypot(rapidity - middle[0], azimuth - middle[1]) < size)
    return np.array(found, float).reshape(-1, *PLANE.areas.shape)


def test_points_stand_for_the_whole_disc():
    assert PLANE.areas.sum() == pytest.approx(np.pi * 0.4**2, rel=0.01)


def test_a_disc_has_its_area_and_distance():
    distances, areas = measure_filters(discs([0.2, 0.05], [0.06, 0.02]), PLANE)
    np.testing.assert_allclose(distances, [0.2, 0.05], rtol=0.06)
    np.testing.assert_allclose(areas, [np.pi * 0.06**2, np.pi * 0.02**2], rtol=0.08)


@pytest.mark.parametrize("power", [1.0, 0.5])
def test_the_slope_is_that_by_which_filters_were_made(power):
    distances = np.geomspace(0.02, 0.25, 30)
    filters = discs(distances, 0.3 * 0.1 ** (1 - power) * distances**power)
    found = sum_up(filters, *measure_filters(filters, PLANE))
    assert found.placed == 30
    assert found.slope.value == pytest.approx(2 * power, abs=0.15)
    assert found.slope.error < 0.1


def test_filters_without_a_place_are_counted_and_not_fitted():
    filters = np.stack([np.zeros_like(PLANE.areas), np.ones_like(PLANE.areas)])
    found = sum_up(filters, *measure_filters(filters, PLANE))
    assert (found.total, found.active, found.placed, found.slope) == (2, 1, 0, None)


def test_filters_are_what_the_network_sums():
    keras.utils.set_random_seed(3)
    network = read_settings("efn", {"phi": [8, 6], "f": [4]}).build({})
    found = filters_of(network, PLANE)
    inner = keras.Model(network.inputs, network.get_layer("phi_1").output)
    points = PLANE.points
    tensors = {
        "counts": np.array([len(points)], np.float32),
        "features": np.column_stack([np.ones(len(points), np.float32), points]),
        "segments": np.zeros(len(points), np.int32),
    }
    expected = np.asarray(inner(tensors)).T.reshape(found.shape)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_the_radius_holds_nearly_all_particles():
    assert radius_of(np.linspace(0, 1, 101)) == pytest.approx(0.99)
