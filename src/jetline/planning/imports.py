"""Foreign files of a plan, which are imported before anything else reads them."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jetline.core.errors import JetlineError
from jetline.jets.containers import CONTAINERS
from jetline.jets.told_species import IDENTITIES
from jetline.planning import paths
from jetline.planning.code_version import code_version
from jetline.planning.content import content_of

if TYPE_CHECKING:
    from jetline.planning.plan import Plan

#: What was understood of a foreign file, beside the jets of it.
RECORD = paths.JET_FILE.replace(".npz", ".import.json")


class Imports:
    """What is imported; methods take Snakemake's `wildcards`, as those of `Plan` do.

    Parameters
    ----------
    plan : Plan
        What is to be made.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def file(self, wildcards: Any) -> str:
        """Give the path of a foreign file.

        Raises
        ------
        JetlineError
            If no dataset has such a file.
        """
        for name, source in self._plan.configuration.datasets.items():
            path = self._plan.originals[name].get(wildcards.file)
            if source.key == wildcards.source and path:
                return path
        raise JetlineError(
            f"target that needs the file {wildcards.file} of source {wildcards.source}",
            found="none in the configuration",
            expected="a file of one of its datasets",
            remedy="name a target of this configuration, or give the configuration that has it",
        )

    def layout(self, wildcards: Any) -> str:
        """Give the argument that tells the layout, where the dataset does."""
        told = getattr(self._plan.sources(wildcards)[0], "layout_told", None)
        if told is None:
            return ""
        text = told if isinstance(told, str) else json.dumps(told, sort_keys=True)
        return f"--layout {shlex.quote(text)}"

    def weights(self, wildcards: Any) -> str:
        """Give the argument that names the column of the jets' weights, where there is one."""
        column = self._plan.sources(wildcards)[0].weights_array
        return f"--weights {shlex.quote(column)}" if column else ""

    def identity(self, wildcards: Any, output: Any) -> str:  # noqa: ARG002
        """Give what the taggers are told of species at most.

        Snakemake takes it for derived from the output: another tagger imports nothing again.
        """
        told = {
            str(self._plan.inputs[one.inputs].identity or getattr(one, "identity", "none"))
            for one in self._plan.configuration.architectures.values()
        }
        return max(told, key=IDENTITIES.index)

    def content(self, wildcards: Any) -> str:
        """Tell the content of a foreign file, which may be replaced by an older one."""
        return content_of(Path(self.file(wildcards)))

    def code(self, wildcards: Any) -> str:
        """Give the version of the code that imports such a file."""
        name = self.file(wildcards).lower()
        kinds = [key for key, kind in CONTAINERS.items() if name.endswith(kind.endings)]
        return code_version("jets.importing", *map(CONTAINERS.module, kinds or CONTAINERS))
