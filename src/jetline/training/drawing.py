"""Draw jets from a trained model of particle clouds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
from keras import ops

from jetline.core.errors import JetlineError
from jetline.inputs.features import (
    ANGLE_SCALE,
    CORE_ANGLE,
    LN_Z_SCALE,
    LN_Z_SHIFT,
    SPECIES,
)
from jetline.inputs.flat import by_falling_pt, first_rows
from jetline.models.generative.flow_matching import WAVES
from jetline.models.layers.noise import Waves, seen_species

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

    from jetline.models.layers.spectra import Spectra

#: Jets whose particles are drawn together.
BLOCK = 500

Solver = Literal["euler", "midpoint", "heun"]

#: How often a jet is drawn again that lies outside of a window.
_TRIES = 1000


@dataclass(frozen=True)
class Way:
    """How noise is taken to particles.

    Parameters
    ----------
    solver : "euler", "midpoint" or "heun"
        Of the differential equation dx/dt = v(x, t), from t = 0 to 1 in equal steps.
    steps : int
        Their number.
    species_steps : int
        Steps in which species are told, about as many particles in each.
    """

    solver: Solver = "midpoint"
    steps: int = 20
    species_steps: int = 20


@dataclass(frozen=True)
class Window:
    """Which jets are drawn: lowest and highest values, both included; None for all there are.

    Parameters
    ----------
    pt : (float, float) or None
        Scalar sum of pT [GeV].
    multiplicity : (int, int) or None
        Number of constituents.
    """

    pt: tuple[float, float] | None = None
    multiplicity: tuple[int, int] | None = None

    def has(self, ln_pt: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """Tell which jets lie in it, (n_jets,) bool."""
        found = np.ones(len(counts), bool)
        if self.pt:
            found &= (np.exp(ln_pt) >= self.pt[0]) & (np.exp(ln_pt) <= self.pt[1])
        if self.multiplicity:
            found &= (counts >= self.multiplicity[0]) & (counts <= self.multiplicity[1])
        return found


def jets_in_window(
    spectra: Spectra, labels: np.ndarray, window: Window, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw jets of given classes within a window, as `Spectra.draw` does.

    Raises
    ------
    JetlineError
        If hardly any jet of a class lies in it.
    """
    drawn = [np.array(values) for values in spectra.draw(labels, random)]
    for _ in range(_TRIES):
        outside = np.flatnonzero(~window.has(drawn[0], drawn[2]))
        if not len(outside):
            return drawn[0], drawn[1], drawn[2]
        for values, again in zip(drawn, spectra.draw(labels[outside], random), strict=True):
            values[outside] = again
    raise JetlineError(
        "--pt-window, --multiplicity",
        found=f"a window that holds fewer than about one of {_TRIES} jets",
        expected="a window that is not rare among the jets trained on",
        remedy="choose a wider window",
    )


