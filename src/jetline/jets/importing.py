"""Import foreign jet files: written once in the benchmark's form, block by block."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from zlib_ng import zlib_ng

from jetline.core.classes import QUARK_GLUON, count_by_class
from jetline.core.errors import JetlineError
from jetline.core.files import atomic, sha256_of
from jetline.jets.formats.laid_out import LaidOutFormat
from jetline.jets.further import ARRAYS
from jetline.jets.told_species import require_told
from jetline.jets.understood import Understood
from jetline.jets.validity import label_words, require_labels, require_shape, require_valid
from jetline.records.imported import ImportRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jetline.jets.layouts.layout import Layout

_JETS_AT_ONCE = 2000

#: zlib-ng's fastest: an eighth of the time that packing takes NumPy, for 15 % more bytes. Without
#: packing there would be three times as many.
_LEVEL = 1


def import_jets(
    path: Path,
    output: Path,
    layout: Layout | str | None = None,
    classes: Sequence[str] = QUARK_GLUON,
    identity: str = "none",
    weights: str | None = None,
) -> ImportRecord:
    """Write the jets of a foreign file as an archive of the benchmark's form.

    Parameters
    ----------
    path : Path
        Parquet, HDF5, ROOT, or an archive of NumPy's.
    output : Path
        The ``.npz`` to write: X, y, what is carried, and further features of constituents.
    layout : Layout or str, optional
        What its columns are; chosen by them if left out.
    classes : sequence of str
        Names of the classes by number.
    identity : str
        What a tagger is to be told of species: the jets have to tell it.
    weights : str, optional
        Column with the weight of each jet, which is carried whatever the layout says.

    Raises
    ------
    JetlineError
        If the file cannot be read, has no labels or tells less of species, or its jets are not
        valid or in other units; nothing is left behind.
    """
    path, output = Path(path), Path(output)
    sha256 = sha256_of(path) if path.is_file() else ""
    understood = Understood()
    carry = [weights] if weights else []
    with LaidOutFormat.opened_as(path, layout, classes, carry) as content:
        shape, dtype = content.constituents.shape, content.constituents.dtype
        require_shape(str(path), shape, dtype)
        if content.labels is None:
            raise _unlabelled(path, classes)
        require_labels(f"{path}, {content.told[2]}", content.labels, shape[0], classes)
        labels = content.labels.astype(np.uint8)
        arrays = {"y": labels, **_carried(path, content.carried)}

        def checked() -> Iterator[np.ndarray]:
            first = 0
            for block in content.constituents.blocks(_JETS_AT_ONCE):
                require_valid(str(path), block, None, first)
                understood.add(block)
                first += len(block)
                yield block

        with atomic(output) as temporary:
            with zipfile.ZipFile(temporary, "w") as npz:
                _write_array(npz, "X", shape, dtype, checked())
                for name, array in arrays.items():
                    _write_array(npz, name, array.shape, array.dtype, iter([array]))
                if further := content.features:
                    blocks = further.blocks(_JETS_AT_ONCE)
                    _write_array(npz, ARRAYS[0], further.shape, further.dtype, blocks)
                    names = np.array(content.feature_names)
                    _write_array(npz, ARRAYS[1], names.shape, names.dtype, iter([names]))
            understood.require_sense(str(path), layout=True)
            require_told(path, content.identity(), identity)
        return ImportRecord(
            file=str(path),
            sha256=sha256,
            layout=content.told,
            jets=count_by_class(labels, classes),
            identity=content.identity(),
            ranges=understood.ranges,
            carried=tuple(sorted(set(arrays) - {"y"})),
            warnings=tuple(understood.warnings(layout=True)),
        )


def _unlabelled(path: Path, classes: Sequence[str]) -> JetlineError:
    return JetlineError(
        f"{path}, labels",
        found="no column of labels, in the layout or in the file",
        expected=f"a label for each jet: {label_words(classes)}",
        remedy="name the column by `label` in the layout, or, where a file has jets of one class, "
        "the class by `label_of_file`; jets without labels are scored by `jetline score` as they "
        "lie",
    )


def _carried(path: Path, columns: Any) -> dict[str, np.ndarray]:
    """Give the columns that are kept, by names that no path of an archive is."""
    kept = {}
    for name, array in columns.items():
        plain = name.replace("/", "_")
        if array.dtype.kind not in "fiub" or plain in ("X", "y", *ARRAYS):
            raise JetlineError(
                f"{path}, column {name}, which is carried",
                found=f"{array.dtype}" if plain == name else f"the name {plain}",
                expected=f"numbers of each jet, called neither X, y, {' nor '.join(ARRAYS)}",
                remedy="take it out of `carry`",
            )
        kept[plain] = array
    return kept


def _write_array(
    npz: zipfile.ZipFile,
    name: str,
    shape: tuple[int, ...],
    dtype: np.dtype,
    blocks: Iterator[np.ndarray],
) -> None:
    """Write an array of an archive block by block."""
    header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    # Of a date of its own, so that the same jets are the same bytes.
    member = zipfile.ZipInfo(f"{name}.npy")
    member.compress_type = zipfile.ZIP_DEFLATED
    with npz.open(member, "w", force_zip64=True) as stream:
        # There is no public way to another compressor than zlib; a test holds that it is taken.
        packing = zlib_ng.compressobj(_LEVEL, zlib_ng.DEFLATED, -zlib_ng.MAX_WBITS)
        stream._compressor = packing  # type: ignore[attr-defined]
        np.lib.format.write_array_header_1_0(stream, header)
        for block in blocks:
            stream.write(np.ascontiguousarray(block).view(np.uint8).data)
