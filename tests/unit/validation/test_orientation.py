"""Labels the wrong way round are noticed, and labels of other jets are not suspected."""

from pathlib import Path

import numpy as np
import pytest

from jetline.cli.main import main
from jetline.jets.reading import read_jets
from jetline.records.validation import ValidationRecord
from jetline.validation.measures import read_sample
from jetline.validation.orientation import reversal, reversal_of_file

SAMPLE = sorted((Path(__file__).parents[3] / "resources" / "sample").glob("QG_jets_*.npz"))
ASKED = "are the labels the wrong way round?"


@pytest.fixture
def turned(tmp_path) -> Path:
    """Jets of the bundled sample whose labels are the wrong way round."""
    jets = read_jets(SAMPLE[0])
    np.savez(tmp_path / "turned.npz", X=jets.constituents[:1000], y=1 - jets.labels[:1000])
    return tmp_path / "turned.npz"


def test_the_bundled_jets_are_the_right_way_round():
    assert [reversal_of_file(path) for path in SAMPLE] == [""] * 4
    assert read_sample(SAMPLE).warnings == []


def test_check_and_validate_warn_and_go_on(turned, tmp_path, capsys):
    told = ["check", str(turned), "--name", "turned", "--output", str(tmp_path / "index.npz")]
    assert main(told) == 0
    text = capsys.readouterr().out
    assert f"warning: {turned}: {ASKED}" in text
    assert "write y = 1 - y" in text
    assert main(["validate", str(turned), "--output", str(tmp_path / "demo")]) == 0
    assert f"warning: turned.npz: {ASKED}" in capsys.readouterr().out
    (warning,) = ValidationRecord.read(tmp_path / "demo/validation.json").warnings
    assert ASKED in warning


def test_one_file_of_several_is_named(turned):
    (warning,) = read_sample([*SAMPLE, turned]).warnings
    assert warning.startswith("turned.npz")


def test_what_no_file_shows_alone_all_show_together(turned, tmp_path):
    with np.load(turned) as archive:
        constituents, labels = archive["X"], archive["y"]
    paths = []
    for first in range(0, 600, 30):
        paths.append(tmp_path / f"{first}.npz")
        np.savez(paths[-1], X=constituents[first : first + 30], y=labels[first : first + 30])
    warnings = read_sample(paths).warnings
    assert [text.partition(":")[0] for text in warnings] == ["all files"]


def test_files_sorted_by_label_and_files_of_one_kind(turned, tmp_path):
    with np.load(turned) as archive:
        order = np.argsort(archive["y"], kind="stable")
        np.savez(tmp_path / "sorted.npz", X=archive["X"][order], y=archive["y"][order])
        quarks = archive["y"] == 1
        np.savez(tmp_path / "quarks.npz", X=archive["X"][quarks], y=archive["y"][quarks])
    assert ASKED in reversal_of_file(tmp_path / "sorted.npz")
    assert reversal_of_file(tmp_path / "quarks.npz") == ""


def jets(n: int, more: float, heavier: float) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Labels and observables; those of label 1 exceed the others by so many deviations."""
    rng = np.random.default_rng(5)
    labels = np.arange(n) % 2
    return labels, {
        "multiplicity": np.rint(40 + 15 * (rng.normal(size=n) + more * labels)),
        "mass": 80 + 30 * (rng.normal(size=n) + heavier * labels),
    }


@pytest.mark.parametrize(
    ("n", "more", "heavier"),
    [
        (10_000, 0, 0),  # alike
        (10_000, -1, 1),  # W jets against those of light quarks and gluons: heavier, but of fewer
        (10_000, 1, 0),  # another multiplicity alone, by a tune
        (10_000, 1, -1),
        (1_000_000, 0.05, 0.05),  # a small shift that many jets make significant, such as of pT
        (30, 1.5, 0.9),  # too few jets to tell
    ],
)
def test_jets_of_other_kinds_are_not_suspected(n, more, heavier):
    assert reversal("jets", *jets(n, more, heavier)) == ""


def test_what_is_larger_in_both_is_suspected_with_its_figures():
    text = reversal("jets", *jets(1000, 1.4, 0.9))
    assert ASKED in text
    assert "if the jets are of other kinds, nothing is wrong" in text


def test_jets_whose_mass_is_infinite_do_not_count():
    labels, values = jets(1000, 1.4, 0.9)
    values["mass"][:10] = np.nan
    values["mass"][10:20] = np.inf
    assert ASKED in reversal("jets", labels, values)
