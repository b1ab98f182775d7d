"""The classes of jets: what they are called, by number, and how many jets there are of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: The classes of the benchmark by their numbers, which are the labels: the signal is the last.
QUARK_GLUON = ("gluon", "quark")

#: Stands for a missing label where labels are integers: the numbers of classes are lower.
UNLABELLED = 255


def count_by_class(labels: np.ndarray, classes: Sequence[str]) -> dict[str, int]:
    """Count the jets of each class by its name, the signal first.

    Parameters
    ----------
    labels : (n_jets,) integer array
        Number of each jet's class; others are not counted.
    classes : sequence of str
        Names by number.
    """
    counts = np.bincount(labels, minlength=len(classes))
    return {classes[number]: int(counts[number]) for number in reversed(range(len(classes)))}


def classes_in(statistics: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the names of classes by number, from what `Architecture.build` gets."""
    return tuple(statistics.get("classes", QUARK_GLUON))


def without_class(labels: np.ndarray, classes: Sequence[str] | None) -> np.ndarray:
    """Mark the labels that are the number of no class, (n,) bool.

    Parameters
    ----------
    labels : (n,) array
        Numbers of any type.
    classes : sequence of str or None
        Names of the classes by number; None where they are not known, so that any number will do.
    """
    most = UNLABELLED if classes is None else len(classes)
    return np.asarray(~((labels >= 0) & (labels < most) & (labels == np.floor(labels))))


def share_of(scores: np.ndarray, signal: int, background: int) -> np.ndarray:
    """Compute p_s / (p_s + p_b), the probability of one of two classes where it is one of them.

    Parameters
    ----------
    scores : (n_jets, n_classes) float array
        Probability of each class.
    signal, background : int
        Numbers of the two.

    Returns
    -------
    (n_jets,) float64 array
        1/2 where both have no probability at all.
    """
    of_signal, of_background = scores[:, signal].astype(np.float64), scores[:, background]
    both = of_signal + of_background
    return np.divide(of_signal, both, out=np.full(len(both), 0.5), where=both > 0)


def in_words(counts: Mapping[str, object]) -> str:
    """Tell the number of jets of each class, such as ``3 quark and 2 gluon``."""
    told = [f"{count} {name}" for name, count in counts.items()]
    return " and ".join([*filter(None, [", ".join(told[:-1])]), told[-1]])


def numbered(classes: Sequence[str]) -> str:
    """Tell the number of each class in words, such as ``0 (gluon), 1 (quark)``."""
    return ", ".join(f"{number} ({name})" for number, name in enumerate(classes))
