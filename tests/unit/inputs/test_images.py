"""Jet images equal those of plain NumPy and of the notebook, and have the right invariances."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from image_reference import reference_images
from jetline.core.errors import JetlineError
from jetline.inputs.kinds.images.built_in import RECIPES, read_recipe
from jetline.inputs.kinds.images.imaging import _BLOCK, image_jets
from jetline.inputs.kinds.images.input_kind import Images
from jetline.inputs.kinds.images.recipe import GROUPS, ImageChannel, ImageRecipe
from jetline.inputs.making import make_shard
from jetline.inputs.shards import open_shard
from jetline.jets.constituents import PHI, PT, RAPIDITY
from jetline.jets.formats.npz import write_jets
from jetline.jets.species import PDG_IDS

NOTEBOOK, PT_RECIPE = RECIPES["notebook"], RECIPES["pt"]
RAPIDITY_EDGES = np.linspace(-1.7, 1.7, 29)
PHI_EDGES = np.linspace(0, 2 * np.pi, 29)


def padded(*jets: list[tuple[float, float, float]], rows: int = 0, dtype=np.float64) -> np.ndarray:
    """Photons given as (pT, rapidity, azimuth), padded to the longest jet and `rows` more."""
    constituents = np.zeros((len(jets), max(map(len, jets)) + rows, 4), dtype)
    for jet, particles in zip(constituents, jets, strict=True):
        jet[: len(particles), :3] = particles
        jet[: len(particles), 3] = 22
    return constituents


def drawn_jets(seed: int, n_jets: int = 20, rows: int = 45) -> np.ndarray:
    """Jets much like real ones: unsorted, narrow, of 1 to 40 photons, some across the seam."""
    rng = np.random.default_rng(seed)
    constituents = np.zeros((n_jets, rows, 4))
    for jet in constituents:
        n = rng.integers(1, 41)
        jet[:n, PT] = rng.exponential(12, n) + 0.01
        jet[:n, RAPIDITY] = rng.uniform(-1.7, 1.7) + rng.normal(0, 0.12, n)
        jet[:n, PHI] = rng.uniform(0, 2 * np.pi) + rng.normal(0, 0.12, n)
        jet[:n, 3] = 22
    return constituents


def changed(recipe: ImageRecipe, **settings: Any) -> ImageRecipe:
    """The recipe with other settings, validated."""
    return ImageRecipe(**recipe.model_dump() | settings)


def notebook_loop(constituents: np.ndarray) -> np.ndarray:
    """The course notebook's imaging, jet by jet, padding rows and all."""
    images = []
    for jet in constituents:
        # A jet wholly outside has no density: 0 / 0.
        with np.errstate(invalid="ignore"):
            image, _, _ = np.histogram2d(
                jet[:, RAPIDITY],
                jet[:, PHI],
                bins=28,
                range=[[-1.7, 1.7], [0, 2 * np.pi]],
                density=True,
            )
        images.append(np.nan_to_num(image))
    return np.array(images)[..., None].astype(np.float32)


def assert_is_the_notebooks(constituents: np.ndarray) -> None:
    found = image_jets(constituents, NOTEBOOK)
    expected = notebook_loop(constituents)
    np.testing.assert_array_equal(found, expected)


# The notebook's recipe

particles = st.tuples(
    st.floats(0.001, 500),
    st.one_of(st.sampled_from(RAPIDITY_EDGES), st.floats(-3, 3)),
    st.one_of(st.sampled_from(PHI_EDGES), st.floats(-1, 8)),
)


