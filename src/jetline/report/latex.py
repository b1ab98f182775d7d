"""The table of a comparison for LaTeX, to be read by ``input``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jetline.evaluation import display
from jetline.report import figures_of_merit

if TYPE_CHECKING:
    from jetline.evaluation.figures_of_merit.figure_of_merit import FigureOfMerit
    from jetline.records.comparison import ComparisonRecord, Row

#: File of the table in the folder of a comparison.
TABLE = "comparison.tex"

_ESCAPED = {character: f"\\{character}" for character in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    '"': r"\textquotedbl{}",
    "–": "--",
}
_GREEK = {"ε": r"\varepsilon", "√": r"\surd"}


def table(compared: ComparisonRecord) -> str:
    """Write the taggers of each test dataset, best first, with both errors of every figure.

    Returns
    -------
    str
        A ``tabular`` of the package booktabs, compiled by any LaTeX.
    """
    classes = compared.trainings[0].classes
    shown = figures_of_merit.shown(compared.rows[0].figures, classes)
    columns = ["tagger", "species told", "training jets", "parameters"]
    columns += [_heading(one) for one in shown.values()]
    lines = [
        r"% \usepackage{booktabs} and, for quotation marks in names, \usepackage[T1]{fontenc}",
        r"% Wider than most pages: \usepackage{graphicx}, \resizebox{\textwidth}{!}{\input{...}}",
        "% Errors: of the test sample, and the spread over training seeds where there are several.",
        rf"\begin{{tabular}}{{ll{'r' * (len(columns) - 2)}}}",
        r"\toprule",
        _line(columns),
    ]
    for dataset in compared.datasets:
        title = rf"\multicolumn{{{len(columns)}}}{{l}}{{tested on {escaped(dataset)}}}"
        lines += [r"\midrule", rf"{title} \\", r"\midrule"]
        rows = sorted(
            compared.rows_of(dataset), key=lambda row: row.figures["auc"].value or 0.0, reverse=True
        )
        lines += [_line(_cells(row, list(shown))) for row in rows]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])


def escaped(text: str) -> str:
    """Write a name so that LaTeX prints it as it stands."""
    return "".join(_ESCAPED.get(character, character) for character in text)


def _line(cells: list[str]) -> str:
    return " & ".join(cells) + r" \\"


def _cells(row: Row, figures: list[str]) -> list[str]:
    numbers = [_thousands(row.training_jets), _thousands(row.parameters)]
    merit = [_number(figures_of_merit.printed(name, row.figures[name])) for name in figures]
    return [escaped(row.label), escaped(row.identity), *numbers, *merit]


def _thousands(number: int) -> str:
    return display.count(number).replace("\u202f", r"\,")


def _number(text: str) -> str:
    """Set a figure of merit with its errors, a bound, or the dash where there is none."""
    if text == display.MISSING:
        return "--"
    return f"${text.replace('±', chr(92) + 'pm')}$"


def _heading(of: FigureOfMerit) -> str:
    parts = (of.title, of.condition, f"[{of.unit}]" if of.unit else "")
    return " ".join(_words(part) for part in parts if part)


def _words(text: str) -> str:
    """Set a heading, its symbols as mathematics: a Greek letter with its index, a root, a sign."""

    def symbol(found: re.Match[str]) -> str:
        letter, index = found.groups()
        return f"${_GREEK[letter]}" + (rf"_{{\mathrm{{{index}}}}}" if index else "") + "$"

    # Parts in between are escaped one by one, so that a symbol's own characters stay.
    pattern = rf"([{''.join(_GREEK)}])(?:_(\w+))?"
    parts, end = [], 0
    for found in re.finditer(pattern, text):
        parts += [escaped(text[end : found.start()]), symbol(found)]
        end = found.end()
    return "".join([*parts, escaped(text[end:])])
