"""Find the layout of a file by its columns, or write down one that would fit."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from jetline.core.errors import JetlineError
from jetline.jets.layouts.events import by_jet
from jetline.jets.layouts.named import NAMED
from jetline.jets.layouts.resolved import Resolved
from jetline.jets.layouts.shapes import require_shapes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jetline.jets.containers.container import Column
    from jetline.jets.layouts.layout import Layout

_MOST_COLUMNS = 40

#: Last words of the names of columns, by quantity.
_WORDS = {
    "pt": ("pt",),
    "rapidity": ("y", "rap", "rapidity"),
    "eta": ("eta",),
    "phi": ("phi",),
    "px": ("px",),
    "py": ("py",),
    "pz": ("pz",),
    "energy": ("energy", "e", "en"),
    "mass": ("mass", "m"),
    "pdg_id": ("pdgid", "pdg", "pid", "id"),
    "charge": ("charge", "q"),
}
_LABELS = re.compile(
    r"(^|[_/])(labels?|targets?|y|class|truth|flavou?r|signal)($|_)|(^|/)is_|_label", re.I
)


def layout_by_name(name: str, where: str) -> Layout:
    """Give a named layout.

    Raises
    ------
    JetlineError
        If there is none of this name.
    """
    if name in NAMED:
        return NAMED[name]
    raise JetlineError(
        where,
        found=f"layout {name}",
        expected=f"one of {', '.join(NAMED)}, or columns of your own",
        remedy="choose one of these; docs/formats.md tells what each is of",
    )


def resolve(
    layout: Layout | str | None, described: Mapping[str, Column], where: str
) -> tuple[Resolved, bool]:
    """Hold a layout against a file's columns, or choose one by them.

    Parameters
    ----------
    layout : Layout, str or None
        Of one's own, the name of one, or None to choose.
    described : mapping of Column
        Columns of the file.
    where : str
        The file, for the error.

    Returns
    -------
    resolved : Resolved
        What is read for what.
    chosen : bool
        Whether nobody has said so.

    Raises
    ------
    JetlineError
        If the file lacks a column of the layout, or no named layout fits it: the message has one
        to paste.
    """
    if isinstance(layout, str):
        return _held(layout, layout_by_name(layout, where), described, where), False
    if layout is not None:
        return _held(layout.called, layout, described, where), False
    for name, one in NAMED.items():
        if name == "benchmark" and not _is_benchmark(described):
            continue
        try:
            return _held(name, one, described, where), True
        except JetlineError:
            continue
    has = [f"{name} {column}" for name, column in list(described.items())[:_MOST_COLUMNS]]
    more = ", ..." if len(described) > len(has) else ""
    raise JetlineError(
        where,
        found=f"columns of no known layout: {', '.join(has) or 'none with numbers'}{more}",
        expected=f"a file of the layout {', '.join(NAMED)}, or a layout of your own",
        remedy=f"give the dataset, or the command by --layout as JSON,\n{proposal(described)}",
    )


def _held(name: str, layout: Layout, described: Mapping[str, Column], where: str) -> Resolved:
    resolved = Resolved.of(name, layout, by_jet(layout, described), where)
    require_shapes(resolved, where)
    return resolved


def _is_benchmark(described: Mapping[str, Column]) -> bool:
    return "X" in described and described["X"].shape[1:] == (4,)


def proposal(described: Mapping[str, Column]) -> str:
    """Write down a layout that would fit, as it stands in a configuration."""
    columns, axes = _columns(described)
    nested = any(column.shape == (None, None) for column in described.values())
    of_jets: tuple[None, ...] = (None,) if nested else ()
    labels = [
        name
        for name, column in described.items()
        if column.shape == of_jets and _LABELS.search(name)
    ]
    label = ", ".join(labels) if len(labels) < 2 else f"[{', '.join(map(_quoted, labels))}]"
    told = ", ".join(f"{quantity}: {_quoted(name)}" for quantity, name in columns.items())
    lines = [
        "layout:",
        f"  columns: {{{told or 'pt: ..., eta: ..., phi: ...'}}}",
        *(["  axes: features-constituents"] if axes else []),
        "  units: GeV  # or MeV",
        f"  label: {label or '...  # the column of labels; left out if there is none'}",
    ]
    return "\n".join(f"      {line}" for line in lines)


def _columns(described: Mapping[str, Column]) -> tuple[dict[str, str], bool]:
    """Guess columns by their names, or by the only array of several features."""
    lists = [name for name, column in described.items() if len(column.shape) == 1]
    # Where rows are events, constituents are lists of lists.
    if nested := [name for name, column in described.items() if column.shape == (None, None)]:
        lists = nested
    found = {}
    for quantity, words in _WORDS.items():
        fitting = [name for name in lists if _words(name)[-1] in words]
        if fitting:
            # Names such as part_pt before those with several parts, such as truth_part_pt.
            found[quantity] = min(fitting, key=len)
    if {"px", "py", "pz"} <= set(found):
        found = {q: name for q, name in found.items() if q not in ("pt", "eta", "phi", "rapidity")}
    elif "rapidity" in found:
        found.pop("eta", None)
    if found:
        return found, False
    for name, column in described.items():
        if len(column.shape) == 2:
            first, second = (length or 0 for length in column.shape)
            turned = first < second and first in range(3, 20)
            features = zip(
                ("pt", "rapidity", "phi", "pdg_id"), range(min(first, second)), strict=False
            )
            return {quantity: f"{name}[{place}]" for quantity, place in features}, turned
    return {}, False


def _words(name: str) -> list[str]:
    return re.split(r"[^a-z0-9]+", name.lower().strip("_")) or [""]


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_][\w/]*", name) and name != "y" else json.dumps(name)
