"""The page on drawn jets says how far they are from the truth, beside as many true jets."""

from __future__ import annotations

import re

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.core.files import write_arrays
from jetline.records.judgement import Estimate, JetNumbers, JudgedRow, Judgement
from jetline.report.judgement_page import write_judgements
from jetline.report.judgement_plots import SHOWN, drawn_beside_true

CLASSES = ("<b>gluon</b>", "quark")


def row(of="all", verdict="as truth", words="as truth", **told) -> JudgedRow:
    return JudgedRow(
        **{
            "of": of,
            "group": "observables",
            "quantity": "mass",
            "label": "jet mass",
            "unit": "GeV",
            "drawn": Estimate(value=1.234, error=0.21),
            "truth": Estimate(value=1.1, error=0.19),
            "deviation": 12.0,
            "seen": 1.2,
            "reached": 1.5,
            "chance": 0.4,
            "ratio": None,
            "verdict": verdict,
            "words": words,
            **told,
        }
    )


def written(folder, rows, drawn=50):
    """Write a judgement with distributions of `drawn` and 100 true jets of each class."""
    counts = dict.fromkeys(CLASSES, drawn)
    record = Judgement(
        drawn=["drawn.npz"],
        truth=["true.npz"],
        classes=CLASSES,
        jets=JetNumbers(
            drawn=counts,
            judged=counts,
            reference=dict.fromkeys(CLASSES, 100),
            training=dict.fromkeys(CLASSES, 400),
        ),
        seed=1,
        rows=rows,
        shares=[],
        warnings=["few jets"],
        summary="1 of 2 figures as truth",
    )
    record.write(folder / "judgement.json")
    random = np.random.default_rng(1)
    arrays = {"of": np.array(["quark", "all"]), "jets": np.array([[drawn, 100], [drawn, 200]])}
    for name in SHOWN:
        arrays[f"{name}_edges"] = np.linspace(0, 1, 11)
        shape = (2, 2, 10)
        arrays[f"{name}_counts"] = random.integers(1, 20, shape).astype(float)
        arrays[f"{name}_errors"] = np.sqrt(arrays[f"{name}_counts"])
    write_arrays(folder / "distributions.npz", **arrays)
    return folder / "judgement.json"


@pytest.fixture
def page(tmp_path):
    rows = [
        row(),
        row("quark", "differs", "3.1 ± 0.4 times truth"),
        row("quark", "cannot tell", "cannot tell: too few jets", label="girth", unit=""),
    ]
    (tmp_path / "drawn").mkdir()
    file = written(tmp_path / "drawn", rows)
    write_judgements([file], tmp_path / "drawn.html", tmp_path / "figures")
    return (tmp_path / "drawn.html").read_text()


def test_each_figure_stands_beside_that_of_truth_with_its_verdict(page):
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "jet mass [GeV] 1.23 ± 0.21 truth 1.10 ± 0.19 as truth" in text
    assert "3.1 ± 0.4 times truth" in text
    assert "1 of 2 figures as truth." in text
    assert "Warning: few jets" in text
    # Of 100 drawn jets, 800 true ones trained.
    assert "Behind each drawn jet are 8 true ones" in text


def test_all_classes_together_stand_first_and_a_figure_that_is_missing_is_a_dash(page):
    table = page[page.index("<h3>Observables</h3>") :]
    assert re.findall(r"<th>([a-z]+)</th>", table)[:2] == ["all", "quark"]
    girth = table[table.index("girth") :]
    assert girth.index("–") < girth.index("cannot tell")


def test_names_are_shown_as_they_stand_and_nothing_is_fetched(page):
    assert "<b>gluon</b>" not in page
    assert "&lt;b&gt;gluon" in page
    assert not re.findall(r"(?:src|href)=\"https?:", page)


def test_pictures_have_words_and_stand_as_files_too(page, tmp_path):
    words = re.findall(r'alt="([^"]+)"', page)
    assert words[0].startswith("Distributions of drawn and true quark jets")
    assert "most different in jet mass" in words[0]
    assert "alike within the errors" in words[1]
    names = {path.name for path in (tmp_path / "figures").iterdir()}
    assert names == {f"drawn-{of}.{kind}" for of in ("quark", "all") for kind in ("png", "pdf")}


def test_a_figure_shows_the_share_of_jets_and_the_ratio(tmp_path):
    written(tmp_path, [row()])
    with np.load(tmp_path / "distributions.npz") as archive:
        arrays = dict(archive)
    figure = drawn_beside_true(arrays, "all")
    assert len(figure.axes) == 2 * len(SHOWN)
    above, below = figure.axes[:2]
    true, drawn = (patch.get_data().values for patch in above.patches[:2])
    counts = arrays[f"{SHOWN[0]}_counts"][1]
    np.testing.assert_allclose(drawn, counts[0] / 50)
    np.testing.assert_allclose(true, counts[1] / 200)
    (points,) = (one for one in below.lines if len(one.get_xdata()) == 10)
    np.testing.assert_allclose(points.get_ydata(), drawn / true)
    assert below.get_xlabel() == "multiplicity"


def test_a_judgement_without_its_distributions_is_one_clear_error(tmp_path):
    file = written(tmp_path, [row()])
    (tmp_path / "distributions.npz").unlink()
    with pytest.raises(JetlineError, match=r"distributions\.npz"):
        write_judgements([file], tmp_path / "drawn.html")
    assert not (tmp_path / "drawn.html").exists()
