"""Measure how surely near copies of jets are found, how often by chance, and in what time.

Three results: the share found of changed copies, with species and without; the pairs of independent
jets that are alike, for jets as they are and for jets cut to their hardest constituents; and the
seconds for two million jets. Run it with::

    python benchmarks/near_copies.py FOLDER/*.npz

on files of independent jets, which `jetline generate` makes. To measure on jets that nothing was
chosen on, name those that the tolerances and rates come from after ``--seen``: then these are
searched as well, but pairs of two of them do not count.
"""

from __future__ import annotations

import argparse
import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from jetline.inputs import likeness
from jetline.jets.constituents import PHI, PT, RAPIDITY
from jetline.jets.invariants import invariants, species_sums
from jetline.jets.reading import read_jets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SMEARINGS = (0.0, 0.001, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1)
_MOVED = (0.002, 0.005, 0.02)
_HARDEST = (10, 12, 15, 20, 30, 40, 50)
_LARGE = 2_000_000
#: Jets of each file that are copied.
_COPIED = 4000


def near_copies(
    constituents: np.ndarray, rng: np.random.Generator, smearing: float, *, angles: bool = True
) -> np.ndarray:
    """Turn, mirror, shift, scale and smear jets, all at random.

    Parameters
    ----------
    constituents : (n_jets, M, 4) array
        Padded constituents.
    rng : numpy.random.Generator
        What is random.
    smearing : float
        Relative standard deviation of each transverse momentum and of each angle from the axis.
    angles : bool
        Smear the angles too.
    """
    jets = constituents.astype(np.float64)
    real = jets[..., PT] > 0
    n, shape = len(jets), real.shape
    z = jets[..., PT] / jets[..., PT].sum(axis=1, keepdims=True)
    hardest = z.argmax(axis=1)[:, None]
    y, phi = (
        jets[..., column] - np.take_along_axis(jets[..., column], hardest, axis=1)
        for column in (RAPIDITY, PHI)
    )
    phi = np.mod(phi + np.pi, 2 * np.pi) - np.pi
    y -= (z * y).sum(axis=1, keepdims=True)
    phi -= (z * phi).sum(axis=1, keepdims=True)
    if angles:
        y *= 1 + smearing * rng.normal(size=shape)
        phi *= 1 + smearing * rng.normal(size=shape)
    y *= rng.choice([-1, 1], (n, 1))
    turn = rng.uniform(0, 2 * np.pi, (n, 1))
    y, phi = np.cos(turn) * y - np.sin(turn) * phi, np.sin(turn) * y + np.cos(turn) * phi
    jets[..., PT] *= 1.000001 * np.abs(1 + smearing * rng.normal(size=shape))
    jets[..., RAPIDITY] = np.where(real, y + rng.normal(0, 0.5, (n, 1)), 0)
    jets[..., PHI] = np.where(real, phi + rng.uniform(0, 4 * np.pi, (n, 1)), 0)
    return jets.astype(np.float32)


def multiplicities(constituents: np.ndarray) -> np.ndarray:
    """Count the constituents of each jet."""
    return np.count_nonzero(constituents[..., PT], axis=1)


def share_found(
    files: Sequence[np.ndarray],
    change: Callable[[np.ndarray, np.random.Generator], np.ndarray],
    *,
    species: bool = True,
) -> float:
    """Measure which share of the jets that are compared is found again, with species or without."""
    rng, found, all_jets = np.random.default_rng(1), 0, 0
    for constituents in files:
        jets = constituents[:_COPIED]
        jets = jets[multiplicities(jets) >= likeness.FEWEST]
        both = np.concatenate([jets, change(jets, rng)])
        sums = species_sums(both) if species else np.zeros(len(both), np.uint64)
        earliest = likeness.earliest_alike(
            invariants(both), multiplicities(both), sums, np.arange(len(both))
        )
        found += np.count_nonzero(earliest[len(jets) :] < len(jets))
        all_jets += len(jets)
    return found / all_jets


def turned_in_space(constituents: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rotate the momenta about the jet's own in three dimensions."""
    jets = constituents.astype(np.float64)
    real = jets[..., PT] > 0
    pt, y, phi = jets[..., PT], jets[..., RAPIDITY], jets[..., PHI]
    momenta = np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(y)], axis=-1)
    axis = momenta.sum(axis=1, keepdims=True)
    axis /= np.linalg.norm(axis, axis=-1, keepdims=True)
    turn = rng.uniform(0, 2 * np.pi, (len(jets), 1, 1))
    along = axis * (axis * momenta).sum(axis=-1, keepdims=True)
    momenta = np.cos(turn) * (momenta - along) + np.sin(turn) * np.cross(axis, momenta) + along
    jets[..., PT] = np.hypot(momenta[..., 0], momenta[..., 1])
    jets[..., RAPIDITY] = np.arcsinh(momenta[..., 2] / np.where(real, jets[..., PT], 1))
    jets[..., PHI] = np.arctan2(momenta[..., 1], momenta[..., 0])
    return jets.astype(np.float32)


