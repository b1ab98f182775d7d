"""Observables as inputs equal those of FastJet and of plain loops, for every kind of jet."""

from __future__ import annotations

import itertools
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jetline.core.errors import JetlineError
from jetline.inputs.kinds.observables import COLUMNS, Observables, measured_columns
from jetline.inputs.making import make_shard
from jetline.inputs.shards import open_shard
from jetline.jets.formats.npz import write_jets
from jetline.observables.simple import RADIUS
from jetline.observables.table import measure_jets
from jetline.validation.measurement import MEASURED

PARTICLES = 6

#: Larger than any distance, so that nothing is recombined with the beam.
FAR = 1000.0


def named(values: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip(COLUMNS, values.T, strict=True))


def measured(*particles: tuple[float, float, float]) -> dict[str, float]:
    """Observables of one jet of photons (pT, rapidity, azimuth), with a row of padding."""
    jet = np.zeros((1, len(particles) + 1, 4))
    jet[0, : len(particles)] = [(*particle, 22) for particle in particles]
    return {name: values[0] for name, values in named(measured_columns(jet)).items()}


def apart(a, b) -> float:
    """Distance of two particles or jets, (rapidity, azimuth) each."""
    return math.hypot(a[0] - b[0], math.remainder(a[1] - b[1], 2 * math.pi))


def by_fastjet(jet: np.ndarray) -> dict[str, float]:
    """Observables of one jet, clustered by FastJet and summed up in plain loops."""
    fastjet = pytest.importorskip("fastjet")
    rows = [tuple(map(float, row[:3])) for row in jet if row[0] > 0]
    total = math.fsum(pt for pt, *_ in rows)
    z = [pt / total for pt, *_ in rows]
    where = [(y, phi) for _, y, phi in rows]

    def clustered(algorithm):
        particles = [fastjet.PtYPhiM(*row, 0) for row in rows]
        return fastjet.ClusterSequence(particles, fastjet.JetDefinition(algorithm, FAR))

    result = {}
    by_kt = clustered(fastjet.kt_algorithm)
    for n in (1, 2, 3):
        axes = [(axis.rap(), axis.phi()) for axis in by_kt.exclusive_jets(min(n, len(rows)))]
        result[f"tau_{n}"] = math.fsum(
            share * min(apart(one, axis) for axis in axes)
            for share, one in zip(z, where, strict=True)
        )

    by_angle = clustered(fastjet.cambridge_algorithm)
    (node,) = by_angle.inclusive_jets()
    whole = (node.rap(), node.phi())
    result["sd_multiplicity"] = result["sd_mass"] = 0
    groomed = False
    first, second = fastjet.PseudoJet(), fastjet.PseudoJet()
    while node.has_parents(first, second):
        pair = sorted([(one.pt(), one.rap(), one.phi()) for one in (first, second)])
        share = pair[0][0] / (pair[0][0] + pair[1][0])
        angle = apart(pair[0][1:], pair[1][1:]) / 0.4
        if angle and share > 0.007 / angle:
            result["sd_multiplicity"] += 1
        if share > 0.1 and not groomed:
            result["sd_mass"], groomed = max(node.m(), 0), True
        node = fastjet.PseudoJet(first if first.pt() > second.pt() else second)

    pairs = list(itertools.combinations(range(len(rows)), 2))
    distance = {(i, j): apart(where[i], where[j]) for i, j in pairs}
    e2 = math.fsum(z[i] * z[j] * distance[i, j] for i, j in pairs)
    e3 = math.fsum(
        z[i] * z[j] * z[k] * distance[i, j] * distance[i, k] * distance[j, k]
        for i, j, k in itertools.combinations(range(len(rows)), 3)
    )
    result["c2"], result["d2"] = (e3 / e2**2, e3 / e2**3) if e2 else (0, 0)
    result["lha"] = math.fsum(
        share * math.sqrt(apart(one, whole) / 0.4) for share, one in zip(z, where, strict=True)
    )
    carried = itertools.accumulate(sorted(z, reverse=True))
    result["n95"] = 1 + sum(share < 0.95 for share in carried)
    return result


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


