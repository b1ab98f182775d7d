"""Pictures that were confused, of a plan whose datasets hold pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jetline.planning.plan import Plan


class Pictures:
    """What is drawn of pictures; methods take Snakemake's `wildcards`, as those of `Plan` do.

    Parameters
    ----------
    plan : Plan
        What is to be made.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        configuration = plan.configuration
        #: Test datasets of pictures; of jets none.
        self.tested = [
            name for name in plan.test_on if configuration.datasets[name].holds == "pictures"
        ]

    def of_all(self, pattern: str) -> list[str]:
        """Paths for every entry and test dataset of pictures."""
        labels = self._plan.configuration.architectures if self.tested else ()
        return [
            pattern.replace("{label}", label).replace("{dataset}", name)
            for name in self.tested
            for label in labels
        ]

    def seed(self, wildcards: Any) -> int:
        """Give the first seed of an entry."""
        return self._plan.configuration.seeds_of(wildcards.label)[0]

    def predictions(self, wildcards: Any) -> str:
        """Give what the tagger with the first seed says of a test dataset."""
        path = self._plan.paths.predictions.replace("{seed}", str(self.seed(wildcards)))
        return path.replace("{label}", wildcards.label).replace("{dataset}", wildcards.dataset)

    def shards(self, wildcards: Any) -> list[str]:
        """Give the pictures of a test dataset."""
        return self._plan.shards(wildcards.dataset, "pictures")
