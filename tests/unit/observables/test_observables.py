"""Observables equal those of plain loops over particles and of FastJet, for every kind of jet."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jetline.jets.species import PDG_IDS
from jetline.observables.simple import count_species
from jetline.observables.table import measure_jets
from jetline.validation.measurement import MEASURED

PARTICLES = 6


def by_hand(jet: np.ndarray) -> dict[str, float]:
    """Observables of one jet by the book, one particle after the other."""
    particles = [tuple(map(float, row)) for row in jet if row[0] > 0]
    px = math.fsum(pt * math.cos(phi) for pt, _, phi, _ in particles)
    py = math.fsum(pt * math.sin(phi) for pt, _, phi, _ in particles)
    pz = math.fsum(pt * math.sinh(y) for pt, y, _, _ in particles)
    energy = math.fsum(pt * math.cosh(y) for pt, y, _, _ in particles)
    rapidity = math.log((energy + pz) / (energy - pz)) / 2
    total = math.fsum(pt for pt, *_ in particles)

    def distance(y: float, phi: float) -> float:
        across = math.remainder(phi - math.atan2(py, px), 2 * math.pi)
        return math.hypot(y - rapidity, across)

    return {
        "multiplicity": len(particles),
        "pt": math.hypot(px, py),
        "rapidity": rapidity,
        "mass": math.sqrt(max(energy**2 - px**2 - py**2 - pz**2, 0)),
        "girth": math.fsum(pt * distance(y, phi) for pt, y, phi, _ in particles) / total,
        "ptd": math.sqrt(math.fsum(pt**2 for pt, *_ in particles)) / total,
        "z_max": max(pt for pt, *_ in particles) / total,
    }


@st.composite
def narrow_jets(draw) -> np.ndarray:
    """One jet (1, M, 4) of up to six photons within 0.4 of a point, padded."""
    count = draw(st.integers(1, PARTICLES))
    pt = draw(arrays(float, count, elements=st.floats(0.1, 500)))
    angles = draw(arrays(float, (2, count), elements=st.floats(-0.4, 0.4)))
    jet = np.zeros((1, PARTICLES, 4))
    jet[0, :count, 0], jet[0, :count, 1], jet[0, :count, 2] = pt, *angles
    jet[0, :count, 3] = 22
    return jet


def close(changed: dict, original: dict, **factors: float) -> None:
    for name, values in original.items():
        expected = values * factors.get(name, 1)
        np.testing.assert_allclose(changed[name], expected, rtol=1e-9, atol=1e-5, err_msg=name)


def test_observables_are_those_of_loops_over_particles(jets):
    constituents = jets[0][:200]
    measured = measure_jets(constituents, MEASURED)
    assert set(measured) == set(MEASURED)
    for number, jet in enumerate(constituents):
        for name, expected in by_hand(jet).items():
            assert measured[name][number] == pytest.approx(expected, rel=1e-7, abs=1e-9), name


def test_pt_rapidity_and_mass_are_fastjets(jets):
    fastjet = pytest.importorskip("fastjet")
    measured = measure_jets(jets[0][:100], MEASURED)
    for number, jet in enumerate(jets[0][:100].astype(float)):
        total = fastjet.PseudoJet(0, 0, 0, 0)
        for pt, y, phi, _ in jet[jet[:, 0] > 0]:
            total = total + fastjet.PtYPhiM(pt, y, phi, 0)
        assert measured["pt"][number] == pytest.approx(total.pt(), rel=1e-10)
        assert measured["rapidity"][number] == pytest.approx(total.rap(), abs=1e-10)
        assert measured["mass"][number] == pytest.approx(total.m(), rel=1e-7)


def test_a_jet_of_one_particle_has_no_mass_and_no_width():
    jet = np.zeros((1, 3, 4))
    jet[0, 0] = [512.3, 1.6180339, 5.4321, 211]
    measured = measure_jets(jet, MEASURED)
    assert measured["mass"] == measured["girth"] == 0
    assert measured["ptd"] == measured["z_max"] == measured["multiplicity"] == 1
    assert measured["pt"] == pytest.approx(512.3, rel=1e-15)
    assert measured["rapidity"] == pytest.approx(1.6180339, rel=1e-15)


def test_collinear_particles_have_no_mass():
    jet = np.tile([100.1, -0.7654321, 6.1, 22], (1, 5, 1))
    assert measure_jets(jet, MEASURED)["mass"] == 0


@pytest.mark.parametrize("opening", [1e-2, 1e-6, 1e-10])
def test_the_mass_of_a_narrow_pair_keeps_its_digits(opening):
    jet = np.zeros((1, 2, 4))
    jet[0] = [[300, 0, 0, 22], [200, opening, 0, 22]]
    expected = math.sqrt(2 * 300 * 200 * 2) * math.sinh(opening / 2)
    assert measure_jets(jet, MEASURED)["mass"] == pytest.approx(expected, rel=1e-10)


@settings(deadline=None)
@given(narrow_jets(), st.integers(0, 5))
def test_padding_counts_nowhere(jet, rows):
    padded = np.concatenate([jet, np.zeros((1, rows, 4))], axis=1)
    close(measure_jets(padded, MEASURED), measure_jets(jet, MEASURED))
    np.testing.assert_array_equal(count_species(padded), count_species(jet))


@settings(deadline=None)
@given(narrow_jets(), st.randoms(use_true_random=False))
def test_the_order_of_constituents_does_not_matter(jet, random):
    real = [row for row in jet[0].tolist() if row[0] > 0]
    random.shuffle(real)
    close(measure_jets(np.array([real]), MEASURED), measure_jets(jet, MEASURED))


@settings(deadline=None)
@given(narrow_jets(), st.floats(-6.3, 6.3), st.floats(-2, 2), st.floats(0.1, 10))
def test_rotations_and_boosts_change_nothing_and_pt_scales_pt_and_mass(jet, turn, boost, scale):
    moved = jet.copy()
    present = jet[..., 0] > 0
    moved[..., 0] *= scale
    moved[..., 1] += np.where(present, boost, 0)
    moved[..., 2] += np.where(present, turn, 0)
    original = measure_jets(jet, MEASURED)
    original["rapidity"] += boost
    close(measure_jets(moved, MEASURED), original, pt=scale, mass=scale)


def test_a_jet_across_the_seam_of_the_azimuth_is_not_torn_apart(jets):
    constituents = jets[0][:50].astype(float)
    torn = constituents.copy()
    torn[..., 2] = np.mod(torn[..., 2], 2 * np.pi)
    turned = constituents.copy()
    turned[..., 2] += np.where(turned[..., 0] > 0, 2 * np.pi, 0)
    close(measure_jets(torn, MEASURED), measure_jets(constituents, MEASURED))
    close(measure_jets(turned, MEASURED), measure_jets(constituents, MEASURED))


def test_species_add_up_to_the_multiplicity(jets):
    counts = count_species(jets[0])
    np.testing.assert_array_equal(
        counts.sum(axis=1), measure_jets(jets[0], MEASURED)["multiplicity"]
    )
    jet = jets[0][7]
    for place, pdg_id in enumerate(PDG_IDS):
        assert counts[7, place] == sum(row[3] == pdg_id for row in jet)
