"""Jets are taken apart along their harder branch as the definition of the Lund plane says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from jetline.observables.lund import primary_emissions


def emissions(*jets):
    """Of jets that are lists of (pT, rapidity, azimuth)."""
    particles = np.array([one for jet in jets for one in jet], float)
    return primary_emissions(*particles.T.copy(), np.array([len(jet) for jet in jets]))


def test_two_particles_are_one_emission_of_the_softer():
    found = emissions([(100, 0, 0), (10, 0.3, 0.4)], [(5, 0, 0)], [(1, 0.1, 0), (3, 0.1, 0.2)])
    assert found.jet.tolist() == [0, 2]
    assert found.ln_angle == pytest.approx([math.log(1 / 0.5), math.log(1 / 0.2)])
    assert found.ln_kt == pytest.approx([math.log(10 * 0.5), math.log(1 * 0.2)])
    assert found.of_particle.tolist() == [-1, 0, -1, 1, -1]


def test_wide_angles_come_first_and_what_a_softer_branch_holds_is_one_emission():
    # A hard particle, one close to it, and far away two that are close to each other.
    found = emissions([(100, 0, 0), (20, 0.01, 0), (6, 0.3, 0), (4, 0.3, 0.02)])
    assert found.of_particle.tolist() == [-1, 1, 0, 0]
    assert found.ln_angle[1] == pytest.approx(math.log(1 / 0.01))
    # Both together have pT 10, at rapidity 0.3 and a hundredth of azimuth, from 0.0017.
    assert found.ln_kt[0] == pytest.approx(math.log(10 * 0.2985), rel=1e-2)


def test_collinear_particles_have_no_place():
    found = emissions([(100, 0, 0), (20, 0, 0)])
    assert (found.ln_angle.tolist(), found.ln_kt.tolist()) == ([math.inf], [-math.inf])


def by_definition(jet):
    """Emissions of a jet as a set, by adding the closest pair of four-vectors, again and again."""
    branches = [
        (
            np.array(
                [pt * math.cosh(y), pt * math.cos(phi), pt * math.sin(phi), pt * math.sinh(y)]
            ),
            None,
        )
        for pt, y, phi in jet
    ]

    def place(one):
        e, x, y, z = one[0]
        return math.hypot(x, y), math.log((e + z) / (e - z)) / 2, math.atan2(y, x)

    def apart(one, other):
        (_, y, phi), (_, other_y, other_phi) = place(one), place(other)
        turned = (phi - other_phi + math.pi) % (2 * math.pi) - math.pi
        return math.hypot(y - other_y, turned)

    while len(branches) > 1:
        pairs = [(i, j) for i in range(len(branches)) for j in range(i)]
        i, j = min(pairs, key=lambda pair: apart(branches[pair[0]], branches[pair[1]]))
        one, other = branches[i], branches[j]
        del branches[i], branches[j]
        branches.append((one[0] + other[0], (one, other)))
    found, branch = [], branches[0]
    while branch[1]:
        hard, soft = sorted(branch[1], key=lambda one: -place(one)[0])
        angle = apart(hard, soft)
        found.append((-math.log(angle), math.log(place(soft)[0] * angle)))
        branch = hard
    return found


def test_jets_are_taken_apart_as_the_definition_says(jets):
    constituents, _ = jets
    several = []
    for jet in constituents[:6].astype(float):
        kept = jet[jet[:, 0] > 0][:25, :3]
        kept[:, 2] = (kept[:, 2] - kept[0, 2] + np.pi) % (2 * np.pi) - np.pi
        several.append([tuple(one) for one in kept])
    found = emissions(*several)
    for number, jet in enumerate(several):
        expected = np.array(by_definition(jet))
        own = found.jet == number
        np.testing.assert_allclose(found.ln_angle[own], expected[:, 0], rtol=1e-6)
        np.testing.assert_allclose(found.ln_kt[own], expected[:, 1], rtol=1e-6)