@settings(max_examples=60, deadline=None)
@given(
    jets=st.lists(st.lists(particles, min_size=1, max_size=6), min_size=1, max_size=4),
    rows=st.integers(0, 3),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_the_notebook_image_is_numpys_histogram_of_every_row(jets, rows, dtype):
    assert_is_the_notebooks(padded(*jets, rows=rows, dtype=dtype))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_notebook_image_of_drawn_jets_is_numpys_histogram(dtype):
    constituents = drawn_jets(1, n_jets=200).astype(dtype)
    assert (constituents[..., PHI] < 0).any()
    assert (constituents[..., PHI] > 2 * np.pi).any()
    assert (np.abs(constituents[..., RAPIDITY]) > 1.7).any()
    assert_is_the_notebooks(constituents)


def test_the_notebook_image_of_the_bundled_jets_is_numpys_histogram(jets):
    assert_is_the_notebooks(jets[0])


def test_every_edge_of_the_grid_belongs_to_the_pixel_that_numpy_puts_it_in():
    on_edges = [[(1.0, y, phi)] for y in RAPIDITY_EDGES for phi in PHI_EDGES]
    constituents = padded(*on_edges)
    assert_is_the_notebooks(constituents)
    pixel = image_jets(constituents, NOTEBOOK).reshape(29, 29, -1).argmax(axis=2)
    expected = np.minimum(np.arange(29), 27)
    np.testing.assert_array_equal(pixel, expected[:, None] * 28 + expected)


def test_a_constituent_beyond_the_notebook_grid_is_in_no_pixel():
    inside = (1.0, 0.5, 3.0)
    outside = [(9.0, 1.71, 3.0), (9.0, -1.71, 3.0), (9.0, 0.5, -0.01), (9.0, 0.5, 6.29)]
    alone = image_jets(padded([inside]), NOTEBOOK)
    np.testing.assert_array_equal(image_jets(padded([inside, *outside]), NOTEBOOK), alone)


def test_a_jet_wholly_outside_the_notebook_grid_is_an_image_of_zeros():
    image = image_jets(padded([(500.0, 2.0, 1.0), (5.0, 0.0, 6.4)]), NOTEBOOK)
    np.testing.assert_array_equal(image, np.zeros((1, 28, 28, 1)))


def test_transverse_momenta_do_not_enter_a_notebook_image():
    constituents = drawn_jets(2)
    harder = constituents.copy()
    harder[..., PT] *= 7
    np.testing.assert_array_equal(image_jets(harder, NOTEBOOK), image_jets(constituents, NOTEBOOK))


# Its flaw


def origin_pixel() -> tuple[int, int]:
    image = image_jets(padded([(1.0, 0.0, 0.0)]), NOTEBOOK)[0, :, :, 0]
    return tuple(int(axis) for axis in np.unravel_index(image.argmax(), image.shape))


def counts(constituents: np.ndarray) -> np.ndarray:
    """Rows in each pixel: the density times the pixel's area times the rows inside."""
    area = (3.4 / 28) * (2 * np.pi / 28)
    inside = (np.abs(constituents[..., RAPIDITY]) <= 1.7) & (constituents[..., PHI] >= 0)
    inside &= constituents[..., PHI] <= 2 * np.pi
    images = image_jets(constituents, NOTEBOOK)[..., 0].astype(float)
    return images * area * inside.sum(axis=1)[:, None, None]


def test_padding_changes_one_pixel_of_the_notebooks_counts_and_no_other():
    jets = [[(5.0, 0.9, 1.0), (3.0, 1.0, 1.1)], [(9.0, -0.9, 5.0)]]
    before, after = counts(padded(*jets)), counts(padded(*jets, rows=7))
    changed = np.argwhere(np.abs(after - before) > 1e-4)
    np.testing.assert_array_equal(changed, [[0, *origin_pixel()], [1, *origin_pixel()]])


def test_the_pixel_of_the_origin_tells_the_multiplicity_of_a_notebook_image():
    constituents = drawn_jets(3, n_jets=100)
    multiplicity = np.count_nonzero(constituents[..., PT], axis=1)
    row, column = origin_pixel()
    far = np.abs(constituents[:, 0, RAPIDITY]) > 1  # no constituent of its own in that pixel
    assert far.sum() > 20
    padding = counts(constituents)[far, row, column]
    np.testing.assert_allclose(padding, 45 - multiplicity[far], atol=1e-4)


@pytest.mark.parametrize("recipe", [NOTEBOOK, PT_RECIPE])
def test_padding_is_counted_in_no_image_of_a_recipe_without_the_flaw(recipe):
    counting = changed(recipe, channels=[ImageChannel(weight="count")], padding_as_particles=False)
    constituents = drawn_jets(4)
    stripped = [jet[jet[:, PT] > 0][None] for jet in constituents]
    images = np.concatenate([image_jets(jet, counting) for jet in stripped])
    np.testing.assert_array_equal(image_jets(constituents, counting), images)


# The pT recipe


def pt_images(constituents: np.ndarray) -> np.ndarray:
    return image_jets(constituents, PT_RECIPE)


jet_seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=20, deadline=None)


