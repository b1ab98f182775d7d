"""What trainings start from that do not start from random weights."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jetline.configuration.starts import start_from, started_from
from jetline.configuration.words import place
from jetline.core.errors import JetlineError
from jetline.planning import paths
from jetline.planning.content import content_of
from jetline.planning.folds import Folds
from jetline.planning.places import require_literal

if TYPE_CHECKING:
    from jetline.configuration.schema import Configuration
    from jetline.planning.plan import Plan


class Starts:
    """Where the trainings of a plan start: what rules read of it, and what commands are told.

    Parameters
    ----------
    plan : Plan
        What is to be made.

    Raises
    ------
    JetlineError
        If weights that the configuration names are not there.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        for label in plan.configuration.architectures:
            for file in self._given(label):
                _require_file(plan.configuration, label, file)

    def made_here(self, wildcards: Any) -> bool:
        """Tell whether the weights are those of a training of this workflow."""
        return not self._given(wildcards.label)

    def files(self, wildcards: Any) -> list[str]:
        """Give the files that a training starts from, the weights first; none for random ones.

        With folds, each starts from the same fold of the other entry.
        """
        configuration = self._plan.configuration
        other = started_from(configuration, wildcards.label, int(wildcards.seed))
        if other is None:
            return self._given(wildcards.label)
        label, seed = other
        return [
            paths.of_fold(pattern, wildcards).replace("{label}", label).replace("{seed}", str(seed))
            for pattern in (self._plan.paths.model, self._plan.paths.training)
        ]

    def splits(self, wildcards: Any) -> list[str]:
        """Give the splits whose jets the weights must not have seen, where that is to be checked.

        First that of the dataset which is trained on. A training of this workflow has the same.
        """
        start = start_from(self._plan.configuration, wildcards.label)
        if start is None or start.training is None or start.unchecked_jets:
            return []
        split = [self._plan.trained_parts, *Folds(self._plan).test_parts]
        return list(dict.fromkeys(paths.of_fold(path, wildcards) for path in split))

    def arguments(self, wildcards: Any, input: Any) -> str:
        """Give the arguments that tell a training where it starts."""
        if not input.start:
            return ""
        words = ["--start", input.start[0]]
        if input.start_splits:
            start = start_from(self._plan.configuration, wildcards.label)
            assert start
            assert start.training
            words += ["--start-seen", paths.splits_of(str(Path(start.training).expanduser()))]
            words += ["--start-unseen", *input.start_splits]
        return " ".join(map(shlex.quote, words))

    def content(self, wildcards: Any) -> str:
        """Tell the content of weights that lie there before the workflow starts.

        Snakemake asks for dates alone, and a file may be replaced by an older one.
        """
        return " ".join(content_of(Path(file)) for file in self._given(wildcards.label))

    def _given(self, label: str) -> list[str]:
        """List the files that an entry names, which are not made here."""
        start = start_from(self._plan.configuration, label)
        if start is None:
            return []
        if start.weaver is not None:
            return [str(Path(start.weaver).expanduser())]
        if start.training is None:
            return []
        folder = Path(start.training).expanduser()
        return [str(folder / name) for name in ("model.keras", "training.json")]


def _require_file(configuration: Configuration, label: str, file: str) -> None:
    where = place("architectures", label, "start_from")
    if paths.is_training_of(configuration.run, file):
        raise JetlineError(
            where,
            found=f"{file}, of this very run",
            expected="the name of the entry that it is of, which is trained first",
            remedy=f"start_from: {paths.label_of(file)}",
        )
    require_literal(file)
    if not Path(file).is_file():
        folds = sorted(Path(file).parent.glob(f"fold-*/{Path(file).name}"))
        raise JetlineError(
            where,
            found=f"no file {file}" + (", but those of its folds" if folds else ""),
            expected="the folder of a finished training, or a file of weights",
            remedy=f"name one of the folds, such as {folds[0].parent}"
            if folds
            else "check the path, which is relative to the working directory",
        )
