"""Jet images: the notebook's to the bit of float32, and the pT image's invariances."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jetline.inputs.images import _BLOCK, RECIPES, image_file, image_jets
from jetline.inputs.shards import open_shard
from jetline.jets.format import PHI, PT, RAPIDITY, write_jets

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
    np.testing.assert_array_equal(found > 0, expected > 0)
    np.testing.assert_allclose(found, expected, rtol=3e-7)


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
    counting = replace(recipe, weights="count", padding_as_particles=False)
    constituents = drawn_jets(4)
    stripped = [jet[jet[:, PT] > 0][None] for jet in constituents]
    images = np.concatenate([image_jets(jet, counting) for jet in stripped])
    np.testing.assert_array_equal(image_jets(constituents, counting), images)


# The pT recipe


def pt_images(constituents: np.ndarray) -> np.ndarray:
    return image_jets(constituents, PT_RECIPE)


jet_seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=20, deadline=None)


def test_only_the_notebooks_recipe_has_its_flaw():
    assert [name for name, recipe in RECIPES.items() if recipe.padding_as_particles] == ["notebook"]


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
    image_file(tmp_path / "jets.npz", name, tmp_path / "shard")
    shard = open_shard(tmp_path / "shard", verify=True)
    np.testing.assert_array_equal(shard.arrays["images"], image_jets(constituents, RECIPES[name]))
    np.testing.assert_array_equal(shard.labels, labels)
    assert shard.manifest["inputs"] == f"images/{name}"
