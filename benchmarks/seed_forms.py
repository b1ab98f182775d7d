"""The form of seeds that train together, timed as `training_forms` are; it needs JAX."""

from __future__ import annotations

import numpy as np
from training_forms import Calls, chosen_jets, prepared


def seeds(
    name: str,
    chunks: tuple[int, int],
    batch: int,
    threads: int,
    number: int,
    device: str = "cpu",
) -> Calls:
    """Prepare so many seeds of our network that train together, each on jets in its own order.

    Parameters
    ----------
    name, chunks, batch, threads, device
        As for `training_forms.ours`.
    number : int
        Of seeds.
    """
    settings, sample, built = prepared(name, threads, True, "float32", device)
    from jetline.training.batches import Batches
    from jetline.training.seed_steps import SeedSteps, batch_for_seeds

    jets = chosen_jets(chunks, len(sample))
    models = [built() for _ in range(number)]
    steps, begun = SeedSteps(models), False

    def train(chunk: int) -> None:
        nonlocal begun
        orders = [np.roll(jets[chunk], place) for place in range(number)]
        batches = [Batches(sample, order, batch, settings.view) for order in orders]
        for place in range(len(batches[0])):
            data = batch_for_seeds(batches, place)
            if not begun:
                steps.build(data)
                steps.begin(models)
                begun = True
            losses = steps.step(data)
        np.asarray(losses)  # waits for the last step

    return {"training": train}
