"""Record EnergyFlow's polynomials and JetNet's physics distances for the tests.

Writes tests/references/physics_distances.npz: `particles` and `multiplicities` of bundled jets and
their `polynomials` (n_jets, 36) by EnergyFlow, whose edges are `graphs`, a text each; `real`,
`alike` and `other` (n, d) features, of which the last are of another distribution; and of each
pair with `real` JetNet's `fpd_` and `kpd_` with their errors, and `frechet_` and `mmd_` of the
whole samples.

Needs EnergyFlow and JetNet:

    python benchmarks/physics_distance_references.py
"""

from __future__ import annotations

import numpy as np
from energyflow import EFPSet
from jetnet.evaluation import gen_metrics
from recorded_jets import ROOT, recorded_jets


def polynomials() -> dict[str, np.ndarray]:
    """Compute the polynomials of recorded jets with EnergyFlow."""
    particles, counts = recorded_jets()
    polynomials = EFPSet("d<=4", measure="hadr", beta=1, normed=True, coords="ptyphim")
    jets = np.split(particles.astype(np.float64)[:, :3], np.cumsum(counts)[:-1])
    return {
        "particles": particles,
        "multiplicities": counts,
        "polynomials": np.array([polynomials.compute(jet) for jet in jets]),
        "graphs": np.array([str(list(graph)) for graph in polynomials.graphs()]),
    }


def distances(n: int = 600, d: int = 8) -> dict[str, np.ndarray]:
    """Compute distances of skewed and correlated features with JetNet."""
    random = np.random.default_rng(7)
    mixing = random.normal(size=(d, d)) / np.sqrt(d)

    def features(shift: float, width: float) -> np.ndarray:
        values = np.exp(0.5 * (shift + width * random.normal(size=(n, d)) @ mixing))
        return values.astype(np.float32).astype(np.float64)

    real = features(0, 1)
    arrays = {"real": real, "alike": features(0, 1), "other": features(0.3, 1.2)}
    for name in ("alike", "other"):
        scaled, made = gen_metrics._normalise_features(real, arrays[name])
        moments = [
            f(one, **k)
            for one in (scaled, made)
            for f, k in ((np.mean, {"axis": 0}), (np.cov, {"rowvar": False}))
        ]
        arrays |= {
            f"fpd_{name}": np.array(gen_metrics.fpd(real, arrays[name])),
            f"kpd_{name}": np.array(gen_metrics.kpd(real, arrays[name], batch_size=n)),
            f"frechet_{name}": np.array(gen_metrics._calculate_frechet_distance(*moments)),
            f"mmd_{name}": np.array(gen_metrics._mmd_poly_quadratic_unbiased(scaled, made)),
        }
    return arrays


if __name__ == "__main__":
    found = polynomials() | distances()
    path = ROOT / "tests/references/physics_distances.npz"
    np.savez_compressed(path, **found)
    for name, value in found.items():
        print(name, value if value.size < 3 else value.shape)
