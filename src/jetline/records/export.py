"""How equal an exported tagger is to the one it was made of."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from jetline.records.part import Part
from jetline.records.record import Record

#: Differing jets that are listed, at most.
LISTED = 100


class DifferingJet(Part):
    """A jet whose scores differ by more than the tolerance.

    Attributes
    ----------
    file : str
        Name of its file.
    jet : int
        Its index there, from 0.
    keras, onnx : list of float
        Its scores; those of ONNX are none where it is taken for no jet.
    cause : str
        ``tie``: two neighbours equally far within rounding; ``crossing``: a constituent in another
        pixel; ``unknown``.
    """

    file: str
    jet: int
    keras: list[float]
    onnx: list[float]
    cause: Literal["tie", "crossing", "unknown"]


class Speed(Part):
    """Jets in a second of one core, as they come: shards for us, padded jets for onnxruntime."""

    jetline: float
    onnxruntime: float


class ExportComparison(Record):
    """An exported tagger beside Keras on the test part of a dataset.

    Attributes
    ----------
    label : str
    seed : int
    training : str
        Key of the training.
    dataset : str
        Whose test part it is.
    precision : str
        Of the network, float32 or float64; Keras computes in the same.
    jets : int
        Jets of the test part.
    tolerance, largest : float
        Difference of a score that is allowed, and the largest that there is.
    beyond : int
        Jets with a larger one than allowed.
    ties, crossings : int
        Jets of the whole test part with neighbours equally far within rounding, and with a
        constituent in another pixel.
    listed : list of DifferingJet
        The first of those beyond.
    speed : Speed
    versions : dict
        Of the packages.
    """

    what: ClassVar[str] = "the comparison of an exported tagger"

    label: str
    seed: int
    training: str
    dataset: str
    precision: Literal["float32", "float64"]
    jets: int = Field(ge=0)
    tolerance: float
    largest: float
    beyond: int
    ties: int
    crossings: int
    listed: list[DifferingJet]
    speed: Speed
    versions: dict[str, str]

    def in_words(self) -> str:
        """Tell it in a line."""
        told = f"{self.jets} jets: scores of ONNX and Keras differ by at most {self.largest:.1e}"
        if self.ties or self.crossings:
            told += f"; {self.ties} with a tie of neighbours, {self.crossings} with a crossing"
        if self.beyond:
            unknown = sum(jet.cause == "unknown" for jet in self.listed)
            told += f"; {self.beyond} by more than {self.tolerance:.0e}, {unknown} of them for "
            told += "another reason"
        speed = self.speed.onnxruntime / self.speed.jetline
        return f"{told}; onnxruntime has {speed:.2f} times our jets/s of one core"
