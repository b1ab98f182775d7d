"""The report shows what a referee asks, of taggers on every kind of test dataset."""

from __future__ import annotations

import re

import pytest

from jetline.evaluation.examination import examine
from jetline.records.calibration import MeanCalibration
from jetline.records.comparison import Summary
from jetline.records.examination import Examination
from jetline.report.examination_plots import draw_examinations
from jetline.report.examined_taggers import cut_off, percent, temperature
from jetline.report.run_page import write_report
from synthetic_run import write_configuration, write_drawn_comparison, write_run
from toy_taggers import toys, write_examinations
from validated import write_validated

DATASETS = ("demo", "quark_jets")


def reported(root, described, seeds=(1, 2), datasets=DATASETS, n_jets=300) -> str:
    """The report of a run with an examination of each of its test datasets."""
    trainings, evaluations = write_run(
        root, described, seeds, datasets, n_jets, kept={"quark_jets": (0, None)}
    )
    examinations = write_examinations(root, trainings, *datasets)
    write_drawn_comparison(trainings, evaluations, root / "comparison")
    draw_examinations(examinations, root / "comparison")
    write_configuration(root / "configuration.json", described, seeds, datasets)
    validations = write_validated(root / "validation", demo=0)
    told = (root / "comparison", root / "configuration.json", validations)
    write_report(*told, root / "report.html", examinations=examinations)
    return (root / "report.html").read_text(encoding="utf-8")


def shown(page: str) -> str:
    """What a reader sees of the section."""
    section = page[page.index('<h2 id="examined">') : page.index('<h2 id="learning">')]
    return re.sub(r"<[^>]*>", "", section)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    root = tmp_path_factory.mktemp("examined")
    return reported(root, {"cnn": {"noise": 2.5}, "<pfn>": {"noise": 0.1}})


def test_working_points_stand_by_label_and_by_seed(page):
    text = shown(page)
    assert text.count("Working points") == 1
    assert re.search(r"^&lt;pfn&gt;0\.\d{4}30\.\d± \d", text, re.MULTILINE)
    assert len(re.findall(r"^cnn[12][357]0 %0\.\d{4}", text, re.MULTILINE)) == 6


def test_calibration_stands_by_label_and_by_seed_with_its_picture(page):
    text = shown(page)
    # Noise of 2.5 on the logit makes a tagger far too sure of itself.
    line = re.search(r"^cnn(\d+\.\d+)± .*?(\d\.\d+)± [\d.]+(-?\d\.\d+)± ", text, re.MULTILINE)
    before, temperature, after = map(float, line.groups())
    assert before > 10 > 3 > abs(after)
    assert temperature > 2
    assert 'alt="Share of quark jets against score on demo' in page


def test_significance_improvement_stands_by_label_with_its_picture(page):
    table = page[page.index('<h3 id="improvement">') :]
    table = table[: table.index("</table>")]
    rows = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', table)
    # The best by AUC first, whatever the order of the configuration.
    assert [label for label, _ in rows] == ["&lt;pfn&gt;", "cnn"]
    pfn, cnn = (re.findall(r'<td class="n">([\d.]+)<small>± ', cells) for _, cells in rows)
    # At 30 % too few gluon jets are left of the better one.
    assert (len(cnn), len(pfn)) == (3, 2)
    assert float(pfn[-2]) > float(cnn[-2]) > 0.7
    assert 'alt="Significance improvement against quark efficiency on demo' in page


def test_rejection_stands_in_bins_of_what_was_measured(page):
    section = page[page.index('<h3 id="bins">') : page.index('<h3 id="calibration">')]
    for title in ("GeV]", "|", "multiplicity"):
        assert title in section
    assert section.count('<th scope="row">cnn</th>') == 3
    assert 'alt="Rejection in bins of' in section


def test_the_ensemble_is_a_row_of_its_own(page):
    section = page[page.index('<h3 id="ensembles">') : page.index('<h3 id="working-points">')]
    assert section.count("<td>ensemble of 2</td>") == section.count("<td>single seeds</td>") == 4
    single, ensemble = re.findall(
        r'<th scope="row">cnn</th><td>[a-z0-9 ]+</td><td class="n">([\d.]+)', section
    )[:2]
    assert float(ensemble) >= float(single)


def test_correlations_are_drawn_for_one_class_too(page):
    for dataset in DATASETS:
        assert f"with each other and with observables on {dataset}" in page


def test_colours_are_those_of_the_other_figures(tmp_path):
    """Labels keep the order of the run in a file whose keys are sorted."""
    record = examine(toys(200, ("pfn", "cnn")), 1)
    record.write(tmp_path / "examination.json")
    assert Examination.read(tmp_path / "examination.json").labels == ["pfn", "cnn"]


def test_without_validation_scores_there_is_no_temperature():
    assert (
        temperature(
            MeanCalibration.model_construct(label="pfn", temperature=None, temperature_spread=None)
        )
        == "–"
    )


def test_a_test_dataset_of_one_class_is_left_out_and_says_why(page):
    assert "quark_jets holds quark jets alone: working points, significance" in shown(page)
    # Of the ensembles it has what jets of one class can tell.
    assert page.count("<h4>Tested on quark_jets</h4>") == 1
    assert page.count("<h4>Tested on demo</h4>") == 5


def test_a_handful_of_jets_is_examined_too(tmp_path):
    text = shown(reported(tmp_path, {"cnn": {"noise": 1.0}}, (1,), ("demo",), n_jets=4))
    assert "Working points" in text
    assert "nan" not in text


def test_numbers_have_the_digits_that_their_errors_warrant():
    share = Summary(value=0.1234, low=0.1134, high=0.1334, sample_error=0.01, seed_spread=0.002)
    assert percent(share) == "12.34 ± 1.00 ± 0.20"
    assert [cut_off(one) for one in (0.5, 1.0, 1e-7)] == ["0.5000", "1.0000", "1.0e-07"]
    assert cut_off(1 - 2**-20) == "1 − 9.5e-07"
