"""What a referee asks of the taggers of a run on one test dataset: ``examination.json``."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from jetline.records.comparison import Summary
from jetline.records.record import Record
from jetline.records.training import ClassCounts


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Efficiency(_Part):
    """Share of jets that are kept, with its 68.27 % interval.

    Attributes
    ----------
    value, low, high : float
        The share and the ends of its interval.
    kept, lost : int
        Jets on either side.
    """

    value: float
    low: float
    high: float
    kept: int
    lost: int


class WorkingPoint(_Part):
    """A cut on the score of one training.

    Attributes
    ----------
    label, seed : str, int
        Of the training.
    asked : float
        Quark efficiency that is asked for.
    threshold : float
        The largest score that keeps at least as many quark jets; jets of this score are kept.
    quark, gluon : Efficiency
        What the cut keeps of the test jets, which is the confusion matrix too.
    """

    label: str
    seed: int
    asked: float
    threshold: float
    quark: Efficiency
    gluon: Efficiency


class MeanWorkingPoint(_Part):
    """The same cut in all trainings of a label, each at its own threshold.

    Attributes
    ----------
    label : str
        Of the trainings.
    asked : float
        Quark efficiency that is asked for.
    threshold : float
        Mean over seeds.
    quark, gluon : Summary
        Efficiencies: means over seeds, with both errors.
    """

    label: str
    asked: float
    threshold: float
    quark: Summary
    gluon: Summary


class Examination(Record):
    """All taggers of a run, examined on one test dataset.

    What needs both classes is empty where all test jets are of one.

    Attributes
    ----------
    dataset : str
        Name of the test dataset.
    jets : dict
        Test jets by class.
    seeds : dict
        Seeds of each label, labels in the order of the run.
    working_points : list of WorkingPoint
        Of each training.
    mean_working_points : list of MeanWorkingPoint
        Of each label.
    """

    what: ClassVar[str] = "an examination of taggers"
    remedy: ClassVar[str] = "examine again: jetline examine"

    dataset: str
    jets: ClassCounts
    seeds: dict[str, list[int]]
    working_points: list[WorkingPoint] = Field(default_factory=list)
    mean_working_points: list[MeanWorkingPoint] = Field(default_factory=list)