def test_only_the_notebooks_recipe_has_its_flaws():
    assert [name for name, recipe in RECIPES.items() if recipe.padding_as_particles] == ["notebook"]
    assert [name for name, recipe in RECIPES.items() if not recipe.wrap_azimuth] == ["notebook"]


@few
@given(seed=jet_seeds, rows=st.integers(1, 100))
def test_padding_never_enters_a_pt_image(seed, rows):
    constituents = drawn_jets(seed)
    wider = np.pad(constituents, ((0, 0), (0, rows), (0, 0)))
    np.testing.assert_allclose(pt_images(wider), pt_images(constituents), atol=1e-6)


@few
@given(seed=jet_seeds)
def test_a_pt_image_sums_to_one(seed):
    sums = pt_images(drawn_jets(seed)).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(sums, 1, rtol=1e-5)


@few
@given(seed=jet_seeds, rapidity=st.floats(-2, 2), phi=st.floats(-7, 7))
def test_a_pt_image_does_not_tell_where_the_jet_is(seed, rapidity, phi):
    constituents = drawn_jets(seed)
    real = constituents[..., PT] > 0
    moved = constituents.copy()
    moved[real] += (0, rapidity, phi, 0)
    np.testing.assert_allclose(pt_images(moved), pt_images(constituents), atol=1e-6)


@few
@given(seed=jet_seeds)
def test_a_pt_image_of_a_jet_torn_by_the_seam_of_the_azimuth_is_whole(seed):
    constituents = drawn_jets(seed)
    real = constituents[..., PT] > 0
    constituents[..., PHI] -= constituents[:, :1, PHI] * real  # about phi = 0
    torn = constituents.copy()
    torn[..., PHI] %= 2 * np.pi
    assert (torn[..., PHI] > 6).any()
    np.testing.assert_allclose(pt_images(torn), pt_images(constituents), atol=1e-6)


@few
@given(seed=jet_seeds)
def test_the_order_of_constituents_does_not_enter_a_pt_image(seed):
    constituents = drawn_jets(seed)
    shuffled = constituents.copy()
    rng = np.random.default_rng(seed)
    for jet in shuffled:
        n = np.count_nonzero(jet[:, PT])
        jet[:n] = jet[rng.permutation(n)]
    np.testing.assert_allclose(pt_images(shuffled), pt_images(constituents), atol=1e-6)


@few
@given(
    pt=st.floats(0.01, 1000),
    rapidity=st.floats(-5, 5),
    phi=st.floats(-7, 7),
    rows=st.integers(0, 9),
)
def test_a_jet_of_one_particle_is_one_central_pixel(pt, rapidity, phi, rows):
    image = pt_images(padded([(pt, rapidity, phi)], rows=rows))[0, :, :, 0]
    expected = np.zeros((33, 33))
    expected[16, 16] = 1
    np.testing.assert_array_equal(image, expected)


def test_each_pixel_of_a_pt_image_holds_its_share_of_the_transverse_momentum():
    # Centroid 0.25 of the way: the hard one 0.05 below it, the soft one 0.15 above.
    image = pt_images(padded([(300.0, 1.0, 3.0), (100.0, 1.2, 3.0)]))[0, :, :, 0]
    pixel = 0.8 / 33
    expected = np.zeros((33, 33))
    expected[int((0.4 - 0.05) / pixel), 16] = 0.75
    expected[int((0.4 + 0.15) / pixel), 16] = 0.25
    np.testing.assert_allclose(image, expected, rtol=1e-6)


