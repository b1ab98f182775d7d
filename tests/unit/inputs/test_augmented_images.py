"""Each step of an augmentation does to images what it says, and leaves what it must."""

from __future__ import annotations

import numpy as np
import pytest

from jetline.inputs.augmentation import AUGMENTATION_STEPS
from jetline.inputs.augmenting import augmented_images
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.imaging import image_jets
from jetline.inputs.kinds.images.recipe import ImageRecipe
from jetline.inputs.lit_pixels import LitPixels
from jetline.jets.constituents import PHI, PT, RAPIDITY

PT_RECIPE = RECIPES["pt"]

#: Each step that takes images, strong enough that it changes something.
STRONG = {
    "drop": {"probability": 0.5, "z": 0.05},
    "reflect": {},
    "rotate": {},
    "smear": {"pt": 0.2},
    "translate": {"pixels": 3},
}

WEAK = {
    "drop": [{"probability": 0}, {"z": 0}],
    "reflect": [{"probability": 0}],
    "rotate": [{"angle": 0}],
    "smear": [{"pt": 0}],
    "translate": [{"pixels": 0}],
}


def step(name, **strengths):
    return AUGMENTATION_STEPS[name](step=name, **strengths)


def taken(one, images, recipe=PT_RECIPE, seed=1):
    return augmented_images((one,), images, recipe, np.random.default_rng(seed))


@pytest.fixture(scope="module")
def images(jets):
    """Images by recipe, of which `raw` is not normalised."""
    recipes = {name: RECIPES[name] for name in ("pt", "color")}
    raw = {"normalisation": "none"}
    recipes["raw"] = ImageRecipe(channels=(raw, {"weight": "count", **raw}))
    return {name: (image_jets(jets[0], recipe), recipe) for name, recipe in recipes.items()}


def test_all_steps_that_take_images_are_tested():
    assert set(STRONG) == {
        name for name, one in AUGMENTATION_STEPS.items() if "images" in one.kinds
    }


def test_lit_pixels_are_the_whole_of_images(images):
    for pictures, _ in images.values():
        pixels = LitPixels.of(pictures)
        assert (pixels.values.any(axis=1)).all()
        assert len(pixels.values) == np.count_nonzero(pictures.any(axis=-1))
        np.testing.assert_array_equal(pixels.images, pictures, strict=True)


@pytest.mark.parametrize("recipe", ["pt", "color", "raw"])
@pytest.mark.parametrize("name", STRONG)
def test_every_step_keeps_images_images(name, recipe, images):
    before, settings = images[recipe]
    untouched = before.copy()
    after = taken(step(name, **STRONG[name]), before, settings)
    np.testing.assert_array_equal(before, untouched)
    assert (after.shape, after.dtype) == (before.shape, np.float32)
    assert after.min() >= 0
    assert after.any(axis=(1, 2, 3)).all()
    assert (after != before).any(axis=(1, 2, 3)).mean() > 0.6
    again, other = (taken(step(name, **STRONG[name]), before, settings, seed) for seed in (1, 2))
    np.testing.assert_array_equal(after, again)
    assert not np.array_equal(after, other)


@pytest.mark.parametrize("name", STRONG)
def test_images_that_are_normalised_one_by_one_stay_so(name, images):
    after = taken(step(name, **STRONG[name]), *images["pt"])
    np.testing.assert_allclose(after.sum(axis=(1, 2, 3)), 1, rtol=1e-5)
    # pT of charged and of neutral constituents have one sum together.
    color = taken(step(name, **STRONG[name]), *images["color"])
    np.testing.assert_allclose(color[..., :2].sum(axis=(1, 2, 3)), 1, rtol=1e-5)
    counts = color[..., 2]
    np.testing.assert_array_equal(counts, np.rint(counts))
    assert (counts.sum(axis=(1, 2)) <= images["color"][0][..., 2].sum(axis=(1, 2))).all()


