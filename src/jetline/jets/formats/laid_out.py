"""Files of columns, whichever they are, by a layout that tells what the columns are."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from jetline.core.errors import JetlineError
from jetline.core.limits import limit_of
from jetline.jets.containers import CONTAINERS
from jetline.jets.foreign import foreign, refused
from jetline.jets.formats.jet_format import JetFormat, OpenedJets
from jetline.jets.layouts.choosing import layout_by_name, resolve
from jetline.jets.layouts.events import EventColumns
from jetline.jets.layouts.further_rows import FurtherRows
from jetline.jets.layouts.laid_out_rows import LaidOutRows
from jetline.jets.layouts.offsets import OffsetColumns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np

    from jetline.jets.containers.container import Columns, Container
    from jetline.jets.layouts.layout import Layout
    from jetline.jets.layouts.resolved import Resolved

#: NumPy archives have a format of their own, unless a layout is given.
_FOREIGN = [kind for name, kind in CONTAINERS.items() if name != "npz"]

#: Labels of no class that are named.
_LABELS = 10


class LaidOutFormat(JetFormat):
    """Parquet, HDF5 and ROOT files, and by a layout that is given also NumPy archives."""

    endings: ClassVar = tuple(ending for kind in _FOREIGN for ending in kind.endings)
    beginnings: ClassVar = tuple(first for kind in _FOREIGN for first in kind.beginnings)

    @classmethod
    def opened(cls, path: Path) -> contextlib.AbstractContextManager[OpenedJets]:
        """Open a file whose layout its columns tell."""
        return cls.opened_as(path, None, None)

    @classmethod
    @contextlib.contextmanager
    def opened_as(
        cls,
        path: Path,
        layout: Layout | str | None,
        classes: Sequence[str] | None,
        carry: Sequence[str] = (),
    ) -> Iterator[OpenedJets]:
        """Open a file by a layout.

        Parameters
        ----------
        path : Path
            The file.
        layout : Layout, str or None
            Of one's own, the name of one, or None to choose by the columns.
        classes : sequence of str or None
            Names of the classes by number, which labels may tell.
        carry : sequence of str
            Columns that are carried beside those of the layout.

        Raises
        ------
        JetlineError
            If the file is missing or cut off, lacks a column, or its columns do not go together.
        """
        with cls.columns_of(path, layout) as (columns, resolved, chosen):
            resolved = resolved.carrying(carry, str(path))
            rows = LaidOutRows(path, columns, resolved, classes)
            further = FurtherRows(path, columns, resolved, rows) if resolved.further else None
            yield OpenedJets(
                rows,
                rows.labels,
                told=_told(
                    resolved, rows, chosen=chosen, in_events=isinstance(columns, EventColumns)
                ),
                identity=lambda: rows.identity,
                carried=rows.carried,
                feature_names=tuple(resolved.further),
                features=further,
            )

    @classmethod
    def identity_of(cls, path: Path, layout: Layout | str | None, jets: int) -> str:
        """Tell what the first jets of a file tell of species at most, reading little of it.

        Parameters
        ----------
        path : Path
            The file.
        layout : Layout, str or None
            As `opened_as` takes it.
        jets : int
            How many jets are looked at.

        Raises
        ------
        JetlineError
            As `opened_as` does.
        """
        with cls.columns_of(path, layout) as (columns, resolved, _):
            rows = LaidOutRows(path, columns, resolved.without_labels(), None, first=jets)
            for _block in rows.blocks(jets):
                pass
            return rows.identity

    @classmethod
    def kept_of(
        cls, path: Path, layout: Layout | str | None, classes: Sequence[str]
    ) -> np.ndarray | None:
        """Tell which jets of a file are not left out; None if all are there.

        Parameters
        ----------
        path : Path
            The file.
        layout : Layout, str or None
            As `opened_as` takes it.
        classes : sequence of str
            Names of the classes, to which jets may have to belong.

        Returns
        -------
        (n_jets,) bool array or None

        Raises
        ------
        JetlineError
            As `opened_as` does.
        """
        with cls.columns_of(path, layout) as (columns, resolved, _):
            if "drop" not in (resolved.layout.empty_jets, resolved.layout.other_labels):
                return None
            return LaidOutRows(path, columns, resolved, classes).kept

    @classmethod
    @contextlib.contextmanager
    def columns_of(
        cls, path: Path, layout: Layout | str | None
    ) -> Iterator[tuple[Columns, Resolved, bool]]:
        """Open a file and hold a layout against its columns.

        Parameters
        ----------
        path : Path
            The file.
        layout : Layout, str or None
            As `opened_as` takes it.

        Yields
        ------
        columns : Columns
            All of the file; their rows are jets, though the file's may be events.
        resolved : Resolved
            What is read for what.
        chosen : bool
            Whether the columns chose the layout.

        Raises
        ------
        JetlineError
            As `opened_as` does.
        """
        kind = _container_of(path)
        kind.require_packages(path)
        told = layout_by_name(layout, str(path)) if isinstance(layout, str) else layout
        tree = told.tree if told else None
        with kind.opened(path, tree) as columns:
            resolved, chosen = resolve(layout, columns.described, str(path))
            yield *_rows_of_jets(path, columns, resolved), chosen


def _rows_of_jets(path: Path, columns: Columns, resolved: Resolved) -> tuple[Columns, Resolved]:
    """Make jets the rows of columns that have events, or all constituents in a row."""
    if resolved.offsets:
        columns = OffsetColumns(path, columns, resolved)
        return columns, replace(resolved, described=columns.described)
    if resolved.described is not columns.described:
        return EventColumns(path, columns, resolved), resolved
    return columns, resolved


def _container_of(path: Path) -> type[Container]:
    try:
        with path.open("rb") as stream:
            beginning = stream.read(16)
    except OSError as error:
        raise (limit_of(error, path) or refused(path, error)) from None
    for kind in CONTAINERS.values():
        if beginning.startswith(kind.beginnings):
            return kind
    expected = "a file of columns: " + ", ".join(
        ending for kind in CONTAINERS.values() for ending in kind.endings
    )
    raise foreign(path, expected) or JetlineError(
        str(path),
        found=f"a file that begins with {beginning!r}"
        if beginning
        else "an empty file, of 0 bytes",
        expected=expected,
        remedy="it is cut off at its beginning, or something else: fetch or make it again",
    )


def _told(
    resolved: Resolved, rows: LaidOutRows, *, chosen: bool, in_events: bool
) -> tuple[str, ...]:
    """Tell in sentences what was understood of the columns."""
    layout = resolved.layout
    named = ", ".join(
        f"{q} = {text.removesuffix('?')}"
        for q, text in layout.quantities.items()
        if q in resolved.quantities
    )
    label = ", ".join(resolved.label.columns) if resolved.label else "the file's name"
    further = ", ".join(
        f"{name} = {layout.features[name].removesuffix('?')}" for name in resolved.further
    )
    species = {
        "pdg_id": f"species by PDG id ({rows.identity} identity at most)",
        "flags": "species by charge and flags (experimental identity at most)",
        "none": "no species (identity none alone)",
    }
    labels = rows.other_labels
    others = f"labels {', '.join(labels[:_LABELS])}{', ...' if len(labels) > _LABELS else ''}"
    events = "; jets of events" if in_events else ""
    if layout.index:
        events += f", whose constituents {layout.index.constituent} tells"
    return (
        f"layout {resolved.name}{', chosen by its columns' if chosen else ''}: {named}",
        f"{layout.units}; {resolved.rapidity}; {species[resolved.species]}{events}",
        "no labels" if rows.labels is None else f"labels by {label}",
        *([f"further features: {further}"] if further else []),
        *([f"{rows.of_no_class} jets of no class left out, {others}"] if rows.of_no_class else []),
        *([f"{rows.left_out} jets without constituents left out"] if rows.left_out else []),
    )
