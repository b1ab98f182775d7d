"""Jets of a dataset beside the published benchmark: ``validation.json``."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from jetline.records.record import Record
from jetline.records.training import ClassCounts

Number = int | float
"""A count of jets stays a whole number."""


class Quantity(BaseModel):
    """One measured quantity beside its published value, where there is one.

    Attributes
    ----------
    quantity : str
        What was measured.
    measured, error : float
        Its value and standard error.
    n_jets : int
        Jets behind it.
    digits : int
        Decimals to print.
    published : float or None
        The benchmark's value.
    published_jets : int
        Jets behind that.
    goal : float or None
        Largest difference that a faithful sample may have.
    difference : float or None
        Measured less published.
    standard_errors : float or None
        Its size in units of its standard error; None also where no chance explains it.
    status, verdict : str
        What follows, as one word and in words.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    quantity: str
    measured: Number
    error: Number
    n_jets: int
    digits: int
    published: Number | None
    published_jets: int
    goal: Number | None
    difference: Number | None
    standard_errors: Number | None
    status: str
    verdict: str

    @property
    def cells(self) -> tuple[str, str, str]:
        """Measured, published and difference, as printed; empty where none is published."""
        measured = f"{self.measured:.{self.digits}f}"
        if self.error:
            measured += f" ± {self.error:.{self.digits}f}"
        if self.published is None or self.difference is None:
            return measured, "", ""
        return (
            measured,
            f"{self.published:.{self.digits}f}",
            f"{self.difference:+.{self.digits}f}",
        )


class Distribution(BaseModel):
    """Jets by an observable: ``edges`` of the bins in its unit, and counts of each class.

    Where jets have weights these are their sums, and errors stand beside them; of counts they are
    the square roots.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    edges: list[float]
    quark: list[int] | list[float]
    gluon: list[int] | list[float]
    quark_error: list[float] | None = None
    gluon_error: list[float] | None = None


class ValidationRecord(Record):
    """What the jets of a dataset are like.

    Attributes
    ----------
    dataset : str
        Its name.
    files : list of str
        Names of its files.
    jets : dict
        Jets by class.
    rows : list of Quantity
        What was measured.
    summary : str
        How many quantities are within their goals, in a sentence.
    limits : str
        What jets of one class alone cannot tell, in a sentence; empty where there are both.
    recognised : list of str
        Sentences on files that begin with jets of the benchmark.
    warnings : list of str
        Sentences on what makes the jets doubtful.
    distributions : dict of Distribution
        By the name of the observable.
    """

    what: ClassVar[str] = "the validation of a dataset"
    remedy: ClassVar[str] = "validate the jets again: jetline validate --output"

    dataset: str
    files: list[str]
    jets: ClassCounts
    rows: list[Quantity]
    summary: str
    limits: str
    recognised: list[str]
    warnings: list[str]
    distributions: dict[str, Distribution]