def test_a_constituent_beyond_the_pt_grid_is_left_out_and_the_rest_sums_to_one():
    image = pt_images(padded([(990.0, 0.0, 3.0), (10.0, 0.0, 3.9)]))[0, :, :, 0]
    assert image.max() == 1
    assert np.count_nonzero(image) == 1


def test_a_jet_with_nothing_in_the_pt_grid_is_an_image_of_zeros():
    image = pt_images(padded([(1.0, -0.5, 3.0), (1.0, 0.5, 3.0)]))
    np.testing.assert_array_equal(image, np.zeros((1, 33, 33, 1)))


# Axes, shapes, files


def test_the_first_axis_of_an_image_is_rapidity_and_the_second_azimuth():
    notebook = image_jets(padded([(1.0, 1.6, 0.1)]), NOTEBOOK)[0, :, :, 0]
    assert np.argwhere(notebook).tolist() == [[27, 0]]
    along_rapidity = pt_images(padded([(1.0, 0.9, 3.0), (1.0, 1.1, 3.0)]))[0, :, :, 0]
    assert np.argwhere(along_rapidity).tolist() == [[12, 16], [20, 16]]
    along_phi = pt_images(padded([(1.0, 1.0, 2.9), (1.0, 1.0, 3.1)]))[0, :, :, 0]
    assert np.argwhere(along_phi).tolist() == [[16, 12], [16, 20]]


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_images_are_float32_of_the_recipes_shape_and_the_jets_are_left_alone(name, dtype):
    constituents = drawn_jets(4).astype(dtype)
    before = constituents.copy()
    images = image_jets(constituents, RECIPES[name])
    assert images.dtype == np.float32
    assert images.shape == (20, *RECIPES[name].shape)
    assert np.isfinite(images).all()
    np.testing.assert_array_equal(constituents, before)


@pytest.mark.parametrize("name", RECIPES)
def test_a_file_imaged_block_by_block_has_the_same_images_as_in_one_piece(name, tmp_path):
    n_jets = _BLOCK + 100
    rng = np.random.default_rng(5)
    constituents = np.zeros((n_jets, 3, 4), np.float32)
    constituents[..., PT] = rng.exponential(10, (n_jets, 3)) + 0.01
    constituents[..., RAPIDITY] = rng.normal(0, 0.2, (n_jets, 3))
    constituents[..., PHI] = 3 + rng.normal(0, 0.2, (n_jets, 3))
    constituents[..., 3] = 22
    labels = rng.integers(0, 2, n_jets)
    write_jets(tmp_path / "jets.npz", constituents, labels)
    make_shard(Images(name, RECIPES[name]), tmp_path / "jets.npz", tmp_path / "shard")
    shard = open_shard(tmp_path / "shard", verify=True)
    np.testing.assert_array_equal(shard.arrays["images"], image_jets(constituents, RECIPES[name]))
    np.testing.assert_array_equal(shard.labels, labels)
    assert shard.manifest.inputs == f"images/{name}"
    assert ImageRecipe(**shard.manifest.recipe) == RECIPES[name]


# The compiled loop against plain NumPy

GRID = np.linspace(-0.4, 0.4, 5)
species = st.sampled_from(PDG_IDS)
rows = st.tuples(
    st.floats(0.001, 500),
    st.one_of(st.sampled_from([*GRID, *RAPIDITY_EDGES]), st.floats(-3, 3), st.floats(0.4, 0.9)),
    st.one_of(st.sampled_from([*GRID, *PHI_EDGES]), st.floats(-7, 14), st.floats(-0.3, 0.2)),
    species,
)
channels = st.builds(
    ImageChannel,
    species=st.sampled_from(list(GROUPS)),
    weight=st.sampled_from(["pt", "count"]),
    normalisation=st.sampled_from(["none", "l1", "density"]),
)


