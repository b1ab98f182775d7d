"""The primary Lund plane of jets by class: ``lund-planes.json``, its planes beside it."""

from __future__ import annotations

from typing import ClassVar

from jetline.records.explanation import Mean
from jetline.records.part import Part
from jetline.records.record import Record
from jetline.records.training import ClassCounts


class LundPlane(Part):
    """The primary emissions of the jets of one class.

    Attributes
    ----------
    of : str
        Name of the class.
    emissions : Mean
        Emissions of a jet.
    hard : Mean
        Those with kt above 1 GeV.
    shown : float
        Share of the emissions that lie within the edges of the plane.
    """

    of: str
    emissions: Mean
    hard: Mean
    shown: float


class LundRecord(Record):
    """Primary emissions of test jets of a dataset.

    Attributes
    ----------
    dataset : str
    classes : tuple of str
        Names by number.
    jets : dict
        Jets of each class.
    planes : list of LundPlane
        Of each class that there are jets of.
    """

    what: ClassVar[str] = "the Lund planes of a dataset"

    dataset: str
    classes: tuple[str, ...]
    jets: ClassCounts
    planes: list[LundPlane]

    def in_words(self) -> list[str]:
        """Tell how many emissions the jets of each class have."""
        return [
            f"{one.of}: {one.emissions.value:.2f} +- {one.emissions.error:.2f} primary emissions, "
            f"{one.hard.value:.3f} +- {one.hard.error:.3f} with kt above 1 GeV"
            for one in self.planes
        ]
