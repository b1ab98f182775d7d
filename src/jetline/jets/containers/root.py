"""ROOT files: branches of a TTree, fields of an RNTuple, a number or a list for each jet."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from jetline.core.errors import JetlineError
from jetline.jets.containers.container import (
    Column,
    Columns,
    Container,
    Jagged,
    in_turn,
    reading,
    require_rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_WHOLE = "a whole ROOT file"

#: Types of RNTuple's numbers, and how NumPy calls them.
_FIELD = re.compile(r"((?:(?:std::vector|ROOT::VecOps::RVec)<){0,2})(?:std::)?(\w+?)(?:_t)?>{0,2}")
_NUMBERS = {"double": "float64", "float": "float32", "char": "int8"}


class RootContainer(Container):
    """ROOT: an entry of the tree is a jet, an array or vector of a branch its constituents."""

    endings: ClassVar = (".root",)
    beginnings: ClassVar = (b"root",)
    packages: ClassVar = ("uproot", "awkward")

    @classmethod
    @contextlib.contextmanager
    def opened(cls, path: Path, tree: str | None) -> Iterator[Columns]:
        """Open a tree, the only one of the file unless one is named."""
        import uproot

        with reading(path, _WHOLE):
            # In a mapping, so that a colon in a path does not stand before the name of a tree.
            file = uproot.open({str(path): None})
        with file:
            with reading(path, _WHOLE):
                kinds = file.classnames(cycle=False)
            trees = [name for name, kind in kinds.items() if kind in ("TTree", "ROOT::RNTuple")]
            if tree not in trees and (tree is not None or len(trees) != 1):
                raise _no_such_tree(path, tree, trees)
            with reading(path, _WHOLE):
                opened = file[tree or trees[0]]
            yield _RootColumns(path, opened)


def _no_such_tree(path: Path, tree: str | None, trees: list[str]) -> JetlineError:
    has = ", ".join(trees) or "none"
    likely = "Events" if "Events" in trees else next(iter(trees), "")
    return JetlineError(
        f"{path}, tree {tree}" if tree else str(path),
        found=f"no such tree; the file has {has}" if tree else f"trees: {has}",
        expected="one tree of jets",
        remedy=f"name it in the layout: tree: {likely}" if trees else "name another file",
    )


class _RootColumns(Columns):
    def __init__(self, path: Path, tree: Any) -> None:
        self._path, self._tree = path, tree
        self.described: dict[str, Column] = {}
        with reading(path, _WHOLE):
            for name, branch in tree.items():
                interpretation = getattr(branch, "interpretation", None)
                told = _type_of(interpretation) if interpretation else _type_named(branch.typename)
                if told:
                    rows = getattr(branch, "num_entries", tree.num_entries)
                    self.described[name] = Column(*told, rows)

    def blocks(self, names: Sequence[str], rows: int) -> Iterator[dict[str, Any]]:
        require_rows(self.described, names, self._path)
        batches = self._tree.iterate(list(names), step_size=rows, library="ak")
        for batch in in_turn(iter(batches), self._path, _WHOLE):
            with reading(self._path, _WHOLE):
                block = {name: _values(batch[name]) for name in names}
            yield block


def _type_of(interpretation: Any) -> tuple[np.dtype, tuple[int | None, ...]] | None:
    """Give dtype and shape of one entry of a branch; None for what is no number or text."""
    import uproot

    if isinstance(interpretation, uproot.AsJagged):
        inner = _type_of(interpretation.content)
        return (inner[0], (None,)) if inner and not inner[1] else None
    if isinstance(interpretation, uproot.AsStrings):
        return np.dtype("U"), ()
    if isinstance(interpretation, uproot.AsDtype):
        dtype = interpretation.to_dtype
        if dtype.base.kind in "fiub":
            return dtype.base.newbyteorder("="), dtype.shape
    return None


def _type_named(name: str) -> tuple[np.dtype, tuple[int | None, ...]] | None:
    """Give the same of a field of an RNTuple, by the name of its type."""
    if not (match := _FIELD.fullmatch(name)):
        return None
    if match[2] == "string":
        return (np.dtype("U"), ()) if not match[1] else None
    try:
        dtype = np.dtype(_NUMBERS.get(match[2], match[2]))
    except TypeError:
        return None
    return (dtype, (None,) * match[1].count("<")) if dtype.kind in "fiub" else None


def _values(array: Any) -> Any:
    import awkward as ak

    if array.ndim == 1 or not any("var" in part for part in str(array.type).split(" * ")[:-1]):
        if "string" in str(array.type):
            return np.array(ak.to_list(array), "U")
        return ak.to_numpy(array)
    counts = ak.to_numpy(ak.num(array, axis=1)).astype(np.int64)
    return Jagged(_values(ak.flatten(array, axis=1)), counts)
