"""Cuts on one observable alone, on one dataset: ``cuts/<dataset>.json``."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from jetline.records.evaluation import Estimate
from jetline.records.record import Record
from jetline.records.training import ClassCounts


class Cut(BaseModel):
    """A cut on one observable.

    Attributes
    ----------
    observable : str
        Its name.
    below : bool
        Whether jets below the threshold are called quarks.
    threshold : float
        The observable's value there, in its unit; a jet of this value is called a quark.
    figures : dict of Estimate
        Figures of merit by name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    observable: str
    below: bool
    threshold: float
    figures: dict[str, Estimate]


class CutsRecord(Record):
    """Cuts on every observable.

    Attributes
    ----------
    dataset : str
        Name of the test dataset.
    jets : dict
        Test jets by class.
    rows : list of Cut
        One for each observable.
    """

    what: ClassVar[str] = "cuts on single observables"
    remedy: ClassVar[str] = "cut again: jetline cut"

    dataset: str
    jets: ClassCounts
    rows: list[Cut]
