"""What is known of the jets that train: ``statistics.json``."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from jetline.records.record import Record


class Statistics(Record):
    """Statistics of one dataset and one kind of inputs.

    Attributes
    ----------
    jets : dict
        Quarks and gluons in each part: train, validation, test.
    inputs : dict
        What the kind of inputs tells of the training part, which `Architecture.build` gets: for
        images ``shape`` and ``largest``, or ``mean`` and ``deviation``; for particles
        ``multiplicity``.
    made_of : str
        Hash of the shards and the split (`jetline.inputs.dataset.identity_of`).
    """

    what: ClassVar[str] = "the statistics of a training part"
    remedy: ClassVar[str] = "remove it and run the step statistics again"

    jets: dict[Literal["train", "validation", "test"], dict[Literal["quark", "gluon"], int]]
    inputs: dict[str, Any]
    made_of: str
