"""Commands that make the inputs of models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jetline.cli.command import (
    class_names,
    command,
    configuration_seed,
    files,
    json_object,
    output,
    path,
    paths,
    value,
)
from jetline.core.classes import in_words

if TYPE_CHECKING:
    from pathlib import Path


@command()
@files("jets", many=False)
@value("inputs", "which inputs: `images/<recipe>`, `particles`, `observables` or `pictures`")
@value("recipe", "settings of the recipe as JSON; the one built in if left out", required=False)
@path(
    "index",
    "index of the jet file, which has its sha256; computed anew if left out",
    required=False,
)
@output("folder of the shard", folder=True)
def shard(jets: Path, inputs: str, recipe: str | None, index: Path | None, output: Path) -> None:
    """Make the inputs of models from a jet file: a shard.

    JETS is the jet file; for `pictures` a picture file.
    """
    from jetline.inputs.making import make_shard, read_inputs

    kind = read_inputs(inputs, json_object("recipe", recipe) if recipe else None)
    make_shard(kind, jets, output, index)


@command()
@value("settings", "`split` of the configuration, as JSON")
@value("source", "key of the dataset's source of jets")
@configuration_seed
@paths("index", "index of each jet file of the dataset, in its order")
@path(
    "trained-parts",
    "split of the dataset that the taggers train on; if left out, it is this one",
    required=False,
)
@paths(
    "trained-index",
    "index of each of its jet files; if left out, it is this dataset",
    required=False,
)
@paths(
    "fold-outputs",
    "file to write for each fold, of which there are as many: the parts of its "
    "tagger; in --output every jet then trains; no folds if left out",
    required=False,
)
@value(
    "flatten",
    "observables, such as `pt,rapidity`, in which the training jets of all classes are weighted to "
    "the same spectrum; they stay as they are if left out",
    required=False,
)
@paths(
    "measured",
    "what `jetline measure` made of each jet file, for --flatten; none if left out",
    required=False,
)
@output("file to write: the part of each jet")
def split(
    settings: str,
    source: str,
    configuration_seed: int,
    index: tuple[Path, ...],
    trained_parts: Path | None,
    trained_index: tuple[Path, ...],
    fold_outputs: tuple[Path, ...],
    flatten: str | None,
    measured: tuple[Path, ...],
    output: Path,
) -> None:
    """Split a dataset into training, validation and test."""
    if fold_outputs:
        from jetline.inputs.folds import split_into_folds

        folds = split_into_folds(
            list(index),
            seed=configuration_seed,
            source=source,
            number=len(fold_outputs),
            **json_object("settings", settings),
        )
        for fold, path_of_fold in enumerate(fold_outputs):
            folds.split_of(fold).write(path_of_fold)
        folds.together.write(output)
        for line in folds.summary():
            print(line)
        return
    from jetline.inputs.split import split_files

    parts = split_files(
        list(index),
        seed=configuration_seed,
        source=source,
        **json_object("settings", settings),
        trained=(trained_parts, list(trained_index)) if trained_parts else None,
    )
    if flatten:
        from jetline.validation.spectra import flattened

        parts = flattened(parts, measured, flatten.split(","))
    parts.write(output)
    for line in parts.summary():
        print(line)


@command()
@files("shards")
@path("parts", "split of the dataset")
@class_names
@output("file to write")
def statistics(
    shards: tuple[Path, ...], parts: Path, classes: tuple[str, ...], output: Path
) -> None:
    """Compute the statistics of the training part, by which inputs are normalised.

    SHARDS are those of all jet files of the dataset, in its order.
    """
    from jetline.inputs.parts import Parts
    from jetline.inputs.statistics import training_statistics

    training_statistics(list(shards), Parts.read(parts), classes).write(output)


@command()
@click.argument("what", type=click.Choice(["images"]))
@files("shards")
@value("configuration-seed", "seed that decides which single jets are drawn", type=int, default=1)
@path(
    "pictures",
    "folder for the means as files too, pictures and data; none if left out",
    required=False,
)
@class_names
@output("HTML page to write")
def show(
    what: str,
    shards: tuple[Path, ...],
    configuration_seed: int,
    pictures: Path | None,
    classes: tuple[str, ...],
    output: Path,
) -> None:
    """Show what shards hold on a page for a browser: mean images and single jets.

    WHAT is the kind of the inputs, SHARDS are folders of such.
    """
    from jetline.report.images_page import write_gallery

    for images in write_gallery(
        shards, output, seed=configuration_seed, figures=pictures, classes=classes
    ):
        print(f"{what}/{images.name}: {in_words(images.counts)} jets")
    print(f"open {output.absolute().as_uri()} in a browser")
