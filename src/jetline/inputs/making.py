"""Shards of every kind of inputs, made from jet files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jetline.core.classes import QUARK_GLUON
from jetline.inputs.kinds import INPUT_KINDS
from jetline.inputs.shards import Shard, open_shard, remove_arrays, write_manifest
from jetline.jets.index import JetIndex
from jetline.jets.reading import open_jets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jetline.inputs.kinds.input_kind import InputKind


def read_inputs(inputs: str, recipe: dict[str, Any] | None = None) -> InputKind:
    """Give the inputs of a name.

    Parameters
    ----------
    inputs : str
        As an architecture's `inputs` names them: `images/<recipe>`, `particles`, `observables`,
        `pictures`.
    recipe : dict, optional
        Settings of the recipe; without them it is a built-in one.

    Raises
    ------
    JetlineError
        If there is no such kind of inputs or recipe, or the settings are wrong.
    """
    return INPUT_KINDS[inputs.partition("/")[0]].of(inputs, recipe)


def choices(recipes: Mapping[str, Any]) -> dict[str, InputKind]:
    """Give everything that an architecture's `inputs` may name.

    Parameters
    ----------
    recipes : mapping
        Image recipes by name, the built-in ones included.
    """
    return {
        name: inputs
        for kind in INPUT_KINDS.values()
        for name, inputs in kind.choices(recipes).items()
    }


def inputs_of(shard: Shard) -> InputKind:
    """Give the inputs that a shard holds."""
    return read_inputs(shard.manifest.inputs, shard.manifest.recipe)


def make_shard(
    inputs: InputKind,
    jets_file: Path,
    folder: Path,
    index: Path | None = None,
    classes: Sequence[str] | None = None,
    layout: Any = None,
) -> None:
    """Make the shard of one jet file.

    Parameters
    ----------
    inputs : InputKind
        What the shard is to hold.
    jets_file : Path
        A jet file.
    folder : Path
        The shard's directory; created if missing, overwritten otherwise.
    index : Path, optional
        The jet file's index, which has its hash; without it the file is hashed.
    classes : sequence of str, optional
        Names of the classes by number, to validate labels that no index was made of.
    layout : Layout or str, optional
        What the columns of the file are, as `jetline.jets.reading.open_jets` takes it.

    Raises
    ------
    JetlineError
        If the jet file is not valid, or not the one of the index, or its jets do not fit the
        inputs.
    """
    folder = Path(folder)
    sha256 = JetIndex.read_of(jets_file, index).sha256 if index else None
    if layout is None:
        jets = inputs.open_file(jets_file, classes)
    else:
        jets = open_jets(jets_file, classes, layout)
    remove_arrays(folder, {name for kind in INPUT_KINDS.values() for name in kind.arrays})
    arrays = inputs.save_arrays(jets, folder)
    write_manifest(
        folder,
        jets_file,
        jets.labels,
        arrays,
        sha256=sha256,
        inputs=inputs.inputs,
        recipe=inputs.recipe,
        identity=inputs.identity,
    )


def make_scratch_shards(
    inputs: InputKind,
    jet_files: list[Path],
    folder: Path,
    classes: Sequence[str] = QUARK_GLUON,
    layout: Any = None,
) -> list[Shard]:
    """Make the shards of jet files that are read at once and thrown away, and open them.

    Parameters
    ----------
    inputs : InputKind
        What the shards are to hold.
    jet_files : list of Path
        Jet files.
    folder : Path
        A folder for the time being; each shard has one of its own in it.
    classes : sequence of str
        Names of the classes by number.
    layout : Layout or str, optional
        What the columns of the files are.
    """
    shards = []
    for number, path in enumerate(jet_files):
        make_shard(inputs, path, folder / str(number), classes=classes, layout=layout)
        shards.append(open_shard(folder / str(number), verify=False))
    return shards