@st.composite
def recipes(draw) -> ImageRecipe:
    centring = draw(st.sampled_from(["none", "centroid", "hardest", "pixel"]))
    window = st.sampled_from([(-0.4, 0.4), (-1.7, 1.7), (-math.pi, math.pi)])
    if centring == "none":
        window = st.sampled_from([(0, 2 * math.pi), (-1.7, 1.7), (-0.4, 0.4), (1.0, 1.5)])
    centred = st.booleans() if centring in ("centroid", "hardest") else st.just(False)
    return ImageRecipe(
        pixels=draw(st.sampled_from([1, 2, 4, 5, 28])),
        rapidity=draw(window),
        azimuth=draw(window),
        centring=centring,
        rotate=draw(centred),
        flip=draw(centred),
        channels=draw(st.lists(channels, min_size=1, max_size=4)),
        wrap_azimuth=draw(st.booleans()),
        padding_as_particles=centring == "none" and draw(st.booleans()),
    )


def jets_of(given: list[list[tuple]], padding: int, dtype: type) -> np.ndarray:
    constituents = np.zeros((len(given), max(map(len, given)) + padding, 4), dtype)
    for jet, particles in zip(constituents, given, strict=True):
        jet[: len(particles)] = particles
    return constituents


@settings(max_examples=400, deadline=None)
@given(
    jets=st.lists(st.lists(rows, min_size=1, max_size=8), min_size=1, max_size=3),
    padding=st.integers(0, 3),
    dtype=st.sampled_from([np.float32, np.float64]),
    recipe=recipes(),
)
@example(
    jets=[[(1.0, 0.0, -0.4, 22), (1.0, -0.0, -0.2, 22)]],
    padding=0,
    dtype=np.float32,
    recipe=ImageRecipe(
        pixels=2,
        rapidity=(-0.4, 0.4),
        azimuth=(-0.4, 0.4),
        centring="centroid",
        rotate=True,
        channels=(ImageChannel(species="all", weight="pt"),),
    ),
)
def test_the_compiled_loop_equals_plain_numpy_to_the_last_bit(jets, padding, dtype, recipe):
    constituents = jets_of(jets, padding, dtype)
    np.testing.assert_array_equal(
        image_jets(constituents, recipe), reference_images(constituents, recipe)
    )


@pytest.mark.parametrize("name", RECIPES)
def test_the_images_of_the_bundled_jets_equal_plain_numpys(jets, name):
    np.testing.assert_array_equal(
        image_jets(jets[0], RECIPES[name]), reference_images(jets[0], RECIPES[name])
    )


# Steps of a recipe

CENTRED = {
    "centroid": ImageRecipe(),
    "hardest": ImageRecipe(centring="hardest"),
    "rotated": ImageRecipe(rotate=True),
    "flipped": ImageRecipe(flip=True),
    "both": ImageRecipe(centring="hardest", rotate=True, flip=True),
    "color": RECIPES["color"],
    "counts": ImageRecipe(channels=[ImageChannel(weight="count", normalisation="none")]),
}
UNCENTRED = {
    "pixel": ImageRecipe(centring="pixel"),
    "detector": changed(NOTEBOOK, wrap_azimuth=True, padding_as_particles=False),
}
EVERY = CENTRED | UNCENTRED


def mixed_jets(seed: int) -> np.ndarray:
    """Drawn jets of all species."""
    constituents = drawn_jets(seed)
    real = constituents[..., PT] > 0
    rng = np.random.default_rng(seed)
    constituents[real, 3] = rng.choice(PDG_IDS, int(real.sum()))
    return constituents


@few
@given(seed=jet_seeds, rapidity=st.floats(-2, 2), phi=st.floats(-7, 7))
@pytest.mark.parametrize("name", CENTRED)
def test_a_centred_image_does_not_tell_where_the_jet_is(name, seed, rapidity, phi):
    constituents = mixed_jets(seed)
    moved = constituents.copy()
    moved[constituents[..., PT] > 0] += (0, rapidity, phi, 0)
    before, after = (image_jets(jets, CENTRED[name]) for jets in (constituents, moved))
    np.testing.assert_allclose(after, before, atol=1e-6)


