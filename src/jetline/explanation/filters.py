"""The filters of an Energy Flow Network in the plane of rapidity and azimuth.

P. T. Komiske, E. M. Metodiev, J. Thaler, arXiv:1810.05165, section 5: each of the functions that
are summed over particles, weighted by z, is a picture of the jet's plane. Nearer to the axis the
filters of the paper's networks are smaller, as collinear emissions ask for: were they spread evenly
over ln(R / theta) and the angle, their area would grow as theta squared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.records.explanation import Filters, Mean

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Points in ln(R / theta), from R to e^-5 R, and around the axis.
DISTANCES, ANGLES = 100, 72
_DEEPEST = 5.0


@dataclass(frozen=True)
class LogPolar:
    """Points of the plane around a jet's axis, evenly in ln(R / theta) and in the angle.

    Attributes
    ----------
    radius : float
        R.
    """

    radius: float

    @property
    def distances(self) -> np.ndarray:
        """Distances theta from the axis, falling, (DISTANCES,) float64."""
        depths = (np.arange(DISTANCES) + 0.5) * _DEEPEST / DISTANCES
        falling: np.ndarray = self.radius * np.exp(-depths)
        return falling

    @property
    def angles(self) -> np.ndarray:
        """Angles around the axis [rad], (ANGLES,) float64."""
        return (np.arange(ANGLES) + 0.5) * 2 * np.pi / ANGLES - np.pi

    @property
    def points(self) -> np.ndarray:
        """Rapidity and azimuth of each, (DISTANCES * ANGLES, 2) float32."""
        theta, angle = np.meshgrid(self.distances, self.angles, indexing="ij")
        return np.stack(
            [(theta * np.cos(angle)).ravel(), (theta * np.sin(angle)).ravel()], axis=1
        ).astype(np.float32)

    @property
    def areas(self) -> np.ndarray:
        """Area of the plane that each point stands for, (DISTANCES, ANGLES) float64."""
        of_rings = self.distances**2 * (_DEEPEST / DISTANCES) * (2 * np.pi / ANGLES)
        return np.repeat(of_rings[:, None], ANGLES, axis=1)


def filters_of(network: Any, plane: LogPolar) -> np.ndarray:
    """Compute the filters of an Energy Flow Network over the plane.

    Parameters
    ----------
    network : keras.Model
        As `jetline.models.efn` builds it: dense layers `phi_0`, `phi_1`, ... with a ReLU.
    plane : LogPolar

    Returns
    -------
    (n_filters, DISTANCES, ANGLES) float64 array
    """
    names = [layer.name for layer in network.layers if layer.name.startswith("phi_")]
    values = plane.points.astype(np.float64)
    for number in range(len(names)):
        kernel, bias = network.get_layer(f"phi_{number}").get_weights()
        values = np.maximum(values @ kernel.astype(np.float64) + bias, 0)
    return values.T.reshape(-1, DISTANCES, ANGLES)


def measure_filters(filters: np.ndarray, plane: LogPolar) -> tuple[np.ndarray, np.ndarray]:
    """Measure where filters are, and how large.

    Parameters
    ----------
    filters : (n_filters, DISTANCES, ANGLES) array
    plane : LogPolar

    Returns
    -------
    distances, areas : (n_filters,) float64 arrays
        Of the part of the plane where a filter is above half of its maximum: the mean distance from
        the axis, and the area. NaN for a filter that is 0 all over, or reaches the axis, of which
        its area would tell the distance, or the edge of the plane, which cuts it off.
    """
    areas = plane.areas
    highest = filters.max(axis=(1, 2))
    above = filters > highest[:, None, None] / 2
    sizes = (above * areas).sum(axis=(1, 2))
    cut = above[:, 0].any(axis=1) | above[:, -1].any(axis=1)
    told = (highest > 0) & ~cut
    weighted = (above * areas * plane.distances[:, None]).sum(axis=(1, 2))
    nowhere = np.full(len(filters), np.nan)
    distances = np.divide(weighted, sizes, out=nowhere.copy(), where=told)
    return distances, np.where(told, sizes, np.nan)


def sum_up(filters: np.ndarray, distances: np.ndarray, areas: np.ndarray) -> Filters:
    """Fit how the area of filters grows with their distance from the axis.

    Parameters
    ----------
    filters, distances, areas
        As `filters_of` and `measure_filters` give them.
    """
    there = ~np.isnan(areas)
    slope = None
    if there.sum() > 2:
        theta, area = np.log(distances[there]), np.log(areas[there])
        spread = theta - theta.mean()
        if (size := spread @ spread) > 0:
            value = float(spread @ area / size)
            rest = area - area.mean() - value * spread
            error = float(np.sqrt(rest @ rest / (len(rest) - 2) / size))
            slope = Mean(value=value, error=error)
    active = int((filters.max(axis=(1, 2)) > 0).sum())
    return Filters(total=len(filters), active=active, placed=int(there.sum()), slope=slope)


def radius_of(distances: Sequence[float] | np.ndarray) -> float:
    """Give the R that holds 99 % of particles at these distances from their jets' axes."""
    return float(np.quantile(distances, 0.99)) or 1.0
