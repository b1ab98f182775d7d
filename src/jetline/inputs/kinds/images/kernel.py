"""The compiled loop over jets that histograms their constituents.

It depends on no recipe: a recipe is a set of arguments. All that it calls stands in this file,
because code kept on disk is told to be out of date by its file alone.
"""

from __future__ import annotations

import math

import numpy as np

from jetline.core.compiled import compiled, inner
from jetline.jets.constituents import PDG_ID, PHI, PT, RAPIDITY

#: Numbers of the ways of centring.
CENTRINGS = ("none", "centroid", "hardest", "pixel")
_HARDEST, _PIXEL = 2, 3

_TURN = 2 * math.pi
_ON_AXIS = 1e-9


@inner
def wrapped(angle: float) -> float:
    """An azimuth difference [rad] in [-pi, pi); one that lies there already is left as it is."""
    if -math.pi <= angle < math.pi:
        return angle
    return (angle + math.pi) % _TURN - math.pi


@inner
def pixel(value: float, edges: np.ndarray, per_width: float) -> int:
    """Pixel of a value by `numpy.histogram`'s rules; -1 outside the edges."""
    last = len(edges) - 1
    if not edges[0] <= value <= edges[last]:
        return -1
    steps = (value - edges[0]) * per_width
    index = int(steps)
    if not 1e-6 < steps - index < 1 - 1e-6:
        # So close to an edge that the division's rounding would decide: the edges do.
        index = min(index, last - 1)
        while value < edges[index]:
            index -= 1
        while index < last - 1 and value >= edges[index + 1]:
            index += 1
    return index


@inner
def centre(particles: np.ndarray, n: int, on_hardest: bool, y: np.ndarray, phi: np.ndarray) -> None:
    """Make rapidities `y` and azimuths `phi` of a jet of `n` relative to its centre."""
    # All relative to the hardest constituent first, so that no jet is torn apart where the azimuth
    # begins, and one of a single particle lies exactly in the middle.
    hardest = particles[:n, PT].argmax()
    y_hardest, phi_hardest = y[hardest], phi[hardest]
    y_mean, phi_mean, total = 0.0, 0.0, 0.0
    for i in range(n):
        y[i] -= y_hardest
        phi[i] = wrapped(phi[i] - phi_hardest)
        y_mean += particles[i, PT] * y[i]
        phi_mean += particles[i, PT] * phi[i]
        total += particles[i, PT]
    if not on_hardest:
        for i in range(n):
            y[i] -= y_mean / total
            phi[i] = wrapped(phi[i] - phi_mean / total)


@inner
def turn(particles: np.ndarray, n: int, y: np.ndarray, phi: np.ndarray) -> None:
    """Rotate a jet so that the principal axis of its second moments points along rapidity."""
    yy, yphi, phiphi = 0.0, 0.0, 0.0
    for i in range(n):
        yy += particles[i, PT] * y[i] * y[i]
        yphi += particles[i, PT] * y[i] * phi[i]
        phiphi += particles[i, PT] * phi[i] * phi[i]
    angle = 0.5 * math.atan2(2 * yphi, yy - phiphi)
    cosine, sine = math.cos(angle), math.sin(angle)
    for i in range(n):
        y[i], phi[i] = cosine * y[i] + sine * phi[i], cosine * phi[i] - sine * y[i]


@inner
def mirror(particles: np.ndarray, n: int, y: np.ndarray, phi: np.ndarray) -> None:
    """Mirror a jet so that the quadrant with most pT is that of larger rapidity and azimuth."""
    quadrants = np.zeros((2, 2))
    for i in range(n):
        # On an axis, up to rounding, a constituent lies in the quadrants on both sides of it:
        # neither the centre nor a principal axis decides by the last digit.
        for below in range(int(y[i] < -_ON_AXIS), 1 + int(y[i] < _ON_AXIS)):
            for left in range(int(phi[i] < -_ON_AXIS), 1 + int(phi[i] < _ON_AXIS)):
                quadrants[below, left] += particles[i, PT]
    most = quadrants.argmax()
    for i in range(n):
        y[i] = -y[i] if most >= 2 else y[i]
        phi[i] = -phi[i] if most % 2 else phi[i]


@inner
def snapped(particles: np.ndarray, n: int, column: int, width: float, middle: int) -> np.ndarray:
    """Pixels along one axis by EnergyFlow's rule (`pixelate` of version 1.4).

    The pixels are those of a grid fixed in rapidity and azimuth; the one that holds the centroid
    becomes the middle one; an edge belongs to the lower pixel.
    """
    hardest = particles[particles[:n, PT].argmax(), column]
    values = np.empty(n)
    mean, total = 0.0, 0.0
    for i in range(n):
        values[i] = particles[i, column]
        difference = values[i] - hardest
        if column == PHI and not -math.pi <= difference < math.pi:
            difference = wrapped(difference)
            values[i] = hardest + difference
        mean += particles[i, PT] * difference
        total += particles[i, PT]
    shift = math.ceil((hardest + mean / total) / width - 0.5) - middle
    return np.ceil(values / width - 0.5) - shift