@few
@given(seed=jet_seeds, turns=st.integers(-2, 2), steps=st.integers(-40, 40))
def test_whole_turns_of_the_azimuth_change_no_image(seed, turns, steps):
    constituents = mixed_jets(seed)
    real = constituents[..., PT] > 0
    moved = constituents.copy()
    moved[real, PHI] += 2 * np.pi * turns
    before, after = (image_jets(x, UNCENTRED["detector"]) for x in (constituents, moved))
    np.testing.assert_allclose(after, before, atol=1e-6)
    # Whole pixels are to the recipe `pixel` what any shift is to the others.
    moved = constituents.copy()
    moved[real, RAPIDITY] += 0.8 / 33 * steps
    moved[real, PHI] -= 0.8 / 33 * steps
    before, after = (image_jets(x, UNCENTRED["pixel"]) for x in (constituents, moved))
    np.testing.assert_allclose(after, before, atol=1e-6)


@few
@given(seed=jet_seeds, padding=st.integers(1, 60))
@pytest.mark.parametrize("name", EVERY)
def test_neither_order_nor_padding_of_the_constituents_enters_an_image(name, seed, padding):
    constituents = mixed_jets(seed)
    before = image_jets(constituents, EVERY[name])
    wider = np.pad(constituents, ((0, 0), (0, padding), (0, 0)))
    np.testing.assert_array_equal(image_jets(wider, EVERY[name]), before)
    rng = np.random.default_rng(seed)
    for jet in constituents:
        n = np.count_nonzero(jet[:, PT])
        jet[:n] = jet[rng.permutation(n)]
    np.testing.assert_allclose(image_jets(constituents, EVERY[name]), before, atol=1e-6)


@few
@given(seed=jet_seeds)
@pytest.mark.parametrize("name", EVERY)
def test_the_pt_inside_the_window_is_kept(name, seed):
    constituents = mixed_jets(seed)
    plain = [{"species": group, "normalisation": "none"} for group in ("charged", "neutral")]
    narrow = changed(EVERY[name], channels=plain)
    sums = image_jets(constituents, narrow).sum(axis=(1, 2, 3), dtype=float)
    assert np.all(sums <= constituents[..., PT].sum(axis=1) * (1 + 1e-6))
    whole = changed(narrow, rapidity=(-3, 3), azimuth=(-3, 3)) if name != "detector" else narrow
    images = image_jets(constituents, whole)
    real = constituents[..., PT] > 0
    if name == "detector":
        real &= np.abs(constituents[..., RAPIDITY]) <= 1.7
    for channel, group in enumerate(("charged", "neutral")):
        pt = np.where(real & np.isin(constituents[..., 3], GROUPS[group]), constituents[..., PT], 0)
        np.testing.assert_allclose(
            images[..., channel].sum(axis=(1, 2), dtype=float), pt.sum(axis=1), rtol=1e-5
        )


@pytest.mark.parametrize("name", EVERY)
def test_an_image_of_one_particle_is_one_pixel_holding_it(name):
    recipe = changed(EVERY[name], channels=[ImageChannel(normalisation="none")])
    for y, phi in ((0.0, 0.0), (1.23, 6.2), (-1.69, -0.3), (0.4, 0.4), (-0.4, 6.7)):
        image = image_jets(padded([(512.5, y, phi)], rows=2), recipe)[0, :, :, 0]
        assert np.count_nonzero(image) == 1
        assert image.max() == 512.5
        if name != "detector":
            assert image[16, 16] == 512.5


def test_a_jet_cut_in_two_by_the_notebooks_window_is_whole_in_one_that_wraps():
    jet = padded([(10.0, 0.5, 0.05), (10.0, 0.5, -0.05), (10.0, 0.5, 6.4)])
    counting = {"channels": [ImageChannel(weight="count", normalisation="none")]}
    cut = changed(NOTEBOOK, padding_as_particles=False, **counting)
    assert image_jets(jet, cut).sum() == 1
    assert image_jets(jet, changed(cut, wrap_azimuth=True)).sum() == 3


def test_the_hardest_constituent_is_the_middle_where_it_is_the_centre():
    jet = padded([(10.0, 0.1, 0.0), (90.0, 0.3, 6.2), (20.0, 0.0, 0.0)])
    image = image_jets(jet, ImageRecipe(centring="hardest"))[0, :, :, 0]
    assert np.unravel_index(image.argmax(), image.shape) == (16, 16)


