"""The table for LaTeX prints every name as it stands, and compiles."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from jetline.records.comparison import ComparisonRecord
from jetline.report import latex
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


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="LaTeX is not installed")
def test_it_compiles(table, tmp_path):
    page = r"\documentclass{article}\usepackage{booktabs}\usepackage[T1]{fontenc}\begin{document}"
    (tmp_path / "page.tex").write_text(page + "\n" + table[0] + r"\end{document}")
    told = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(told, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout
