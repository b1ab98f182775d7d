"""Generative models of a plan, and the jets that they draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from jetline.planning.code_version import code_version

if TYPE_CHECKING:
    from jetline.planning.plan import Plan
    from jetline.sources.drawn import DrawnSource


class Generative:
    """What the rules of generative models read, and what their commands are told.

    Parameters
    ----------
    plan : Plan
        What is to be made.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def of_all(self) -> list[str]:
        """Give the model of each training of a generative model."""
        configuration, model = self._plan.configuration, self._plan.paths.model
        return [
            model.replace("{label}", label).replace("{seed}", str(seed))
            for label in configuration.generative
            for seed in configuration.seeds_of(label)
        ]

    def model(self, wildcards: Any) -> str:
        """Give the model that draws a jet file."""
        return self._drawing(self._plan.paths.model, wildcards)

    def record(self, wildcards: Any) -> str:
        """Give the record of its training."""
        return self._drawing(self._plan.paths.training, wildcards)

    def gpus(self, wildcards: Any) -> int:
        """Give the number of GPUs that a job asks for which draws jets."""
        on_gpu = self._plan.configuration.entries[self._source(wildcards).model].on_gpu
        return 0 if self._plan.configuration.device == "cpu" else int(on_gpu)

    def drawing_code(self, wildcards: Any) -> str:
        """Give the version of the code that draws from such a model."""
        model = self._plan.configuration.entries[self._source(wildcards).model]
        return code_version("training.drawn_files", *model.modules)

    def _source(self, wildcards: Any) -> DrawnSource:
        return cast("DrawnSource", self._plan.sources(wildcards)[0])

    def _drawing(self, path: str, wildcards: Any) -> str:
        source = self._source(wildcards)
        seed = source.training_seed
        if seed is None:
            seed = self._plan.configuration.seeds_of(source.model)[0]
        return path.replace("{label}", source.model).replace("{seed}", str(seed))
