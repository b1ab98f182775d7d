"""Choose the bundled jets on which outputs of other packages' networks are recorded for the tests.

This module imports none of those packages: each is recorded in a process of its own.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from jetline.inputs.kinds.particles import flatten

ROOT = Path(__file__).parents[1]
#: Multiplicities of the recorded jets, up to the largest of the sample; if it has no such jet, the
#: hardest constituents of a larger one are taken.
MULTIPLICITIES = (1, 2, 3, 16, 17, 18, 31, 43, 64, 100, 118, 125)


def recorded_jets() -> tuple[np.ndarray, np.ndarray]:
    """Return particles (n_particles, 4) float32 and multiplicities of the recorded jets."""
    jets = []
    for path in sorted((ROOT / "resources/sample").glob("*.npz")):
        with np.load(path, allow_pickle=False) as archive:
            particles, offsets = flatten(archive["X"])
        jets += np.split(particles, offsets[1:-1])
    counts = np.array([len(jet) for jet in jets])
    chosen = []
    for n in MULTIPLICITIES:
        nearest = counts[counts >= n].min()
        chosen.append(jets[np.flatnonzero(counts == nearest)[0]][:n])
    return np.concatenate(chosen), np.array(MULTIPLICITIES)


def write_reference(name: str, logits: np.ndarray, single: np.ndarray, **arrays) -> None:
    """Write an architecture's file for the tests, and print a summary.

    Parameters
    ----------
    name : str
        File name without its ending.
    logits, single : (n_jets, 2) arrays
        Logits in float64 and in float32.
    arrays : arrays
        All other arrays, by name.
    """
    print(f"{name}: logits spread by {logits.std(axis=0)}, ", end="")
    print(f"float32 is off by up to {np.abs(single - logits).max():.1e}")
    path = ROOT / f"tests/references/{name}.npz"
    np.savez_compressed(path, logits=logits, logits_float32=single, **arrays)
    print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB")
