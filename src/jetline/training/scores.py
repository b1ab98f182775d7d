"""Scores of a network in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import numpy as np

from jetline.training.batches import Batches

if TYPE_CHECKING:
    from jetline.inputs.sample import JetSample
    from jetline.inputs.view import ParticleView


def jit_compile(view: ParticleView | None) -> bool | str:
    """Decide whether XLA compiles a model's steps, in the words of Keras' `compile`.

    Keras decides, except for particles on TensorFlow, whose XLA compiles anew for each of the few
    dozen shapes that occur, which takes far longer than a step; one graph is as fast for all.

    Parameters
    ----------
    view : ParticleView or None
        For particles: what the model is given of them.
    """
    return False if view and keras.backend.backend() == "tensorflow" else "auto"


def class_scores(
    model: keras.Model, sample: JetSample, batch_size: int, view: ParticleView | None
) -> np.ndarray:
    """Compute the probabilities of each jet's classes, (n_jets, n_classes) float32.

    Parameters are those of `predicted`, of a model that ends in a softmax over the classes.
    """
    return predicted(model, sample, batch_size, view)


def predicted(
    model: keras.Model, sample: JetSample, batch_size: int, view: ParticleView | None
) -> np.ndarray:
    """Compute what a model gives for each jet.

    Parameters
    ----------
    model : keras.Model
        The model.
    sample : JetSample
        The jets; labels are not used.
    batch_size : int
        Jets in one step.
    view : ParticleView or None
        For particles: what the model is given of them.

    Returns
    -------
    (n_jets, ...) float32 array
    """
    given = []
    for batches in Batches(sample, np.arange(len(sample)), batch_size, view).runs():
        feed = batches.feed()
        with feed.errors():
            given.append(model.predict(batches.stream(feed), steps=batches.steps, verbose=0))
    return np.concatenate(given)