def test_what_clusters_and_correlates_is_fastjets(jets):
    chosen = [*range(40), *np.argsort((jets[0][..., 0] > 0).sum(axis=1))[[0, 1, 2, 3, -1]]]
    values = named(measured_columns(jets[0][chosen]))
    reached = 0
    for number, jet in enumerate(jets[0][chosen]):
        for name, expected in by_fastjet(jet).items():
            # Constituents are in single precision; FastJet loses digits of small masses.
            found = values[name][number]
            assert found == pytest.approx(expected, rel=1e-7, abs=1e-9), (number, name)
            reached += expected > 0
    assert reached > 8 * len(chosen)


def test_what_both_tables_measure_is_the_same(jets):
    values, validated = named(measured_columns(jets[0])), measure_jets(jets[0], MEASURED)
    common = set(values) & set(validated)
    assert common == {"multiplicity", "mass", "girth", "ptd", "z_max"}
    for name in common:
        np.testing.assert_array_equal(values[name], validated[name])


def test_the_axis_of_one_subjet_is_the_jets(jets):
    values = named(measured_columns(jets[0]))
    np.testing.assert_allclose(values["tau_1"], values["girth"], rtol=1e-9)


def test_more_axes_lie_closer(jets):
    values = named(measured_columns(jets[0]))
    # Not for every jet, since the axes are those of a clustering and not the closest ones.
    assert np.mean(values["tau_2"] < values["tau_1"]) > 0.9
    assert np.mean(values["tau_3"] < values["tau_2"]) > 0.9


def test_a_jet_of_one_particle():
    values = measured((512.3, 1.6180339, 5.4321))
    ones = {"multiplicity", "ptd", "z_max", "n95"}
    assert values == {name: float(name in ones) for name in COLUMNS}


def test_a_jet_of_two_particles():
    values = measured((300, 0.1, 6.2), (100, 0.1, 6.2 + 0.2 - 2 * math.pi))
    # The axis lies closer to the harder one; the angle from it is that of the sum.
    assert values["tau_1"] == pytest.approx(2 * 0.75 * 0.25 * 0.2, rel=1e-2)
    assert values["tau_2"] == values["tau_3"] == values["c2"] == values["d2"] == 0
    assert values["sd_multiplicity"] == 1
    assert values["mass"] == pytest.approx(math.sqrt(4 * 300 * 100) * math.sin(0.1), rel=1e-12)
    assert values["sd_mass"] == pytest.approx(values["mass"], rel=1e-12)
    assert values["n95"] == 2


def test_a_soft_particle_is_groomed_away():
    values = measured((400, 0, 0), (10, 0.3, 0))
    assert values["sd_mass"] == 0
    assert values["sd_multiplicity"] == 1  # 0.024 is more than 0.007 / (0.3 / 0.4)
    assert measured((400, 0, 0), (2, 0.3, 0))["sd_multiplicity"] == 0


def test_sums_over_ordered_tuples_give_other_c2_and_d2_by_the_factors_that_are_told():
    particles = [(300, 0, 0), (150, 0.1, 0.05), (60, -0.2, 0.1), (40, 0.05, -0.3)]
    total = math.fsum(pt for pt, *_ in particles)
    z, where = [pt / total for pt, *_ in particles], [one[1:] for one in particles]
    every = range(len(particles))
    e2 = math.fsum(z[i] * z[j] * apart(where[i], where[j]) for i in every for j in every)
    e3 = math.fsum(
        math.prod(z[i] * apart(where[i], where[j]) for i, j in ((a, b), (b, c), (c, a)))
        for a, b, c in itertools.product(every, repeat=3)
    )
    values = measured(*particles)
    assert e3 / e2**2 == pytest.approx(3 / 2 * values["c2"], rel=1e-6)
    assert e3 / e2**3 == pytest.approx(3 / 4 * values["d2"], rel=1e-6)


