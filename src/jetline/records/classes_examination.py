"""What taggers of more than two classes reach by class on one test dataset: ``classes.json``."""

from __future__ import annotations

from typing import ClassVar

from pydantic import ValidationInfo, field_validator

from jetline.records.calibration import Calibration, MeanCalibration
from jetline.records.comparison import Summary, Verdict
from jetline.records.part import Part
from jetline.records.record import Record
from jetline.records.training import ClassCounts

#: What stands for all classes but one, where a class is the background.
REST = "rest"


class Separation(Part):
    """How well a label tells one class from another, or from all others.

    Attributes
    ----------
    label : str
        Of the trainings.
    signal, background : str
        Names of the classes, `REST` for all others. One is told from another by
        p_s / (p_s + p_b), and from all others by p_s.
    auc, rejection_50, rejection_30 : Summary
        Means over seeds: area under the ROC curve, and inverse efficiency of the background at
        signal efficiencies of 50 % and 30 %.
    """

    label: str
    signal: str
    background: str
    auc: Summary
    rejection_50: Summary
    rejection_30: Summary


class SeparationDifference(Part):
    """One label minus another by a figure of two classes, paired, as `Difference` has it.

    Attributes
    ----------
    figure, signal, background : str
        Name of the field of `Separation`, and of the two classes.
    first, second : str
        Labels: that of the larger figure, and that which is subtracted.
    difference, low, high, sample_error, seed_error, error, p_value : float
        As for `MeasuredDifference`: of rejections by their natural logarithms.
    verdict : str
        Whether it is significant.
    adjusted_p_value, adjusted_verdict : float, str
        The same among all pairs of taggers, and of classes (those against the rest apart from
        the others), by Holm's correction for their number.
    """

    figure: str
    signal: str
    background: str
    first: str
    second: str
    difference: float
    low: float
    high: float
    sample_error: float
    seed_error: float | None
    error: float
    p_value: float
    verdict: Verdict
    adjusted_p_value: float
    adjusted_verdict: Verdict


class Confusion(Part):
    """What the jets of each class are taken for by a label.

    Attributes
    ----------
    label : str
        Of the trainings.
    asked : float or None
        Efficiency of each class that a cut on its own probability keeps: a jet may pass several
        cuts or none. None where each jet is called the one class of the highest probability.
    thresholds : list of float
        Of each class, mean over seeds; empty where there is no cut.
    shares : list of list of Summary
        A row for each class by its number, a column for each that its jets are taken for: share
        of the row's jets, mean over seeds with both errors. Without a value in the row of a class
        that has no jets, and in the column of one that has no cut for lack of jets.
    """

    label: str
    asked: float | None
    thresholds: list[float | None]
    shares: list[list[Summary]]


class ClassCalibration(Part):
    """Whether the probability of one class is the share of its jets.

    Attributes
    ----------
    kind : str
        Name of the class.
    mean : MeanCalibration
        Of all trainings of a label together.
    by_seed : list of Calibration
        Of each training.
    """

    kind: str
    mean: MeanCalibration
    by_seed: list[Calibration]


class ClassesExamination(Record):
    """What taggers of more than two classes reach by class on one test dataset.

    Attributes
    ----------
    dataset : str
        Name of the test dataset.
    classes : tuple of str
        Names of the classes by number.
    jets : dict
        Test jets by class, in the order of their numbers.
    labels : list of str
        All labels, in the order of the run.
    seeds : dict of list of int
        Seeds of each label.
    separations, differences, confusions, calibrations : list
        What has been found. Where there are no jets of a class, nothing is told of it.
    """

    what: ClassVar[str] = "the examination of taggers by class"
    remedy: ClassVar[str] = "examine again"

    dataset: str
    classes: tuple[str, ...]
    jets: ClassCounts
    labels: list[str]
    seeds: dict[str, list[int]]
    separations: list[Separation]
    differences: list[SeparationDifference]
    confusions: list[Confusion]
    calibrations: list[ClassCalibration]

    @field_validator("jets")
    @classmethod
    def _by_number(cls, counts: ClassCounts, told: ValidationInfo) -> ClassCounts:
        """Put the classes in order, which a file of JSON does not keep."""
        return {name: counts[name] for name in told.data.get("classes", ())}