def test_the_principal_axis_is_turned_into_the_direction_of_rapidity():
    for angle in np.linspace(-3, 3, 41):
        along = np.array([-0.3, -0.1, 0.05, 0.35])
        jet = padded([(5.0, 1 + r * np.cos(angle), 3 + r * np.sin(angle)) for r in along])
        image = image_jets(jet, ImageRecipe(rotate=True))[0, :, :, 0]
        assert set(np.nonzero(image)[1]) == {16}
        assert len(np.nonzero(image)[0]) == 4


def test_the_hardest_quadrant_is_that_of_larger_rapidity_and_azimuth_after_a_flip():
    for up in (-1, 1):
        for right in (-1, 1):
            jet = padded([(5.0, up * 0.2, right * 0.2), (1.0, -up * 0.9, -right * 0.9)])
            recipe = ImageRecipe(centring="hardest", flip=True, rapidity=(-2, 2), azimuth=(-2, 2))
            lopsided = np.concatenate([jet, padded([(3.0, up * 0.5, right * 0.4)])], axis=1)
            image = image_jets(lopsided, recipe)[0, :, :, 0]
            assert image[16:, 16:].sum() > 0.8


@pytest.mark.parametrize("group", GROUPS)
def test_a_channel_holds_its_species_alone(group):
    constituents = np.zeros((1, len(PDG_IDS), 4))
    constituents[0, :, PT] = 2.0 ** np.arange(len(PDG_IDS))
    constituents[0, :, 3] = PDG_IDS
    recipe = ImageRecipe(channels=[ImageChannel(species=group, normalisation="none")])
    expected = sum(2.0**place for place, id_ in enumerate(PDG_IDS) if id_ in GROUPS[group])
    assert image_jets(constituents, recipe).sum() == expected


def test_the_color_recipe_has_the_papers_three_channels():
    jet = padded([(60.0, 0.0, 0.0), (30.0, 0.1, 0.0), (10.0, -0.1, 0.1)])
    jet[0, :, 3] = (211, 22, -11)
    charged, neutral, number = np.moveaxis(image_jets(jet, RECIPES["color"])[0], 2, 0)
    assert charged.sum() == pytest.approx(0.7)
    assert neutral.sum() == pytest.approx(0.3)
    assert number.sum() == 2
    np.testing.assert_array_equal(number > 0, charged > 0)


def test_what_a_recipe_tells_of_species_is_what_its_channels_do():
    from jetline.inputs.features import EXPERIMENTAL_CODES

    assert RECIPES["notebook"].identity == RECIPES["pt"].identity == "none"
    assert RECIPES["color"].identity == "experimental"
    assert ImageRecipe(channels=[ImageChannel(), ImageChannel(species="pions")]).identity == "full"
    for group, members in GROUPS.items():
        # A detector tells no two species apart that have the same number.
        within = {EXPERIMENTAL_CODES[id_] for id_ in members}
        without = {EXPERIMENTAL_CODES[id_] for id_ in set(PDG_IDS) - set(members)}
        told = ImageChannel(species=group).identity
        assert (told == "full") == bool(within & without)
        assert (told == "none") == (not without)


def test_groups_hold_particle_and_charge_as_their_names_say():
    charge = {id_: -1 if id_ in (11, 13) else 1 for id_ in (11, 13, 211, 321, 2212)}
    charge |= {-id_: -q for id_, q in charge.items()}
    assert set(GROUPS["charged"]) == set(charge)
    assert set(GROUPS["neutral"]) == set(PDG_IDS) - set(charge)
    assert set(GROUPS["positive"]) == {id_ for id_, q in charge.items() if q > 0}
    assert set(GROUPS["negative"]) == {id_ for id_, q in charge.items() if q < 0}


# Dtypes


@few
@given(seed=jet_seeds)
@pytest.mark.parametrize("name", ["pt", "color"])
def test_half_precision_keeps_three_digits(name, seed):
    constituents = mixed_jets(seed)
    half = image_jets(constituents, changed(RECIPES[name], dtype="float16"))
    assert half.dtype == np.float16
    full = image_jets(constituents, RECIPES[name])
    np.testing.assert_allclose(half.astype(float), full, rtol=2**-11, atol=2**-25)