def test_a_jet_of_three_particles():
    # An equilateral triangle of equal shares: e2 = 3 / 9 d and e3 = d^3 / 27.
    side = 0.1
    corners = [(0, 0), (side, 0), (side / 2, side * math.sqrt(3) / 2)]
    values = measured(*[(100, *corner) for corner in corners])
    assert values["c2"] == pytest.approx(side**3 / 27 / (side / 3) ** 2, rel=1e-9)
    assert values["d2"] == pytest.approx(1, rel=1e-9)
    assert values["tau_3"] == 0
    assert values["tau_2"] > 0
    # An equilateral triangle's centre is side / sqrt 3 from each corner.
    assert values["tau_1"] == pytest.approx(side / math.sqrt(3), rel=2e-3)


def test_collinear_particles_have_no_angles():
    values = measured(*[(100.1, -0.7654321, 6.1)] * 5)
    some = {"multiplicity": 5, "n95": 5, "z_max": 0.2, "ptd": math.sqrt(0.2)}
    for name, value in values.items():
        assert value == pytest.approx(some.get(name, 0), abs=1e-15), name


@pytest.mark.parametrize("opening", [1e-2, 1e-5, 1e-8])
def test_the_groomed_mass_of_a_narrow_pair_keeps_its_digits(opening):
    # The third one is soft and wide, and groomed away.
    values = measured((300, 0, 0), (200, opening, 0), (1, 0.3, 0.1))
    expected = math.sqrt(2 * 300 * 200 * 2) * math.sinh(opening / 2)
    assert values["sd_mass"] == pytest.approx(expected, rel=1e-7)


def test_n95_counts_what_just_reaches_its_share():
    assert measured((95, 0, 0), (5, 0.1, 0))["n95"] == 1
    assert measured((94, 0, 0), (6, 0.1, 0))["n95"] == 2


@settings(deadline=None)
@given(narrow_jets(), st.integers(0, 5))
def test_padding_counts_nowhere(jet, rows):
    padded = np.concatenate([jet, np.zeros((1, rows, 4))], axis=1)
    np.testing.assert_allclose(
        measured_columns(padded), measured_columns(jet), rtol=1e-9, atol=1e-9
    )


def shifted(jets: np.ndarray, boost: float, turn: float, scale: float) -> np.ndarray:
    moved = jets.astype(float)
    present = moved[..., 0] > 0
    moved[..., 0] *= scale
    moved[..., 1] += np.where(present, boost, 0)
    moved[..., 2] += np.where(present, turn, 0)
    return moved


@settings(deadline=None, max_examples=30)
@given(st.floats(-6.3, 6.3), st.floats(-2, 2), st.floats(0.1, 10), st.integers(0, 99))
def test_order_rotations_and_boosts_change_nothing_and_masses_scale(jets, turn, boost, scale, seed):
    few = jets[0][:20].astype(float)
    moved = shifted(few, boost, turn, scale)
    numbers = np.random.default_rng(seed)
    for jet in moved:
        n = np.count_nonzero(jet[:, 0])
        jet[:n] = numbers.permutation(jet[:n])
    found, expected = named(measured_columns(moved)), named(measured_columns(few))
    for name, values in expected.items():
        factor = scale if name in ("mass", "sd_mass") else 1
        np.testing.assert_allclose(found[name], values * factor, rtol=1e-6, err_msg=name)