def angles_moved(by: float) -> Callable[[np.ndarray, np.random.Generator], np.ndarray]:
    """Smear the momenta by 2 %, and add a normal number times `by` to each angle."""

    def change(constituents: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        jets = near_copies(constituents, rng, 0.02, angles=False)
        real = jets[..., PT] > 0
        for column in (RAPIDITY, PHI):
            jets[..., column] += np.where(real, rng.normal(0, by, real.shape), 0)
        return jets

    return change


def chance(files: Sequence[np.ndarray], hardest: int | None) -> np.ndarray:
    """Count what chance does among independent jets, cut to their hardest constituents or not.

    Returns
    -------
    (5,) float64 array
        Jets, pairs of one multiplicity, pairs alike by shape and by species, and the largest
        number of either that `likeness.CHANCE` expects.
    """
    if not files:
        return np.zeros(5)
    if hardest:
        files = [np.ascontiguousarray(jets[:, :hardest]) for jets in files]
    n = np.concatenate([multiplicities(jets) for jets in files])
    values = np.concatenate([invariants(jets) for jets in files])
    species = np.concatenate([species_sums(jets) for jets in files])
    if hardest:
        values, species, n = values[n == hardest], species[n == hardest], n[n == hardest]
    alike = [
        likeness.alike(view, values, n, groups, np.arange(len(n)))[1]
        for view, groups in ((likeness.BY_SHAPE, n), (likeness.BY_SPECIES, species))
    ]
    counts = np.bincount(n)
    compared = counts[likeness.FEWEST :].astype(float)
    pairs = (compared * (compared - 1)).sum() / 2
    return np.array([len(n), pairs, *alike, likeness.expected_among(counts)])


def seconds_for(jets: int, values: np.ndarray, n: np.ndarray, species: np.ndarray) -> float:
    """Time the search among as many jets, drawn from real ones and moved beyond the tolerances."""
    rng = np.random.default_rng(2)
    drawn = rng.integers(len(n), size=jets)
    enlarged = values[drawn]
    noise = 4 * likeness.NOISE * 6 / np.sqrt(np.maximum(n[drawn], 1))[:, None]
    enlarged += (noise * rng.normal(0, 1, enlarged.shape)).astype(np.float32)
    rank = rng.permutation(jets)
    start = time.perf_counter()
    likeness.earliest_alike(enlarged, n[drawn], species[drawn], rank)
    return time.perf_counter() - start


def by_pt(paths: Sequence[str]) -> list[np.ndarray]:
    """Read jet files, constituents of each jet sorted by falling pT."""
    files = []
    for path in paths:
        constituents = read_jets(path).constituents
        order = np.argsort(-constituents[..., PT], axis=1)
        files.append(np.take_along_axis(constituents, order[..., None], axis=1))
    return files


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+")
    parser.add_argument("--seen", nargs="*", default=[])
    arguments = parser.parse_args()
    files, seen = by_pt(arguments.files), by_pt(arguments.seen)
    changes = {
        f"turned, mirrored, shifted, smeared by {100 * size:g} %": partial(
            near_copies, smearing=size
        )
        for size in _SMEARINGS
    }
    changes |= {f"pT smeared by 2 %, angles by {by:g}": angles_moved(by) for by in _MOVED}
    changes["turned in three dimensions"] = turned_in_space
    print("| copies | found | without species |\n|---|---|---|")
    for name, change in changes.items():
        shares = [share_found(files, change, species=species) for species in (True, False)]
        print(f"| {name} | " + " | ".join(f"{100 * s:.2f} %" for s in shares) + " |", flush=True)
    print(
        "\n| jets | number | pairs of one multiplicity | by shape | by species | rate | expected |"
    )
    print("|---|---|---|---|---|---|---|")
    for hardest in (None, *_HARDEST):
        found = chance([*files, *seen], hardest) - chance(seen, hardest)
        count, pairs, shape, species, expected = found
        name = f"the {hardest} hardest constituents" if hardest else "as they are"
        row = name, f"{count:,.0f}", f"{pairs:.2g}", f"{shape:,.0f}", f"{species:,.0f}"
        row += f"{(shape + species) / pairs:.1e}", f"{expected:,.4g}"
        print(f"| {' | '.join(row)} |", flush=True)
    n = np.concatenate([multiplicities(jets) for jets in files])
    start = time.perf_counter()
    values = np.concatenate([invariants(jets) for jets in files])
    sums = np.concatenate([species_sums(jets) for jets in files])
    print(f"\ninvariants: {len(n) / (time.perf_counter() - start):,.0f} jets/s")
    for fixed in (False, True):
        seconds = seconds_for(_LARGE, values, np.full_like(n, 40) if fixed else n, sums)
        kind = "all of one multiplicity" if fixed else "of their own multiplicities"
        print(f"{_LARGE:,} jets {kind}: {seconds:.1f} s", flush=True)
