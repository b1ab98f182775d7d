"""Where jets of each class emit, and which emissions a network attends to.

The plane is that of `jetline.observables.lund`, in ``ln(1 / dR)`` and ``ln(kt / GeV)``: the radius
of the jets, which pictures of the plane often divide by, only shifts the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.core.classes import count_by_class
from jetline.core.files import write_arrays
from jetline.explanation.explained_jets import jets_of_test
from jetline.explanation.sums import mean_of
from jetline.inputs.flat import from_centroid
from jetline.inputs.tensors import kept_particles
from jetline.inputs.view import ParticleView
from jetline.jets.constituents import PT
from jetline.records.lund import LundPlane, LundRecord

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jetline.observables.lund import Emissions
    from jetline.records.explanation import Mean

#: Edges of the plane's cells, in ln(1 / dR) and in ln(kt / GeV).
LN_ANGLE_EDGES, LN_KT_EDGES = np.linspace(0, 7, 29), np.linspace(-5, 6, 34)

#: Files of the planes, in their folder.
PLANES, ARRAYS = "lund-planes.json", "lund-planes.npz"

_JETS_AT_ONCE = 5000

#: All particles of jets, whatever they are.
_ALL = ParticleView("energy_flow", "none")


def emissions_of(particles: np.ndarray, counts: np.ndarray) -> Emissions:
    """Take jets apart, whose particles are as `jetline.inputs.flat` has them."""
    # Only now: numba takes a while to import.
    from jetline.observables.lund import primary_emissions

    rapidity, phi = from_centroid(particles, counts)
    return primary_emissions(particles[:, PT].astype(np.float64), rapidity, phi, counts)


def write_lund_planes(
    dataset: str, parts: Path, shards: Sequence[Path], classes: Sequence[str], output: Path
) -> LundRecord:
    """Measure the Lund plane of each class on the test jets of a dataset, and write it.

    Parameters
    ----------
    dataset : str
        Name of the dataset.
    parts : Path
        Its split.
    shards : sequence of Path
        Particles of its files, in its order.
    classes : sequence of str
        Names by number.
    output : Path
        Folder to write to: ``lund-planes.npz`` has for each class ``density_<number>``, emissions
        per jet and per unit of area of the plane, and ``error_<number>``.

    Raises
    ------
    JetlineError
        If the shards cannot be used, or the test part has jets of fewer than two classes.
    """
    sample = jets_of_test(parts, shards, classes)
    labels = sample.labels.astype(int)
    cells = np.zeros((len(classes), len(LN_ANGLE_EDGES) - 1, len(LN_KT_EDGES) - 1))
    emitted, hard = np.zeros(len(sample)), np.zeros(len(sample))
    for first in range(0, len(sample), _JETS_AT_ONCE):
        jets = np.arange(first, min(first + _JETS_AT_ONCE, len(sample)))
        found = emissions_of(*kept_particles(sample, jets, _ALL)[1:])
        emitted[jets] = np.bincount(found.jet, minlength=len(jets))
        hard[jets] = np.bincount(found.jet, found.ln_kt > 0, minlength=len(jets))
        for kind in np.unique(labels[jets]):
            own = labels[jets][found.jet] == kind
            cells[kind] += in_cells(found.ln_angle[own], found.ln_kt[own])
    area = np.diff(LN_ANGLE_EDGES)[:, None] * np.diff(LN_KT_EDGES)
    arrays: dict[str, np.ndarray] = {"ln_angle": LN_ANGLE_EDGES, "ln_kt": LN_KT_EDGES}
    planes = []
    for kind in np.unique(labels):
        own = labels == kind
        arrays[f"density_{kind}"] = cells[kind] / own.sum() / area
        # A jet seldom has two emissions in a cell.
        arrays[f"error_{kind}"] = np.sqrt(cells[kind]) / own.sum() / area
        planes.append(
            LundPlane(
                of=classes[kind],
                emissions=_mean(emitted[own]),
                hard=_mean(hard[own]),
                shown=float(cells[kind].sum() / max(1, emitted[own].sum())),
            )
        )
    record = LundRecord(
        dataset=dataset,
        classes=tuple(classes),
        jets=count_by_class(sample.labels, classes),
        planes=planes,
    )
    write_arrays(output / ARRAYS, **arrays)
    record.write(output / PLANES)
    return record


def in_cells(
    ln_angle: np.ndarray,
    ln_kt: np.ndarray,
    weights: np.ndarray | None = None,
    edges: tuple[np.ndarray, np.ndarray] = (LN_ANGLE_EDGES, LN_KT_EDGES),
) -> np.ndarray:
    """Count points in the cells of the plane, or sum their weights."""
    there = np.isfinite(ln_angle)
    told = None if weights is None else weights[there]
    found, _, _ = np.histogram2d(ln_angle[there], ln_kt[there], bins=list(edges), weights=told)
    return found


def _mean(values: np.ndarray) -> Mean:
    mean = mean_of(values)
    assert mean is not None  # there are jets
    return mean
