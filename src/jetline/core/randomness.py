"""Random numbers that depend on a seed and on names, never on the order of jobs."""

from __future__ import annotations

import hashlib

import numpy as np


def seed_sequence(seed: int, *parts: str | int) -> np.random.SeedSequence:
    """Make the seed sequence of a configuration's seed and the named parts of what it is for.

    Parameters
    ----------
    seed : int
        The configuration's seed, non-negative.
    *parts : str or int
        What the numbers are for, such as ``"split", "sample", "QG_jets_0"``. Names enter by
        their SHA-256, because Python salts its own ``hash`` anew in every process.
    """
    entropy = [seed]
    for part in parts:
        digest = hashlib.sha256(f"{type(part).__name__}:{part}".encode()).digest()
        entropy.append(int.from_bytes(digest[:16], "little"))
    return np.random.SeedSequence(entropy)


def small_seed(seed: int, *parts: str | int) -> int:
    """Derive a 31-bit seed for libraries that take only one number."""
    return int(seed_sequence(seed, *parts).generate_state(1)[0] >> 1)


def generator(seed: int, *parts: str | int) -> np.random.Generator:
    """Make a NumPy generator of `seed_sequence`."""
    return np.random.default_rng(seed_sequence(seed, *parts))
