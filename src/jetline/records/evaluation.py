"""What a tagger reaches on a test sample: ``metrics.json``, and ``curves.npz`` beside it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from jetline.core.classes import QUARK_GLUON
from jetline.core.errors import JetlineError
from jetline.core.files import read_arrays, write_arrays
from jetline.records.record import Record
from jetline.records.training import ClassCounts

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

_REMEDY = "evaluate again"


class Estimate(BaseModel):
    """A figure of merit of one training, with its interval from the test sample.

    Attributes
    ----------
    value : float or None
        None where it is infinite, as a rejection is where no gluon jet passes, or not defined, as
        AUC and rejections are where all test jets are of one class.
    low, high : float or None
        Ends of the central 68.27 % interval. `high` is None where more than 16 % of the
        resamples have no gluon jet left: the interval is then a lower bound only.
    error : float or None
        Half the width of the interval.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: float | None
    low: float | None
    high: float | None
    error: float | None

    @classmethod
    def of(cls, value: float | None, low: float | None, high: float | None) -> Self:
        """Take a value and both ends of its interval."""
        error = None if low is None or high is None else (high - low) / 2
        return cls(value=value, low=low, high=high, error=error)


class Bootstrap(BaseModel):
    """Seed and number of the bootstrap's resamples."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int
    resamples: int


class TestJets(BaseModel):
    """Test jets of an evaluation.

    Attributes
    ----------
    classes : tuple of str
        Names of the classes by number.
    by_class : dict
        Number of jets of each, the signal first.
    effective : dict or None
        Where jets have weights, how many of equal weights would have errors as large, (sum w)^2 /
        sum w^2, of each class.
    sha256 : str
        Hash that only the same jets share.
    """

    __test__: ClassVar = False  # the name is not that of a test

    model_config = ConfigDict(extra="forbid", frozen=True)

    classes: tuple[str, ...] = QUARK_GLUON
    by_class: ClassCounts
    effective: dict[str, float] | None = None
    sha256: str

    @field_validator("by_class")
    @classmethod
    def _signal_first(cls, counts: ClassCounts, told: ValidationInfo) -> ClassCounts:
        """Put the classes in order, which a file of JSON does not keep."""
        return {name: counts[name] for name in reversed(told.data.get("classes", ()))}


class EvaluationRecord(Record):
    """Figures of merit of one training on one dataset: ``metrics.json``.

    Attributes
    ----------
    label, seed : str, int
        Of the training.
    training : str
        Key of the training, which tells it from an earlier one of the same label and seed.
    dataset : str
        Name of the test dataset.
    bootstrap : Bootstrap
        Which resamples the intervals are from.
    jets : TestJets
        Which jets they are of.
    figures : dict
        The figures of merit by name.
    jetline : str
        Version of the package.
    """

    what: ClassVar[str] = "the figures of merit of a training"
    remedy: ClassVar[str] = _REMEDY

    label: str
    seed: int
    training: str
    dataset: str
    bootstrap: Bootstrap
    jets: TestJets
    figures: dict[str, Estimate]
    jetline: str


@dataclass(frozen=True)
class Curves:
    """All that a picture shows of an evaluation, and the replicas: ``curves.npz``.

    Of more than two classes the replicas are all: ROC curves and efficiencies have no points
    (their arrays are empty), and no jets are in the bins of the score.

    Attributes
    ----------
    roc_quark_efficiency, roc_gluon_efficiency, roc_threshold : (n_points,) float64 arrays
        Points of the ROC curve, thinned; none where all jets are of one class.
    quark_efficiency : (100,) float64 array
        Quark efficiencies of what follows.
    rejection, rejection_low, rejection_high : (100,) float64 arrays
        1 / gluon efficiency and its 68.27 % interval; infinite where no gluon jet passes, NaN
        where all jets are of one class.
    gluon_efficiency_replicas : (n_resamples, 100) float32 array
        Gluon efficiency in each resample; NaN where it lacks a class.
    score_edges : (41,) float64 array
        Edges of the bins of the score.
    score_quark, score_gluon : (40,) int64 arrays
        Jets in each bin.
    replicas : (n_resamples, n_figures) float64 array
        The figures of merit in each resample.
    replica_names : (n_figures,) unicode array
        Their names.
    """

    roc_quark_efficiency: np.ndarray
    roc_gluon_efficiency: np.ndarray
    roc_threshold: np.ndarray
    quark_efficiency: np.ndarray
    rejection: np.ndarray
    rejection_low: np.ndarray
    rejection_high: np.ndarray
    gluon_efficiency_replicas: np.ndarray
    score_edges: np.ndarray
    score_quark: np.ndarray
    score_gluon: np.ndarray
    replicas: np.ndarray
    replica_names: np.ndarray

    @property
    def names(self) -> list[str]:
        """Names of the figures of merit, in the order of tables."""
        return [str(name) for name in self.replica_names]

    def replicas_of(self, name: str) -> np.ndarray:
        """Give one figure of merit in each resample, (n_resamples,) float64."""
        return self.replicas[:, self.names.index(name)]

    def write(self, path: Path) -> None:
        """Write to an ``.npz``, whole or not at all."""
        write_arrays(path, **{one.name: getattr(self, one.name) for one in fields(self)})

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote.

        Raises
        ------
        JetlineError
            If the file is missing or broken, or lacks an array.
        """
        arrays = read_arrays(path)
        expected = [one.name for one in fields(cls)]
        if set(arrays) != set(expected):
            raise JetlineError(
                str(path),
                found=f"the arrays {', '.join(arrays) or 'none'}",
                expected=f"the arrays {', '.join(expected)}",
                remedy=_REMEDY,
            )
        return cls(**arrays)
