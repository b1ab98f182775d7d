"""Run a lesson cell by cell, as a notebook would, without Jupyter.

As a command: ``python lesson_run.py LESSON SETTINGS FOLDER``, SETTINGS as JSON in place of those of
the cell with the tag ``parameters``. Each figure is written into FOLDER.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_BEGINNING = re.compile(r"^# %%(?P<markdown> \[markdown\])?(?: tags=(?P<tags>\[.*\]))?$")


@dataclass(frozen=True)
class Cell:
    """A cell of a lesson in the percent format, text without its comment signs."""

    markdown: bool
    tags: tuple[str, ...]
    line: int
    source: str


def cells_of(path: Path) -> list[Cell]:
    """Read the cells of a lesson; its first line begins one."""
    cells: list[tuple[re.Match, int, list[str]]] = []
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if begins := _BEGINNING.match(line):
            cells.append((begins, number, []))
        elif line.startswith("# %%"):
            raise ValueError(f"{path}, line {number}: no beginning of a cell that is known")
        else:
            cells[-1][2].append(line)
    return [_cell(*cell) for cell in cells]


def _cell(begins: re.Match, line: int, lines: list[str]) -> Cell:
    markdown = bool(begins["markdown"])
    if markdown:
        lines = [one.removeprefix("#").removeprefix(" ") for one in lines]
    tags = tuple(ast.literal_eval(begins["tags"] or "[]"))
    return Cell(markdown, tags, line, "\n".join(lines).strip("\n"))


def parameters_of(cells: list[Cell]) -> set[str]:
    """Names that the cell with the tag ``parameters`` assigns."""
    (cell,) = [one for one in cells if "parameters" in one.tags]
    return {
        target.id
        for node in ast.parse(cell.source).body
        if isinstance(node, ast.Assign)
        for target in node.targets
    }


def run(path: Path, settings: dict[str, Any], folder: Path) -> None:
    """Run all cells in one namespace, and show what the last line of one gives."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    shown = 0

    def show(figure: Any) -> None:
        nonlocal shown
        shown += 1
        require_labels(figure)
        figure.savefig(folder / f"{path.stem}-{shown:02}.png", dpi=80, bbox_inches="tight")

    def show_all() -> None:
        for number in plt.get_fignums():
            show(plt.figure(number))
        plt.close("all")

    plt.show = show_all
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in cells_of(path):
        if cell.markdown:
            continue
        tree = ast.parse(cell.source)
        ast.increment_lineno(tree, cell.line)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, path, "exec"), names)
        given = eval(compile(ast.Expression(last.value), path, "eval"), names) if last else None
        if isinstance(given, matplotlib.figure.Figure):
            show(given)
        elif hasattr(given, "_repr_html_") and (html := given._repr_html_()):
            (folder / f"{path.stem}-line-{cell.line}.html").write_text(html)
        if "parameters" in cell.tags:
            names |= settings
        # What a cell drew and did not show, a notebook shows.
        show_all()


def require_labels(figure: Any) -> None:
    """Refuse a figure of which an axis has no label."""
    for axes in figure.axes:
        if not (axes.axison and axes.get_visible()):
            continue
        # The panel's own figure may be a part of the whole one.
        part = axes.get_figure(root=False)
        x = any(one.get_xlabel() for one in _beside(axes, "x"))
        y = any(one.get_ylabel() for one in _beside(axes, "y"))
        named = [
            x or part.get_supxlabel() or _speaks(axes.xaxis),
            y or part.get_supylabel() or _speaks(axes.yaxis),
        ]
        # A colour bar has one axis.
        enough = any(named) if axes.get_label() == "<colorbar>" else all(named)
        if not enough:
            raise ValueError(f"axes {axes.get_title()!r}: an axis without a label")


def _beside(axes: Any, direction: str) -> list[Any]:
    """Give the panels whose label is read for these axes too: that share it, or stand in line."""
    shared = axes.get_shared_x_axes() if direction == "x" else axes.get_shared_y_axes()
    found = list(shared.get_siblings(axes))
    if place := axes.get_subplotspec():
        for one in axes.get_figure(root=False).axes:
            other = one.get_subplotspec()
            if other and other.get_gridspec() is place.get_gridspec():
                lines = [of.colspan if direction == "x" else of.rowspan for of in (place, other)]
                found += [one] * (lines[0] == lines[1])
    return found


def _speaks(axis: Any) -> bool:
    """Tell whether an axis says what it shows without a label: by words, or by having no ticks."""
    from matplotlib.ticker import FixedFormatter, FuncFormatter

    # Matplotlib makes a function of the words that `set_yticks` is given.
    words = isinstance(axis.get_major_formatter(), FixedFormatter | FuncFormatter)
    return words or not len(axis.get_ticklocs())


if __name__ == "__main__":
    lesson, settings, folder = sys.argv[1:]
    run(Path(lesson), json.loads(settings), Path(folder))
