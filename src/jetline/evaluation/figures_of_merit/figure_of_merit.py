"""What a figure of merit is: how it is computed, and how it is told."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from jetline.core.classes import QUARK_GLUON

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jetline.evaluation.scored_jets import ScoredJets


@dataclass(frozen=True, kw_only=True)
class FigureOfMerit:
    """A number that tells how good a tagger is.

    Attributes
    ----------
    title : str
        What tables call it; ``ε_g`` is printed as an ε with an index.
    values : callable
        Given `ScoredJets`, gives the figure of merit in each resample, (n_resamples,) float64:
        infinite where it has no upper end, NaN where it is not defined. It is called with the
        sample itself, which has a single row, and with its bootstrap resamples.
    place : int
        Place among the columns of tables: they go by rising numbers, and by name among equals.
    better : str
        Which taggers are better: those with a ``higher`` or with a ``lower`` value.
    condition : str
        Where it is read, such as ``at ε_q = 50 %``; empty if there is nothing to say.
    unit : str
        Empty for a pure number.
    decimals : int
        Decimals that are printed where no error tells how many are of use.
    of_probabilities : bool
        Whether it takes a score for a probability. Cuts on one observable have none, so such a
        figure of merit is left out there.
    of_one_class : str
        What it is where all test jets are of one class, in words with ``{kind}`` for that class.
        Empty if it needs both classes: it has no value then, nor in a resample that lacks one.
    bound : callable or None
        Given the sample, gives both ends of the interval where the value on the sample itself is
        infinite, so that the bootstrap cannot bound it; None for an end that does not exist.
    compared : str
        How two taggers are compared by it: by the ``difference``, or by that of its natural
        ``logarithm``, which a ratio of positive numbers asks for; empty if they are not.
    in_words : str
        What sentences call it; its title if empty.
    classes : str
        For how many classes it is defined: ``two``, ``more`` or ``any``.
    inverse : str
        Name of its inverse in files and of a column of `comparison.csv`, where that is told too,
        because it is what was counted; empty if not.
    """

    title: str
    values: Callable[[ScoredJets], np.ndarray]
    place: int
    better: Literal["higher", "lower"] = "higher"
    condition: str = ""
    unit: str = ""
    decimals: int = 4
    of_probabilities: bool = False
    of_one_class: str = ""
    bound: Callable[[ScoredJets], tuple[float | None, float | None]] | None = None
    compared: Literal["", "difference", "logarithm"] = ""
    in_words: str = ""
    inverse: str = ""
    classes: Literal["two", "more", "any"] = "any"

    def is_of(self, classes: int) -> bool:
        """Tell whether it is defined for that many classes."""
        return self.classes in ("any", "two" if classes == 2 else "more")

    def in_each(self, jets: ScoredJets) -> np.ndarray:
        """Compute it in each resample, (n_resamples,); NaN where it lacks a class that it needs."""
        if self.of_one_class or jets.complete.all():
            return self.values(jets)
        if not jets.complete.any():
            return np.full(len(jets.complete), np.nan)
        return np.where(jets.complete, self.values(jets), np.nan)

    def named(self, classes: Sequence[str]) -> FigureOfMerit:
        """Name two classes in its words, the signal last, where they are not gluon and quark."""
        if len(classes) != 2 or tuple(classes) == QUARK_GLUON:
            return self
        words = dict(zip(QUARK_GLUON, classes, strict=True))
        # An index of a formula is one word.
        indices = {f"ε_{name[0]}": f"ε_{own.replace('-', '')}" for name, own in words.items()}

        def told(text: str) -> str:
            pattern = rf"({'|'.join(indices)})\b|({'|'.join(words)})"
            return re.sub(pattern, lambda found: (indices | words)[found[0]], text)

        parts = ("title", "condition", "in_words")
        named: dict[str, Any] = {part: told(getattr(self, part)) for part in parts}
        return replace(self, **named)

    @property
    def full_title(self) -> str:
        """Title with condition and unit."""
        unit = f"[{self.unit}]" if self.unit else ""
        return " ".join(part for part in (self.title, self.condition, unit) if part)
