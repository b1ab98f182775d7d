"""Spectra that were measured of jets, for the weights that make them the same for all classes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError
from jetline.inputs.flattening import flattening
from jetline.validation.measurement import MEASURED, Measurement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jetline.inputs.parts import Parts


def flattened(split: Parts, measured: Sequence[Path], names: Sequence[str]) -> Parts:
    """Give a split weights for the training, with which the spectra of its classes are the same.

    Parameters
    ----------
    split : Parts
        Of the dataset that taggers train on.
    measured : sequence of Path
        What was measured of each of its jet files, in its order.
    names : sequence of str
        Observables that are to have the same spectrum: of the rapidity the absolute value.

    Raises
    ------
    JetlineError
        If there is no such observable, what was measured is of other jets, or as `flattening` does.
    """
    unknown = [name for name in names if name not in MEASURED]
    if unknown:
        raise JetlineError(
            "--flatten",
            found=unknown[0],
            expected=f"names among {', '.join(MEASURED)}",
            remedy="correct it",
        )
    read = [Measurement.read(path) for path in measured]
    if [len(one.labels) for one in read] != [len(part) for part in split.parts]:
        raise JetlineError(
            "--measured",
            found=f"what was measured of {len(read)} files, of other numbers of jets",
            expected=f"that of each of the {len(split.files)} files of the split, in its order",
            remedy="measure the jet files again, and give all in the order of --index",
        )
    observed = [np.column_stack([np.abs(one.values[name]) for name in names]) for one in read]
    return replace(
        split, training_weights=flattening(split, [one.labels for one in read], observed)
    )
