"""What the command of each rule is told, and of which version its code is.

Methods take Snakemake's `wildcards` first, and where they need them the job's `input` or `output`:
objects with these as attributes. Only what is taken from these has the prefix of a workflow that
uses this one as a module.
"""

from __future__ import annotations

import functools
import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jetline.configuration.scans import entry_of
from jetline.core.classes import QUARK_GLUON
from jetline.evaluation.figures_of_merit import FIGURES_OF_MERIT
from jetline.inputs.parts import PARTS
from jetline.jets.formats import JET_FORMATS
from jetline.jets.reading import format_by_name
from jetline.planning import paths
from jetline.planning.code_version import code_version
from jetline.planning.content import content_of
from jetline.planning.growth import SNAKEMAKES, growth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jetline.planning.plan import Plan


class Arguments:
    """Arguments of the commands of a plan.

    Parameters
    ----------
    plan : Plan
        What is to be made.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        # Of every jet file several jobs ask for the same versions.
        self._code_version = functools.cache(code_version)

    def source(self, wildcards: Any, output: Any) -> str:  # noqa: ARG002
        """Give the arguments that tell the command of a source how to make a jet file.

        Snakemake takes a function of the output for derived from it: what the key leaves out, such
        as mirrors to download from, does not make a jet file again.
        """
        sources = self._plan.sources(wildcards)
        return _quoted(type(sources[0]).arguments(sources))

    def check(self, wildcards: Any) -> str:
        """Give the arguments that tell what is known of a jet file before it is checked."""
        source = self._plan.sources(wildcards)[0]
        sha256 = source.sha256(wildcards.file)
        known = ["--sha256", sha256] if sha256 else []
        known += ["--weights", source.weights_array] if source.weights_array else []
        return _quoted(known if source.holds == "jets" else [*known, "--holds", source.holds])

    def classes(self, wildcards: Any) -> str:  # noqa: ARG002
        """Give the argument that names the classes, where they are not quark and gluon."""
        classes = self._plan.configuration.classes
        return "" if classes == QUARK_GLUON else _quoted(["--classes", ",".join(classes)])

    def content(self, wildcards: Any) -> str:
        """Tell the content of a jet file that lies there before the workflow starts.

        Snakemake asks for dates alone, and a file may be replaced by an older one. Of a file that
        the workflow makes nothing is told: before it is made there is nothing to tell.
        """
        path = self._plan.jet_file(wildcards)
        return "" if path.startswith(f"{paths.RESULTS}/") else content_of(Path(path))

    def shard(self, wildcards: Any) -> str:
        """Give the arguments that tell which inputs to make."""
        kind = self._plan.by_folder[wildcards.inputs]
        recipe = [] if kind.recipe is None else ["--recipe", json.dumps(kind.recipe)]
        return _quoted(["--inputs", kind.inputs, *recipe])

    def shard_memory(self, wildcards: Any, attempt: int) -> int:
        """Give the memory that a shard's job asks for [MB], more when it is tried again."""
        memory = self._plan.by_folder[wildcards.inputs].memory_mb + SNAKEMAKES
        return growth(attempt) * memory

    def shard_code(self, wildcards: Any) -> str:
        """Give the version of the code that makes such a shard."""
        modules = self._plan.by_folder[wildcards.inputs].modules
        return self._code_version("inputs.making", *modules, *self._format_modules(wildcards))

    def statistics_code(self, wildcards: Any) -> str:
        """Give the version of the code that computes the statistics of such shards."""
        return self._code_version("inputs.statistics", *self._plan.inputs[wildcards.inputs].modules)

    def split(self, wildcards: Any) -> str:
        """Give the settings of a dataset's split, as one argument; of folds without a wildcard."""
        dataset = getattr(wildcards, "dataset", self._plan.trained_on)
        settings = self._plan.configuration.split.model_dump()
        if self._plan.configuration.folds > 1:
            settings = {key: value for key, value in settings.items() if key not in PARTS}
        folded = self._plan.configuration.folds > 1 and dataset != self._plan.trained_on
        if folded or self._plan.configuration.datasets[dataset].tests_alone:
            # No tagger has seen any of its jets.
            settings |= {"train": 0.0, "validation": 0.0, "test": 1.0}
        if named := self._plan.named_parts:
            files = self._plan.split_files(dataset)
            settings = {key: value for key, value in settings.items() if key not in PARTS}
            settings["parts"] = [named[file] for file in files]
        return json.dumps(settings)

    def flatten(self, wildcards: Any, input: Any) -> str:  # noqa: ARG002
        """Give the argument that tells a split which spectra are flattened."""
        asked = ",".join(self._plan.configuration.flatten)
        return _quoted(["--flatten", asked]) if input.measured else ""

    def split_code(self, wildcards: Any) -> str:
        """Give the version of the code that splits: what it is to flatten counts where it does."""
        flattens = ["validation.spectra"] if self._plan.flattened(wildcards) else []
        return self._code_version("inputs.split", *flattens)

    def trained_elsewhere(self, wildcards: Any, input: Any) -> str:  # noqa: ARG002
        """Give the arguments that tell a split that the taggers train on another dataset."""
        return _quoted(["--trained-parts", *input.trained_parts]) if input.trained_parts else ""

    def configuration(self, wildcards: Any) -> str:  # noqa: ARG002
        """Give the whole configuration as JSON.

        In ASCII, because Snakemake counts characters, and the system bytes, before a command is
        too long to be an argument of a shell and goes by a script.
        """
        configuration = self._plan.configuration
        content = configuration.model_dump(mode="json")
        if configuration.folds > 1:
            content["split"] = {k: v for k, v in content["split"].items() if k not in PARTS}
        for label, architecture in configuration.architectures.items():
            # Left out of a training's settings, which they do not decide.
            own = {"seeds": architecture.seeds, "scan": architecture.scan}
            if architecture.scan is not None:
                content["architectures"][label] = entry_of(architecture)
            content["architectures"][label] |= {k: v for k, v in own.items() if v is not None}
        return json.dumps(content)

    def settings(self, wildcards: Any) -> str:
        """Give the settings of a training's architecture, as one argument.

        Of one that is scanned these are what its entry sets: chosen values are put over them.
        """
        architecture = self._plan.architecture(wildcards)
        if architecture.scan is not None:
            return json.dumps(entry_of(architecture))
        return architecture.model_dump_json()

    def training_code(self, wildcards: Any) -> str:
        """Give the version of the code that trains: of the job, one architecture, one kind."""
        return self._code_version("training.job", *self._modules_of(wildcards))

    def prediction_code(self, wildcards: Any) -> str:
        """Give the version of the code that predicts, likewise."""
        return self._code_version("training.prediction", *self._modules_of(wildcards))

    def explanation_code(self, wildcards: Any) -> str:
        """Give the version of the code that explains, likewise."""
        return self._code_version("explanation.job", *self._modules_of(wildcards))

    def export_code(self, module: str) -> Callable[[Any], str]:
        """Give a function that gives the version of code that exports, likewise."""
        return lambda wildcards: self._code_version(module, *self._modules_of(wildcards))

    def checkpoints(self, wildcards: Any, output: Any) -> str:  # noqa: ARG002
        """Give the folder of a training's checkpoints."""
        return paths.checkpoints_of(output.model)

    def gpus(self, wildcards: Any) -> int:
        """Give the number of GPUs that a job asks for which trains a tagger.

        On one machine these are slots of the GPUs, of which `trainings_per_gpu` lie on each.
        """
        asked = self._plan.architecture(wildcards).gpus_to_train
        return 0 if self._plan.configuration.device == "cpu" else asked

    def gpus_to_predict(self, wildcards: Any) -> int:
        """Give the number of GPUs that a job asks for which scores jets: one at most."""
        return min(1, self.gpus(wildcards))

    def trainings_per_gpu(self, wildcards: Any, output: Any) -> int:  # noqa: ARG002
        """Give how many trainings share a GPU.

        Snakemake takes it for derived from the output: another number trains nothing again.
        """
        return self._plan.configuration.trainings_per_gpu

    def checkpoint_minutes(self, wildcards: Any, output: Any) -> float:  # noqa: ARG002
        """Give the time after which a training saves within an epoch.

        Snakemake takes it for derived from the output: another one trains nothing again.
        """
        return self._plan.configuration.checkpoint_minutes

    def results(self, wildcards: Any, output: Any) -> str:  # noqa: ARG002
        """Give the results folder that a job of the run writes into."""
        return paths.results_of(output[0])

    def output_folder(self, wildcards: Any, output: Any) -> str:  # noqa: ARG002
        """Give the folder of a job's first output."""
        return str(Path(output[0]).parent)

    def evaluation_code(self, *modules: str) -> str:
        """Give the version of code that computes every figure of merit."""
        return self._code_version(*modules, *map(FIGURES_OF_MERIT.module, FIGURES_OF_MERIT))

    def training_folders(self, wildcards: Any, input: Any) -> list[str]:  # noqa: ARG002
        """Give the folder of each training that a job reads."""
        return _folders(input.trainings)

    def evaluation_folders(self, wildcards: Any, input: Any) -> list[str]:  # noqa: ARG002
        """Give the folder of each evaluation that a job reads."""
        return _folders(input.evaluations)

    def validation_folders(self, wildcards: Any, input: Any) -> list[str]:  # noqa: ARG002
        """Give the folder of each validation that a job reads."""
        return _folders(input.validations)

    def report(self, wildcards: Any, input: Any) -> str:
        """Give the arguments that tell the report of cuts, images and the like, where these are."""
        extras = ["--images", *input.images] if input.images else []
        extras += ["--explanations", *input.explanations] if input.explanations else []
        extras += ["--judgements", *input.judgements] if input.judgements else []
        extras += ["--scans", *input.scans] if input.scans else []
        extras += ["--confused", *input.confused] if input.confused else []
        return f"{self.cuts(wildcards, input)} {_quoted(extras)}".strip()

    def cuts(self, wildcards: Any, input: Any) -> str:  # noqa: ARG002
        """Give the argument that names the cuts on single observables, where there are any."""
        return _quoted(["--cuts", *input.cuts] if input.cuts else [])

    def check_code(self, wildcards: Any) -> str:
        """Give the version of the code that validates and indexes a file."""
        if (holds := self._plan.sources(wildcards)[0].holds) != "jets":
            return self._code_version(f"{holds}.index")
        return self._code_version("jets.index", *self._format_modules(wildcards))

    def measurement_code(self, wildcards: Any) -> str:
        """Give the version of the code that measures the jets of a file."""
        return self._code_version("validation.measurement", *self._format_modules(wildcards))

    def _modules_of(self, wildcards: Any) -> list[str]:
        architecture = self._plan.architecture(wildcards)
        return [*architecture.modules, *self._plan.inputs[architecture.inputs].modules]

    def _format_modules(self, wildcards: Any) -> list[str]:
        """Find the module that reads a jet file's format, if the file's name tells it."""
        name = format_by_name(self._plan.jet_file(wildcards))
        return [JET_FORMATS.module(name)] if name else []


def _folders(files: Iterable[str]) -> list[str]:
    return [str(Path(file).parent) for file in files]


def _quoted(words: Iterable[str]) -> str:
    return " ".join(map(shlex.quote, map(str, words)))