def draw_particles(
    model: keras.Model,
    labels: np.ndarray,
    random: np.random.Generator,
    way: Way,
    window: Window = Window(),
    progress: Callable[[int], object] = lambda _jets: None,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw jets of given classes.

    Parameters
    ----------
    model : keras.Model
        Of `FlowMatching`, trained.
    labels : (n_jets,) integer array
        Numbers of their classes.
    random : numpy.random.Generator
        Draws all that is random.
    way : Way
        How.
    window : Window
        Which.
    progress : callable
        Told the number of jets of each block that is done.

    Returns
    -------
    particles : (n_particles, 4) float32 array
        pT [GeV], rapidity, azimuth [rad] and PDG id, jet after jet, each by falling pT. Their pT
        adds up to the jet's, and their pT-weighted centroid is its axis, whose azimuth is even in
        [0, 2 pi).
    counts : (n_jets,) int64 array
        Particles of each jet.
    """
    particles, counts = [], []
    for first in range(0, len(labels), BLOCK):
        drawn, each = _draw_block(model, labels[first : first + BLOCK], random, way, window)
        particles.append(drawn)
        counts.append(each)
        progress(len(each))
    return np.concatenate(particles), np.concatenate(counts)


def _draw_block(
    model: keras.Model,
    labels: np.ndarray,
    random: np.random.Generator,
    way: Way,
    window: Window,
) -> tuple[np.ndarray, np.ndarray]:
    spectra = cast("Spectra", model.get_layer("spectra"))
    ln_pt, rapidity, counts = jets_in_window(spectra, labels, window, random)
    segments = np.repeat(np.arange(len(labels), dtype=np.int32), counts)
    of_jets = np.stack([ln_pt, rapidity], axis=1).astype(np.float32)
    tensors = {"counts": counts.astype(np.float32), "segments": segments}
    place = {name: ops.convert_to_tensor(values) for name, values in tensors.items()}
    jets = ops.convert_to_tensor(labels.astype(np.int32)), ops.convert_to_tensor(of_jets)
    told = spectra(*jets, place["counts"])
    lowest, highest = ops.convert_to_numpy(spectra.tables["bounds"])
    kinematics = np.clip(_kinematics(model, told, place, random, way), lowest, highest)
    numbers = np.zeros(len(segments), np.int64)
    if any(layer.name == "species" for layer in model.layers):
        numbers = _species(model, told, place, kinematics, random, way.species_steps)
    particles = _as_particles(kinematics, numbers, ln_pt, rapidity, counts, random)
    return by_falling_pt(particles, counts), counts


def _kinematics(
    model: keras.Model, told: Any, place: dict[str, Any], random: np.random.Generator, way: Way
) -> np.ndarray:
    """Take noise to what the network knows of each particle, (n_particles, 3) float32."""
    flow, waves = model.get_layer("flow"), Waves(WAVES)
    noise = random.standard_normal((len(place["segments"]), 3)).astype(np.float32)

    def velocity(x: Any, time: float) -> Any:
        times = ops.full((len(place["counts"]), 1), time, "float32")
        conditions = ops.concatenate([told, waves(times)], axis=1)
        return flow({"conditions": conditions, "particles": x, **place}, training=False)

    taken = follow(velocity, ops.convert_to_tensor(noise), way)
    return cast("np.ndarray", ops.convert_to_numpy(taken))


def follow(velocity: Callable[[Any, float], Any], x: Any, way: Way) -> Any:
    """Solve dx/dt = velocity(x, t) from t = 0 to 1: E. Hairer, S. Norsett, G. Wanner, II.1.

    Parameters
    ----------
    velocity : callable
        Of a position and a time.
    x : tensor
        The position at t = 0.
    way : Way
        The solver, and its number of equal steps. The midpoint's and Heun's errors fall with the
        square of their number, Euler's with it.

    Returns
    -------
    tensor
        The position at t = 1.
    """
    size = 1 / way.steps
    for step in range(way.steps):
        time = step * size
        first = velocity(x, time)
        if way.solver == "euler":
            x = x + size * first
        elif way.solver == "midpoint":
            x = x + size * velocity(x + size / 2 * first, time + size / 2)
        else:
            second = velocity(x + size * first, time + size)
            x = x + size / 2 * (first + second)
    return x


def _species(
    model: keras.Model,
    told: Any,
    place: dict[str, Any],
    kinematics: np.ndarray,
    random: np.random.Generator,
    steps: int,
) -> np.ndarray:
    """Tell the species of particles a few at a time, (n_particles,) integer.

    What is still hidden is told with a chance of one in the steps that are left, which leaves each
    share of hidden particles equally often, as in training.
    """
    naming, hidden = model.get_layer("species"), len(SPECIES)
    known = ops.convert_to_tensor(kinematics)
    numbers = np.full(len(kinematics), hidden)
    for left in range(steps, 0, -1):
        now = (numbers == hidden) & (random.random(len(numbers)) < 1 / left)
        rows = ops.concatenate([known, seen_species(numbers, hidden)], axis=1)
        logits = naming({"conditions": told, "particles": rows, **place}, training=False)
        reached = np.cumsum(ops.convert_to_numpy(ops.softmax(logits)), axis=1)
        chance = random.random((len(numbers), 1)) * reached[:, -1:]
        numbers = np.where(now, (reached <= chance).sum(axis=1), numbers)
    return numbers


def _as_particles(
    kinematics: np.ndarray,
    numbers: np.ndarray,
    ln_pt: np.ndarray,
    rapidity: np.ndarray,
    counts: np.ndarray,
    random: np.random.Generator,
) -> np.ndarray:
    """Undo `generation_features`, (n_particles, 4) float32; each jet's z add up to 1."""
    starts = first_rows(counts)
    z = np.exp(kinematics[:, 0].astype(np.float64) * LN_Z_SCALE + LN_Z_SHIFT)
    z /= np.repeat(np.add.reduceat(z, starts), counts)
    axes = rapidity, 2 * np.pi * random.random(len(counts))
    columns = [z * np.repeat(np.exp(ln_pt), counts)]
    for value, axis in zip(kinematics[:, 1:].astype(np.float64).T, axes, strict=True):
        angle = CORE_ANGLE * np.sinh(value * ANGLE_SCALE)
        centre = np.add.reduceat(z * angle, starts)
        columns.append(angle + np.repeat(axis - centre, counts))
    columns.append(np.array(SPECIES, np.float64)[numbers])
    return np.stack(columns, axis=1).astype(np.float32)
