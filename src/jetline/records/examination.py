"""What a referee asks of the taggers of a run on one test dataset: ``examination.json``."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from jetline.records.calibration import Calibration, MeanCalibration
from jetline.records.comparison import Summary
from jetline.records.evaluation import Estimate
from jetline.records.part import Part
from jetline.records.record import Record
from jetline.records.training import ClassCounts


class Efficiency(Part):
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


class WorkingPoint(Part):
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


class MeanWorkingPoint(Part):
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


class ImprovementCurve(Part):
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


class Improvement(Part):
    """Significance improvement of a label at one quark efficiency, with both errors."""

    label: str
    asked: float
    improvement: Summary


class BinnedRejection(Part):
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


class Ensemble(Part):
    """The mean of the scores of all trainings of a label.

    Attributes
    ----------
    label, seeds : str, int
        Of the trainings, and how many.
    figures : dict of Estimate
        Figures of merit by name, with the test sample's errors; there is no spread.
    gain : Estimate or None
        AUC minus the mean of the seeds' AUC, paired; None where it is unknown.
    """

    label: str
    seeds: int
    figures: dict[str, Estimate]
    gain: Estimate | None


class Correlation(Part):
    """Rank correlation of a label's scores, among the jets of one class.

    Attributes
    ----------
    kind : str
        The class.
    first : str
        The label.
    second, observable : str or None
        What its scores are correlated with: those of another label, of its own seeds with each
        other if it is the same, or an observable.
    value : float or None
        None where one of both is the same for all jets, or a label has one seed.
    """

    kind: Literal["quark", "gluon"]
    first: str
    second: str | None = None
    observable: str | None = None
    value: float | None


class Examination(Record):
    """All taggers of a run, examined on one test dataset.

    What needs both classes is empty where all test jets are of one.

    Attributes
    ----------
    dataset : str
        Name of the test dataset.
    jets : dict
        Test jets by class.
    labels : list of str
        Of all taggers, in the order of the run.
    seeds : dict
        Seeds of each label.
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
    ensembles : list of Ensemble
        Of each label of several seeds.
    correlations : list of Correlation
        Of labels with each other and with observables.
    """

    what: ClassVar[str] = "an examination of taggers"
    remedy: ClassVar[str] = "examine again: jetline examine"

    dataset: str
    jets: ClassCounts
    labels: list[str]
    seeds: dict[str, list[int]]
    working_points: list[WorkingPoint] = Field(default_factory=list)
    mean_working_points: list[MeanWorkingPoint] = Field(default_factory=list)
    calibrations: list[Calibration] = Field(default_factory=list)
    mean_calibrations: list[MeanCalibration] = Field(default_factory=list)
    improvement_curves: list[ImprovementCurve] = Field(default_factory=list)
    improvements: list[Improvement] = Field(default_factory=list)
    bins: list[BinnedRejection] = Field(default_factory=list)
    ensembles: list[Ensemble] = Field(default_factory=list)
    correlations: list[Correlation] = Field(default_factory=list)
