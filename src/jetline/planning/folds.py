"""The folds of a run: one tagger each for every label and seed, whose scores are joined.

Without folds there is a single one, and nothing is joined. With folds, paths of what is made for
each have the wildcard ``{fold}``, which counts from 0.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from jetline.inputs.folds import require_folds

if TYPE_CHECKING:
    from jetline.planning.plan import Plan

_FOLD = "{fold}"


class Folds:
    """The folds of a plan; methods take Snakemake's `wildcards`, as those of `Plan` do.

    Parameters
    ----------
    plan : Plan
        What is to be made.

    Raises
    ------
    JetlineError
        If whole files are dealt, and there are fewer than folds.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._dataset = SimpleNamespace(dataset=plan.trained_on)
        #: How many there are.
        self.number = plan.configuration.folds
        if self.number > 1:
            n_files = len(plan.files[plan.trained_on])
            require_folds(self.number, plan.configuration.split.by, n_files)

    def of_all(self, *patterns: str) -> list[str]:
        """Paths of all folds, each pattern filled in for each; other wildcards stay."""
        return list(
            dict.fromkeys(
                pattern.replace(_FOLD, str(fold))
                for pattern in patterns
                for fold in range(self.number)
            )
        )

    @property
    def index(self) -> list[str]:
        """Index of each jet file that is dealt into folds."""
        return self._plan.indices(self._dataset)

    @property
    def source(self) -> str:
        """Key of the source of these jet files."""
        return self._plan.dataset_key(self._dataset)

    @property
    def together(self) -> str:
        """Split of the dataset that the taggers train on, of all folds together."""
        return self._plan.paths.parts.replace("{dataset}", self._plan.trained_on)

    @property
    def test_parts(self) -> list[str]:
        """Split of each test dataset, by which a single tagger tests."""
        plan = self._plan
        return [
            plan.trained_parts if parts == self.together else parts
            for parts in plan.tests(plan.paths.parts)
        ]

    def cut_parts(self, wildcards: Any) -> list[str]:
        """Give the splits by which cuts are tested on a dataset: one, or that of each fold."""
        if wildcards.dataset == self._plan.trained_on:
            return self.of_all(self._plan.trained_parts)
        return [self._plan.paths.parts.replace("{dataset}", wildcards.dataset)]

    def training_folders(self, wildcards: Any, input: Any) -> list[str]:  # noqa: ARG002
        """Give the folder of each training that is joined."""
        return [str(Path(record).parent) for record in input.records]

    def argument(self, wildcards: Any) -> str:
        """Give the argument that tells which fold a training is of, if there are folds."""
        return f"--fold {shlex.quote(wildcards.fold)}" if self.number > 1 else ""
