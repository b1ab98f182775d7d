"""What does not go together with `seeds_together`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.configuration.words import paste, place
from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from jetline.configuration.schema import Configuration

_APART = "seeds_together: false, which trains each seed by itself"


def wrong_seeds_together(configuration: Configuration) -> list[JetlineError]:
    """List what contradicts `seeds_together`, as errors."""
    if not configuration.seeds_together:
        return []
    errors = []
    if configuration.backend != "jax":
        errors.append(
            JetlineError(
                place("seeds_together"),
                found=f"true, beside backend: {configuration.backend}",
                expected="jax, which alone takes the steps of several seeds at once",
                remedy=f"{paste('backend', value='jax')}\n    or write {_APART}",
            )
        )
    if configuration.folds > 1:
        errors.append(
            JetlineError(
                place("seeds_together"),
                found=f"true, beside folds: {configuration.folds}",
                expected="no folds: each fold has jets of its own",
                remedy=f"write {_APART}; or leave folds out",
            )
        )
    for label in configuration.labels_together:
        architecture = configuration.architectures[label]
        scan = "a scan, whose best values are known only later" if architecture.scan else None
        if found := scan or architecture.untrainable_together:
            errors.append(
                JetlineError(
                    place("architectures", label),
                    found=f"{found}, beside seeds_together: true",
                    expected="a network whose seeds train on the same batches, made on the device",
                    remedy=f"{paste('architectures', label, 'seeds_together', value=False)}\n"
                    "    which trains its seeds one by one, or leave that out",
                )
            )
    return errors
