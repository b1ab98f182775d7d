"""The data behind every figure of a comparison, in one file: ``figures.npz``.

Names of its arrays are ``<figure>/kind`` and ``<figure>/<place>/<field>``: the place of a curve or
a panel in the figure, and what `jetline.report.plots` calls its field. Nothing else is needed to
draw the figures again, whatever becomes of trainings and evaluations.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.files import read_arrays, write_arrays
from jetline.records.history import COLUMNS, History
from jetline.report import plots
from jetline.report.published_points import PublishedPoint, add_points

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from matplotlib.figure import Figure

    from jetline.report.style import Styles

#: File of the data in the folder of a comparison.
FIGURES = "figures.npz"


#: Behind the name of a figure: what is published, drawn into it.
PUBLISHED = "/published"


@dataclass(frozen=True)
class Words:
    """What stands in the place of a figure that cannot be drawn."""

    words: str


#: By the name of what draws them: the class of its data, and the function.
KINDS: dict[str, tuple[type, Callable[[list[Any], Styles], Figure]]] = {
    "auc_points": (plots.AucPoint, plots.auc_points),
    "in_place": (Words, lambda shown, _: plots.in_place(shown[0].words)),
    "learning_curves": (plots.LearningCurve, plots.learning_curves),
    "rejection_curves": (plots.RejectionCurve, plots.rejection_curves),
    "score_distributions": (plots.ScoreDistribution, plots.score_distributions),
}


@dataclass(frozen=True)
class FigureData:
    """Figures by name, each as what draws it and the list of what it draws.

    Attributes
    ----------
    labels : list of str
        Of all taggers, in the order of their colours.
    figures : dict
        By the figure's name, which is that of its files: a name in `KINDS`, and the data. What
        is published stands by the name of its figure and `PUBLISHED`, as ``published_points``.
    """

    labels: list[str]
    figures: dict[str, tuple[str, list[Any]]]

    def drawn(self, look: Styles) -> dict[str, Figure]:
        """Draw every figure, by its name."""
        made: dict[str, Figure] = {}
        for name, (kind, data) in self.figures.items():
            if kind in KINDS:
                made[name] = KINDS[kind][1](data, look)
            else:
                add_points(made[name.removesuffix(PUBLISHED)], data)
        return made

    def write(self, path: Path) -> None:
        """Write ``figures.npz``, whole or not at all."""
        arrays = {"labels": np.array(self.labels, dtype=np.str_)}
        for name, (kind, data) in self.figures.items():
            arrays[f"{name}/kind"] = np.array(kind)
            for place, shown in enumerate(data):
                for one in fields(shown):
                    written = _arrays(one.type, getattr(shown, one.name))
                    arrays |= {
                        f"{name}/{place}/{one.name}{tail}": array for tail, array in written.items()
                    }
        write_arrays(path, **arrays)

    @classmethod
    def read(cls, path: Path) -> FigureData:
        """Read what `write` wrote.

        Raises
        ------
        JetlineError
            If the file is missing, broken, or holds something else.
        """
        arrays = read_arrays(path)
        try:
            names = [key.removesuffix("/kind") for key in arrays if key.endswith("/kind")]
            figures = {name: _figure(arrays, name) for name in names}
            return cls([str(label) for label in arrays["labels"]], figures)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise JetlineError(
                str(path),
                found=f"no figures of this version of jetline ({error})",
                expected=f"the data of figures, {FIGURES} in the folder of a comparison",
                remedy="draw the comparison again",
            ) from None


def _figure(arrays: dict[str, np.ndarray], name: str) -> tuple[str, list[Any]]:
    """Take one figure from the arrays of the file."""
    kind = str(arrays[f"{name}/kind"])
    of = PublishedPoint if kind == "published_points" else KINDS[kind][0]
    data: list[Any] = []
    first = fields(of)[0].name
    while f"{name}/{len(data)}/{first}" in arrays:
        start = f"{name}/{len(data)}/"
        data.append(
            of(**{one.name: _value(one.type, arrays, start + one.name) for one in fields(of)})
        )
    return kind, data


def _arrays(annotation: Any, value: Any) -> dict[str, np.ndarray]:
    """Give the arrays of a field, by what follows the field's name."""
    if annotation == "History":
        return {"": np.column_stack([value.column(name) for name in COLUMNS])}
    if annotation == "list[tuple[np.ndarray, np.ndarray]]":
        return {"": np.array(len(value))} | {
            f"/{n}": np.stack(pair) for n, pair in enumerate(value)
        }
    return {"": np.asarray(np.nan if value is None else value)}


def _value(annotation: Any, arrays: dict[str, np.ndarray], name: str) -> Any:
    """Take a field of this type from the arrays."""
    array = arrays[name]
    match annotation:
        case "np.ndarray":
            return array
        case "str":
            return str(array)
        case "float":
            return float(array)
        case "float | None":
            return None if np.isnan(array) else float(array)
        case "list[float]":
            return array.tolist()
        case "History":
            named = (dict(zip(COLUMNS, row, strict=True)) for row in array.tolist())
            return History([{**row, "epoch": int(row["epoch"])} for row in named])
        case "list[tuple[np.ndarray, np.ndarray]]":
            return [tuple(arrays[f"{name}/{n}"]) for n in range(int(array))]
    raise TypeError(f"a field of type {annotation}")
