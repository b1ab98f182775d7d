"""What the run of a configuration is made of, and what each rule of the workflow reads.

Methods that a rule calls take Snakemake's `wildcards`: an object with these as attributes.
`jetline.planning.arguments` has what the commands are told.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jetline.configuration.consistency import require_suited
from jetline.configuration.named_parts import named_parts
from jetline.core.errors import JetlineError
from jetline.inputs.kinds import INPUT_KINDS
from jetline.planning import paths
from jetline.planning.places import require_literal
from jetline.sources import SOURCES

if TYPE_CHECKING:
    from pathlib import Path

    from jetline.configuration.schema import Configuration
    from jetline.models.architecture import Architecture
    from jetline.sources.source import Source


class Plan:
    """What is to be made of a configuration, and of what.

    Parameters
    ----------
    configuration : Configuration
        Without contradictions.
    sample_folder : Path
        Folder of the bundled jets.

    Raises
    ------
    JetlineError
        If a jet file of the user's is missing, its jets do not suit the taggers, or the split
        names other files than there are.
    """

    def __init__(self, configuration: Configuration, sample_folder: Path) -> None:
        self.configuration = configuration
        self.paths = paths.RunPaths(configuration.run, configuration.dealt)
        #: Of each dataset: name of each jet file within its source, and where it lies, or None
        #: where the workflow makes it.
        self.files = {
            name: source.jet_files(sample_folder) for name, source in configuration.datasets.items()
        }
        #: Of each dataset: the user's own files where they lie, also those that are imported.
        self.originals = {
            name: {file: path for file, path in files.items() if path}
            | configuration.datasets[name].imported()
            for name, files in self.files.items()
        }
        for own in self.originals.values():
            for path in own.values():
                require_literal(path)
        #: Every kind of inputs that the configuration may name, by its name there.
        self.inputs = {
            name: kind
            for member in INPUT_KINDS.values()
            for name, kind in member.choices(configuration.all_recipes).items()
        }
        #: The same by the folder of their shards.
        self.by_folder = {kind.folder: kind for kind in self.inputs.values()}
        require_suited(configuration, self.originals)
        #: Part of each file, where the split names them.
        self.named_parts = named_parts(
            configuration,
            {
                name: {file: self.originals[name].get(file, f"{file}.npz") for file in files}
                for name, files in self.files.items()
            },
        )

    # What the run is made of

    @property
    def wildcards(self) -> dict[str, str]:
        """Pattern of each wildcard."""
        names = ("file", "dataset", "label", "recipe")
        return dict.fromkeys(names, r"[A-Za-z0-9_-]+") | {
            "source": "|".join(source.key_pattern for source in SOURCES.values()),
            "inputs": "|".join(map(re.escape, sorted({*self.inputs, *self.by_folder}))),
            "seed": r"[0-9]+",
            "fold": r"[0-9]+",
            "round": r"[0-9]+",
            "trial": r"[0-9]+",
        }

    @property
    def trained_on(self) -> str:
        """Dataset that the taggers train on."""
        return self.configuration.train_on

    @property
    def test_on(self) -> list[str]:
        """Datasets that the taggers are tested on."""
        return list(self.configuration.test_on)

    @property
    def datasets(self) -> list[str]:
        """Datasets of the run, each once, first the one that the taggers train on."""
        return self.configuration.used_datasets

    @property
    def image_inputs(self) -> list[str]:
        """Recipes that a tagger of the run uses, as ``images/<name>``."""
        architectures = self.configuration.architectures.values()
        return sorted({one.inputs for one in architectures if one.kind == "images"})

    def trainings(self, *patterns: str) -> list[str]:
        """Paths of every training: each pattern filled in for each label and seed."""
        return [
            pattern.replace("{label}", label).replace("{seed}", str(seed))
            for pattern in patterns
            for label, seed in self.configuration.trainings
        ]

    def tests(self, *patterns: str) -> list[str]:
        """Paths for every test dataset; other wildcards stay."""
        return [p.replace("{dataset}", name) for p in patterns for name in self.test_on]

    def evaluations(self, *patterns: str) -> list[str]:
        """Paths of every evaluation: each training on each test dataset."""
        return self.tests(*self.trainings(*patterns))

    def targets(self) -> list[str]:
        """Give what `snakemake` makes by default."""
        return [self.paths.report, self.paths.tracked_comparison]

    # Jets

    def sources(self, wildcards: Any) -> list[Source]:
        """Give the sources with one key, which differ in nothing that decides the jets.

        Raises
        ------
        JetlineError
            If no dataset has such a source.
        """
        found = [s for s in self.configuration.datasets.values() if s.key == wildcards.source]
        if not found:
            raise _no_target(f"jets of source {wildcards.source}")
        return found

    def jet_file(self, wildcards: Any) -> str:
        """Give the path of a jet file.

        Raises
        ------
        JetlineError
            If no dataset has such a file.
        """
        for dataset, files in self.files.items():
            if self._source(dataset).key == wildcards.source and wildcards.file in files:
                made = _filled(paths.JET_FILE, wildcards.source, wildcards.file)
                return files[wildcards.file] or made
        raise _no_target(f"jet file {wildcards.file} of source {wildcards.source}")

    def keys_of(self, *sources: str) -> str:
        """Give the pattern of all keys of some sources."""
        return "|".join(SOURCES[source].key_pattern for source in sources)

    def split_files(self, dataset: str) -> list[tuple[str, str]]:
        """List the files that a dataset's split is of: key of the source, and name there.

        Beside those that the taggers train on stand the files of other datasets that validate.
        """
        files = self._own_files(dataset)
        if dataset == self.trained_on:
            validating = [f for f, part in self.named_parts.items() if part == "validation"]
            files = list(dict.fromkeys([*files, *validating]))
        return files

    def indices(self, wildcards: Any) -> list[str]:
        """Give the index of each jet file of a dataset's split."""
        return self._of_split(paths.INDEX, wildcards.dataset)

    def observables(self, wildcards: Any) -> list[str]:
        """Give what was measured of each jet file of a dataset; nothing is of pictures."""
        jets = wildcards.dataset in self.configuration.jet_datasets
        own = self._own_files(wildcards.dataset) if jets else []
        return [_filled(paths.OBSERVABLES, *file) for file in own]

    def flattened(self, wildcards: Any) -> list[str]:
        """Give what was measured of each file of a split whose spectra are flattened."""
        asked = self.configuration.flatten and wildcards.dataset == self.trained_on
        return self._of_split(paths.OBSERVABLES, wildcards.dataset) if asked else []

    # Inputs

    def shards(self, dataset: str, inputs: str) -> list[str]:
        """Give the shard of each jet file of a dataset's split."""
        folder = self.inputs[inputs].folder
        return [shard.replace("{inputs}", folder) for shard in self._of_split(paths.SHARD, dataset)]

    def dataset_key(self, wildcards: Any) -> str:
        """Give the key of a dataset's source."""
        return self._source(wildcards.dataset).key

    def other_trained_parts(self, wildcards: Any) -> list[str]:
        """Give the split of the dataset that the taggers train on, unless it is this one."""
        own = wildcards.dataset == self.trained_on
        return [] if own else [self.paths.parts.replace("{dataset}", self.trained_on)]

    def other_trained_indices(self, wildcards: Any) -> list[str]:
        """Give the index of each file that the taggers train on, unless it is this dataset."""
        if wildcards.dataset == self.trained_on:
            return []
        return self._of_split(paths.INDEX, self.trained_on)

    @property
    def trained_parts(self) -> str:
        """Split by which a tagger trains; of folds, the wildcard stays."""
        return self.paths.fold_parts.replace("{dataset}", self.trained_on)

    def trained_shards(self, wildcards: Any) -> list[str]:
        """Give the shards, of some inputs, of the dataset that the taggers train on."""
        return self.shards(self.trained_on, wildcards.inputs)

    def image_shards(self) -> list[str]:
        """Give every image shard of the run."""
        pairs = [(one, inputs) for one in sorted(self.datasets) for inputs in self.image_inputs]
        return [shard for pair in pairs for shard in self.shards(*pair)]

    def shown_image_shards(self) -> list[str]:
        """Give the shards of every recipe that the page on images shows."""
        return [s for inputs in self.image_inputs for s in self.shards(self.trained_on, inputs)]

    # Training

    def training_shards(self, wildcards: Any) -> list[str]:
        """Give the shards that a training reads."""
        return self.shards(self.trained_on, self.architecture(wildcards).inputs)

    def training_statistics(self, wildcards: Any) -> str:
        """Give the statistics of a training's inputs."""
        statistics = self.paths.statistics.replace("{inputs}", self.architecture(wildcards).inputs)
        return paths.of_fold(statistics, wildcards)

    def test_shards(self, wildcards: Any) -> list[str]:
        """Give the shards of every test dataset, one after the other."""
        inputs = self.architecture(wildcards).inputs
        return [shard for name in self.test_on for shard in self.shards(name, inputs)]

    def test_observable_shards(self, wildcards: Any) -> list[str]:
        """Give the observables of a test dataset."""
        return self.shards(wildcards.dataset, "observables")

    # Evaluation and report

    def cuts(self) -> list[str]:
        """Give the cuts on observables of each test dataset, if a tagger of two classes has any."""
        kinds = {one.kind for one in self.configuration.architectures.values()}
        told = "observables" in kinds and len(self.configuration.classes) == 2
        return self.tests(self.paths.cuts) if told else []

    def images_page(self) -> list[str]:
        """Give the page on images, if a tagger takes images."""
        return [self.paths.images_page] if self.image_inputs else []

    def mean_images(self) -> dict[str, str]:
        """Give the picture of the mean images by each recipe, by its inputs' name."""
        return {
            inputs: self.paths.mean_images.replace("{recipe}", inputs.removeprefix("images/"))
            for inputs in self.image_inputs
        }

    # What the methods above share

    def _source(self, dataset: str) -> Source:
        return self.configuration.datasets[dataset]

    def _own_files(self, dataset: str) -> list[tuple[str, str]]:
        return [(self._source(dataset).key, file) for file in self.files[dataset]]

    def _of_split(self, pattern: str, dataset: str) -> list[str]:
        return [_filled(pattern, *file) for file in self.split_files(dataset)]

    def architecture(self, wildcards: Any) -> Architecture:
        """Give the settings of a training's architecture."""
        return self.configuration.entries[wildcards.label]


def _no_target(what: str) -> JetlineError:
    return JetlineError(
        f"target that needs the {what}",
        found="none in the configuration",
        expected="something of one of its datasets",
        remedy="name a target of this configuration, or give the configuration that has it",
    )


def _filled(pattern: str, source: str, file: str) -> str:
    return pattern.replace("{source}", source).replace("{file}", file)
