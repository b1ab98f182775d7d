"""Jets whose particles are on the device, where all batches of a training are gathered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.inputs.dense import Sizes
from jetline.inputs.sample import JetSample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.inputs.view import ParticleView
    from jetline.training.gathering import Held


@dataclass(frozen=True)
class HeldSample(JetSample):
    """Chosen jets, whose particles are on the device too.

    Parameters
    ----------
    held : Held
        What is there, in the order of the sample.
    counts : (n_jets,) integer array
        Particles of each jet there.
    view : ParticleView
        Of which they are.
    """

    held: Held
    counts: np.ndarray
    view: ParticleView

    def batch(self, jets: np.ndarray) -> tuple[Any, Any]:
        """Gather the batch of the jets at these positions, without waiting for it."""
        from jetline.training.gathering import gathered

        sizes = Sizes.of(self.counts[jets], self.view, compiled=True)
        return gathered(self.held, jets.astype(np.int32), sizes, self.view)

    def batch_for_seeds(self, jets: Sequence[np.ndarray]) -> tuple[Any, Any]:
        """Gather a batch for each of several seeds, in arrays with an axis of seeds before all.

        All are as large as the largest of them needs.
        """
        from jetline.training.gathering import gathered_for_seeds

        each = [Sizes.of(self.counts[own], self.view, compiled=True) for own in jets]
        sizes = Sizes(
            max(one.particles for one in each),
            tuple(map(max, zip(*(one.widths for one in each), strict=True))),
            max(one.pairs for one in each),
        )
        stacked = np.stack(jets).astype(np.int32)
        return gathered_for_seeds(self.held, stacked, sizes, self.view)
