"""Taggers of a plan as models that run elsewhere, if the configuration asks for them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from jetline.export.packages import require_packages

if TYPE_CHECKING:
    from jetline.planning.folds import Folds
    from jetline.planning.plan import Plan


class Exports:
    """Exported taggers; methods take Snakemake's `wildcards`, as those of `Plan` do.

    Parameters
    ----------
    plan : Plan
        What is to be made.
    folds : Folds
        Its folds, whose taggers are exported each.

    Raises
    ------
    JetlineError
        If exports are asked for, and a package is missing.
    """

    def __init__(self, plan: Plan, folds: Folds) -> None:
        self._plan, self._folds = plan, folds
        if plan.configuration.export:
            require_packages()
        #: Dataset on whose test jets they are compared.
        self.dataset = plan.test_on[0]

    @property
    def parts(self) -> str:
        """Split of the dataset, by which a single tagger tests."""
        return self._folds.test_parts[0]

    def of_all(self) -> list[str]:
        """Give the comparison of every tagger, of each fold: none unless it is asked for."""
        asked = self._plan.configuration.export
        return self._folds.of_all(*self._plan.trainings(self._plan.paths.compared)) if asked else []

    def jets(self) -> list[str]:
        """Give the jet files of the dataset's split; of pictures, none."""
        return jets_of_split(self._plan, self.dataset)

    def shards(self, wildcards: Any) -> list[str]:
        """Give the shards of the dataset that a tagger takes."""
        return self._plan.shards(self.dataset, self._plan.architecture(wildcards).inputs)


def jets_of_split(plan: Plan, dataset: str) -> list[str]:
    """Give the jet files of a dataset's split, in its order; of pictures, none."""
    if dataset not in plan.configuration.jet_datasets:
        return []
    files = plan.split_files(dataset)
    return [plan.jet_file(SimpleNamespace(source=key, file=name)) for key, name in files]
