"""How much there is to do, by which steps ask for more or less of a cluster."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from jetline.models.architecture import Network
from jetline.planning.growth import SNAKEMAKES, growth

if TYPE_CHECKING:
    from jetline.models.architecture import Architecture
    from jetline.planning.plan import Plan

#: Jets of a run up to which the split and the statistics take a second or two each, less than the
#: submission of a job.
_FEW = 100_000

#: Training speeds of the architectures as they come, jets/s on one core (docs/performance.md,
#: rounded down); of trees, jets times trees.
SPEEDS = {
    "cnn": 4000,
    "cnn-paper": 900,
    "efn": 7000,
    "flow-matching": 100,
    "observables": 1_000_000,
    "particle-transformer": 140,
    "particle-transformer-small": 300,
    "particlenet": 90,
    "particlenet-lite": 1000,
    "pfn": 6500,
    "resnet": 700,
    "set-transformer": 500,
}
#: Settings of an architecture's own that hardly change its speed.
_CHEAP = frozenset({"identity", "observables"})
#: How many times the time by these speeds a training asks for: cores differ, and are shared.
_GENEROUS = 4
#: Minutes that a training asks for at least; at most, and where its speed is not known.
_SHORTEST, _LONGEST = 60, 24 * 60


class Sizes:
    """Sizes of what is to be made.

    Parameters
    ----------
    plan : Plan
        What is to be made.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def jets(self, dataset: str) -> int:
        """Estimate how many jets a dataset has, rather too many than too few."""
        source = self._plan.configuration.datasets[dataset]
        return source.jets_in(self._plan.files[dataset])

    @property
    def few(self) -> bool:
        """Whether small steps on all jets of a dataset cost less than a job of a cluster."""
        return sum(map(self.jets, self._plan.datasets)) <= _FEW

    def split_memory(self, wildcards: Any, attempt: int) -> int:
        """Give the memory that a split asks for [MB], more when it is tried again."""
        datasets = {getattr(wildcards, "dataset", self._plan.trained_on), self._plan.trained_on}
        # docs/performance.md: 0.9 GB for two million jets.
        memory = 1000 + sum(map(self.jets, datasets)) // 2000
        return growth(attempt) * (memory + SNAKEMAKES)

    def training_minutes(self, wildcards: Any) -> int:
        """Give the time that a training asks for [minutes].

        One that takes longer goes on after its last checkpoint when it is tried again.
        """
        architecture = self._plan.architecture(wildcards)
        if not self._speed_is_known(architecture):
            return _LONGEST
        jets = self.jets(self._plan.trained_on)
        if architecture.training_jets is not None:
            jets = min(jets, architecture.training_jets)
        seconds = _GENEROUS * jets * architecture.epochs / SPEEDS[architecture.architecture]
        return min(max(_SHORTEST, math.ceil(seconds / 60)), _LONGEST)

    def _speed_is_known(self, architecture: Architecture) -> bool:
        """Whether a training has the measured network, on images as large as those."""
        fields = type(architecture).model_fields
        own = set(fields) - set(Network.model_fields) - _CHEAP
        images = self._plan.configuration.recipes
        return (
            architecture.architecture in SPEEDS
            and architecture.scan is None
            and architecture.inputs.removeprefix("images/") not in images
            and all(getattr(architecture, name) == fields[name].default for name in own)
        )