@settings(deadline=None)
@given(narrow_jets())
def test_every_observable_of_any_narrow_jet_is_a_number_within_its_bounds(jet):
    values = {name: column[0] for name, column in named(measured_columns(jet)).items()}
    assert all(math.isfinite(value) and value >= 0 for value in values.values())
    n = values["multiplicity"]
    assert 1 <= values["n95"] <= n
    assert values["sd_multiplicity"] < n
    assert values["sd_mass"] <= values["mass"] * (1 + 1e-6) + 1e-5
    for axes in (1, 2, 3):
        assert values[f"tau_{axes}"] == 0 or n > axes


def test_jets_across_the_seam_of_the_azimuth_are_not_torn_apart(jets):
    few = jets[0][:50].astype(float)
    torn = few.copy()
    torn[..., 2] = np.mod(torn[..., 2], 2 * np.pi)
    np.testing.assert_allclose(measured_columns(torn), measured_columns(few), rtol=1e-6, atol=1e-9)


# The table of a file


def test_the_shard_holds_every_observable_in_the_files_order(jets, tmp_path):
    path = tmp_path / "jets.npz"
    write_jets(path, *jets)
    make_shard(Observables(), path, tmp_path / "shard")
    shard = open_shard(tmp_path / "shard")
    assert shard.columns == list(COLUMNS)
    table = shard.arrays["observables"]
    assert table.dtype == np.float32
    np.testing.assert_array_equal(table, measured_columns(jets[0]).astype(np.float32))
    np.testing.assert_array_equal(shard.labels, jets[1])
    assert shard.manifest.inputs == "observables"
    assert "identity" not in shard.manifest


def test_others_can_read_the_table(jets, tmp_path):
    pandas = pytest.importorskip("pandas")
    write_jets(tmp_path / "jets.npz", *jets)
    make_shard(Observables(), tmp_path / "jets.npz", tmp_path / "shard")
    table = pandas.read_parquet(tmp_path / "shard/observables.parquet")
    assert list(table.columns) == list(COLUMNS)
    assert table["multiplicity"].iloc[3] == np.count_nonzero(jets[0][3, :, 0])


@pytest.mark.parametrize("damage", ["removed", "cut", "changed", "renamed"])
def test_a_damaged_table_is_refused(jets, tmp_path, damage):
    from jetline.inputs.tables import read_table, write_table

    write_jets(tmp_path / "jets.npz", jets[0][:100], jets[1][:100])
    make_shard(Observables(), tmp_path / "jets.npz", tmp_path / "shard")
    path = tmp_path / "shard/observables.parquet"
    columns, values = read_table(path)
    if damage == "removed":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-100])
    elif damage == "changed":
        values[7, 1] *= 1.001
        write_table(path, columns, values)
    else:
        write_table(path, columns[::-1], values)
    with pytest.raises(JetlineError, match=r"observables\.parquet") as refused:
        open_shard(tmp_path / "shard")
    assert "run the workflow again" in refused.value.remedy


def test_what_is_no_jet_is_told(tmp_path):
    far = np.array([[[500, 0, 0, 22], [500, 400, 0, 22]]], float)
    near = np.array([[[500, 0, 0, 22], [500, 0.1, 0, 22]]], float)
    write_jets(tmp_path / "jets.npz", np.concatenate([near, far]), np.array([0, 1]))
    with pytest.raises(JetlineError, match="jet 1 "):
        make_shard(Observables(), tmp_path / "jets.npz", tmp_path / "shard")
    assert not (tmp_path / "shard/manifest.json").exists()


def test_memory_does_not_grow_with_the_file(jets, tmp_path):
    peaks = []
    measured_columns(jets[0][:5])  # compiles
    for copies in (4, 16):
        write_jets(tmp_path / "jets.npz", *(np.concatenate([array] * copies) for array in jets))
        tracemalloc.start()
        make_shard(Observables(), tmp_path / "jets.npz", tmp_path / "shard")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    table = 12 * len(jets[0]) * len(COLUMNS) * 4
    assert peaks[1] - peaks[0] < 4 * table


def test_the_radius_is_the_benchmarks():
    assert RADIUS == 0.4
