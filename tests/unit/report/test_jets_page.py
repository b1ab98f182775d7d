"""The page on a dataset's jets gives the measured values, and the data behind it are kept."""

import csv
import math

import numpy as np
import pytest

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.core.files import read_json, write_json
from jetline.jets.formats.npz import write_jets
from jetline.report.jets_page import (
    PICTURE,
    draw_distributions,
    draw_validation,
    read_validation,
    side_by_side,
)
from jetline.validation.dataset import distribution, write_validation
from jetline.validation.measurement import measure
from jetline.validation.measures import DISTRIBUTIONS, Sample, read_sample, validation_rows
from jetline.validation.verdicts import judge
from validated import SAMPLE, write_validated


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return write_validated(tmp_path_factory.mktemp("validation"), demo=0, other=1)


@pytest.fixture(scope="module")
def sample() -> Sample:
    return Sample([measure(SAMPLE / "QG_jets_0.npz")])


def test_what_is_written_is_read_back(folders, sample):
    content = read_validation(folders[0])
    assert content.rows == validation_rows(sample)
    assert content.dataset == "demo"
    assert content.jets == sample.numbers
    assert content.files == ["QG_jets_0.npz"]
    assert (folders[0] / PICTURE).stat().st_size > 10_000


def test_the_table_holds_every_figure_with_its_verdict(folders):
    with (folders[0] / "validation.csv").open(newline="", encoding="utf-8") as stream:
        table = list(csv.DictReader(stream))
    rows = read_validation(folders[0]).rows
    assert [line["quantity"] for line in table] == [row.quantity for row in rows]
    for line, row in zip(table, rows, strict=True):
        assert float(line["measured"]) == row.measured
        assert line["verdict"] == row.verdict
        assert (line["published"] == "") == (row.published is None)


def test_the_command_writes_the_same(folders, tmp_path, capsys):
    jets = str(SAMPLE / "QG_jets_0.npz")
    assert main(["validate", "--output", str(tmp_path / "demo"), jets]) == 0
    assert "figures within their goals" in capsys.readouterr().out
    for name in ("validation.json", "validation.csv"):
        assert (tmp_path / "demo" / name).read_bytes() == (folders[0] / name).read_bytes()


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_all_but_the_largest_jets_are_in_the_distribution(sample, name):
    shown = distribution(sample, name)
    edges = np.array(shown.edges)
    assert np.all(np.diff(edges) > 0)
    for kind, number in sample.numbers.items():
        assert 0.994 * number <= sum(getattr(shown, kind)) <= number
    total = sum(shown.quark) + sum(shown.gluon)
    assert total == pytest.approx(0.998 * len(sample), abs=0.002 * len(sample))


def test_bins_of_the_multiplicity_hold_equally_many_numbers(sample):
    edges = np.array(distribution(sample, "multiplicity").edges)
    np.testing.assert_array_equal(np.mod(edges, 1), 0.5)
    assert len(set(np.diff(edges))) == 1


def test_jets_that_are_all_alike_can_be_drawn(tmp_path):
    jets = np.tile([[510.0, 0, 1, 22]], (4, 1, 1))
    write_jets(tmp_path / "alike.npz", jets, np.array([0, 1, 0, 1]))
    sample = read_sample([tmp_path / "alike.npz"])
    write_validation(sample, validation_rows(sample), tmp_path / "alike")
    draw_validation(tmp_path / "alike")
    assert (tmp_path / "alike" / PICTURE).exists()
    content = read_json(tmp_path / "alike/validation.json")
    assert content["distributions"]["mass"]["quark"][0] == 2
    without_spread = [row for row in content["rows"] if row["quantity"] == "quark girth, mean"]
    assert without_spread[0]["measured"] == without_spread[0]["error"] == 0


def test_datasets_side_by_side_differ_in_units_of_both_errors(folders):
    validations = [read_validation(folder).rows for folder in folders]
    lines = side_by_side(validations)
    assert lines[0]["quantity"] == "quark multiplicity, mean"
    first, second = (rows[0] for rows in validations)
    (a, b) = lines[0]["values"]
    assert a == {"text": first.cells[0], "standard_errors": None}
    expected = (second.measured - first.measured) / math.hypot(first.error, second.error)
    assert b["standard_errors"] == pytest.approx(expected)
    pulls = [line["values"][1]["standard_errors"] for line in lines]
    assert len(pulls) == 27
    assert np.abs(pulls).max() < 4.5, "two files of one recipe differ by chance alone"


@pytest.fixture(scope="module")
def gluons(jets, tmp_path_factory):
    """The validation of gluon jets alone."""
    folder = tmp_path_factory.mktemp("gluons")
    chosen = jets[1] == 0
    write_jets(folder / "jets.npz", jets[0][chosen], jets[1][chosen])
    assert main(["validate", "--output", str(folder / "demo"), str(folder / "jets.npz")]) == 0
    return folder / "demo"


@pytest.mark.parametrize("first", [0, 1])
def test_what_was_not_measured_of_a_dataset_of_one_class_is_left_open(folders, gluons, first):
    both, alone = read_validation(folders[0]).rows, read_validation(gluons).rows
    lines = {
        line["quantity"]: line["values"]
        for line in side_by_side([[both, alone], [alone, both]][first])
    }
    area = lines["AUC of the multiplicity"]
    assert [value["text"] == "" for value in area] == [first == 1, first == 0]
    assert [value["standard_errors"] for value in area] == [None, None]
    assert lines["gluon multiplicity, mean"][1]["standard_errors"] is not None


def test_only_the_class_that_is_there_is_drawn(gluons):
    record = read_validation(gluons)
    figure = draw_distributions(record.distributions, "gluons")
    named = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert named == ["gluon", "published mean"]
    assert "no quark jets" in record.limits


def test_numbers_of_jets_without_error_are_not_set_side_by_side():
    count = judge("jets of no mass", 3, 0, 100, 0)
    assert side_by_side([[count], [count]]) == []


def test_a_validation_of_another_version_is_a_clear_error(folders, tmp_path):
    content = read_json(folders[0] / "validation.json")
    del content["rows"][0]["digits"]
    write_json(tmp_path / "validation.json", content)
    with pytest.raises(JetlineError, match="jetline validate") as caught:
        read_validation(tmp_path)
    assert "validation.json" in caught.value.where
