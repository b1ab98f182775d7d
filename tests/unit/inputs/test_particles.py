"""Particle shards keep every particle, and features follow the formulas of the papers."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jetline.core.errors import JetlineError
from jetline.inputs.features import EXPERIMENTAL_CODES, FULL_CODES, pfn_features, species_codes
from jetline.inputs.kinds.particles import Particles, flatten
from jetline.inputs.making import make_shard
from jetline.inputs.shards import open_shard
from jetline.jets.constituents import PDG_ID, PHI, PT, RAPIDITY
from jetline.jets.formats.npz import write_jets
from jetline.jets.species import PDG_IDS

#: From the particles' names, not from the code under test.
CHARGES = {22: 0, 211: 1, -211: -1, 321: 1, -321: -1, 130: 0, 2112: 0, -2112: 0, 2212: 1}
CHARGES |= {-2212: -1, 11: -1, -11: 1, 13: -1, -13: 1}
KINDS = {22: "photon", 11: "electron", 13: "muon"}

jet_seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=20, deadline=None)


def drawn_jets(seed: int, n_jets: int = 15, rows: int = 45) -> np.ndarray:
    """Jets much like real ones: unsorted, narrow, of 1 to 40 particles of every species."""
    rng = np.random.default_rng(seed)
    constituents = np.zeros((n_jets, rows, 4), np.float32)
    for jet in constituents:
        n = rng.integers(1, 41)
        jet[:n, PT] = rng.exponential(12, n) + 0.01
        jet[:n, RAPIDITY] = rng.uniform(-1.7, 1.7) + rng.normal(0, 0.12, n)
        jet[:n, PHI] = rng.uniform(0, 2 * np.pi) + rng.normal(0, 0.12, n)
        jet[:n, PDG_ID] = rng.choice(PDG_IDS, n)
    return constituents


def features_of(constituents: np.ndarray, identity: str = "none") -> np.ndarray:
    particles, offsets = flatten(constituents)
    return pfn_features(particles, np.diff(offsets), identity)


def kind(pdg_id: int) -> tuple[str, int]:
    """What a detector tells: the type of particle and its charge."""
    return KINDS.get(abs(pdg_id), "hadron"), CHARGES[pdg_id]


# Flat particles


@few
@given(seed=jet_seeds)
def test_flat_particles_are_all_constituents_and_nothing_else(seed):
    constituents = drawn_jets(seed)
    particles, offsets = flatten(constituents)
    assert offsets[0] == 0
    assert offsets[-1] == len(particles)
    assert len(offsets) == len(constituents) + 1
    for jet, start, stop in zip(constituents, offsets[:-1], offsets[1:], strict=True):
        real = jet[jet[:, PT] > 0]
        assert stop - start == len(real)
        assert sorted(map(tuple, particles[start:stop])) == sorted(map(tuple, real))
        assert (np.diff(particles[start:stop, PT]) <= 0).all()


def test_constituents_of_equal_pt_keep_the_files_order():
    constituents = np.zeros((1, 60, 4))
    constituents[0, :50, PT] = [1.0, 2.0] * 25
    constituents[0, :50, RAPIDITY] = np.arange(50) / 100
    constituents[0, :50, PDG_ID] = 22
    particles, _ = flatten(constituents)
    order = np.round(particles[:, RAPIDITY] * 100)
    np.testing.assert_array_equal(order, [*range(1, 50, 2), *range(0, 50, 2)])


def test_dtypes_of_flat_particles_do_not_depend_on_the_file():
    for dtype in (np.float32, np.float64):
        particles, offsets = flatten(drawn_jets(1).astype(dtype))
        assert particles.dtype == np.float32
        assert offsets.dtype == np.int64


def test_the_columns_stay_pt_rapidity_azimuth_and_species():
    particles, _ = flatten(np.array([[[5.0, 0.25, 6.5, -211], [0.0, 0, 0, 0]]]))
    np.testing.assert_array_equal(particles, [[5.0, 0.25, 6.5, -211]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_shard_of_a_file_has_its_flat_particles(tmp_path, dtype):
    constituents, labels = drawn_jets(2).astype(dtype), np.arange(15) % 2
    write_jets(tmp_path / "jets.npz", constituents, labels)
    make_shard(Particles(), tmp_path / "jets.npz", tmp_path / "shard")
    shard = open_shard(tmp_path / "shard", verify=True)
    particles, offsets = flatten(constituents)
    assert set(shard.arrays) == {"particles", "offsets"}
    np.testing.assert_array_equal(shard.arrays["particles"], particles)
    np.testing.assert_array_equal(shard.arrays["offsets"], offsets)
    np.testing.assert_array_equal(shard.labels, labels)
    assert shard.manifest.inputs == "particles"


# Features


def loop_features(constituents: np.ndarray, codes: dict[int, float] | None) -> np.ndarray:
    """Section 4 of arXiv:1810.05165, jet by jet and particle by particle."""
    rows = []
    for jet in constituents.astype(np.float64):
        particles = sorted((p for p in jet.tolist() if p[0] > 0), key=lambda p: -p[0])
        total = sum(p[0] for p in particles)
        hardest_phi = particles[0][2]
        z = [p[0] / total for p in particles]
        phi = [math.remainder(p[2] - hardest_phi, 2 * math.pi) for p in particles]
        rapidity_axis = sum(w * p[1] for w, p in zip(z, particles, strict=True))
        phi_axis = sum(w * angle for w, angle in zip(z, phi, strict=True))
        for weight, angle, particle in zip(z, phi, particles, strict=True):
            row = [weight, particle[1] - rapidity_axis, angle - phi_axis]
            rows.append(row + ([codes[int(particle[3])]] if codes else []))
    return np.array(rows)


@pytest.mark.parametrize(
    ("identity", "codes"),
    [("none", None), ("experimental", EXPERIMENTAL_CODES), ("full", FULL_CODES)],
)
@few
@given(seed=jet_seeds)
def test_features_are_the_papers(identity, codes, seed):
    constituents = drawn_jets(seed)
    features = features_of(constituents, identity)
    assert features.dtype == np.float32
    expected = loop_features(constituents, codes)
    assert features.shape == expected.shape
    np.testing.assert_allclose(features, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("identity", ["none", "experimental", "full"])
def test_features_of_the_bundled_jets_are_the_papers(identity, jets):
    codes = {"experimental": EXPERIMENTAL_CODES, "full": FULL_CODES}.get(identity)
    features = features_of(jets[0][:50], identity)
    np.testing.assert_allclose(features, loop_features(jets[0][:50], codes), atol=1e-6)


@few
@given(seed=jet_seeds)
def test_momentum_fractions_sum_to_one_and_the_centroid_is_the_origin(seed):
    constituents = drawn_jets(seed)
    features = features_of(constituents).astype(np.float64)
    _, offsets = flatten(constituents)
    for start, stop in pairwise(offsets):
        z, rapidity, phi = features[start:stop].T
        assert z.sum() == pytest.approx(1, abs=1e-6)
        assert (z > 0).all()
        assert np.sum(z * rapidity) == pytest.approx(0, abs=1e-6)
        assert np.sum(z * phi) == pytest.approx(0, abs=1e-6)


def test_a_jet_across_the_seam_of_the_azimuth_is_not_torn():
    # The hardest at 0.05, others a full turn away: -0.1 and 0 about it.
    jet = np.array([[[20.0, 0, 2 * np.pi - 0.05, 22], [60, 0, 0.05, 22], [20, 0, 6.3332, 22]]])
    phi = features_of(jet)[:, 2]
    np.testing.assert_allclose(phi, [0.02, -0.08, 0.02], atol=1e-4)


@few
@given(seed=jet_seeds, rapidity=st.floats(-2, 2), phi=st.floats(-7, 7))
def test_features_do_not_tell_where_the_jet_is(seed, rapidity, phi):
    constituents = drawn_jets(seed)
    moved = constituents.copy()
    moved[constituents[..., PT] > 0] += np.array([0, rapidity, phi, 0], np.float32)
    # Single precision holds an angle of up to 14 to within 5e-7.
    np.testing.assert_allclose(
        features_of(moved, "full"), features_of(constituents, "full"), atol=4e-6
    )


@few
@given(seed=jet_seeds)
def test_jets_of_a_batch_do_not_influence_each_other(seed):
    constituents = drawn_jets(seed)
    alone = np.concatenate([features_of(jet[None], "full") for jet in constituents])
    np.testing.assert_allclose(features_of(constituents, "full"), alone, rtol=1e-6, atol=1e-7)


def test_a_jet_of_one_particle_is_all_of_its_momentum_at_the_origin():
    jet = np.array([[[512.0, -1.3, 6.6, 130]]], np.float32)
    np.testing.assert_allclose(features_of(jet, "full"), [[1, 0, 0, 0.5]])


# Species


@pytest.mark.parametrize(
    ("identity", "codes"), [("experimental", EXPERIMENTAL_CODES), ("full", FULL_CODES)]
)
@pytest.mark.parametrize("pdg_id", PDG_IDS)
def test_each_species_has_its_number(identity, codes, pdg_id):
    particles = np.array([[5.0, 0.1, 1.0, pdg_id], [3.0, 0.2, 1.1, 22]], np.float32)
    features = pfn_features(particles, np.array([2]), identity)
    np.testing.assert_array_equal(features[:, 3], np.float32([codes[pdg_id], codes[22]]))


def test_the_full_map_is_the_papers():
    paper = [22, 211, -211, 321, -321, 130, 2112, -2112, 2212, -2212, 11, -11, 13, -13]
    assert {species: round(10 * code) for species, code in FULL_CODES.items()} == {
        species: number for number, species in enumerate(paper)
    }


def test_the_experimental_map_tells_type_and_charge_and_nothing_more():
    assert set(EXPERIMENTAL_CODES) == set(PDG_IDS)
    for one in PDG_IDS:
        for other in PDG_IDS:
            same = EXPERIMENTAL_CODES[one] == EXPERIMENTAL_CODES[other]
            assert same == (kind(one) == kind(other)), (one, other)


def test_without_identity_there_is_no_column_of_species():
    assert features_of(drawn_jets(3), "none").shape[1] == 3


@pytest.mark.parametrize("identity", ["experimental", "full"])
def test_a_photon_is_not_padding(identity):
    jet = np.zeros((1, 5, 4), np.float32)
    jet[0, :3] = [[5.0, 0.1, 1.0, 22], [3.0, 0.2, 1.1, 22], [2.0, 0.0, 0.9, 211]]
    features = features_of(jet, identity)
    assert len(features) == 3
    np.testing.assert_array_equal(features[:, 3] == 0, [True, True, False])
    np.testing.assert_allclose(features[:, 0], [0.5, 0.3, 0.2], rtol=1e-6)


def test_partons_have_no_species_number():
    with pytest.raises(JetlineError, match="PDG id 21"):
        species_codes(np.array([22, 21, 211]), FULL_CODES)
    np.testing.assert_array_equal(species_codes(np.array([22, -13]), FULL_CODES), [0, 1.3])
