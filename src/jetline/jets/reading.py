"""Reading jet files of every format: validated, as a whole or in the memory of a block."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.limits import limit_of, require_memory
from jetline.jets.constituents import Jets, label_numbers
from jetline.jets.foreign import foreign, refused
from jetline.jets.formats import JET_FORMATS
from jetline.jets.further import require_finite
from jetline.jets.validity import require_labels, require_shape, require_valid

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from jetline.jets.formats.jet_format import JetFormat


#: Arrays that nothing reads are named up to so many.
_NAMED = 10

#: Format of all files that are read by a layout.
_BY_LAYOUT = "laid-out"

#: Of a block of jets [bytes]: 2,000 jets of the benchmark have 9 MB.
_BLOCK_BYTES = 2**26


@dataclass(frozen=True)
class JetFile:
    """A jet file whose jets are read a block at a time, so that memory is bounded by a block.

    Parameters
    ----------
    path : Path
        The file.
    format : type of JetFormat
        Its format.
    labels : (n_jets,) uint8 array
        1 quark, 0 gluon, 255 (`jetline.jets.constituents.UNLABELLED`) throughout where the file
        has no labels.
    shape : (n_jets, M, 4)
        Of the constituents.
    unread : dict of tuples of int
        Shapes of the file's other arrays, which nobody reads, by their names.
    layout : Layout, str or None
        What its columns are, where they do not tell it themselves.
    told : tuple of str
        What was understood of the columns, in sentences.
    feature_names : tuple of str
        Names of what it tells of constituents beside momenta and species.
    """

    path: Path
    format: type[JetFormat]
    labels: np.ndarray
    shape: tuple[int, ...]
    unread: dict[str, tuple[int, ...]] = field(default_factory=dict)
    layout: Any = None
    told: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)

    def blocks(
        self, jets: int, sound: Callable[[np.ndarray], bool] | None = None
    ) -> Iterator[np.ndarray]:
        """Give the constituents of consecutive jets, validated; the next block overwrites the last.

        An archive's checksum is compared before the last block is given. An array in Fortran order
        is read as a whole.

        Parameters
        ----------
        jets : int
            Jets in a block; fewer where padding would make the block larger than 64 MiB.
        sound : callable, optional
            A faster check: the constituents that it calls sound are not looked at again.

        Yields
        ------
        (n, M, 4) float32 or float64 array

        Raises
        ------
        JetlineError
            If the file is damaged or a jet breaks the format.
        """
        with self.format.opened_as(self.path, self.layout, None) as content:
            rows = content.constituents
            jet_bytes = math.prod(rows.shape[1:]) * rows.dtype.itemsize
            first = 0
            for block in rows.blocks(max(1, min(jets, _BLOCK_BYTES // jet_bytes))):
                if sound is None or not sound(block):
                    require_valid(str(self.path), block, None, first)
                yield block
                first += len(block)

    def features(self, jets: int, multiplicities: np.ndarray) -> Iterator[np.ndarray]:
        """Give further features of the constituents of consecutive jets, without padding.

        Parameters
        ----------
        jets : int
            Jets in a block; fewer in some.
        multiplicities : (n_jets,) integer array
            Constituents of each jet of the file, as `blocks` has them.

        Yields
        ------
        (n_particles, n_features) float32 array
            In the order of `feature_names`, of one jet after the other, each jet's constituents in
            the order of the file.

        Raises
        ------
        JetlineError
            If the file is damaged, or a constituent has no finite number.
        """
        with self.format.opened_as(self.path, self.layout, None) as content:
            rows = content.features
            if rows is None or len(multiplicities) != rows.shape[0]:
                raise JetlineError(
                    str(self.path),
                    found="features of other jets than before",
                    expected="a file that does not change while it is read",
                    remedy="wait until it is whole, and start again",
                )
            jet_bytes = math.prod(rows.shape[1:]) * rows.dtype.itemsize
            places = [f"{self.path}, array features ({name})" for name in content.feature_names]
            first = 0
            for block in rows.blocks(max(1, min(jets, _BLOCK_BYTES // jet_bytes))):
                counts = multiplicities[first : first + len(block)]
                present = np.arange(block.shape[1]) < counts[:, None]
                # What single precision cannot hold is refused.
                with np.errstate(over="ignore"):
                    flat = block[present].astype(np.float32)
                require_finite(places, flat, counts, first)
                yield flat
                first += len(block)


def open_jets(path: Path, classes: Sequence[str] | None = None, layout: Any = None) -> JetFile:
    """Open a jet file to read it block by block; shapes and labels are validated at once.

    Parameters
    ----------
    path : Path
        The file.
    classes : sequence of str, optional
        Names of the classes by number, where they are known: labels have to be among them.
    layout : Layout or str, optional
        What the columns of the file are; without it they have to tell it themselves.

    Raises
    ------
    JetlineError
        If the file is unreadable or of no known format, or shapes, dtypes or labels break the
        format.
    """
    path = Path(path)
    kind = _format_of(path) if layout is None else JET_FORMATS[_BY_LAYOUT]
    with kind.opened_as(path, layout, classes) as content:
        shape = content.constituents.shape
        require_shape(str(path), shape, content.constituents.dtype)
        if content.labels is not None:
            require_labels(f"{path}, array y", content.labels, shape[0], classes)
    return JetFile(
        path,
        kind,
        label_numbers(content.labels, shape[0]),
        shape,
        content.unread,
        layout,
        content.told,
        content.feature_names,
    )


def unread_arrays(path: Path, read: Collection[str] = ()) -> str:
    """Name the arrays of a jet file that nothing reads, in a sentence; empty if there are none.

    Parameters
    ----------
    path : Path
        The file.
    read : collection of str
        Names of arrays that are read beside constituents and labels: weights.

    Raises
    ------
    JetlineError
        If the file is unreadable or of no known format.
    """
    path = Path(path)
    with _format_of(path).opened(path) as content:
        unread = {name: shape for name, shape in content.unread.items() if name not in read}
    if not unread:
        return ""
    names = [
        (name if name.isprintable() else ascii(name)) + (f" {shape}" if shape else "")
        for name, shape in list(unread.items())[:_NAMED]
    ]
    if len(unread) > _NAMED:
        names.append(f"and {len(unread) - _NAMED} more")
    used = ", ".join(["constituents (X)", "labels (y)", *sorted(read)])
    no_weight = "" if read else "no weight counts and "
    return (
        f"{path}: nothing reads {', '.join(names)}: {used} are used alone, so {no_weight}no "
        "selection is made"
    )


def read_jets(path: Path) -> Jets:
    """Read and validate one jet file; nothing in it is unpickled.

    Raises
    ------
    JetlineError
        If the file is unreadable or its content breaks the format: the message names the file,
        the array, the first bad jet, and what to do.
    """
    path = Path(path)
    with _format_of(path).opened(path) as content:
        rows = content.constituents
        require_shape(str(path), rows.shape, rows.dtype)
        needed = math.prod(rows.shape) * rows.dtype.itemsize
        require_memory(f"{path}, array X", needed)
        blocks = list(rows.blocks(rows.shape[0]))
        constituents = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
    require_valid(str(path), constituents, content.labels)
    return Jets(constituents, label_numbers(content.labels, len(constituents)))


def format_by_name(path: Path | str) -> str | None:
    """Name the format that the ending of a file's name tells; None if it tells none."""
    name = Path(path).name.lower()
    for key, kind in JET_FORMATS.items():
        if name.endswith(kind.endings):
            return key
    return None


def _format_of(path: Path) -> type[JetFormat]:
    """Tell the format by a file's first bytes, or else by its name."""
    try:
        with path.open("rb") as stream:
            beginning = stream.read(16)
    except OSError as error:
        raise (limit_of(error, path) or refused(path, error)) from None
    for kind in JET_FORMATS.values():
        if beginning.startswith(kind.beginnings):
            return kind
    if named := format_by_name(path):
        return JET_FORMATS[named]
    endings = ", ".join(ending for kind in JET_FORMATS.values() for ending in kind.endings)
    expected = f"a jet file: {endings}"
    raise foreign(path, expected) or JetlineError(
        str(path),
        found=f"a file of no known format, which begins with {beginning!r}"
        if beginning
        else "an empty file, of 0 bytes",
        expected=expected,
        remedy="convert it, or correct the path",
    )
