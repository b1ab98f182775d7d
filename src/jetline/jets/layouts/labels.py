"""Labels as files tell them, as the numbers of classes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.classes import QUARK_GLUON, numbered, without_class
from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jetline.jets.layouts.layout import Layout


def class_numbers(
    values: np.ndarray,
    columns: Sequence[str],
    layout: Layout,
    classes: Sequence[str] | None,
    where: str,
) -> np.ndarray:
    """Give the numbers of classes, (n,), that labels tell.

    Parameters
    ----------
    values : (n,), (n, 1) or (n, k) array
        Numbers, booleans, names, or columns one of which is 1.
    columns : sequence of str
        Names of the columns of the latter.
    layout : Layout
        Says the class of each value, or of each column, or does not.
    classes : sequence of str or None
        Names of classes by number; None where they are not known, so that any number stays.
    where : str
        File and column, for the error.

    Raises
    ------
    JetlineError
        If a name or value is of no class, or of a jet not exactly one column is set.
    """
    numbers = _read(values, columns, layout.label_values, classes, where)
    if classes and (bad := without_class(numbers, classes)).any():
        jet = int(bad.argmax())
        raise JetlineError(
            f"{where}, jet {jet} (counted from 0)",
            found=f"label {numbers[jet]:g} ({np.count_nonzero(bad)} of {len(bad)} jets have such)",
            expected=numbered(classes),
            remedy="tell by `label_values` of a layout what each label stands for, or leave these "
            "jets out; jets to be scored alone need no labels:\n"
            f"--layout '{_without_labels(layout)}'",
        )
    return numbers


def _read(
    values: np.ndarray,
    columns: Sequence[str],
    told: Mapping[str, str],
    classes: Sequence[str] | None,
    where: str,
) -> np.ndarray:
    """Give the numbers as `class_numbers` does; those of no class stay."""
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim == 2:
        return _one_hot(values, columns, told, classes, where)
    if values.ndim != 1:
        raise _error(where, f"labels of shape {values.shape}", "one label, or one row, a jet")
    if told:
        return _numbers_of(_texts(values), told, classes, where)
    if values.dtype.kind == "U":
        return _numbers_of(values, {}, classes, where)
    if values.dtype.kind == "b":
        return values.astype(np.uint8)
    return np.where(values == -1, 0, values) if set(np.unique(values)) <= {-1, 1} else values


def of_a_class(
    values: np.ndarray, columns: Sequence[str], told: Mapping[str, str], where: str
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Mark the labels that are among those told, and give the others.

    Parameters
    ----------
    values, columns, told, where
        As `class_numbers` takes them; something is told.

    Returns
    -------
    known : (n,) bool array
        Of each label, whether it is one that is told.
    others : tuple of str
        Those that are not, each once.

    Raises
    ------
    JetlineError
        If of a jet not exactly one column is set.
    """
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    names = _texts(values) if values.ndim == 1 else _columns_set(values, columns, where)
    different, places = np.unique(names, return_inverse=True)
    keys = {key.lower() for key in told}
    known = np.array([str(name).lower() in keys for name in different], bool)
    return known[places], tuple(str(name) for name in different[~known])


def class_of_file(name: str, told: Mapping[str, str], classes: Sequence[str] | None) -> int:
    """Give the number of the class of all jets of a file, by how its name begins.

    Raises
    ------
    JetlineError
        If no beginning fits, or the class is none of the classes.
    """
    fitting = [begin for begin in told if name.startswith(begin)]
    if not fitting:
        begins = ", ".join(f"{begin} ({what})" for begin, what in told.items())
        raise _error(name, "a name that tells no class", f"a name that begins with one of {begins}")
    names = np.array([told[max(fitting, key=len)]])
    return int(_numbers_of(names, {}, classes, name)[0])


def _one_hot(
    values: np.ndarray,
    columns: Sequence[str],
    told: Mapping[str, str],
    classes: Sequence[str] | None,
    where: str,
) -> np.ndarray:
    names = _columns_set(values, columns, where)
    if told:
        return _numbers_of(names, told, classes, where)
    if classes:
        # Columns may be named after the classes, in any order: label_QCD is the class qcd.
        columns = _named(columns, values)
        numbers = [_class_of_column(name, classes) for name in columns]
        found = [number for number in numbers if number is not None]
        if sorted(found) == list(range(len(classes))):
            return _numbers(names, dict(zip(columns, numbers, strict=True)), where)
    return (values > 0).argmax(axis=1)


def _columns_set(values: np.ndarray, columns: Sequence[str], where: str) -> np.ndarray:
    """Give the name of the one column that is set for each jet."""
    is_set = values > 0
    if (bad := is_set.sum(axis=1) != 1).any():
        jet = int(bad.argmax())
        raise _error(
            f"{where}, jet {jet} of a block",
            f"{int(is_set[jet].sum())} of the columns {', '.join(columns)} are set "
            f"({np.count_nonzero(bad)} of {len(bad)} jets have such)",
            "one column set for each jet",
        )
    return np.array(_named(columns, values))[is_set.argmax(axis=1)]


def _named(columns: Sequence[str], values: np.ndarray) -> Sequence[str]:
    """Give names to columns: those of one array have numbers alone."""
    if len(columns) == values.shape[1]:
        return columns
    return [str(place) for place in range(values.shape[1])]


def _class_of_column(column: str, classes: Sequence[str]) -> int | None:
    words = column.lower().replace("_", "-")
    fitting = [n for n, name in enumerate(classes) if words == name or words.endswith(f"-{name}")]
    return fitting[0] if len(fitting) == 1 else None


def _numbers_of(
    names: np.ndarray, told: Mapping[str, str], classes: Sequence[str] | None, where: str
) -> np.ndarray:
    known = {name: number for number, name in enumerate(classes or QUARK_GLUON)}
    by_value = {value: known.get(name) for value, name in told.items()} if told else known
    by_value = {**{name.lower(): number for name, number in by_value.items()}, **by_value}
    return _numbers(names, by_value, where, classes)


def _numbers(
    names: np.ndarray,
    known: Mapping[str, int | None],
    where: str,
    classes: Sequence[str] | None = None,
) -> np.ndarray:
    values, places = np.unique(names, return_inverse=True)
    numbers: list[Any] = [known.get(str(v), known.get(str(v).lower())) for v in values]
    if None in numbers:
        value = values[numbers.index(None)]
        among = f"a class of {numbered(classes or QUARK_GLUON)}"
        raise _error(where, f"label {value}", f"{among}, or a value that `label_values` gives one")
    return np.array(numbers, np.int64)[places]


def _without_labels(layout: Layout) -> str:
    """Write a layout down as a command takes it, but for its labels."""
    labels = {"label", "label_values", "label_of_file", "other_labels"}
    return json.dumps(layout.model_dump(mode="json", exclude_defaults=True, exclude=labels))


def _texts(values: np.ndarray) -> np.ndarray:
    """Give labels as a configuration writes them: whole numbers without a decimal point."""
    if values.dtype.kind == "U":
        return values
    different, places = np.unique(values, return_inverse=True)
    texts = [
        str(int(value)) if float(value).is_integer() else str(value) for value in different.tolist()
    ]
    return np.array(texts, "U")[places]


def _error(where: str, found: str, expected: str) -> JetlineError:
    return JetlineError(
        where,
        found=found,
        expected=expected,
        remedy="name the classes by `classes`, in the order of their numbers, and what stands for "
        "each by `label_values` of the layout, beside which `other_labels: drop` leaves out "
        "jets of other labels; or leave `label` out, of jets to be scored alone",
    )
