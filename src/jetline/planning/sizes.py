"""How much there is to do, by which steps ask for more or less of a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jetline.planning.plan import Plan

#: Jets of a run up to which the split and the statistics take a second or two each, less than the
#: submission of a job.
_FEW = 100_000


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
