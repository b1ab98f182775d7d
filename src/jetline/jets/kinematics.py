"""Differences of azimuth."""

from __future__ import annotations

import numpy as np


def wrap(phi: np.ndarray) -> np.ndarray:
    """Bring an azimuth difference [rad] into [-pi, pi)."""
    return np.mod(phi + np.pi, 2 * np.pi) - np.pi