@pytest.mark.parametrize("recipe", ["pt", "color", "raw"])
@pytest.mark.parametrize(
    ("name", "strengths"), [(name, one) for name, some in WEAK.items() for one in some]
)
def test_no_strength_is_no_change_to_the_last_bit(name, strengths, recipe, images):
    before, settings = images[recipe]
    assert taken(step(name, **strengths), before, settings).tobytes() == before.tobytes()


class Fixed:
    """Draws the same number for every jet."""

    def __init__(self, number):
        self.number = number

    def uniform(self, low, high, size):
        return np.full(size, self.number)

    def random(self, size):
        return np.full(size, self.number)

    def integers(self, low, high, size):
        return np.broadcast_to(np.array(self.number)[:, None], size)


@pytest.mark.parametrize(("turns", "times"), [(0.5, 1), (-0.5, 3), (1, 2)])
@pytest.mark.parametrize("recipe", ["pt", "color", "raw"])
def test_a_quarter_turn_is_exact(recipe, turns, times, images):
    before, settings = images[recipe]
    after = augmented_images((step("rotate"),), before, settings, Fixed(turns))
    # From rapidity towards azimuth, which are the first two axes of an image.
    np.testing.assert_array_equal(after, np.rot90(before, times, axes=(1, 2)))


@pytest.mark.parametrize("degrees", [20, 45, 130])
def test_a_turned_image_is_nearly_that_of_the_turned_jet(degrees, jets):
    constituents = jets[0].astype(float)
    centred = constituents.copy()
    pt = constituents[..., PT]
    hardest = pt.argmax(axis=1)[:, None]
    for column in (RAPIDITY, PHI):
        angle = constituents[..., column] - np.take_along_axis(
            constituents[..., column], hardest, axis=1
        )
        angle = np.where(pt > 0, (angle + np.pi) % (2 * np.pi) - np.pi, 0)
        centre = (pt * angle).sum(axis=1, keepdims=True) / pt.sum(axis=1, keepdims=True)
        centred[..., column] = np.where(pt > 0, angle - centre, 0)
    angle = np.radians(degrees)
    turned = centred.copy()
    y, phi = centred[..., RAPIDITY], centred[..., PHI]
    turned[..., RAPIDITY] = np.cos(angle) * y - np.sin(angle) * phi
    turned[..., PHI] = np.sin(angle) * y + np.cos(angle) * phi
    wanted, before = (image_jets(each, PT_RECIPE)[..., 0] for each in (turned, centred))
    after = augmented_images((step("rotate"),), before[..., None], PT_RECIPE, Fixed(angle / np.pi))[
        ..., 0
    ]

    def apart(image):
        """Distance of sums over blocks of 3 x 3 pixels, as rounding moves pT by a pixel."""
        blocks = (image - wanted).reshape(-1, 11, 3, 11, 3).sum(axis=(2, 4))
        return np.abs(blocks).sum(axis=(1, 2)).mean()

    assert apart(after) < 0.5 * apart(before)
    lit, lit_wanted = ((image > 0).sum(axis=(1, 2)).mean() for image in (after, wanted))
    assert abs(lit / lit_wanted - 1) < 0.04


def test_pixels_of_unequal_sides_are_turned_in_rapidity_and_azimuth():
    recipe = ImageRecipe(pixels=9, rapidity=(-0.9, 0.9), azimuth=(-0.45, 0.45))
    image = np.zeros((1, 9, 9, 1), np.float32)
    image[0, 6, 4] = image[0, 4, 4] = 0.5  # 0.4 in rapidity from the middle
    after = augmented_images((step("rotate"),), image, recipe, Fixed(0.5))
    assert set(zip(*np.nonzero(after[0, ..., 0]), strict=True)) == {(4, 8), (4, 4)}


