"""All trainings of a run beside each other: ``comparison.json``."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from jetline.records.evaluation import Estimate
from jetline.records.record import Record
from jetline.records.training import ClassCounts, TrainingRecord


class Summary(BaseModel):
    """A figure of merit over the seeds of one label, with its two errors kept apart.

    Attributes
    ----------
    value : float or None
        Mean over seeds; None where a seed has no value.
    low, high : float or None
        68.27 % interval of that mean from the test sample.
    sample_error : float or None
        Half its width; None where the interval is a bound: of a rejection a lower one, without
        `high`, where too many resamples have no gluon jet left.
    seed_spread : float or None
        Standard deviation over seeds, which a single training has, estimated without bias (the
        root of the sample variance, divided by c4); None with one seed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: float | None
    low: float | None
    high: float | None
    sample_error: float | None
    seed_spread: float | None

    @classmethod
    def of_one(cls, estimate: Estimate) -> Summary:
        """Take the figure of merit of a single training, which has no spread over seeds."""
        return cls(
            value=estimate.value,
            low=estimate.low,
            high=estimate.high,
            sample_error=estimate.error,
            seed_spread=None,
        )


class OneSeed(BaseModel):
    """Figures of merit of one training, by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int
    figures: dict[str, Estimate]


class Row(BaseModel):
    """One label on one dataset.

    Attributes
    ----------
    label, dataset : str
        Names of both.
    architecture, inputs, identity, trained_on : str
        What was trained on which dataset.
    seeds : list of int
        Seeds of its trainings.
    training_jets : int
        Jets trained on.
    test_jets : dict
        Test jets by class.
    test_effective : dict or None
        Where they have weights, how many of equal weights would have errors as large, by class.
    parameters : int
        Trainable parameters; the mean over seeds, which differ for trees.
    epochs, minutes, jets_per_second : float
        Means over seeds.
    figures : dict of Summary
        Figures of merit by name.
    inverses : dict of Summary
        Their inverses by name, of those that have one told: gluon efficiencies.
    by_seed : list of OneSeed
        Those of each training.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str
    dataset: str
    architecture: str
    inputs: str
    identity: str
    trained_on: str
    seeds: list[int]
    training_jets: int
    test_jets: ClassCounts
    test_effective: dict[str, float] | None = None
    parameters: int
    epochs: float
    minutes: float
    jets_per_second: float
    figures: dict[str, Summary]
    inverses: dict[str, Summary]
    by_seed: list[OneSeed]


Verdict = Literal["significant", "not significant", "one seed only"]


class MeasuredDifference(BaseModel):
    """One label minus another by a figure of merit, means over seeds, with both errors.

    Attributes
    ----------
    dataset : str
        Name of the test dataset.
    figure : str
        Name of the figure of merit.
    first, second : str
        Labels: that of the larger figure, and that which is subtracted.
    difference : float
        The difference: of rejections that of their natural logarithms, so that ``exp`` of it and
        of its ends is a ratio.
    low, high : float
        68.27 % interval from the test sample, paired.
    sample_error : float
        Half its width.
    seed_error : float or None
        Standard error of the difference from the spread over seeds; None unless both labels have
        two seeds or more.
    error : float
        Both in quadrature.
    p_value : float
        Probability of so large a difference by chance.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str
    figure: str
    first: str
    second: str
    difference: float
    low: float
    high: float
    sample_error: float
    seed_error: float | None
    error: float
    p_value: float


class Difference(MeasuredDifference):
    """A difference as it is judged, alone and among the other pairs.

    Attributes
    ----------
    verdict : str
        Whether it is significant.
    adjusted_p_value : float
        The same probability for any of the pairs of this dataset and figure of merit, by Holm's
        correction for their number.
    adjusted_verdict : str
        Whether it is significant among all these pairs.
    statement : str
        The same in a sentence.
    """

    verdict: Verdict
    adjusted_p_value: float
    adjusted_verdict: Verdict
    statement: str


class ComparisonRecord(Record):
    """All labels of a run on all its test datasets.

    Attributes
    ----------
    datasets : list of str
        Names of the test datasets.
    rows : list of Row
        One for each label and dataset.
    pairs : list of Difference
        One for each dataset, figure of merit that labels are compared by, and pair of labels;
        none where a figure of merit has no value or no interval.
    trainings : list of TrainingRecord
        All that were compared.
    resamples : int
        Number of the bootstrap's resamples.
    """

    what: ClassVar[str] = "the comparison of a run"
    remedy: ClassVar[str] = "compare again"

    datasets: list[str]
    rows: list[Row]
    pairs: list[Difference]
    trainings: list[TrainingRecord]
    resamples: int

    def pairs_of(self, dataset: str, figure: str) -> list[Difference]:
        """Give the pairs of one dataset by one figure of merit, the largest figures first."""
        chosen = (pair for pair in self.pairs if pair.dataset == dataset)
        return [pair for pair in chosen if pair.figure == figure]

    def rows_of(self, dataset: str) -> list[Row]:
        """Give the rows of one dataset."""
        return [row for row in self.rows if row.dataset == dataset]

    @property
    def labels(self) -> list[str]:
        """Labels of all trainings, each once."""
        return list(dict.fromkeys(training.label for training in self.trainings))
