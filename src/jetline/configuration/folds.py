"""What does not go together with folds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.configuration.split import NamedSplit
from jetline.configuration.words import paste, place
from jetline.core.errors import JetlineError
from jetline.inputs.folds import FEWEST
from jetline.inputs.parts import PARTS

if TYPE_CHECKING:
    from jetline.configuration.schema import Configuration


def wrong_folds(configuration: Configuration) -> list[JetlineError]:
    """List what contradicts `folds`, as errors."""
    folds, split = configuration.folds, configuration.split
    if folds == 1:
        return []
    errors = []
    if folds < FEWEST:
        errors.append(
            JetlineError(
                place("folds"),
                found=str(folds),
                expected=f"{FEWEST} or more, since one part tests, one validates and the others "
                "train; or 1 for none",
                remedy=paste("folds", value=FEWEST),
            )
        )
    if configuration.cards:
        errors.append(
            JetlineError(
                place("cards"),
                found=f"true, beside folds: {folds}",
                expected="single taggers: those of folds are each for jets that it has not seen",
                remedy="leave cards out, or leave folds out",
            )
        )
    if isinstance(split, NamedSplit):
        errors.append(
            JetlineError(
                place("split", "by"),
                found=f"name, beside folds: {folds}",
                expected="jet or file: folds deal the jets themselves, and each jet is tested",
                remedy=f"{paste('split', value={'by': 'jet'})}\n    or leave folds out",
            )
        )
    elif shares := [part for part in PARTS if part in split.model_fields_set]:
        told: dict[str, str] = {"by": split.by}
        if split.duplicates != "refuse":
            told["duplicates"] = split.duplicates
        errors.append(
            JetlineError(
                place("split"),
                found=f"shares ({', '.join(shares)}) beside folds: {folds}",
                expected=f"none: of {folds} parts one tests, the next validates and the others "
                "train, in turn",
                remedy=f"{paste('split', value=told)}\n    or leave folds out",
            )
        )
    errors += [
        JetlineError(
            place("architectures", label, "scan"),
            found=f"a scan beside folds: {folds}",
            expected="no scan: its best values would be chosen on jets that test in another fold",
            remedy="scan in a configuration without folds, and write the best values here",
        )
        for label, architecture in configuration.architectures.items()
        if architecture.scan is not None
    ]
    return errors
