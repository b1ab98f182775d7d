"""Pictures go through the workflow as jets do, without what only jets have."""

from __future__ import annotations

import json

import numpy as np
import pytest

from checkout import Checkout
from jetline.records.predictions import Predictions
from jetline.sources.digits import DigitsSource

CLASSES = list("0123456789")
PARTS = {"train": 300, "validation": 100, "test": 120}
TINY = {
    "run": "tiny",
    "classes": CLASSES,
    "datasets": {"mine": {"source": "pictures", "paths": ["pictures/*.npz"]}},
    "train_on": "mine",
    "test_on": ["mine"],
    "split": {"by": "name", **{part: [f"{part}.npz"] for part in PARTS}},
    "architectures": {"cnn": {"inputs": "pictures", "epochs": 1, "batch_size": 20}},
}
PREDICTIONS = "results/runs/tiny/predictions/cnn/seed-1/mine.npz"
CONFUSED = "results/runs/tiny/confused/cnn/confused-mine.png"


@pytest.fixture(scope="module")
def checkout(root, tmp_path_factory) -> Checkout:
    made = Checkout(root, tmp_path_factory.mktemp("checkout"))
    start = 0
    ((_, images, labels), *_) = DigitsSource(source="digits").made(made.folder)
    (made.folder / "pictures").mkdir()
    for part, count in PARTS.items():
        rows = slice(start, start + count)
        np.savez(made.folder / f"pictures/{part}.npz", images=images[rows], labels=labels[rows])
        start += count
    return made


def configured(checkout: Checkout, **changed) -> tuple[str, str]:
    return "--configfile", str(checkout.configure("tiny", **{**TINY, **changed}))


def test_nothing_of_pictures_is_measured_or_validated(checkout):
    rules = {job[0] for job in checkout.planned(*configured(checkout))}
    assert {"check_jets", "shard_jets", "draw_confused", "html_report"} <= rules
    assert not {"measure_jets", "validate_dataset", "show_images", "cut_observables"} & rules


@pytest.mark.parametrize(("name", "source"), [("digits", "mnist"), ("few-digits", "digits")])
def test_the_configurations_that_come_along_make_three_files_by_one_job(checkout, name, source):
    jobs = checkout.planned("--configfile", f"config/{name}.yaml")
    assert {job for job in jobs if job[0] == "make_pictures"} == {("make_pictures", source)}
    assert len([job for job in jobs if job[0] == "check_jets"]) == 3


@pytest.mark.slow
def test_a_few_pictures_are_learnt_and_the_confused_ones_drawn(checkout):
    result = checkout.snakemake(*configured(checkout), "--", PREDICTIONS, CONFUSED)
    assert result.returncode == 0, result.stdout
    run = checkout.folder / "results/runs/tiny"
    facts = json.loads((run / "trainings/cnn/seed-1/training.json").read_text())
    assert facts["parameters"] == 34_826
    assert {part: sum(facts["jets"][part].values()) for part in ("train", "validation")} == {
        "train": 300,
        "validation": 100,
    }
    tested = Predictions.read(checkout.folder / PREDICTIONS)
    assert tested.classes == tuple(CLASSES)
    assert len(tested) == 120
    # Ten classes by chance: 0.1.
    assert (tested.scores.argmax(axis=1) == tested.labels).mean() > 0.3
    logs = checkout.folder / "results/logs/check/pictures"
    assert all("pictures of 28 x 28 x 1, all valid" in log.read_text() for log in logs.iterdir())
    for ending in ("png", "pdf", "npz"):
        assert (checkout.folder / CONFUSED).with_suffix(f".{ending}").is_file()


@pytest.mark.slow
def test_a_picture_file_that_breaks_the_format_is_one_error(checkout):
    images, labels = np.full((9, 28, 28), 2.0), np.arange(9)
    np.savez(checkout.folder / "pictures/broken.npz", images=images, labels=labels)
    datasets = {"mine": {"source": "pictures", "paths": ["pictures/broken.npz"]}}
    shares = {"datasets": datasets, "split": {"by": "jet"}}
    result = checkout.snakemake(*configured(checkout, **shares), "--until", "check_jets")
    assert result.returncode == 1
    assert "picture 0 (counted from 0)" in result.stdout
    assert "`images = images / 255`" in result.stdout
    assert "Traceback" not in result.stdout
