"""What was understood of a foreign jet file: ``<file>.import.json`` beside the jets of it."""

from __future__ import annotations

from typing import ClassVar

from jetline.records.record import Record


class ImportRecord(Record):
    """What was understood of a foreign jet file.

    Attributes
    ----------
    file : str
        Its path.
    sha256 : str
        Of its bytes.
    layout : tuple of str
        Which column was which, in sentences.
    jets : dict
        Jets by class.
    identity : str
        What taggers can be told of species at most: none, experimental or full.
    ranges : dict
        Smallest and largest multiplicity, pT [GeV], rapidity and azimuth of jets; PDG ids.
    carried : tuple of str
        Names of the arrays that are kept beside the jets.
    warnings : tuple of str
        What looks wrong and may be right.
    """

    what: ClassVar[str] = "what was understood of a foreign jet file"

    file: str
    sha256: str
    layout: tuple[str, ...]
    jets: dict[str, int]
    identity: str
    ranges: dict[str, list[float] | list[int]]
    carried: tuple[str, ...]
    warnings: tuple[str, ...]
