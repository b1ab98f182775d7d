"""Which jets train, which validate, which test; and that no jet does two of these."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.randomness import generator
from jetline.inputs.copies import (
    copies_within_parts,
    leave_out_copies,
    leave_out_trained,
    refuse_shared_jets,
)
from jetline.inputs.near_copies import (
    leave_out_near_copies,
    leave_out_nearly_trained,
    refuse_near_copies,
    refuse_nearly_trained,
)
from jetline.inputs.parts import DROPPED, PARTS, TEST, Parts, weights_of
from jetline.jets.index import JetIndex

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def split_by_jet(
    seed: int, source: str, file: str, n_jets: int, fractions: Sequence[float]
) -> np.ndarray:
    """Part of each jet of a file, drawn jet by jet.

    It depends on the seed, the source, the file's name and the jet's index alone: not on the
    other files, nor on how many jets there are.

    Parameters
    ----------
    seed : int
        The configuration's seed.
    source, file : str
        Key of the source of jets and name of the file in it.
    n_jets : int
        Jets in the file.
    fractions : (train, validation, test)
        Expected shares; what they lack of 1 is left out, of whole files the last ones.

    Returns
    -------
    (n_jets,) uint8 array
    """
    draws = generator(seed, "split", source, file).random(n_jets)
    return np.searchsorted(_boundaries(fractions), draws, side="right").astype(np.uint8)


def split_by_file(
    position: int, n_files: int, n_jets: int, fractions: Sequence[float]
) -> np.ndarray:
    """Part of each jet of the file at `position` of `n_files`: the first files train.

    Returns
    -------
    (n_jets,) uint8 array
        One value throughout.
    """
    boundaries = np.round(_boundaries(fractions) * n_files)
    return np.full(n_jets, np.searchsorted(boundaries, position, side="right"), dtype=np.uint8)


def _boundaries(fractions: Sequence[float]) -> np.ndarray:
    """Say where in [0, 1) each part ends; the last one needs no end where all jets have a part."""
    ends = np.cumsum(fractions)
    return ends if ends[-1] < 1 - 1e-9 else ends[:-1]  # 0.7 + 0.2 + 0.1 is less than 1


def split_by_name(names: Sequence[str], indices: Sequence[JetIndex]) -> list[np.ndarray]:
    """Part of each jet of files whose parts the user has named.

    Parameters
    ----------
    names : sequence of str
        For each file `train`, `validation` or `test`.
    indices : sequence of JetIndex
        Of the files, in the same order.

    Returns
    -------
    list of (n_jets,) uint8 arrays
        One value throughout each.

    Raises
    ------
    JetlineError
        If there is not one of these names for each file.
    """
    if len(names) != len(indices) or not set(names) <= set(PARTS):
        raise JetlineError(
            "settings of the split, `parts`",
            found=f"{list(names)} for {len(indices)} files",
            expected=f"{', '.join(PARTS)}: one for each file, in the order of the indices",
            remedy="give the command that the workflow has printed, or correct the list",
        )
    return [
        np.full(len(index), PARTS.index(name), dtype=np.uint8)
        for name, index in zip(names, indices, strict=True)
    ]


def split_dataset(
    indices: list[JetIndex],
    *,
    seed: int,
    source: str,
    by: str,
    fractions: Sequence[float] = (),
    names: Sequence[str] = (),
    duplicates: str = "refuse",
) -> Parts:
    """Split all files of a dataset.

    Parameters
    ----------
    indices : list of JetIndex
        Of each file, in the dataset's order.
    seed : int
        The configuration's seed.
    source : str
        Key of the source of jets.
    by : str
        `jet`, `file` or `name`.
    fractions : (train, validation, test)
        Shares, unless files are split by name.
    names : sequence of str
        The part of each file, where they are.
    duplicates : str
        `refuse` identical and nearly identical jets in two parts, or `drop` all but one of them,
        in one part too.

    Raises
    ------
    JetlineError
        If a part that should have jets has none, or identical jets lie in two parts and are
        refused.
    """
    if by == "name":
        parts = split_by_name(names, indices)
        shares = [float(name in names) for name in PARTS]
        remedy = "check the files of this part, or name others under `split`"
    else:
        shares = list(fractions)
        remedy = "take more jets, change `split`, or split by jet instead of by file"
        parts = [
            split_by_file(position, len(indices), len(index), fractions)
            if by == "file"
            else split_by_jet(seed, source, index.file, len(index), fractions)
            for position, index in enumerate(indices)
        ]
    split = list(zip(indices, parts, strict=True))
    dropped = np.zeros((len(indices), len(PARTS)), np.int64)
    if duplicates == "drop":
        parts, dropped, relabelled = leave_out_copies(split)
        parts, near, more = leave_out_near_copies(list(zip(indices, parts, strict=True)))
        dropped, relabelled = dropped + near, relabelled + more
        if near.any():
            print(f"{near.sum()} copies are not identical: they are rotated, shifted or smeared")
        if relabelled:
            print(f"{relabelled} copies have another label than the jet that stays")
    everything = np.concatenate(parts)
    for value, name in enumerate(PARTS):
        if shares[value] > 0 and not np.any(everything == value):
            copies = f", without {dropped[:, value].sum()} copies of other jets"
            raise JetlineError(
                f"dataset of {len(indices)} files and {len(everything)} jets, split by {by}",
                found=f"no jet in the {name} part" + (copies if dropped[:, value].any() else ""),
                expected=f"a share of {shares[value]:g}" if fractions else "jets in its files",
                remedy=remedy,
            )
    if duplicates != "drop":
        refuse_shared_jets(split)
        if copies_of := copies_within_parts(split):
            print(f"within one part {copies_of}; `duplicates: drop` leaves them out")
        for told in refuse_near_copies(split):
            print(told)
    files, sha256 = [one.file for one in indices], [one.sha256 for one in indices]
    return Parts(files, parts, sha256, dropped, weights_of(indices, parts))


def split_files(
    indices: list[Path],
    *,
    seed: int,
    source: str,
    by: str,
    train: float = 0.0,
    validation: float = 0.0,
    test: float = 0.0,
    parts: Sequence[str] = (),
    duplicates: str = "refuse",
    trained: tuple[Path, list[Path]] | None,
) -> Parts:
    """Split a dataset given by the index of each of its files.

    Parameters
    ----------
    indices : list of Path
        Index of each file, in the dataset's order.
    seed, source, by, duplicates
        As for `split_dataset`.
    train, validation, test
        Shares, unless files are split by name.
    parts : sequence of str
        The part of each file, where they are.
    trained : (Path, list of Path), optional
        Split and indices of the dataset that the taggers train on, where it is another one.

    Raises
    ------
    JetlineError
        As `split_dataset`, or if a test jet is one that the taggers train on, or the other
        dataset's indices are not those that were split.
    """
    read = [JetIndex.read(path) for path in indices]
    fractions = () if by == "name" else (train, validation, test)
    made = split_dataset(
        read,
        seed=seed,
        source=source,
        by=by,
        fractions=fractions,
        names=parts,
        duplicates=duplicates,
    )
    if trained:
        trained_parts = Parts.read(trained[0])
        trained_indices = [JetIndex.read(path) for path in trained[1]]
        _require_split_of(trained[0], trained_parts, trained_indices)
        learnt = list(zip(trained_indices, trained_parts.parts, strict=True))
        tested = list(zip(read, made.parts, strict=True))
        if duplicates == "drop":
            parts_left, dropped = leave_out_trained(learnt, tested)
            tested = list(zip(read, parts_left, strict=True))
            parts_left, near = leave_out_nearly_trained(learnt, tested)
            made = _without_trained(made, parts_left, dropped + near)
        else:
            refuse_leakage(learnt, tested)
    return made


def _without_trained(made: Parts, parts: list[np.ndarray], dropped: np.ndarray) -> Parts:
    """Put together what was left out within a dataset and because of the trained one."""
    count = int(dropped.sum())
    if count and not any(np.any(part == TEST) for part in parts):
        raise JetlineError(
            f"test part of the dataset of {len(made.files)} files",
            found=f"all its {count} jets among those that the taggers train or validate on",
            expected="jets that no tagger has seen",
            remedy="take the dataset out of `test_on`, or train on other files",
        )
    if count:
        print(f"{count} test jets left out that the taggers train or validate on")
    both = dropped if made.dropped is None else made.dropped + dropped
    return replace(made, parts=parts, dropped=both)


def _require_split_of(path: Path, split: Parts, indices: list[JetIndex]) -> None:
    """Refuse a split of other jet files than those of the indices."""
    told = [(index.file, index.sha256, len(index)) for index in indices]
    made_of = list(zip(split.files, split.sha256, map(len, split.parts), strict=True))
    if told == made_of:
        return
    pairs = zip(told, made_of, strict=False)
    first = next((f"{one[0]}, sha256 {one[1]}" for one, other in pairs if one != other), "")
    raise JetlineError(
        str(path),
        found=f"a split of {len(made_of)} jet files that are not those of the {len(told)} indices"
        + (f"; the first other one is {first}" if first else ""),
        expected="the split that was made of these indices, in this order",
        remedy="split the dataset that the taggers train on again; in the workflow, remove the "
        "split and run it again",
    )


def refuse_leakage(
    trained: list[tuple[JetIndex, np.ndarray]], tested: list[tuple[JetIndex, np.ndarray]]
) -> None:
    """Refuse test jets of one dataset that another one trains or validates on, or nearly so.

    Raises
    ------
    JetlineError
        Names the first such jet.
    """
    tests = [(index, np.where(part == TEST, TEST, DROPPED)) for index, part in tested]
    seen = [(index, np.where(part < TEST, part, DROPPED)) for index, part in trained]
    refuse_shared_jets(seen + tests)
    for told in refuse_nearly_trained(trained, tested):
        print(told)
