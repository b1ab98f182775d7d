"""The table for LaTeX prints every name as it stands, and compiles."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from jetline.records.comparison import ComparisonRecord
from jetline.report import latex
from services import require
from synthetic_run import write_drawn_comparison, write_run

NAME = r'50% of_a {b} & #1 $x^2$ ~ "c" <d>'


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    root = tmp_path_factory.mktemp("run")
    described = {"cnn": {"noise": 2.5}, NAME: {"noise": 0.1}}
    kept = {"gluons": (None, 0)}
    trainings, evaluations = write_run(root, described, datasets=("demo", "gluons"), kept=kept)
    write_drawn_comparison(trainings, evaluations, root / "comparison")
    compared = ComparisonRecord.read(root / "comparison/comparison.json")
    return (root / "comparison/comparison.tex").read_text(encoding="utf-8"), compared


def test_every_row_has_every_column_and_the_best_tagger_is_first(table):
    text, compared = table
    rows = [line for line in text.splitlines() if " & " in line and line.endswith(r" \\")]
    assert len(rows) == 1 + len(compared.rows)
    columns = re.search(r"\\begin\{tabular\}\{(l+r+)\}", text)[1]
    assert {len(re.findall(r"(?<!\\)&", row)) + 1 for row in rows} == {len(columns)}
    assert rows[1].startswith(latex.escaped(NAME))
    assert rows[2].startswith("cnn")
    for rule in ("toprule", "bottomrule"):
        assert text.count(f"\\{rule}") == 1
    assert text.count(r"\midrule") == 2 * len(compared.datasets)
    assert text.endswith("\\end{tabular}\n")


def test_names_are_escaped_and_numbers_are_mathematics(table):
    text, _ = table
    expected = r"50\% of\_a \{b\} \& \#1 \$x\textasciicircum{}2\$ \textasciitilde{} "
    expected += r"\textquotedbl{}c\textquotedbl{} \textless{}d\textgreater{}"
    assert expected in text
    assert latex.escaped("\\") == r"\textbackslash{}"
    assert re.search(r"\$0\.\d+ \\pm 0\.\d+ \\pm 0\.\d+\$", text)
    assert r"$\varepsilon_{\mathrm{q}}$" in text
    bare = re.sub(r"\\[%&#${}_]|\$[^$]*\$|^%.*$", "", text, flags=re.MULTILINE)
    assert not re.search(r"[$%#_^~]", bare)
    assert text.isascii()
    assert bare.count("{") == bare.count("}")


@pytest.mark.parametrize(
    ("page", "put"),
    [
        (
            r"\usepackage[a4paper, landscape, margin=1cm]{geometry}",
            r"\scriptsize\noindent\input{comparison}",
        ),
        (r"\usepackage{graphicx}", r"\noindent\resizebox{\textwidth}{!}{\input{comparison}}"),
    ],
)
def test_it_compiles_and_fits_a_page(table, tmp_path, page, put):
    program = require(shutil.which("pdflatex"), "pdflatex")
    found = subprocess.run(["kpsewhich", "booktabs.sty"], capture_output=True, text=True)
    require(found.stdout.strip(), "LaTeX's package booktabs")
    (tmp_path / "comparison.tex").write_text(table[0], encoding="utf-8")
    lines = [r"\documentclass{article}", r"\usepackage{booktabs}", r"\usepackage[T1]{fontenc}"]
    lines += [page, r"\begin{document}", put, r"\end{document}"]
    (tmp_path / "page.tex").write_text("\n".join(lines))
    told = [program, "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(told, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    log = (tmp_path / "page.log").read_text(encoding="latin-1")
    assert "Output written on page.pdf (1 page" in log
    assert not re.search("Overfull|Missing character|LaTeX Warning: (Ref|Font)", log)
