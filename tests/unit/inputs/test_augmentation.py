"""Each step of an augmentation does to particles what it says, and leaves what it must."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from jetline.inputs.augmentation import AUGMENTATION_STEPS
from jetline.inputs.augmenting import augmented_particles
from jetline.inputs.flat import first_rows
from jetline.inputs.kinds.particles import flatten
from jetline.jets.constituents import PDG_ID, PHI, PT, RAPIDITY
from jetline.jets.kinematics import wrap
from jetline.observables.table import measure_jets

#: Each step that takes particles, strong enough that it changes something.
STRONG = {
    "drop": {"probability": 0.5, "z": 0.05},
    "reflect": {},
    "rotate": {},
    "smear": {"pt": 0.2, "angle": 0.05},
    "split": {"probability": 0.7, "z": 0.1},
}

#: The same at no strength.
WEAK = {
    "drop": [{"probability": 0}, {"z": 0}],
    "reflect": [{"probability": 0}],
    "rotate": [{"angle": 0}],
    "smear": [{"pt": 0, "angle": 0}],
    "split": [{"probability": 0}, {"z": 0}],
}

CHARGES = {22: 0, 211: 1, -211: -1, 321: 1, -321: -1, 130: 0, 2112: 0, -2112: 0, 2212: 1}
CHARGES |= {-2212: -1, 11: -1, -11: 1, 13: -1, -13: 1}


def step(name, **strengths):
    return AUGMENTATION_STEPS[name](step=name, **strengths)


def taken(steps, flat, seed=1):
    steps = steps if isinstance(steps, list) else [steps]
    return augmented_particles(tuple(steps), *flat, np.random.default_rng(seed))


def padded(particles, counts):
    """Flat particles as a jet file has them."""
    constituents = np.zeros((len(counts), counts.max(), 4), np.float32)
    jet = np.repeat(np.arange(len(counts)), counts)
    constituents[jet, np.arange(len(particles)) - first_rows(counts)[jet]] = particles
    return constituents


def measured(flat, *names):
    return measure_jets(padded(*flat).astype(np.float64), names).values()


def by_jet(flat):
    return np.split(flat[0], np.cumsum(flat[1])[:-1])


def distances(jet):
    """Distances of all pairs, of which the azimuth may lie across the seam."""
    y = jet[:, RAPIDITY, None] - jet[:, RAPIDITY]
    return np.hypot(y, wrap(jet[:, PHI, None] - jet[:, PHI]))


@pytest.fixture(scope="module")
def flat(jets):
    particles, offsets = flatten(jets[0])
    return particles, np.diff(offsets)


def test_all_steps_are_tested_here_or_for_images():
    assert set(STRONG) | {"translate"} == set(AUGMENTATION_STEPS)
    assert {name for name, one in AUGMENTATION_STEPS.items() if "particles" in one.kinds} == set(
        STRONG
    )
    assert all(step(name).step == name for name in AUGMENTATION_STEPS)


@pytest.mark.parametrize("name", STRONG)
def test_every_step_keeps_jets_whole_and_sorted(name, flat):
    particles, counts = taken(step(name, **STRONG[name]), flat)
    assert particles.dtype == np.float32
    assert len(counts) == len(flat[1])
    assert counts.min() >= 1
    assert counts.sum() == len(particles)
    assert np.isfinite(particles).all()
    assert particles[:, PT].min() > 0
    assert all((np.diff(jet[:, PT]) <= 0).all() for jet in by_jet((particles, counts)))
    assert not np.array_equal(particles, flat[0])


@pytest.mark.parametrize("name", STRONG)
def test_every_step_leaves_what_it_is_given_as_it_is(name, flat):
    particles, counts = flat[0].copy(), flat[1].copy()
    taken(step(name, **STRONG[name]), (particles, counts))
    np.testing.assert_array_equal(particles, flat[0])
    np.testing.assert_array_equal(counts, flat[1])


@pytest.mark.parametrize(
    ("name", "strengths"), [(a, one) for a, all_ in WEAK.items() for one in all_]
)
def test_no_strength_is_no_change_to_the_last_bit(name, strengths, flat):
    particles, counts = taken(step(name, **strengths), flat)
    assert particles.tobytes() == flat[0].tobytes()
    np.testing.assert_array_equal(counts, flat[1], strict=True)


@pytest.mark.parametrize("name", STRONG)
def test_the_random_numbers_decide_all(name, flat):
    one, again, other = (taken(step(name, **STRONG[name]), flat, seed)[0] for seed in (1, 1, 2))
    assert one.tobytes() == again.tobytes()
    assert one.tobytes() != other.tobytes()


@pytest.mark.parametrize("name", STRONG)
def test_a_jet_of_one_particle_stays_one(name):
    lone = np.array([[100, 0.3, 6.2, 22], [50, -0.3, 0.01, 211]], np.float32), np.array([1, 1])
    particles, counts = taken(step(name, **STRONG[name]), lone)
    np.testing.assert_array_equal(counts, [1, 1])
    if name != "smear":  # about itself, a particle is not moved
        np.testing.assert_array_equal(particles, lone[0])


# Rotation and reflection


@pytest.mark.parametrize("name", ["rotate", "reflect"])
def test_rotation_and_reflection_keep_pt_species_distances_and_girth(name, flat):
    moved = taken(step(name), flat)
    np.testing.assert_array_equal(moved[0][:, [PT, PDG_ID]], flat[0][:, [PT, PDG_ID]])
    np.testing.assert_array_equal(moved[1], flat[1])
    for before, after in zip(by_jet(flat), by_jet(moved), strict=True):
        np.testing.assert_allclose(distances(after), distances(before), atol=5e-6)
    (girth, mass), (girth_before, mass_before) = (
        measured(one, "girth", "mass") for one in (moved, flat)
    )
    # The cosh and the cosine of a mass agree up to the fourth power of distances.
    exact = 1e-4 if name == "reflect" else 0.02
    np.testing.assert_allclose(mass, mass_before, rtol=exact, atol=0.01)
    # Girth is about the axis of the four-vector, which is not exactly the centroid.
    np.testing.assert_allclose(girth, girth_before, rtol=exact, atol=1e-4)


def test_rotation_turns_each_jet_by_one_angle_drawn_evenly(flat):
    moved = taken(step("rotate", angle=1.0), flat)
    angles = []
    for before, after in zip(by_jet(flat), by_jet(moved), strict=True):
        # From the first particle to the one farthest from it, where an angle is exact.
        far = distances(before)[0].argmax()
        if distances(before)[0, far] > 0.05:
            one, other = (jet[far, 1:3].astype(float) - jet[0, 1:3] for jet in (before, after))
            turn = np.arctan2(wrap(other[1]), other[0]) - np.arctan2(wrap(one[1]), one[0])
            angles.append(wrap(turn))
    assert len(angles) > 500
    assert 0.99 < np.max(np.abs(angles)) < 1.001
    assert abs(np.mean(angles)) < 4 / np.sqrt(3 * len(angles))
    assert abs(np.std(angles) - 1 / np.sqrt(3)) < 0.05


@pytest.mark.parametrize(
    ("direction", "column"), [("rapidity", RAPIDITY), ("azimuth", PHI), ("both", None)]
)
def test_reflection_mirrors_half_of_the_jets_at_their_centroids(direction, column, flat):
    moved, _ = taken(step("reflect", direction=direction), flat)
    z = flat[0][:, PT].astype(float)
    for axis in (RAPIDITY, PHI):
        changed = []
        for before, after, pt in zip(
            by_jet((flat[0], flat[1])),
            by_jet((moved, flat[1])),
            np.split(z, np.cumsum(flat[1])[:-1]),
            strict=True,
        ):
            relative, mirrored = (
                jet[:, axis].astype(float) - jet[0, axis] for jet in (before, after)
            )
            relative, mirrored = wrap(relative), wrap(mirrored)
            flipped = not np.array_equal(before[:, axis], after[:, axis])
            np.testing.assert_allclose(mirrored, -relative if flipped else relative, atol=2e-6)
            shift = after[0, axis].astype(float) - before[0, axis]
            assert shift == pytest.approx(
                2 * (pt @ relative) / pt.sum() if flipped else 0, abs=2e-6
            )
            changed.append(flipped)
        wanted = 0.5 if column in (axis, None) else 0
        assert abs(np.mean(changed) - wanted) <= 4 * np.sqrt(0.25 / len(changed)) * (wanted > 0)


def test_a_jet_across_the_seam_of_the_azimuth_is_not_torn_apart():
    seam = (
        np.array([[100, 0, 6.28, 22], [50, 0.1, 0.01, 211], [20, 0, 6.1, 211]], np.float32),
        np.array([3]),
    )
    for name in ("rotate", "reflect"):
        for seed in range(5):
            moved, _ = taken(step(name), seam, seed)
            np.testing.assert_allclose(distances(moved), distances(seam[0]), atol=2e-6)


# Smearing


def test_smearing_is_as_wide_as_it_says(flat):
    particles, counts = flat
    # The order would tell nothing of which particle became which.
    changed, _ = step("smear", pt=0.1, angle=0.01).change_particles(
        particles, counts, np.random.default_rng(3)
    )
    ratio = np.log(changed[:, PT].astype(float) / particles[:, PT])
    shifts = [changed[:, k].astype(float) - particles[:, k] for k in (RAPIDITY, PHI)]
    n = len(particles)
    for values, width in ((ratio, 0.1), (shifts[0], 0.01), (shifts[1], 0.01)):
        assert abs(values.std() / width - 1) < 4 / np.sqrt(2 * n)
        assert abs(values.mean()) < 4 * width / np.sqrt(n)
    assert abs(np.corrcoef([ratio, *shifts]) - np.eye(3)).max() < 4 / np.sqrt(n)
    np.testing.assert_array_equal(changed[:, PDG_ID], particles[:, PDG_ID])


def test_smearing_of_pt_alone_moves_nothing_and_of_angles_alone_keeps_pt(flat):
    random = np.random.default_rng(3)
    pt_alone = step("smear", pt=0.1, angle=0).change_particles(*flat, random)[0]
    angle_alone = step("smear", pt=0, angle=0.01).change_particles(*flat, random)[0]
    np.testing.assert_array_equal(pt_alone[:, 1:], flat[0][:, 1:])
    np.testing.assert_array_equal(angle_alone[:, [PT, PDG_ID]], flat[0][:, [PT, PDG_ID]])


# Dropping and splitting


def soft(flat, z, pt):
    """Which particles are soft, jet by jet; never the hardest."""
    found = [
        (jet[:, PT] < z * jet[:, PT].sum(dtype=float)) | (jet[:, PT] < pt) for jet in by_jet(flat)
    ]
    for jet in found:
        jet[0] = False
    return np.concatenate(found)


@pytest.mark.parametrize(("z", "pt"), [(0.02, 0), (0, 2.0), (0.02, 2.0)])
def test_soft_particles_are_lost_as_often_as_it_says_and_no_others(z, pt, flat):
    found = soft(flat, z, pt)
    everything = taken(step("drop", probability=1, z=z, pt=pt), flat)
    np.testing.assert_array_equal(everything[0], flat[0][~found])
    some = len(flat[0]) - len(taken(step("drop", probability=0.3, z=z, pt=pt), flat)[0])
    assert abs(some - 0.3 * found.sum()) < 4 * np.sqrt(0.21 * found.sum())


def test_a_jet_keeps_its_hardest_particle_even_if_all_are_soft(flat):
    particles, counts = taken(step("drop", probability=1, z=1, pt=100), flat)
    np.testing.assert_array_equal(counts, np.ones(len(flat[1])))
    np.testing.assert_array_equal(particles, flat[0][first_rows(flat[1])])


def test_soft_neutral_particles_are_split_in_two_and_nothing_of_the_jet_is_lost(flat):
    strengths = {"z": 0.05, "pt": 0.5}
    neutral = np.array([CHARGES[int(pdg_id)] == 0 for pdg_id in flat[0][:, PDG_ID]])
    splits = soft(flat, *strengths.values()) & neutral
    particles, counts = taken(step("split", probability=1, **strengths), flat)
    assert len(particles) - len(flat[0]) == splits.sum()
    for before, after in zip(by_jet(flat), by_jet((particles, counts)), strict=True):
        # Those of one direction and species come of one particle.
        kinds, which = np.unique(before[:, 1:], axis=0, return_inverse=True)
        again, where = np.unique(after[:, 1:], axis=0, return_inverse=True)
        np.testing.assert_array_equal(kinds, again)
        sums = [
            np.bincount(n.ravel(), jet[:, PT].astype(float))
            for n, jet in ((which, before), (where, after))
        ]
        # To the last bit: float32 numbers are added up in double precision.
        np.testing.assert_array_equal(*sums)
        charge, again = (sum(CHARGES[int(x)] for x in jet[:, PDG_ID]) for jet in (before, after))
        assert charge == again


def test_the_softer_of_two_takes_an_even_share(flat):
    rows = np.array([[100, 0, 0, 211]] + [[1, 0.1, 0.1, 22]] * 4000, np.float32)
    particles, counts = taken(step("split", probability=1, z=0.5), (rows, np.array([4001])))
    assert counts == [8001]
    softer = np.sort(particles[:, PT])[:4000]
    assert 0.05 <= softer.min() < 0.052
    assert 0.498 < softer.max() <= 0.5
    assert abs(softer.mean() - 0.275) < 4 * 0.13 / np.sqrt(4000)


def test_as_many_are_split_as_it_says(flat):
    every, some = (
        len(taken(step("split", probability=p, z=0.05), flat)[0]) - len(flat[0]) for p in (1, 0.3)
    )
    assert abs(some - 0.3 * every) < 4 * np.sqrt(0.21 * every)


# Together


def test_steps_are_taken_in_their_order(flat):
    steps = [step("drop", **STRONG["drop"]), step("split", **STRONG["split"]), step("rotate")]
    random = np.random.default_rng(1)
    expected = flat
    for one in steps:
        expected = augmented_particles((one,), *expected, random)
    for given, wanted in zip(taken(steps, flat), expected, strict=True):
        np.testing.assert_array_equal(given, wanted)
    assert not np.array_equal(taken(steps[::-1], flat)[0], expected[0])


@pytest.mark.parametrize(
    ("name", "strengths"),
    [
        ("rotate", {"angle": 4}),
        ("reflect", {"probability": 1.1}),
        ("smear", {"pt": -0.1}),
        ("smear", {"pt": float("nan")}),
        ("drop", {"z": 2}),
        ("split", {"probability": -1}),
        ("translate", {"pixels": 1.5}),
        ("rotate", {"turn": 1}),
    ],
)
def test_strengths_beyond_their_bounds_are_refused(name, strengths):
    with pytest.raises(ValidationError):
        step(name, **strengths)
