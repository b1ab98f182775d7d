"""Generative models, trained in epochs as networks that tell classes are."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from jetline.core.classes import classes_in
from jetline.core.errors import JetlineError
from jetline.inputs.flat import first_rows
from jetline.inputs.tensors import kept_particles
from jetline.models.layers.spectra import FEWEST, tabulate
from jetline.training.generation import Generation
from jetline.training.loop import Jets, Loop
from jetline.training.method import method_for
from jetline.training.trainers.trainer import Assignment, Trainer

if TYPE_CHECKING:
    from jetline.inputs.sample import JetSample
    from jetline.inputs.view import ParticleView
    from jetline.models.architecture import Network
    from jetline.training.trained import Trained

#: Jets that are looked at together.
_BLOCK = 4096


class GenerativeTraining(Trainer):
    """Train a generative model in epochs; its jets' spectra are tabulated first."""

    def train(self, asked: Assignment) -> Trained:
        """Train, going on from the checkpoint if there is one."""
        network = cast("Network", asked.architecture)
        told = {}
        if network.view is not None:
            classes = classes_in(asked.statistics)
            told["spectra"] = spectra_of(asked.training, network.view, classes)
        loop = Loop(
            network,
            method_for(network, Generation()),
            asked.seed,
            Jets(asked.training, asked.validation),
            asked.statistics | told,
            asked.checkpoint,
            asked.checkpoint_minutes,
        )
        return loop.run(asked.on_epoch)


def spectra_of(
    sample: JetSample, view: ParticleView, classes: tuple[str, ...]
) -> dict[str, np.ndarray]:
    """Tabulate what `jetline.models.layers.spectra.Spectra` holds of jets.

    Raises
    ------
    JetlineError
        If there are too few jets of a class.
    """
    labels = sample.labels
    each = np.bincount(labels, minlength=len(classes))
    if each.min() < FEWEST:
        name = classes[int(each.argmin())]
        raise JetlineError(
            f"training part, class {name}",
            found=f"{each.min()} jets",
            expected=f"{FEWEST} or more, to draw jets of their momenta and multiplicities",
            remedy="train on more jets, or leave the class out",
        )
    numbers = np.arange(len(sample))
    found, bounds = [], []
    for first in range(0, len(sample), _BLOCK):
        features, _, counts = kept_particles(sample, numbers[first : first + _BLOCK], view)
        found.append(np.column_stack([features[first_rows(counts), 4:], counts]))
        bounds.append([features[:, :3].min(axis=0), features[:, :3].max(axis=0)])
    ln_pt, rapidity, counts = np.concatenate(found).T
    lowest, highest = np.array(bounds).transpose(1, 0, 2)
    return tabulate(labels, ln_pt, rapidity, counts, len(classes)) | {
        "bounds": np.stack([lowest.min(axis=0), highest.max(axis=0)])
    }
