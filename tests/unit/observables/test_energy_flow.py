"""Energy-flow polynomials: EnergyFlow's own values, and their definition."""

from __future__ import annotations

import ast
import itertools

import numpy as np
import pytest

from jetline.jets.kinematics import Frame
from jetline.observables.energy_flow import CONNECTED, POLYNOMIALS, energy_flow_polynomials


@pytest.fixture(scope="module")
def recorded(root) -> dict[str, np.ndarray]:
    """EnergyFlow's polynomials of bundled jets (`benchmarks/physics_distance_references.py`)."""
    with np.load(root / "tests/references/physics_distances.npz", allow_pickle=False) as archive:
        return dict(archive)


def padded(particles: np.ndarray, counts: np.ndarray) -> np.ndarray:
    jets = np.zeros((len(counts), counts.max(), 4))
    jets[np.arange(counts.max()) < counts[:, None]] = particles
    return jets


def edges_of(polynomial: tuple[int, ...]) -> list[tuple[int, int]]:
    """Edges of the connected graphs side by side."""
    edges: list[tuple[int, int]] = []
    for graph in polynomial:
        first = 1 + max((vertex for edge in edges for vertex in edge), default=-1)
        edges += [(first + one, first + other) for one, other in CONNECTED[graph]]
    return edges


def same_graph(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> bool:
    """Whether a renumbering of vertices turns one multigraph into the other."""
    vertices = 1 + max((v for edge in [*one, *other] for v in edge), default=-1)
    wanted = sorted(tuple(sorted(edge)) for edge in other)
    return any(
        sorted(tuple(sorted((to[a], to[b]))) for a, b in one) == wanted
        for to in itertools.permutations(range(vertices))
    )


def test_the_polynomials_are_energy_flows(recorded):
    jets = padded(recorded["particles"], recorded["multiplicities"])
    found = energy_flow_polynomials(Frame.of(jets))
    # A jet of one particle has no distances: all but the constant are 0.
    np.testing.assert_allclose(found, recorded["polynomials"], rtol=1e-6, atol=1e-13)
    assert np.array_equal(found[0], np.eye(36)[0])


def test_each_polynomial_is_the_graph_that_energy_flow_names(recorded):
    theirs = [ast.literal_eval(text) for text in recorded["graphs"]]
    ours = [edges_of(one) for one in POLYNOMIALS]
    small = [k for k in range(36) if max((v for e in ours[k] for v in e), default=0) < 6]
    assert len(small) >= 34
    assert all(same_graph(ours[k], theirs[k]) for k in small)


def test_a_polynomial_is_the_sum_over_all_constituents_of_its_vertices():
    random = np.random.default_rng(3)
    jet = np.zeros((1, 4, 4))
    jet[0, :3] = np.column_stack([random.exponential(size=3), random.normal(size=(3, 3)) / 5])
    # Across the seam of the azimuth.
    jet[0, :3, 2] += 3.1
    frame = Frame.of(jet)
    z, y, phi = frame.z[0], frame.rapidity[0], frame.phi[0]
    apart = np.hypot(y[:, None] - y, phi[:, None] - phi)
    found = energy_flow_polynomials(frame)[0]
    for value, polynomial in zip(found, POLYNOMIALS, strict=True):
        edges = edges_of(polynomial)
        vertices = 1 + max((v for edge in edges for v in edge), default=-1)
        at = np.array(list(itertools.product(range(3), repeat=vertices)), np.int64)
        factors = [z[at].prod(axis=1), *(apart[at[:, a], at[:, b]] for a, b in edges)]
        assert value == pytest.approx(np.prod(factors, axis=0).sum(), rel=1e-10)


def test_the_order_of_constituents_and_padding_change_nothing(jets):
    constituents = jets[0][:20].astype(np.float64)
    n = np.count_nonzero(constituents[..., 0], axis=1)
    turned = np.zeros((20, constituents.shape[1] + 7, 4))
    for jet, number in enumerate(n):
        turned[jet, :number] = constituents[jet, :number][::-1]
    np.testing.assert_allclose(
        energy_flow_polynomials(Frame.of(turned)),
        energy_flow_polynomials(Frame.of(constituents)),
        rtol=1e-9,
    )
