"""What all generative models have in common."""

from __future__ import annotations

from typing import ClassVar

from jetline.models.architecture import Network


class GenerativeModel(Network):
    """Settings of one entry under `generative` in the configuration.

    What it builds takes jets with their classes, and gives the loss of each jet, (n_jets, 1): all
    randomness is drawn inside, from seeds that the checkpoints hold, so that it is trained, stopped
    and continued as a tagger is.
    """

    trainer: ClassVar[str] = "generation"
