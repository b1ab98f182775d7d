"""What a user of a tagger has to know of it: ``card.json``."""

from __future__ import annotations

from typing import Any, ClassVar

from jetline.records.calibration import CalibrationError
from jetline.records.evaluation import Estimate, TestJets
from jetline.records.part import Part
from jetline.records.record import Record
from jetline.records.training import ClassCounts

#: File of the record in the folder of a tagger.
CARD = "card.json"


class Range(Part):
    """Least and largest value among the jets that a tagger was trained on, in the unit of words."""

    low: float
    high: float


class CardTest(Part):
    """What a tagger reaches on one dataset.

    Attributes
    ----------
    dataset : str
        Its name.
    settings : dict
        Settings of its source, as the configuration has them.
    jets : TestJets
        Jets tested on.
    figures : dict of Estimate
        Figures of merit by name, with the test sample's errors.
    calibration : CalibrationError or None
        Of the scores as they are; None where it was not examined.
    """

    dataset: str
    settings: dict[str, Any]
    jets: TestJets
    figures: dict[str, Estimate]
    calibration: CalibrationError | None = None


class Card(Record):
    """The model card of a tagger.

    Attributes
    ----------
    label, seed : str, int
        Of the training.
    training : str
        Its key.
    sha256 : str
        Of ``model.keras``.
    dataset : str
        Name of the dataset trained on.
    settings : dict
        Settings of its source.
    jets : dict
        Jets of each class that trained and validated.
    ranges : dict of Range
        Of the jets trained on, by the names of `jetline.taggers.ranges.RANGED`; none of pictures.
    tests : list of CardTest
        On each dataset, that of the jets trained on first if it is among them.
    jetline : str
        Version of the package.
    """

    what: ClassVar[str] = "a model card"
    remedy: ClassVar[str] = "make it again: `cards: true` in the configuration"

    label: str
    seed: int
    training: str
    sha256: str
    dataset: str
    settings: dict[str, Any]
    jets: dict[str, ClassCounts]
    ranges: dict[str, Range]
    tests: list[CardTest]
    jetline: str
