"""What every kind of inputs says of itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Self

from jetline.core.errors import JetlineError
from jetline.inputs.sample import array_rows
from jetline.jets.reading import open_jets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import numpy as np

    from jetline.inputs.sample import JetSample, Tensors
    from jetline.inputs.shards import Shard
    from jetline.inputs.view import ParticleView
    from jetline.jets.reading import JetFile
    from jetline.records.manifest import SavedArray

    #: What changes the arrays of a training batch, and gives them back in the same form.
    Change = Callable[..., Any]


class InputStatistics:
    """What a model is told of the training part of its inputs, found shard after shard.

    A kind that is normalised by nothing has these, which are empty.
    """

    def add(self, shard: Shard, rows: np.ndarray) -> None:
        """Take the next shard, and which of its rows (n_training_jets,) train."""

    def result(self) -> dict[str, Any]:
        """Give what `Architecture.build` gets, as JSON has it."""
        return {}


class InputKind(ABC):
    """One kind of inputs, as an architecture's `inputs` names it.

    A kind with settings of its own, such as a recipe, has an instance for each of them.

    Attributes
    ----------
    name : str
        The kind's: the first part of `inputs`.
    arrays : tuple of str
        Names of the arrays or tables that its shards hold beside the labels.
    memory_mb : int
        Memory that making a shard needs, for the workflow.
    made_of : str
        What the files hold that shards are made of: `jets` or `pictures`, as a source `holds`.
    """

    name: ClassVar[str]
    arrays: ClassVar[tuple[str, ...]]
    memory_mb: ClassVar[int]
    made_of: ClassVar[str] = "jets"

    @classmethod
    def of(cls, inputs: str, recipe: dict[str, Any] | None = None) -> Self:
        """Give the kind that `inputs` names.

        Parameters
        ----------
        inputs : str
            What a configuration, a manifest or a tagger's record names, such as ``images/pt``.
        recipe : dict, optional
            Its settings, as `recipe` gives them.

        Raises
        ------
        JetlineError
            If the kind has no such inputs, or the settings are wrong.
        """
        if inputs != cls.name or recipe is not None:
            raise JetlineError(
                f"inputs {inputs}",
                found=f"`{inputs}`" + (" with a recipe" if recipe is not None else ""),
                expected=f"`{cls.name}`, which has no recipes",
                remedy=f"write `{cls.name}` alone",
            )
        return cls()

    @classmethod
    def choices(cls, recipes: Mapping[str, Any]) -> dict[str, Self]:
        """Give all that `inputs` may name of this kind.

        Parameters
        ----------
        recipes : mapping
            Image recipes of a configuration by name, the built-in ones included.
        """
        del recipes  # a kind that has no recipes has one form
        return {cls.name: cls()}

    @property
    def inputs(self) -> str:
        """What an architecture's `inputs` calls them."""
        return self.name

    @property
    def folder(self) -> str:
        """Folder of the shards below ``results/shards/<source>``; other settings, another one."""
        return self.inputs

    @property
    def recipe(self) -> dict[str, Any] | None:
        """Settings from which `of` gives the same kind again; None where there are none."""
        return None

    @property
    def imaging(self) -> Any:
        """How images are made, as `jetline.inputs.lit_pixels.Imaging`; None where none are."""
        return None

    @property
    def identity(self) -> str | None:
        """What the shards tell of the species: none, experimental or full; None: the model says."""
        return None

    @property
    def modules(self) -> tuple[str, ...]:
        """Modules of this package whose code decides what the shards hold."""
        return (type(self).__module__.removeprefix("jetline."),)

    @staticmethod
    def open_file(path: Path, classes: Sequence[str] | None = None) -> JetFile:
        """Open a file that a shard is made of.

        Parameters
        ----------
        path : Path
            The file.
        classes : sequence of str, optional
            Names of the classes by number, where they are known.

        Raises
        ------
        JetlineError
            If the file is not valid.
        """
        return open_jets(path, classes)

    @abstractmethod
    def save_arrays(self, jets: JetFile, folder: Path) -> dict[str, SavedArray]:
        """Save what a shard of one jet file holds.

        Parameters
        ----------
        jets : JetFile
            The opened jet file.
        folder : Path
            The shard's directory.

        Returns
        -------
        dict
            By name, what `jetline.inputs.shards.save_blocks` and its like give of each array.

        Raises
        ------
        JetlineError
            If the jet file is not valid, or its jets do not fit.
        """

    def statistics(self) -> InputStatistics:
        """Give what finds the statistics of the training part."""
        return InputStatistics()

    def tensors(
        self,
        sample: JetSample,
        jets: np.ndarray,
        view: ParticleView | None,  # noqa: ARG002
        *,
        compiled: bool,  # noqa: ARG002
        change: Change | None = None,
    ) -> Tensors:
        """Make the tensors of a batch, by the names of a model's inputs.

        Real jets alone: what filled up a batch would count as jets wherever a network averages
        over the batch. Unless a kind says otherwise, a model is given the rows of its one array.

        Parameters
        ----------
        sample : JetSample
            Where the jets are.
        jets : (n,) integer array
            Positions in the sample.
        view : ParticleView or None
            What the architecture asks for, if it takes particles.
        compiled : bool
            Whether each new shape of a tensor costs a compilation, as with JAX.
        change : callable, optional
            Takes the jets as their arrays are, and gives what the tensors are made of instead:
            `jetline.inputs.augmenting.Augmentation.change`.

        Returns
        -------
        dict of str to array
        """
        (name,) = self.arrays
        rows = array_rows(sample, jets, name)
        return {name: change(rows) if change else rows}
