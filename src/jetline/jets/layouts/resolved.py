"""A layout held against the columns of a file: what is read for what."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jetline.core.errors import JetlineError
from jetline.jets.layouts.layout import FLAGS, OF_JET, Layout
from jetline.jets.layouts.selection import Selection, require_place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jetline.jets.containers.container import Column


@dataclass(frozen=True)
class Resolved:
    """What of a file's columns is which quantity.

    Parameters
    ----------
    name : str
        What the layout is called.
    layout : Layout
        What the user, or its name, says.
    described : mapping of Column
        All columns of the file, as jets have them.
    quantities : dict of Selection
        By quantity, those of constituents and of jets.
    label, mask, count, offsets : Selection or None
        Likewise.
    carry : dict of Selection
        By the name that it is kept under.
    further : dict of Selection
        By name, what constituents have beside the quantities; names rise.
    """

    name: str
    layout: Layout
    described: Mapping[str, Column]
    quantities: dict[str, Selection]
    label: Selection | None
    mask: Selection | None
    count: Selection | None
    offsets: Selection | None
    carry: dict[str, Selection]
    further: dict[str, Selection]

    @classmethod
    def of(cls, name: str, layout: Layout, described: Mapping[str, Column], where: str) -> Resolved:
        """Find the columns of a layout in a file.

        Raises
        ------
        JetlineError
            If the file lacks one.
        """

        def found(text: str) -> Selection | None:
            selection = Selection.of(text, described)
            if selection is None and not text.endswith("?"):
                raise _missing(name, text, described, where)
            if selection:
                require_place(where, selection, described)
            return selection

        quantities: dict[str, Selection] = {
            q: one for q, text in layout.quantities.items() if (one := found(text))
        }
        for text in layout.index.model_dump().values() if layout.index else ():
            if text not in described:
                raise _missing(name, text, described, where)
        return cls(
            name,
            layout,
            described,
            quantities,
            label=_label(layout, found),
            mask=found(layout.mask) if layout.mask else None,
            count=found(layout.count) if layout.count else None,
            offsets=found(layout.offsets) if layout.offsets else None,
            carry={text.removesuffix("?"): one for text in layout.carry if (one := found(text))},
            further={
                feature: one
                for feature, text in sorted(layout.features.items())
                if (one := found(text))
            },
        )

    def carrying(self, names: Sequence[str], where: str) -> Resolved:
        """Carry columns beside those of the layout.

        Raises
        ------
        JetlineError
            If the file lacks one.
        """
        more = {}
        for name in names:
            selection = Selection.of(name, self.described)
            if selection is None:
                raise _missing(self.name, name, self.described, where)
            more[name] = selection
        return replace(self, carry=self.carry | more)

    def without_labels(self) -> Resolved:
        """Leave out labels and what is carried."""
        layout = self.layout.model_copy(update={"label_of_file": {}})
        return replace(self, layout=layout, label=None, carry={})

    @property
    def features(self) -> int:
        """Axis of the features in arrays with three axes."""
        return 2 if self.layout.axes == "constituents-features" else 1

    @property
    def of_constituents(self) -> dict[str, Selection]:
        """Quantities that each constituent has."""
        return {q: one for q, one in self.quantities.items() if q not in OF_JET}

    @property
    def columns_of_constituents(self) -> list[str]:
        """Columns with something of each constituent, each once."""
        found = [*self.of_constituents.values(), *self.further.values()]
        return list(dict.fromkeys(name for one in found for name in one.columns))

    @property
    def of_jets(self) -> dict[str, Selection]:
        """What each jet has, but for its label."""
        return {q: one for q, one in self.quantities.items() if q in OF_JET}

    @property
    def leading(self) -> str:
        """Quantity by which constituents are told from padding."""
        return self.layout.momentum[0]

    def row_shape(self, selection: Selection) -> tuple[int | None, ...]:
        """Shape of one row of what is selected."""
        return selection.row_shape(self.described, self.features)

    @property
    def species(self) -> str:
        """How the layout tells species: ``pdg_id``, ``flags`` or ``none``."""
        if "pdg_id" in self.quantities:
            return "pdg_id"
        # Charge alone does not tell a photon from a neutral hadron.
        flags = [name for name in FLAGS if name in self.quantities]
        return "flags" if "charge" in self.quantities and flags else "none"

    @property
    def rapidity(self) -> str:
        """Where rapidities come from, in words."""
        if "rapidity" in self.quantities:
            return "rapidity as it stands"
        massive = [name for name in ("energy", "mass") if name in self.quantities]
        form = "momenta" if "px" in self.quantities else "pseudorapidity"
        if massive:
            return f"rapidity from {form} and {massive[0]}"
        return f"rapidity from {form}, each constituent taken as massless"


def _label(layout: Layout, found: Callable[[str], Selection | None]) -> Selection | None:
    if layout.label is None:
        return None
    if isinstance(layout.label, str):
        return found(layout.label)
    parts = [one for text in layout.label if (one := found(text))]
    columns = tuple(column for one in parts for column in one.columns)
    return Selection(columns) if columns else None


def _missing(name: str, text: str, described: Mapping[str, Column], where: str) -> JetlineError:
    has = [f"{column} {told}" for column, told in list(described.items())[:40]]
    near = difflib.get_close_matches(text.partition("[")[0], described, n=1)
    return JetlineError(
        f"{where}, layout {name}",
        found=f"no column {text}; the file has {', '.join(has) or 'none'}"
        + (", ..." if len(described) > len(has) else ""),
        expected="every column that the layout names",
        remedy=f"did you mean {near[0]}?"
        if near
        else "name the column as the file does, or put a "
        "? after the name of one that a file need not have",
    )