def test_reflection_turns_images_over(images):
    before, recipe = images["color"]
    for direction, axis in (("rapidity", 1), ("azimuth", 2)):
        after = taken(step("reflect", direction=direction, probability=1), before, recipe)
        np.testing.assert_array_equal(after, np.flip(before, axis))
    both = taken(step("reflect", probability=1), before, recipe)
    np.testing.assert_array_equal(both, np.flip(before, (1, 2)))
    half = taken(step("reflect", direction="rapidity"), before, recipe)
    turned = (half == np.flip(before, 1)).all(axis=(1, 2, 3))
    same = (half == before).all(axis=(1, 2, 3))
    assert (turned | same).all()
    assert abs(turned.mean() - 0.5) < 4 * np.sqrt(0.25 / len(turned))


def test_reflection_keeps_an_image_that_is_the_mirrored_jets(jets):
    mirrored = jets[0].copy()
    mirrored[..., RAPIDITY] *= -1
    before, wanted = (image_jets(each, PT_RECIPE) for each in (jets[0], mirrored))
    after = taken(step("reflect", direction="rapidity", probability=1), before)
    # Only what lies on an edge between pixels, up to rounding, may be on its other side.
    np.testing.assert_allclose(after, wanted, atol=1e-6)


def test_smearing_is_as_wide_as_it_says_and_leaves_counts(images):
    before, recipe = images["raw"]
    after = taken(step("smear", pt=0.1), before, recipe)
    np.testing.assert_array_equal(after[..., 1], before[..., 1])
    lit = before[..., 0] > 0
    ratio = np.log(after[..., 0][lit].astype(float) / before[..., 0][lit])
    assert abs(ratio.std() / 0.1 - 1) < 4 / np.sqrt(2 * len(ratio))
    assert abs(ratio.mean()) < 0.4 / np.sqrt(len(ratio))
    assert not after[..., 0][~lit].any()


def test_soft_pixels_are_emptied_in_all_channels_and_no_others(images):
    before, recipe = images["color"]
    pt = before[..., :2].sum(axis=-1)
    soft = (pt > 0) & (pt < 0.02 * pt.sum(axis=(1, 2), keepdims=True))
    soft &= pt < pt.max(axis=(1, 2), keepdims=True)
    after = taken(step("drop", probability=1, z=0.02), before, recipe)
    wanted = np.where(soft[..., None], 0, before)
    wanted[..., :2] /= wanted[..., :2].sum(axis=(1, 2, 3), keepdims=True)
    np.testing.assert_allclose(after, wanted, rtol=1e-5)
    some = taken(step("drop", probability=0.3, z=0.02), before, recipe)
    lost = before.any(axis=-1).sum() - some.any(axis=-1).sum()
    assert abs(lost - 0.3 * soft.sum()) < 4 * np.sqrt(0.21 * soft.sum())
    hardest = taken(step("drop", probability=1, z=1), *images["pt"])
    np.testing.assert_array_equal((hardest > 0).sum(axis=(1, 2, 3)), 1)


def test_a_shift_is_of_whole_pixels_and_zeros_enter(images):
    before, recipe = images["raw"]
    after = augmented_images((step("translate", pixels=3),), before, recipe, Fixed([2, -3]))
    wanted = np.zeros_like(before)
    wanted[:, 2:, :-3] = before[:, :-2, 3:]
    np.testing.assert_array_equal(after, wanted)


def test_shifts_are_drawn_evenly_up_to_the_largest():
    image = np.zeros((4000, 9, 9, 1), np.float32)
    image[:, 4, 4] = 1
    after = taken(step("translate", pixels=2), image, ImageRecipe(pixels=9))
    _, row, column, _ = np.nonzero(after)
    counts = np.zeros((5, 5))
    np.add.at(counts, (row - 2, column - 2), 1)
    assert abs(counts - 160).max() < 4.5 * np.sqrt(160)


def test_an_image_that_would_become_empty_stays_as_it_was():
    image = np.zeros((2, 9, 9, 1), np.float32)
    image[0, 0, 4] = 1
    image[1, [0, 5], 4] = 0.5
    recipe = ImageRecipe(pixels=9)
    after = augmented_images((step("translate", pixels=3),), image, recipe, Fixed([-1, 0]))
    np.testing.assert_array_equal(after[0], image[0])
    assert after[1].sum() == after[1, 4, 4] == 1