COUNTS = ImageRecipe(channels=[ImageChannel(weight="count", normalisation="none")], dtype="uint8")


def test_counts_in_bytes_are_exact_up_to_the_last(tmp_path):
    constituents = mixed_jets(9)
    exact = image_jets(constituents, changed(COUNTS, dtype="float32"))
    np.testing.assert_array_equal(image_jets(constituents, COUNTS), exact)
    full = padded([(1.0, 0.0, 3.0)] * 255)
    assert image_jets(full, COUNTS).max() == 255


@pytest.mark.parametrize(
    ("recipe", "jet", "found"),
    [
        (COUNTS, [(1.0, 0.0, 3.0)] * 256, "a pixel of 256"),
        (
            ImageRecipe(channels=[ImageChannel(normalisation="none")], dtype="float16"),
            [(70000.0, 0.0, 3.0)],
            "a pixel of 70000",
        ),
    ],
)
def test_a_pixel_beyond_the_dtype_is_an_error_that_names_the_jet(tmp_path, recipe, jet, found):
    constituents = padded(*([[(1.0, 0.0, 3.0)]] * (_BLOCK + 3)), jet)
    write_jets(tmp_path / "jets.npz", constituents, np.ones(len(constituents)))
    with pytest.raises(JetlineError) as caught:
        make_shard(Images("mine", recipe), tmp_path / "jets.npz", tmp_path / "shard")
    assert f"jets.npz, jet {_BLOCK + 3} " in caught.value.where
    assert caught.value.found == found
    assert not list((tmp_path / "shard").iterdir())


# What is no jet


@settings(max_examples=60, deadline=None)
@given(
    seed=jet_seeds,
    place=st.integers(0, 3),
    constituent=st.integers(0, 44),
    value=st.sampled_from([np.nan, np.inf, -np.inf, -1.0, 0.0, 12.0, 22.5, 3000.0, 1e300]),
)
def test_the_compiled_glance_doubts_every_jet_that_the_validation_refuses(
    tmp_path_factory, seed, place, constituent, value
):
    from jetline.jets.soundness import sound

    constituents = mixed_jets(seed)[:3]
    assert sound(constituents)
    constituents[1, constituent, place] = value
    try:
        write_jets(tmp_path_factory.mktemp("jets") / "jets.npz", constituents, np.ones(3))
    except JetlineError:
        assert not sound(constituents)


def test_a_bad_jet_in_a_later_block_is_told_as_the_validation_tells_it(tmp_path):
    constituents = np.tile(padded([(1.0, 0.0, 3.0)]), (_BLOCK + 10, 1, 1))
    constituents[_BLOCK + 7, 0, RAPIDITY] = np.nan
    np.savez(tmp_path / "jets.npz", X=constituents, y=np.ones(len(constituents)))
    with pytest.raises(JetlineError) as caught:
        make_shard(Images("pt", PT_RECIPE), tmp_path / "jets.npz", tmp_path / "shard")
    assert f"jet {_BLOCK + 7}, constituent 0" in caught.value.where
    assert "rapidity nan" in caught.value.found
    assert not list((tmp_path / "shard").iterdir())


# Recipes by name and settings


def test_a_recipe_is_named_or_given_with_its_settings():
    assert read_recipe("pt") == PT_RECIPE
    assert read_recipe("mine", {"pixels": 16}) == ImageRecipe(pixels=16)
    assert read_recipe("pt", PT_RECIPE.model_dump(mode="json")) == PT_RECIPE


@pytest.mark.parametrize(
    ("name", "settings", "where", "told"),
    [
        ("notbook", None, "recipe notbook", "did you mean notebook?"),
        ("fine", None, "recipe fine", "--recipe '{\"pixels\": 16}'"),
        ("fine", {"pixels": 0}, "recipe fine, pixels", "config/README.md"),
    ],
)
def test_a_wrong_recipe_is_explained(name, settings, where, told):
    with pytest.raises(JetlineError) as caught:
        read_recipe(name, settings)
    assert caught.value.where == where
    assert told in caught.value.remedy
