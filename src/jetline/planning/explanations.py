"""What the taggers of a plan decide on, if the configuration asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jetline.planning.folds import Folds
    from jetline.planning.plan import Plan


class Explanations:
    """Explanations of taggers; methods take Snakemake's `wildcards`, as those of `Plan` do.

    Parameters
    ----------
    plan : Plan
        What is to be made.
    folds : Folds
        Its folds, whose taggers are explained each.
    """

    def __init__(self, plan: Plan, folds: Folds) -> None:
        self._plan, self._folds = plan, folds
        self._asked = plan.configuration.explain
        #: Dataset whose test jets are explained.
        self.dataset = plan.test_on[0]

    @property
    def settings(self) -> str:
        """What is asked for, as JSON."""
        return self._asked.model_dump_json() if self._asked else "{}"

    @property
    def parts(self) -> str:
        """Split of the dataset, by which a single tagger tests."""
        return self._folds.test_parts[0]

    @property
    def arrays(self) -> str:
        """What is drawn of an explanation."""
        return f"{self._plan.paths.explanation.removesuffix('.json')}.npz"

    def of_all(self, *patterns: str) -> list[str]:
        """Paths for every tagger that is explained, of each fold: none if none is."""
        return self._folds.of_all(*self._plan.trainings(*patterns)) if self._asked else []

    def page(self) -> list[str]:
        """Give the page on all of them, if there are any."""
        return [self._plan.paths.explanations_page] if self._asked else []

    def observables(self) -> list[str]:
        """Give the observables of the dataset's jets; pictures have none."""
        holds = self._plan.configuration.datasets[self.dataset].holds
        return self._plan.shards(self.dataset, "observables") if holds == "jets" else []

    @property
    def lund_arrays(self) -> str:
        """The Lund planes themselves."""
        return f"{self._plan.paths.lund_planes.removesuffix('.json')}.npz"

    @property
    def whole_parts(self) -> str:
        """Split of the dataset, of all folds together."""
        return self._plan.paths.parts.replace("{dataset}", self.dataset)

    def particles(self) -> list[str]:
        """Give the particles of the dataset's jets."""
        return self._plan.shards(self.dataset, "particles")

    def lund_planes(self) -> list[str]:
        """Give the Lund planes of the dataset's jets, if they are asked for; pictures have none."""
        holds = self._plan.configuration.datasets[self.dataset].holds
        return [self._plan.paths.lund_planes] if self._asked and holds == "jets" else []

    def lund_argument(self, wildcards: Any, input: Any) -> str:  # noqa: ARG002
        """Give the argument that names the Lund planes, where there are any."""
        return " ".join(["--lund-planes", *input.lund_planes]) if input.lund_planes else ""

    def shards(self, wildcards: Any) -> list[str]:
        """Give the shards of the dataset that a tagger takes."""
        return self._plan.shards(self.dataset, self._plan.architecture(wildcards).inputs)
