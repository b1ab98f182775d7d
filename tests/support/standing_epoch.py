"""An epoch that changes no weight, for tests of what Keras averages on either backend."""

from __future__ import annotations

import keras
import numpy as np

from jetline.training.batches import Batches
from jetline.training.losses import cross_entropy
from jetline.training.scores import class_scores


def standing_epoch(model, sample, view, batch_size: int) -> np.ndarray:
    """Loss and accuracy of an epoch as Keras has them, then the score of each jet."""
    model.compile(keras.optimizers.SGD(1e-12), cross_entropy, metrics=["accuracy"])
    batches = Batches(sample, np.arange(len(sample)), batch_size, view)
    logs = model.fit(batches.stream(), shuffle=False, verbose=0).history
    scores = class_scores(model, sample, batch_size, view)[:, 1]
    return np.array([logs["loss"][0], logs["accuracy"][0], *scores])
