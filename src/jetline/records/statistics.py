"""What is known of the jets that train: ``statistics.json``."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from jetline.records.record import Record
from jetline.records.training import ClassCounts


class Statistics(Record):
    """Statistics of one dataset and one kind of inputs.

    Attributes
    ----------
    jets : dict
        Jets of each class in each part: train, validation, test; the signal first.
    inputs : dict
        What `Architecture.build` gets: ``classes``, their names by number, and of the training
        part for images ``shape`` and ``largest``, or ``mean`` and ``deviation``; for particles
        ``multiplicity``.
    made_of : str
        Hash of the shards and the split (`jetline.inputs.dataset.identity_of`).
    """

    what: ClassVar[str] = "the statistics of a training part"
    remedy: ClassVar[str] = "remove it and run the step statistics again"

    jets: dict[Literal["train", "validation", "test"], ClassCounts]
    inputs: dict[str, Any]
    made_of: str
