"""The shards of a dataset, held against its split."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from xxhash import xxh3_128

from jetline.core.errors import JetlineError
from jetline.core.files import short_hash
from jetline.inputs.parts import Parts
from jetline.inputs.sample import JetSample
from jetline.inputs.shards import Shard, open_shard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from jetline.records.manifest import Manifest, SavedArray


def open_dataset(folders: Sequence[Path], split: Parts) -> Iterator[Shard]:
    """Open the shards of a dataset one after the other.

    Parameters
    ----------
    folders : sequence of Path
        Shards of all jet files of the dataset, in its order.
    split : Parts
        The part of each jet.

    Raises
    ------
    JetlineError
        If a shard is damaged, or was made of another file than was split.
    """
    require_number(folders, split)
    for number, folder in enumerate(folders):
        yield open_part(folder, split, number)


def require_number(folders: Sequence[Path], split: Parts) -> None:
    """Refuse more or fewer shards than jet files were split.

    Raises
    ------
    JetlineError
        If there are.
    """
    if len(folders) != len(split.files):
        raise JetlineError(
            "shards of a dataset",
            found=f"{len(folders)} of them",
            expected=f"one for each of the {len(split.files)} jet files of the split",
            remedy="give the shards of all files of the dataset, in its order",
        )


def deal_splits(datasets: Sequence[str], splits: Sequence[Path]) -> dict[str, Path]:
    """Give each dataset its split.

    Raises
    ------
    JetlineError
        If there is not one split for each dataset, or a dataset is named twice.
    """
    if len(set(datasets)) < len(datasets) or len(splits) != len(datasets):
        raise JetlineError(
            "splits of the datasets",
            found=f"{len(splits)} of them, for {', '.join(datasets)}",
            expected="one for each dataset, and each dataset once",
            remedy="name each dataset once, and give their splits in the same order",
        )
    return dict(zip(datasets, splits, strict=True))


def deal_shards(folders: Sequence[Path], splits: dict[str, Path]) -> dict[str, list[Path]]:
    """Give each of several datasets its shards: as many as its split has jet files.

    Parameters
    ----------
    folders : sequence of Path
        Shards of all their jet files, dataset after dataset, each in its order.
    splits : dict
        Dataset to its split, in the same order.

    Raises
    ------
    JetlineError
        If there are more or fewer shards than jet files.
    """
    counts = {name: len(Parts.read(split).files) for name, split in splits.items()}
    if len(folders) != sum(counts.values()):
        told = ", ".join(f"{count} of {name}" for name, count in counts.items())
        raise JetlineError(
            "shards of the datasets",
            found=f"{len(folders)} of them",
            expected=f"one for each of the {sum(counts.values())} jet files of the splits: {told}",
            remedy="give the shards of all files of these datasets, dataset after dataset, in "
            "their order",
        )
    rest = iter(folders)
    return {name: list(islice(rest, count)) for name, count in counts.items()}


def open_part(folder: Path, split: Parts, number: int) -> Shard:
    """Open the shard of one file of a dataset.

    Parameters
    ----------
    folder : Path
        The shard.
    split : Parts
        The part of each jet.
    number : int
        Which of the dataset's files it is of, from 0.

    Raises
    ------
    JetlineError
        If the shard is damaged, or was made of another file than was split.
    """
    shard = open_shard(folder)
    expected, n_jets = split.sha256[number], len(split.parts[number])
    found = shard.manifest.source.sha256
    if (found, len(shard)) != (expected, n_jets):
        raise JetlineError(
            str(folder),
            found=f"a shard of {len(shard)} jets of {shard.manifest.source.file}, sha256 {found}",
            expected=f"{n_jets} jets of {split.files[number]}, sha256 {expected}, which were split",
            remedy="the jet file was replaced in between, or the order is not that of the split: "
            "give the shards in its order, or make shards and split again from the same file "
            "(snakemake --forcerun check_jets)",
        )
    return shard


def sample_of_part(folders: Sequence[Path], split: Parts, part: int) -> JetSample:
    """Take the jets of a part of a dataset, with their weights if there are any.

    Parameters
    ----------
    folders : sequence of Path
        Shards of all jet files of the dataset, in its order.
    split : Parts
        The part of each jet.
    part : int
        `TRAIN`, `VALIDATION` or `TEST`.

    Raises
    ------
    JetlineError
        As `open_dataset` does.
    """
    rows = [np.flatnonzero(of_file == part) for of_file in split.parts]
    return JetSample.choose(list(open_dataset(folders, split)), rows, split.weights)


def identity_of(manifests: Sequence[Manifest], split: Parts) -> str:
    """Compute a hash that only the same shards, split in the same way, share.

    Parameters
    ----------
    manifests : sequence of Manifest
        Of the shards, in the order of the split.
    split : Parts
        The part of each jet.
    """
    arrays = [
        {name: _decisive(array) for name, array in manifest.arrays.items()}
        for manifest in manifests
    ]
    parts = [xxh3_128(part.tobytes()).hexdigest() for part in split.parts]
    return short_hash([arrays, split.files, parts])


def _decisive(array: SavedArray) -> str:
    """Give what tells the content of an array: its hash, and the names in it if it has any."""
    return array.xxh3_128 + "".join(f" {name}" for name in array.names or ())