@inner
def deposit(
    particles: np.ndarray,
    n: int,
    place: np.ndarray,
    channels_of: np.ndarray,
    padding_channels: int,
    by_pt: np.ndarray,
    shared: np.ndarray,
    sums: np.ndarray,
    totals: np.ndarray,
) -> None:
    """Add up what each constituent, and the padding behind them, adds to its pixel."""
    for i in range(n + 1):
        if place[i] < 0:
            continue
        if i < n:
            species = int(particles[i, PDG_ID]) + len(channels_of) // 2
            entered = channels_of[species] if 0 <= species < len(channels_of) else 0
            pt, count = float(particles[i, PT]), 1.0
        else:
            entered, pt, count = padding_channels, 0.0, float(len(particles) - n)
        for channel in range(len(by_pt)):
            if entered >> channel & 1:
                weight = pt if by_pt[channel] else count
                sums[place[i] + channel] += weight
                if shared[channel] >= 0:
                    totals[shared[channel]] += weight


@compiled
def fill_images(
    constituents: np.ndarray,
    rapidity_edges: np.ndarray,
    azimuth_edges: np.ndarray,
    centring: int,
    rotate: bool,
    flip: bool,
    wrap_azimuth: bool,
    channels_of: np.ndarray,
    padding_channels: int,
    by_pt: np.ndarray,
    shared: np.ndarray,
    density: np.ndarray,
    images: np.ndarray,
) -> None:
    """Image jets.

    Sums run in the order of the constituents, in double precision.

    Parameters
    ----------
    constituents : (n_jets, M, 4) float array
        As in a valid jet file.
    rapidity_edges, azimuth_edges : (pixels + 1,) float64 arrays
        Edges of the pixels.
    centring : int
        Place in `CENTRINGS`.
    rotate, flip, wrap_azimuth : bool
        As in the recipe.
    channels_of : (2 k + 1,) int64 array
        Bits of the channels that a constituent enters, by its PDG id + k.
    padding_channels : int
        Bits of the channels that padding enters, at the origin.
    by_pt : (n_channels,) bool array
        Whether a constituent adds its pT, not one.
    shared : (n_channels,) int64 array
        Channels of equal number are divided by their common sum; -1 is not divided.
    density : (n_channels,) bool array
        Whether the channel is divided by each pixel's area too.
    images : (n_jets, pixels, pixels, n_channels) float32 array
        Overwritten.
    """
    n_jets, rows = constituents.shape[:2]
    pixels, n_channels = images.shape[1], images.shape[3]
    heights, widths = np.diff(rapidity_edges), np.diff(azimuth_edges)
    height = (rapidity_edges[pixels] - rapidity_edges[0]) / pixels
    width = (azimuth_edges[pixels] - azimuth_edges[0]) / pixels
    origin = (pixel(0.0, rapidity_edges, 1 / height), pixel(0.0, azimuth_edges, 1 / width))
    y, phi = np.empty(rows), np.empty(rows)
    row, column = np.empty(rows + 1, np.int64), np.empty(rows + 1, np.int64)
    place = np.empty(rows + 1, np.int64)
    sums = np.zeros(pixels * pixels * n_channels)
    totals = np.zeros(n_channels)
    for jet in range(n_jets):
        particles = constituents[jet]
        n = 0
        while n < rows and particles[n, PT] > 0:  # padding stands only at the end
            y[n], phi[n] = particles[n, RAPIDITY], particles[n, PHI]
            n += 1

        if centring == _PIXEL:
            y[:n] = snapped(particles, n, RAPIDITY, height, pixels // 2)
            phi[:n] = snapped(particles, n, PHI, width, pixels // 2)
            for i in range(n):
                row[i] = int(y[i]) if 0 <= y[i] < pixels else -1
                column[i] = int(phi[i]) if 0 <= phi[i] < pixels else -1
        else:
            if centring != 0:
                centre(particles, n, centring == _HARDEST, y, phi)
            elif wrap_azimuth:
                low, high = azimuth_edges[0], azimuth_edges[pixels]
                for i in range(n):
                    if not low <= phi[i] <= high:
                        phi[i] = low + (phi[i] - low) % _TURN
            if rotate:
                turn(particles, n, y, phi)
            if flip:
                mirror(particles, n, y, phi)
            for i in range(n):
                row[i] = pixel(y[i], rapidity_edges, 1 / height)
                column[i] = pixel(phi[i], azimuth_edges, 1 / width)
        row[n], column[n] = origin if padding_channels and n < rows else (-1, -1)
        for i in range(n + 1):
            inside = row[i] >= 0 and column[i] >= 0
            place[i] = (row[i] * pixels + column[i]) * n_channels if inside else -1

        totals[:] = 0
        deposit(particles, n, place, channels_of, padding_channels, by_pt, shared, sums, totals)
        image = images[jet].reshape(pixels * pixels * n_channels)
        for i in range(len(image)):  # an assignment to a slice is slower
            image[i] = 0
        for i in range(n + 1):
            if place[i] < 0:
                continue
            for channel in range(n_channels):
                value = sums[place[i] + channel]
                # A pixel met before has been written, and its sum begun anew.
                if value:
                    sums[place[i] + channel] = 0
                    if density[channel]:
                        value = value / heights[row[i]] / widths[column[i]]
                    if shared[channel] >= 0:
                        value /= totals[shared[channel]]
                    image[place[i] + channel] = value
