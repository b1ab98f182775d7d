"""What networks in half precision compute and learn, on either backend; run as a program on JAX."""

from __future__ import annotations

import sys
from pathlib import Path

import keras
import numpy as np

from jetline import models
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.shards import open_shard
from jetline.models.particle_transformer import particle_transformer
from jetline.models.particlenet import particlenet
from jetline.models.training_recipe import TrainingRecipe
from jetline.training.batches import Batches
from jetline.training.losses import cross_entropy
from jetline.training.optimisers import make_optimiser
from jetline.training.scores import class_scores
from jetline.training.steps import keras_step
from training_inputs import STATISTICS, every

PRECISIONS = ("float32", "bfloat16", "float16")

#: Smaller than by default, where that saves time without leaving a layer out.
SMALL = {
    "pfn": {"phi": [32, 32, 48], "f": [32, 32]},
    "efn": {"phi": [32, 32, 48], "f": [32, 32]},
    "cnn-paper": {"inputs": "images/color-scaled"},
    "resnet": {"blocks": [8, 16]},
}

#: Those without such options: fewer and narrower layers of the same kinds.
TINY = {
    "particlenet-lite": lambda: particlenet(13, [(4, (8, 8)), (4, (12, 12))], 16, 0),
    "particle-transformer-small": lambda: particle_transformer(
        13, (8, 16, 8), (8, 8), heads=2, blocks=1, dropout=0
    ),
    "set-transformer": lambda: particle_transformer(
        13, (8, 16, 8), (), heads=2, blocks=1, dropout=0
    ),
}


def settings_of(name: str):
    """Read the settings of an architecture, small and without dropout where it has some."""
    fields = models.settings_class(name).model_fields
    still = {"dropout": 0.0} if "dropout" in fields else {}
    return models.read_settings(name, SMALL.get(name, {}) | still)


def compiled(name: str, precision: str) -> keras.Model:
    """Build and compile a network in a precision, always with the same weights."""
    settings, statistics = settings_of(name), dict(STATISTICS)
    if settings.kind == "images":
        shape = RECIPES[settings.inputs.removeprefix("images/")].shape
        statistics |= {"shape": list(shape), "largest": [40.0] * shape[2]}
    keras.utils.set_random_seed(4)

    def build():
        model = TINY[name]() if name in TINY else settings.build(statistics)
        for layer in model.layers:
            if hasattr(layer, "rate"):
                layer.rate = 0.0
        return model

    return keras_step(
        build,
        lambda model: make_optimiser(TrainingRecipe(), 3e-4, model),
        cross_entropy,
        (),
        settings.view,
        precision=precision,
    )


def scores_and_losses(name: str, precision: str, sample, steps: int) -> np.ndarray:
    """Give the scores of 100 jets by a new network, then the losses of steps on them."""
    return trained(name, precision, sample, steps)[1]


def trained(name: str, precision: str, sample, steps: int) -> tuple[keras.Model, np.ndarray]:
    """Give a new network after steps on 100 jets, and what `scores_and_losses` gives."""
    model, view = compiled(name, precision), settings_of(name).view
    few = type(sample).choose([sample.shards[0]], [np.arange(100)])
    scores = class_scores(model, few, 100, view)[:, 1]
    assert scores.dtype == np.float32
    batch = Batches(few, np.arange(100), 100, view)[0]
    losses = [float(model.train_on_batch(*batch)) for _ in range(steps)]
    return model, np.array([*scores, *losses])


if __name__ == "__main__":
    output, steps, *folders = sys.argv[1:]
    found = {}
    for told in folders:
        architecture, _, folder = told.partition("=")
        jets = every([open_shard(Path(folder))])
        for kind in PRECISIONS[: 3 if architecture == "pfn" else 2]:
            key = f"{architecture} {kind}"
            # What single precision is asked for is its scores alone.
            asked = 0 if kind == "float32" else int(steps)
            found[key] = scores_and_losses(architecture, kind, jets, asked)
    np.savez(output, **found)
