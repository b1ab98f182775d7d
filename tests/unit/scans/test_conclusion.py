"""The best trial, the table, what mattered, and the text to paste."""

from __future__ import annotations

import csv

import pytest
import yaml

from jetline.configuration.reading import read_configuration
from jetline.core.errors import JetlineError
from jetline.records.scan import ChosenValues, ScanRecord, Trial
from jetline.scans.conclusion import conclude, grid_importances, write_conclusion
from jetline.scans.points import grid_points, with_values

SPACE = {"learning_rate": [0.001, 0.01], "training.schedule": ["constant", "cosine"]}
SCAN = {"method": "grid", "space": SPACE, "seed": 0}
ENTRY = {"architecture": "pfn", "inputs": "particles", "training": {"clip": 1.0}}


def trials(*losses: float | None, measure: str = "validation_loss") -> list[Trial]:
    return [
        Trial(
            number=number,
            values=point,
            measure=measure,
            value=loss,
            failure=None if loss is not None else "training, epoch 1: loss nan",
        )
        for number, (point, loss) in enumerate(
            zip(grid_points(SPACE), losses, strict=True), start=1
        )
    ]


def test_the_lowest_loss_or_the_highest_auc_is_best_and_of_equals_the_first():
    assert conclude("pfn", ENTRY, SCAN, trials(0.5, 0.4, 0.4, 0.6)).best == 2
    by_auc = trials(0.5, 0.8, 0.9, 0.9, measure="validation_auc")
    record = conclude("pfn", ENTRY, SCAN, by_auc)
    assert record.best == 3
    assert [trial.number for trial in record.ranked] == [3, 4, 2, 1]


def test_a_trial_that_failed_is_never_best_and_ranks_last():
    record = conclude("pfn", ENTRY, SCAN, trials(None, 0.4, 0.3, None))
    assert record.best == 3
    assert [trial.number for trial in record.ranked] == [3, 2, 1, 4]


def test_a_scan_of_which_all_trials_failed_is_an_error_that_tells_why():
    with pytest.raises(JetlineError, match=r"all 4 trials failed.*loss nan"):
        conclude("pfn", ENTRY, SCAN, trials(None, None, None, None))


def test_what_mattered_in_a_grid_is_the_spread_of_the_means_of_each_value():
    assert grid_importances(SPACE, trials(1.0, 1.0, 3.0, 3.0)) == {
        "learning_rate": 1.0,
        "training.schedule": 0.0,
    }
    shares = grid_importances(SPACE, trials(1.0, 2.0, 3.0, 4.0))
    assert shares["learning_rate"] == pytest.approx(0.8)
    assert grid_importances(SPACE, trials(1.0, 1.0, 1.0, 1.0)) == {}


def test_the_files_of_a_scan_are_a_result_a_table_and_text_to_paste(tmp_path):
    paths = []
    for trial in trials(0.5, 0.45, None, 0.6):
        paths.append(tmp_path / f"{trial.number}.json")
        trial.write(paths[-1])
    write_conclusion("pfn", ENTRY, SCAN, paths[::-1], tmp_path)
    best = {"learning_rate": 0.001, "training.schedule": "cosine"}
    assert ChosenValues.read(tmp_path / "best.json").values == {"pfn": best}
    record = ScanRecord.read(tmp_path / "scan.json")
    assert record.best_trial.values == best
    rows = list(csv.DictReader((tmp_path / "trials.csv").read_text().splitlines()))
    assert [row["trial"] for row in rows] == ["2", "1", "4", "3"]
    assert rows[0]["training.schedule"] == "cosine"
    assert rows[-1]["failure"].startswith("training, epoch 1")
    text = yaml.safe_load((tmp_path / "best.yaml").read_text())
    values = {
        "run": "pasted",
        "datasets": {"jets": {"source": "sample"}},
        "train_on": "jets",
        "test_on": ["jets"],
    }
    pasted = read_configuration(values | text).architectures["pfn"].model_dump()
    assert pasted["learning_rate"] == 0.001
    assert pasted["training"]["schedule"] == "cosine"
    assert pasted["training"]["clip"] == 1.0


def test_values_are_put_over_an_entry_whatever_form_its_training_has():
    assert with_values({"epochs": 2}, {"training.clip": 1.0}) == {
        "epochs": 2,
        "training": {"clip": 1.0},
    }
    published = with_values({"training": "published"}, {"training.clip": 1.0, "epochs": 3})
    assert published == {"training": {"recipe": "published", "clip": 1.0}, "epochs": 3}
    assert with_values({"training": {"clip": 1.0}}, {"training": "published"}) == {
        "training": "published"
    }


def test_a_grid_counts_its_last_key_first():
    assert grid_points({"a": [1, 2], "b": ["x", "y"]}) == [
        {"a": 1, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 2, "b": "x"},
        {"a": 2, "b": "y"},
    ]
