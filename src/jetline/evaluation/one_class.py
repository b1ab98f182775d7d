"""Test datasets that lack a class: what their jets can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.evaluation.figures_of_merit import in_order

if TYPE_CHECKING:
    from collections.abc import Collection

    from jetline.records.training import ClassCounts


def only_class(jets: ClassCounts) -> str | None:
    """Name the class that all jets are of, given their numbers by class; None if there are two."""
    present = [kind for kind, number in jets.items() if number]
    return present[0] if len(present) == 1 else None


def limits(jets: ClassCounts, names: Collection[str]) -> str:
    """Tell what a test dataset that lacks a class leaves open, and what the rest means there.

    Parameters
    ----------
    jets : dict
        Number of test jets by class.
    names : collection of str
        The figures of merit that were computed.

    Returns
    -------
    str
        Sentences that go on from the dataset's name; empty if it has jets of all classes.
    """
    kind, absent = only_class(jets), [name for name, number in jets.items() if not number]
    if not absent:
        return ""
    chosen = [one for name, one in in_order(None).items() if name in names]
    missing = list(dict.fromkeys(one.title for one in chosen if not one.of_one_class))
    told = f"holds {kind} jets alone" if kind else f"has no {_listed(absent)} jets"
    told += f": {_listed(missing)} need {'both' if len(jets) == 2 else 'all'} classes."
    for one in chosen:
        if kind and one.of_one_class:
            told += f" {one.title} is there {one.of_one_class.format(kind=kind)}."
    return told


def _listed(words: list[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
