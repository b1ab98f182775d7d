"""Whether the scores of taggers are probabilities: a part of an examination."""

from __future__ import annotations

from jetline.records.comparison import Summary
from jetline.records.part import Part


class Temperature(Part):
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


class CalibrationError(Part):
    """Expected calibration error of one training.

    Attributes
    ----------
    value : float
        As it is measured.
    bias : float
        By how much it is too large on average on so many jets: what a perfectly calibrated tagger
        has, or, for one whose temperature is not 1, what it has beyond its true error.
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


class Reliability(Part):
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


class Calibration(Part):
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


class MeanCalibration(Part):
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
