"""Scans in the report: table, picture with words for it, and text to paste."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.records.scan import ScanRecord
from jetline.report import scanned
from jetline.report.run_page import _embedded, write_report
from jetline.report.scan_plot import draw_scan
from jetline.scans.conclusion import table
from synthetic_run import write_configuration, write_drawn_comparison, write_run
from synthetic_scan import grid_of, study_of
from validated import write_validated

TAGGERS = {"pfn": {"noise": 0.5}, "grid": {"noise": 0.8}}


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> ScanRecord:
    path = tmp_path_factory.mktemp("study") / "scan.json"
    study_of(22).write(path)
    return ScanRecord.read(path)


@pytest.fixture(scope="module")
def page(study, tmp_path_factory) -> str:
    """The report of a run with a study and a grid."""
    root = tmp_path_factory.mktemp("scanned")
    trainings, evaluations = write_run(root, TAGGERS, (1,), ("demo",), 300)
    write_drawn_comparison(trainings, evaluations, root / "comparison")
    write_configuration(root / "configuration.json", TAGGERS, (1,), ("demo",))
    paths = []
    for record, name in ((study, "pfn"), (grid_of("grid"), "grid")):
        folder = root / "scans" / name
        record.write(folder / "scan.json")
        (folder / "trials.csv").write_text(table(record))
        draw_scan(record, folder)
        paths.append(folder / "scan.json")
    write_report(
        root / "comparison",
        root / "configuration.json",
        write_validated(root / "validation", demo=0),
        root / "report.html",
        scans=paths,
    )
    return (root / "report.html").read_text()


def test_the_page_has_every_trial_the_best_first_and_the_text_to_paste(page, study):
    section = page[page.index('<h2 id="scans">') : page.index('<h2 id="run">')]
    assert '<a href="#scans">' in page
    rows = re.findall(r'<tr><th scope="row">(\d+)</th>', section)
    assert rows[:22] == [str(trial.number) for trial in study.ranked]
    assert len(rows) == 22 + 6
    assert "The 12 other trials" in section
    assert section.count("<pre>architectures:\n") == 2
    assert "training.schedule" in section
    assert "failed" in section
    assert "highest of all" in section
    assert "lowest of all" in section


def test_the_page_links_the_table_and_draws_what_mattered(page, study):
    assert 'href="scans/pfn/trials.csv"' in page
    assert f'alt="{scanned.alt_text(study)}"' in page


def test_a_page_without_scans_has_no_section_of_them(tmp_path):
    assert scanned.content([], lambda _path: {}) == {"scans": []}


def test_the_picture_is_told_in_words(study):
    words = scanned.alt_text(study)
    assert words.startswith("Validation loss of 22 trials of pfn against batch_size, ")
    assert f"Best, {study.best_trial.value:.4f}: batch_size" in words
    assert "Share of the variance explained: batch_size" in words


def test_the_figure_is_drawn_again_from_the_result_alone(study, tmp_path):
    study.write(tmp_path / "scan.json")
    told = ["draw", "--data", str(tmp_path / "scan.json"), "--output", str(tmp_path / "drawn")]
    assert main(told) == 0
    drawn = {path.name for path in (tmp_path / "drawn").iterdir()}
    assert drawn == {"scan-pfn.png", "scan-pfn.pdf"}
    (tmp_path / "again").mkdir()
    draw_scan(study, tmp_path / "again")
    first, second = (Path(tmp_path / name / "scan-pfn.png") for name in ("drawn", "again"))
    assert first.read_bytes() == second.read_bytes()


def test_a_picture_that_is_missing_is_one_clear_error(study, tmp_path):
    study.write(tmp_path / "scan.json")
    with pytest.raises(JetlineError, match=r"scan-pfn\.png"):
        scanned.content([tmp_path / "scan.json"], _embedded)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.00123456, "0.001235"),
        ([100, 128], "[100, 128]"),
        ("cosine", "cosine"),
        (None, "null"),
        ({"clip": 1.0}, "{clip: 1.0}"),
        (7, "7"),
    ],
)
def test_values_are_printed_as_yaml_has_them(value, text):
    assert scanned.shown_value(value) == text
