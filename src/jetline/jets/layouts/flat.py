"""Constituents of all jets of a block one after the other, of lists or of padded arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.jets.containers.container import Jagged
from jetline.jets.layouts.layout import OF_JET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jetline.jets.layouts.resolved import Resolved


@dataclass(frozen=True)
class Flat:
    """Quantities of constituents.

    Parameters
    ----------
    quantities : dict of (n_constituents,) float64 arrays
        By name; those of jets repeated for each constituent.
    counts : (n_jets,) int64 array
        Constituents of each jet.
    """

    quantities: dict[str, np.ndarray]
    counts: np.ndarray


def flat_constituents(values: Mapping[str, Any], resolved: Resolved, where: str) -> Flat:
    """Take padding out.

    Parameters
    ----------
    values : mapping
        (n, M) arrays or `Jagged` of constituents, (n,) arrays of jets, and ``mask`` and ``count``.
    resolved : Resolved
        Which quantity tells padding, and how.
    where : str
        File and place, for the error.

    Raises
    ------
    JetlineError
        If quantities differ in their number of constituents.
    """
    of_constituents = {q: values[q] for q in resolved.of_constituents}
    jagged = {q: one for q, one in of_constituents.items() if isinstance(one, Jagged)}
    if jagged and len(jagged) < len(of_constituents):
        listed, array = next(iter(jagged)), next(q for q in of_constituents if q not in jagged)
        raise _unequal(where, f"{listed} as lists, {array} as a padded array")
    if jagged:
        counts, kept = _of_lists(jagged, values, resolved, where)
        flat = {q: one.values if kept is None else one.values[kept] for q, one in jagged.items()}
    else:
        present = _present(of_constituents, values, resolved, where)
        counts = present.sum(axis=1)
        flat = {q: array[present] for q, array in of_constituents.items()}
    result = {q: np.asarray(array, np.float64) for q, array in flat.items()}
    for q in OF_JET:
        if q in values:
            result[q] = np.repeat(np.asarray(values[q], np.float64), counts)
    return Flat(result, counts)


def _of_lists(
    jagged: dict[str, Jagged], values: Mapping[str, Any], resolved: Resolved, where: str
) -> tuple[np.ndarray, np.ndarray | None]:
    """Give the counts of lists, and which of their entries are no padding if there is any."""
    first, leading = next(iter(jagged.items()))
    for quantity, one in jagged.items():
        if not np.array_equal(one.counts, leading.counts):
            jet = int((one.counts != leading.counts).argmax())
            names = [resolved.quantities[q].columns[0] for q in (first, quantity)]
            raise _unequal(
                where,
                f"{leading.counts[jet]} entries of {names[0]}, {one.counts[jet]} of {names[1]} in "
                f"jet {jet} of these",
            )
    counts = leading.counts
    mask = values.get("mask")
    if mask is None and "count" not in values and resolved.layout.padding == "zeros":
        return counts, None
    width = int(counts.max(initial=0))
    place = np.arange(width) < counts[:, None]
    if isinstance(mask, Jagged):
        kept = np.asarray(mask.values) > 0
    else:
        padded = {q: _pad(one, place) for q, one in jagged.items()}
        kept = _present(padded, values, resolved, where)[place]
    jets = np.repeat(np.arange(len(counts)), counts)
    return np.bincount(jets[kept], minlength=len(counts)), kept


def _pad(one: Jagged, place: np.ndarray) -> np.ndarray:
    padded = np.zeros(place.shape, one.values.dtype)
    padded[place] = one.values
    return padded


def _present(
    arrays: Mapping[str, np.ndarray], values: Mapping[str, Any], resolved: Resolved, where: str
) -> np.ndarray:
    """Mark the entries of padded arrays that are constituents, (n, M) bool."""
    shapes = {q: array.shape for q, array in arrays.items()}
    if len(set(shapes.values())) > 1 or any(len(shape) != 2 for shape in shapes.values()):
        told = ", ".join(f"{resolved.quantities[q].columns[0]} {shapes[q]}" for q in shapes)
        raise _unequal(where, f"shapes {told}")
    leading = arrays[resolved.leading]
    if "mask" in values:
        return np.asarray(np.asarray(values["mask"]) > 0)
    if "count" in values:
        counts = np.asarray(values["count"]).reshape(-1)
        return np.arange(leading.shape[1]) < counts[:, None]
    padding = resolved.layout.padding
    if padding == "nan":
        return ~np.isnan(leading)
    if padding == "zeros":
        present = leading != 0
        return present | (arrays["py"] != 0) if "py" in arrays else present
    return np.asarray(leading != float(padding))


def _unequal(where: str, found: str) -> JetlineError:
    return JetlineError(
        where,
        found=found,
        expected="as many entries of each quantity for every jet",
        remedy="name columns of the same constituents in the layout, or make the file again",
    )
