"""Generative models of a plan, and the jets that they draw."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from jetline.planning.code_version import code_version
from jetline.sources.drawn import DrawnSource

if TYPE_CHECKING:
    from jetline.planning.plan import Plan


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

    @property
    def drawn(self) -> list[str]:
        """Datasets of the run whose jets are drawn."""
        configuration = self._plan.configuration
        return [
            name
            for name in configuration.used_datasets
            if isinstance(configuration.datasets[name], DrawnSource)
        ]

    def judged(self, pattern: str) -> list[str]:
        """Fill in a pattern for each dataset of drawn jets."""
        return [pattern.replace("{dataset}", name) for name in self.drawn]

    def page(self) -> list[str]:
        """Give the page on drawn jets, if there are any."""
        return [self._plan.paths.judgements_page] if self.drawn else []

    def drawn_files(self, wildcards: Any) -> list[str]:
        """Give the jet files of a dataset that is judged."""
        return self._jet_files(wildcards.dataset)

    def truth_files(self) -> list[str]:
        """Give the jet files that the models are trained on, in the order of their split."""
        return self._jet_files(self._plan.trained_on)

    @property
    def truth_parts(self) -> str:
        """Split of the dataset that the models are trained on."""
        return self._plan.paths.parts.replace("{dataset}", self._plan.trained_on)

    def _jet_files(self, dataset: str) -> list[str]:
        files = self._plan.split_files(dataset)
        jet_file = self._plan.jet_file
        return [jet_file(SimpleNamespace(source=source, file=file)) for source, file in files]

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
