"""Entries whose seeds train together, in one job that makes what a job for each would make."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jetline.planning.paths import checkpoints_of

if TYPE_CHECKING:
    from jetline.planning.plan import Plan


class SeedsTogether:
    """The seeds of a plan; methods take Snakemake's `wildcards`, as those of `Plan` do.

    Parameters
    ----------
    plan : Plan
        What is to be made.
    """

    def __init__(self, plan: Plan) -> None:
        #: Entries whose seeds train together; often none.
        self.labels = plan.configuration.labels_together
        #: The seeds of each.
        self.seeds = list(plan.configuration.seeds)

    @property
    def pattern(self) -> str:
        """Pattern of their labels."""
        return "|".join(self.labels)

    def of_all(self, pattern: str) -> list[str]:
        """Paths of all seeds; other wildcards stay."""
        return [pattern.replace("{seed}", str(seed)) for seed in self.seeds]

    def folders(self, wildcards: Any, output: Any) -> list[str]:  # noqa: ARG002
        """Give the folder of each training."""
        return [str(Path(model).parent) for model in output.models]

    def checkpoints(self, wildcards: Any, output: Any) -> list[str]:  # noqa: ARG002
        """Give the folder of each training's checkpoints."""
        return [checkpoints_of(model) for model in output.models]
