"""What shape and type a column has to have for what a layout takes it for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from jetline.jets.layouts.resolved import Resolved
    from jetline.jets.layouts.selection import Selection

_NUMBERS = "fiub"


def require_shapes(resolved: Resolved, where: str) -> None:
    """Refuse columns that cannot be what the layout takes them for.

    Parameters
    ----------
    resolved : Resolved
        What is read for what.
    where : str
        The file, for the error.

    Raises
    ------
    JetlineError
        Names the column and what it is.
    """
    flat = resolved.offsets is not None
    further = {f"feature {name}": one for name, one in resolved.further.items()}
    for quantity, one in (resolved.of_constituents | further).items():
        axes = len(resolved.row_shape(one))
        if axes != (0 if flat else 1) or not _has_numbers(resolved, one):
            told = "one number for each constituent" if flat else "a list or row of constituents"
            raise _refusal(resolved, one, quantity, where, f"{told} of each jet")
    if resolved.mask and len(resolved.row_shape(resolved.mask)) != 1:
        raise _refusal(resolved, resolved.mask, "mask", where, "a row of constituents of each jet")
    of_jets = {**resolved.of_jets, **{f"carry {name}": one for name, one in resolved.carry.items()}}
    marks = {"count": resolved.count, "offsets": resolved.offsets}
    of_jets |= {name: one for name, one in marks.items() if one}
    for quantity, one in of_jets.items():
        if resolved.row_shape(one) != () or not _has_numbers(resolved, one):
            raise _refusal(resolved, one, quantity, where, "one number for each jet")
    if resolved.label and (label := resolved.label):
        shapes = {resolved.described[name].shape for name in label.columns}
        if len(label.columns) > 1 and shapes != {()}:
            raise _refusal(resolved, label, "label", where, "columns with one number for each jet")
        shape = resolved.row_shape(label)
        several = len(label.columns) > 1 or shape not in ((), (1,))
        if len(shape) > 1 or None in shape or (several and not _has_numbers(resolved, label)):
            expected = "one label for each jet, or one number for each class"
            raise _refusal(resolved, label, "label", where, expected)


def _has_numbers(resolved: Resolved, selection: Selection) -> bool:
    return all(resolved.described[name].dtype.kind in _NUMBERS for name in selection.columns)


def _refusal(
    resolved: Resolved, selection: Selection, quantity: str, where: str, expected: str
) -> JetlineError:
    name = selection.columns[0]
    return JetlineError(
        f"{where}, layout {resolved.name}, {quantity}",
        found=f"{name}, which is {resolved.described[name]}",
        expected=expected,
        remedy="name another column, or, of an array of several features, the number of one: "
        f'"{name}[0]"',
    )
