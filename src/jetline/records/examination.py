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


class Temperature(_Part):
    """What logits are divided by, fitted on the validation part.

    Attributes
    ----------
    value, error : float
        The temperature and its standard error; above 1 where the tagger is too sure of itself.
    jets : int
        Jets that it was fitted on.
    """

    value: float
    error: float
    jets: int


class CalibrationError(_Part):
    """Expected calibration error of one training.

    Attributes
    ----------
    value : float
        As it is measured.
    bias : float
        What a perfectly calibrated tagger has on so many jets.
    corrected : float
        `value` - `bias`; below 0 by chance.
    error : float
        Standard error from the test sample.
    p_value : float
        Probability that a perfectly calibrated tagger has so large a `value`.
    """

    value: float
    bias: float
    corrected: float
    error: float
    p_value: float


class Reliability(_Part):
    """Share of quark jets by score, in bins of equal width from 0 to 1; None in empty bins.

    Attributes
    ----------
    jets : list of float
        Jets in each bin, mean over seeds.
    score : list of float or None
        Their mean score.
    share, low, high : list of float or None
        Share of quark jets among them, with the ends of its 68.27 % interval.
    """

    jets: list[float]
    score: list[float | None]
    share: list[float | None]
    low: list[float | None]
    high: list[float | None]


class Calibration(_Part):
    """Calibration of one training.

    Attributes
    ----------
    label, seed : str, int
        Of the training.
    temperature : Temperature or None
        None where it is unknown.
    before, after : CalibrationError
        Of the scores as they are, and after the temperature; None where that is unknown.
    """

    label: str
    seed: int
    temperature: Temperature | None
    before: CalibrationError
    after: CalibrationError | None


class MeanCalibration(_Part):
    """Calibration of all trainings of a label.

    Attributes
    ----------
    label : str
        Of the trainings.
    temperature, temperature_spread : float or None
        Mean over seeds and sample standard deviation.
    before, after : Summary
        Corrected calibration error: mean over seeds, with both errors.
    reliability_before, reliability_after : Reliability
        All seeds together.
    """

    label: str
    temperature: float | None
    temperature_spread: float | None
    before: Summary
    after: Summary | None
    reliability_before: Reliability
    reliability_after: Reliability | None


class ImprovementCurve(_Part):
    """Significance improvement of a label, mean over seeds; None where it is infinite.

    Attributes
    ----------
    label : str
        Of the trainings.
    quark_efficiency : list of float
        Where it is read.
    improvement, low, high : list of float or None
        Quark efficiency over the root of the gluon efficiency, with the ends of the 68.27 %
        interval from the test sample.
    """

    label: str
    quark_efficiency: list[float]
    improvement: list[float | None]
    low: list[float | None]
    high: list[float | None]


class Improvement(_Part):
    """Significance improvement of a label at one quark efficiency, with both errors."""

    label: str
    asked: float
    improvement: Summary


class BinnedRejection(_Part):
    """Rejection of a label among the jets of one bin of an observable.

    Attributes
    ----------
    label, observable : str
        Of the trainings, and what the bin is of; of the rapidity it is the absolute value.
    low, high : float
        Ends of the bin, in the observable's unit.
    quark_jets, gluon_jets : int
        Test jets in it.
    rejection : Summary
        Where half the quark jets of the bin pass, mean over seeds with both errors.
    quark, gluon : Summary or None
        Efficiencies in the bin of the cut that keeps half of all quark jets; None without jets.
    """

    label: str
    observable: str
    low: float
    high: float
    quark_jets: int
    gluon_jets: int
    rejection: Summary
    quark: Summary | None
    gluon: Summary | None


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
    calibrations : list of Calibration
        Of each training.
    mean_calibrations : list of MeanCalibration
        Of each label.
    improvement_curves, improvements : list
        Significance improvement of each label, and the same at the working points.
    bins : list of BinnedRejection
        Of each label, in each bin of each observable that was measured.
    """

    what: ClassVar[str] = "an examination of taggers"
    remedy: ClassVar[str] = "examine again: jetline examine"

    dataset: str
    jets: ClassCounts
    seeds: dict[str, list[int]]
    working_points: list[WorkingPoint] = Field(default_factory=list)
    mean_working_points: list[MeanWorkingPoint] = Field(default_factory=list)
    calibrations: list[Calibration] = Field(default_factory=list)
    mean_calibrations: list[MeanCalibration] = Field(default_factory=list)
    improvement_curves: list[ImprovementCurve] = Field(default_factory=list)
    improvements: list[Improvement] = Field(default_factory=list)
    bins: list[BinnedRejection] = Field(default_factory=list)
