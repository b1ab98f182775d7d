"""The compiled loops over jets that centre their constituents and histogram them.

They depend on no recipe: a recipe is a set of arguments, and the steps between the two loops. All
that they call stands in this file, because code kept on disk is told to be out of date by its file
alone; a step is a loop in a file of its own.
"""

from __future__ import annotations

import math

import numpy as np

from jetline.core.compiled import compiled, inner
from jetline.jets.constituents import PDG_ID, PHI, PT, RAPIDITY

#: Numbers of the ways of centring.
CENTRINGS = ("none", "centroid", "hardest", "pixel")
_NONE, _HARDEST, _PIXEL = 0, 2, 3

_TURN = 2 * math.pi


@inner
def wrapped(angle: float) -> float:
    """Bring an azimuth difference [rad] into [-pi, pi); leave one that lies there as it is."""
    if -math.pi <= angle < math.pi:
        return angle
    return (angle + math.pi) % _TURN - math.pi


@inner
def pixel(value: float, edges: np.ndarray, per_width: float) -> int:
    """Find the pixel of a value by `numpy.histogram`'s rules; -1 outside the edges."""
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
def snapped(particles: np.ndarray, n: int, column: int, width: float, middle: int) -> np.ndarray:
    """Find the pixels along one axis by EnergyFlow's rule (`pixelate` of version 1.4).

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


@inner
def locate(
    particles: np.ndarray,
    centring: int,
    wrap_azimuth: bool,
    low: float,
    high: float,
    y: np.ndarray,
    phi: np.ndarray,
) -> int:
    """Bring a jet relative to its centre, or into the window; give its multiplicity.

    Parameters
    ----------
    particles : (M, 4) float array
        Constituents of a jet as in a valid jet file.
    centring : int
        Place in `CENTRINGS`; with `pixel` nothing is moved.
    wrap_azimuth : bool
        Without centring: whether azimuths outside the window are brought into it by whole turns.
    low, high : float
        The window in azimuth [rad].
    y, phi : (M,) float64 arrays
        Overwritten by rapidity and azimuth [rad].
    """
    n = 0
    while n < len(particles) and particles[n, PT] > 0:  # padding stands only at the end
        y[n], phi[n] = particles[n, RAPIDITY], particles[n, PHI]
        n += 1
    if centring == _NONE and wrap_azimuth:
        for i in range(n):
            if not low <= phi[i] <= high:
                phi[i] = low + (phi[i] - low) % _TURN
    elif centring != _NONE and centring != _PIXEL:
        centre(particles, n, centring == _HARDEST, y, phi)
    return n


@compiled
def locate_jets(
    constituents: np.ndarray,
    centring: int,
    wrap_azimuth: bool,
    low: float,
    high: float,
    multiplicities: np.ndarray,
    y: np.ndarray,
    phi: np.ndarray,
) -> None:
    """Bring jets relative to their centres for steps that move them.

    Parameters
    ----------
    constituents : (n_jets, M, 4) float array
        As in a valid jet file.
    centring, wrap_azimuth, low, high
        As `locate` has them.
    multiplicities : (n_jets,) int64 array
        Overwritten by the constituents of each jet.
    y, phi : (n_jets, M) float64 arrays
        Overwritten by rapidity and azimuth [rad].
    """
    for jet in range(len(constituents)):
        multiplicities[jet] = locate(
            constituents[jet], centring, wrap_azimuth, low, high, y[jet], phi[jet]
        )


@compiled
def fill_images(
    constituents: np.ndarray,
    multiplicities: np.ndarray,
    y: np.ndarray,
    phi: np.ndarray,
    moved: bool,
    centring: int,
    wrap_azimuth: bool,
    low: float,
    high: float,
    rapidity_edges: np.ndarray,
    azimuth_edges: np.ndarray,
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
    multiplicities, y, phi
        What `locate_jets` and the steps give of the jets, if they are `moved`; else one jet's
        place in memory, overwritten.
    moved : bool
        Whether the jets have been placed and moved already.
    centring, wrap_azimuth, low, high
        As `locate` has them.
    rapidity_edges, azimuth_edges : (pixels + 1,) float64 arrays
        Edges of the pixels.
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
    row, column = np.empty(rows + 1, np.int64), np.empty(rows + 1, np.int64)
    place = np.empty(rows + 1, np.int64)
    sums = np.zeros(pixels * pixels * n_channels)
    totals = np.zeros(n_channels)
    for jet in range(n_jets):
        particles = constituents[jet]
        if moved:
            n, y_jet, phi_jet = multiplicities[jet], y[jet], phi[jet]
        else:
            y_jet, phi_jet = y[0], phi[0]
            n = locate(particles, centring, wrap_azimuth, low, high, y_jet, phi_jet)

        if centring == _PIXEL:
            rows_met = snapped(particles, n, RAPIDITY, height, pixels // 2)
            columns_met = snapped(particles, n, PHI, width, pixels // 2)
            for i in range(n):
                row[i] = int(rows_met[i]) if 0 <= rows_met[i] < pixels else -1
                column[i] = int(columns_met[i]) if 0 <= columns_met[i] < pixels else -1
        else:
            for i in range(n):
                row[i] = pixel(y_jet[i], rapidity_edges, 1 / height)
                column[i] = pixel(phi_jet[i], azimuth_edges, 1 / width)
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
