"""Drawn jets beside true ones: ``judgement.json``."""

from __future__ import annotations

from typing import ClassVar, Literal

from jetline.records.part import Part
from jetline.records.record import Record
from jetline.records.training import ClassCounts

#: What follows of a quantity.
Verdict = Literal["as truth", "differs", "cannot tell"]


class Estimate(Part):
    """A value and its standard error."""

    value: float
    error: float


class JudgedRow(Part):
    """One quantity of drawn jets against the test part, beside that of true jets against it.

    Attributes
    ----------
    of : str
        Name of the class; `all` for all classes together.
    group, quantity, label, unit : str
        What it belongs to, its name, what a table calls it, and its unit.
    drawn : Estimate
        Of the drawn jets, with the bootstrap's error.
    truth : Estimate
        Of as many true jets: mean and standard deviation over re-splits of true jets.
    deviation : float or None
        Standard deviation of true jets, in which a distance may be told; None if it has none.
    seen : float
        What must be visible for a judgement: if true jets reach it by chance, there are too few.
    reached : float
        What true jets reach by chance in one of twenty-two cases, in size.
    chance : float
        How often as many true jets are as far away as the drawn ones, or farther.
    ratio : Estimate or None
        Drawn over truth; None where truth's is no larger than its spread, so that it would be a
        division by noise.
    verdict : str
        `as truth`, `differs` or `cannot tell`.
    words : str
        The verdict in words, with its reason.
    """

    of: str
    group: str
    quantity: str
    label: str
    unit: str
    drawn: Estimate
    truth: Estimate
    deviation: float | None
    seen: float
    reached: float
    chance: float
    ratio: Estimate | None
    verdict: Verdict
    words: str


class SpeciesShare(Part):
    """The share of a species in the constituents of drawn jets, and of the test part."""

    of: str
    pdg_id: int
    label: str
    drawn: Estimate
    truth: Estimate


class JetNumbers(Part):
    """How many jets of each class there are, and play which part.

    Attributes
    ----------
    drawn : dict
        In the drawn files.
    judged : dict
        Those of them that are judged; as many true jets stand for the truth.
    reference : dict
        Of the test part, with which both are compared.
    training : dict
        Which the generative model may have seen.
    """

    drawn: ClassCounts
    judged: ClassCounts
    reference: ClassCounts
    training: ClassCounts


class Judgement(Record):
    """How far drawn jets are from the truth.

    Attributes
    ----------
    drawn, truth : list of str
        Names of the files.
    classes : tuple of str
        Names by number.
    jets : JetNumbers
    seed : int
        Draws re-splits and bootstraps.
    rows : list of JudgedRow
    shares : list of SpeciesShare
        Empty where species are not known.
    warnings : list of str
        Sentences on what could not be judged, or is doubtful.
    summary : str
        How many rows are as truth, in a sentence.
    """

    what: ClassVar[str] = "the judgement of drawn jets"
    remedy: ClassVar[str] = "judge the jets again: jetline judge"

    drawn: list[str]
    truth: list[str]
    classes: tuple[str, ...]
    jets: JetNumbers
    seed: int
    rows: list[JudgedRow]
    shares: list[SpeciesShare]
    warnings: list[str]
    summary: str

    def row(self, of: str, group: str, quantity: str) -> JudgedRow:
        """Give the row of a class or `all`, of a group and a quantity.

        Raises
        ------
        KeyError
            If it was not judged.
        """
        for row in self.rows:
            if (row.of, row.group, row.quantity) == (of, group, quantity):
                return row
        raise KeyError((of, group, quantity))
