"""Judging drawn jet images."""

from __future__ import annotations

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.generative.jet_pictures import PICTURED, judge_pictures, measure_pictures
from jetline.jets.kinematics import Frame
from jetline.observables.simple import girth, mass

PIXEL = 0.8 / 33


@pytest.fixture(scope="module")
def images(bundled) -> np.ndarray:
    """Images (1200, 33, 33) of bundled jets, pT-weighted and of sum 1."""
    with np.load(bundled[0], allow_pickle=False) as archive:
        frame = Frame.of(archive["X"][:1200])
    places = [np.floor(one / PIXEL + 16.5).astype(int) for one in (frame.rapidity, frame.phi)]
    inside = frame.present & (np.minimum(*places) >= 0) & (np.maximum(*places) < 33)
    made = np.zeros((1200, 33, 33))
    jets, row = np.nonzero(inside)
    np.add.at(made, (jets, places[0][jets, row], places[1][jets, row]), frame.z[jets, row])
    return made / made.sum(axis=(1, 2), keepdims=True)


def judged(drawn: np.ndarray, images: np.ndarray) -> dict:
    random = np.random.default_rng(1)
    rows = judge_pictures("all", drawn, images[:400], images[400:800], PIXEL, random)
    return {row.quantity: row for row in rows}


def test_girth_and_mass_of_images_are_those_of_their_jets(bundled, images):
    with np.load(bundled[0], allow_pickle=False) as archive:
        frame = Frame.of(archive["X"][:1200])
    found = dict(zip(PICTURED, measure_pictures(images, PIXEL).T, strict=True))
    assert np.median(np.abs(found["girth"] - girth(frame)) / girth(frame)) < 0.1
    assert np.median(np.abs(found["mass_over_pt"] / (mass(frame) / frame.jet_pt) - 1)) < 0.1
    np.testing.assert_allclose(found["sum"], 1)


def test_true_images_are_as_truth(images):
    found = judged(images[800:], images)
    assert set(found) == {*PICTURED, "mean"}
    assert sum(row.verdict == "differs" for row in found.values()) <= 1
    assert found["mean"].truth.value > 0


def test_blurred_and_collapsed_images_are_told(images):
    blurred = sum(np.roll(images[800:], step, axis) for axis in (1, 2) for step in (-1, 0, 1)) / 6
    found = judged(blurred, images)
    for name in ("lit", "brightest"):
        assert found[name].verdict == "differs"
    alike = np.repeat(images[800:801], 400, axis=0)
    found = judged(alike, images)
    assert [found[name].verdict for name in ("lit", "girth", "mean")] == ["differs"] * 3


def test_dark_images_have_no_girth_and_differ(images):
    found = judged(np.zeros((400, 33, 33)), images)
    assert found["sum"].drawn.value == pytest.approx(1)
    assert found["girth"].verdict == "differs"


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda p: np.where(p > 0.5, np.nan, p), "negative or not finite"),
        (lambda p: -p, "negative or not finite"),
        (lambda p: p[:, :20], "shape"),
        (lambda p: p[:5], "5 pictures"),
    ],
)
def test_spoilt_images_are_refused(images, spoil, found):
    with pytest.raises(JetlineError) as error:
        judged(spoil(images[800:]), images)
    assert found in error.value.found
