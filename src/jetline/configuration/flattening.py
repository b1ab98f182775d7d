"""What does not go together with `flatten`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.configuration.words import place
from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from jetline.configuration.schema import Configuration


def wrong_flattening(configuration: Configuration) -> list[JetlineError]:
    """List what contradicts `flatten`, as errors."""
    if not configuration.flatten:
        return []
    asked = ", ".join(configuration.flatten)
    errors = []
    if configuration.folds > 1:
        errors.append(
            JetlineError(
                place("flatten"),
                found=f"{asked}, beside folds: {configuration.folds}",
                expected="no folds: each has another training part, with a spectrum of its own",
                remedy="leave one of the two out",
            )
        )
    trained_on = configuration.datasets.get(configuration.train_on)
    if trained_on is not None and trained_on.holds != "jets":
        errors.append(
            JetlineError(
                place("flatten"),
                found=f"{asked}, of {trained_on.holds}",
                expected="jets, of which these are measured",
                remedy="leave flatten out",
            )
        )
    return errors
