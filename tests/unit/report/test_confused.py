"""Confused pictures: the surest mistakes, found, drawn, kept as data and shown in the report."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.inputs.shards import save_array, write_manifest
from jetline.records.predictions import Predictions
from jetline.report.confused import Confused, write_confused
from jetline.report.redrawing import draw_again
from jetline.report.run_page import write_report
from synthetic_run import write_configuration, write_drawn_comparison, write_run
from validated import write_validated

CLASSES = ("one", "two", "three")


@pytest.fixture
def shards(tmp_path):
    """Two shards of 30 pictures each, whose first pixel tells shard and row."""
    folders = []
    for shard in (0, 1):
        folder = tmp_path / f"shard-{shard}"
        images = np.zeros((30, 6, 5, 1), np.float32)
        images[:, 0, 0, 0] = (shard * 30 + np.arange(30)) / 100
        arrays = {"images": save_array(folder, "images", images)}
        labels = (np.arange(30) % 3).astype(np.uint8)
        write_manifest(folder, tmp_path, labels, arrays, sha256="0", inputs="pictures")
        folders.append(folder)
    return folders


def predicted(wrong, *, rows=20):
    """Test the last rows of both files; `wrong` has the wrong probability of (file, row)."""
    files = np.repeat([0, 1], rows)
    jets = np.tile(np.arange(30 - rows, 30), 2)
    labels = (jets % 3).astype(np.uint8)
    scores = np.full((2 * rows, 3), 0.05)
    scores[np.arange(2 * rows), labels] = 0.9
    for (file, row), probability in wrong.items():
        place = np.flatnonzero((files == file) & (jets == row))[0]
        scores[place] = (1 - probability) / 2
        scores[place, (labels[place] + 1) % 3] = probability
    names = ["a", "b"]
    return Predictions.of(
        labels, scores.astype(np.float32), jets, files, names, training="k", classes=CLASSES
    )


WRONG = {(0, 12): 0.6, (1, 29): 0.99, (1, 11): 0.8}


def test_the_surest_mistakes_come_first_with_their_pictures(shards):
    found = Confused.of(predicted(WRONG), shards, "cnn", 1, "digits")
    assert (int(found.wrong), int(found.tested)) == (3, 40)
    assert list(zip(found.files, found.numbers, strict=True)) == [("b", 29), ("b", 11), ("a", 12)]
    assert found.images[:, 0, 0, 0] == pytest.approx([0.59, 0.41, 0.12])
    assert [CLASSES[n] for n in found.true] == ["three", "three", "one"]
    assert [CLASSES[n] for n in found.predicted] == ["one", "one", "two"]
    assert found.probabilities == pytest.approx([0.99, 0.8, 0.6])
    assert found.in_words() == (
        "3 of 40 test pictures of digits misclassified by cnn; the surest: three taken for one "
        "(0.990), three taken for one (0.800), one taken for two (0.600)."
    )


def test_of_two_classes_the_score_is_that_of_the_signal(shards):
    files, jets = np.zeros(3, int), np.array([0, 1, 3])
    scores = np.array([0.9, 0.2, 0.1], np.float32)
    told = Predictions.of(jets % 3, scores, jets, files, ["a", "b"], training="k")
    found = Confused.of(told, shards, "cnn", 1, "digits")
    assert found.numbers.tolist() == [0, 1]
    assert found.probabilities == pytest.approx([0.9, 0.8])
    assert found.predicted.tolist() == [1, 0]


def test_shards_of_other_pictures_are_refused(shards):
    told = predicted(WRONG)
    labels = told.labels.copy()
    labels[0] = (labels[0] + 1) % 3
    other = Predictions.of(
        labels, told.scores, told.jets, told.files, ["a", "b"], training="k", classes=CLASSES
    )
    with pytest.raises(JetlineError, match="other pictures than those that were tested"):
        Confused.of(other, shards, "cnn", 1, "digits")
    with pytest.raises(JetlineError, match="that of b"):
        Confused.of(told, shards[:1], "cnn", 1, "digits")


def test_the_figure_is_drawn_again_from_its_data_to_the_last_byte(shards, tmp_path):
    found = Confused.of(predicted(WRONG), shards, "cnn", 1, "digits")
    write_confused(found, tmp_path / "confused-digits.png")
    draw_again([tmp_path / "confused-digits.npz"], tmp_path / "again")
    for ending in ("png", "pdf"):
        before = (tmp_path / f"confused-digits.{ending}").read_bytes()
        assert (tmp_path / f"again/confused-digits-cnn.{ending}").read_bytes() == before


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_pictures_of_any_number_of_channels_are_drawn(shards, tmp_path, channels):
    found = Confused.of(predicted(WRONG), shards, "cnn", 1, "digits")
    found = replace(found, images=np.repeat(found.images, channels, axis=-1))
    write_confused(found, tmp_path / "confused-digits.png")
    assert (tmp_path / "confused-digits.png").stat().st_size > 10_000


def test_the_report_shows_them_with_words(shards, tmp_path):
    taggers = {"cnn": {"noise": 0.5}}
    trainings, evaluations = write_run(tmp_path, taggers, (1,), ("demo",), 300)
    write_drawn_comparison(trainings, evaluations, tmp_path / "comparison")
    write_configuration(tmp_path / "configuration.json", taggers, (1,), ("demo",))
    found = Confused.of(predicted(WRONG), shards, "<cnn>", 1, "demo")
    write_confused(found, tmp_path / "confused-demo.png")
    told = (tmp_path / "comparison", tmp_path / "configuration.json")
    validated = write_validated(tmp_path / "validation", demo=0)
    data = [tmp_path / "confused-demo.npz"]
    write_report(*told, validated, tmp_path / "report.html", confusions=data)
    text = (tmp_path / "report.html").read_text()
    assert '<h2 id="confused">' in text
    assert "<h3>&lt;cnn&gt; on demo</h3>" in text
    assert "3 of 40 pictures are misclassified with seed 1." in text
    assert "three taken for one (0.990)" in text
    assert 'href="confused-demo.npz"' in text
    assert 'href="confused-demo.pdf"' in text
    write_report(*told, validated, tmp_path / "report.html")
    assert "confused" not in (tmp_path / "report.html").read_text()


def test_where_nothing_is_confused_the_figure_says_so(shards, tmp_path):
    found = Confused.of(predicted({}), shards, "cnn", 1, "digits")
    assert found.images.shape == (0, 6, 5, 1)
    assert found.in_words() == "0 of 40 test pictures of digits misclassified by cnn."
    write_confused(found, tmp_path / "confused-digits.png")
    assert (tmp_path / "confused-digits.pdf").is_file()
    assert len(Confused.read(tmp_path / "confused-digits.npz").images) == 0


def test_many_mistakes_are_counted_and_forty_are_drawn(shards):
    wrong = {(file, row): 0.6 for file in (0, 1) for row in range(2, 30)}
    found = Confused.of(predicted(wrong, rows=28), shards, "cnn", 1, "digits")
    assert (int(found.wrong), len(found.images)) == (56, 40)
