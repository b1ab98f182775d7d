"""Ways from noise to particles, of which a network learns the way back."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("jetline")
class StraightPath(keras.layers.Layer):
    """Put the particles of each jet somewhere on the straight way from noise.

    Y. Lipman et al., arXiv:2210.02747, with paths of no width (X. Liu et al., arXiv:2209.03003):
    x_t = (1 - t) x_0 + t x_1 with x_0 normal and t of the jet even in [0, 1). A network that gives
    the expected velocity x_1 - x_0 at each x_t takes noise to particles.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator()

    def call(self, particles: Any, segments: Any, counts: Any) -> Any:
        """Draw noise and times.

        Parameters
        ----------
        particles : (n_particles, width) float tensor
            x_1.
        segments : (n_particles,) int32 tensor
            The jet of each particle; n_jets for padding.
        counts : (n_jets,) tensor
            Only its length is used.

        Returns
        -------
        on_way : (n_particles, width) float tensor
            x_t.
        velocity : (n_particles, width) float tensor
            x_1 - x_0.
        time : (n_jets, 1) float tensor
            t.
        """
        jets = ops.shape(counts)[0]
        noise = keras.random.normal(ops.shape(particles), seed=self.seed_generator)
        time = keras.random.uniform((jets, 1), seed=self.seed_generator)
        padded = ops.concatenate([time, ops.zeros((1, 1), time.dtype)])
        own = ops.take(padded, segments, axis=0)
        return (1 - own) * noise + own * particles, particles - noise, time

    def compute_output_spec(self, particles: Any, segments: Any, counts: Any) -> Any:
        """Give the specs of the three."""
        like = keras.KerasTensor(particles.shape, particles.dtype)
        again = keras.KerasTensor(particles.shape, particles.dtype)
        return like, again, keras.KerasTensor((counts.shape[0], 1), particles.dtype)


@keras.saving.register_keras_serializable("jetline")
class Masked(keras.layers.Layer):
    """Hide the species of some particles of each jet.

    The discrete counterpart of a path: each species is hidden with a probability that is drawn for
    the jet, evenly in (0, 1]. A network that gives the probabilities of what is hidden, given what
    is not, draws species a few at a time (A. Campbell et al., arXiv:2402.04997, masking).

    Parameters
    ----------
    species : int
        Number of species.
    """

    def __init__(self, species: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.species = species
        self.seed_generator = keras.random.SeedGenerator()

    def call(self, numbers: Any, segments: Any, counts: Any) -> Any:
        """Draw what is hidden.

        Parameters
        ----------
        numbers : (n_particles,) int32 tensor
            Numbers of the species.
        segments, counts
            As those of `StraightPath`.

        Returns
        -------
        seen : (n_particles, species + 1) float tensor
            One at the number of the species, or at the last place where it is hidden.
        hidden : (n_particles, 1) float tensor
            One where it is hidden.
        """
        jets = ops.shape(counts)[0]
        share = keras.random.uniform((jets, 1), seed=self.seed_generator)
        padded = ops.concatenate([share, ops.zeros((1, 1), share.dtype)])
        own = ops.take(padded, segments, axis=0)
        chance = keras.random.uniform(ops.shape(own), seed=self.seed_generator)
        hidden = ops.cast(chance <= own, "int32")
        numbers = ops.where(hidden[:, 0] == 1, self.species, numbers)
        return seen_species(numbers, self.species), ops.cast(hidden, self.compute_dtype)

    def compute_output_spec(self, numbers: Any, segments: Any, counts: Any) -> Any:
        """Give the specs of the two."""
        seen = keras.KerasTensor((numbers.shape[0], self.species + 1), self.compute_dtype)
        return seen, keras.KerasTensor((numbers.shape[0], 1), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """Give the layer's options."""
        return super().get_config() | {"species": self.species}


def seen_species(numbers: Any, species: int) -> Any:
    """Give one at the number of each particle's species, the last of species + 1 being hidden."""
    return ops.one_hot(numbers, species + 1, dtype=keras.config.floatx())


@keras.saving.register_keras_serializable("jetline")
class Waves(keras.layers.Layer):
    """Give a time in [0, 1] as cosines and sines of 1 to `waves` half turns.

    Parameters
    ----------
    waves : int
        Number of waves.
    """

    def __init__(self, waves: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.waves = waves

    def call(self, time: Any) -> Any:
        """Give (n_jets, 2 waves) of times (n_jets, 1)."""
        turns = ops.convert_to_tensor([[3.141592653589793 * (n + 1) for n in range(self.waves)]])
        angles = time * ops.cast(turns, time.dtype)
        return ops.concatenate([ops.cos(angles), ops.sin(angles)], axis=1)

    def compute_output_shape(self, time_shape: Any) -> Any:
        """Give the shape of the waves."""
        return (time_shape[0], 2 * self.waves)

    def get_config(self) -> dict[str, Any]:
        """Give the layer's options."""
        return super().get_config() | {"waves": self.waves}
