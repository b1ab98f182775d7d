"""Cuts on one observable are chosen on the training part and evaluated like taggers."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.core.files import read_json
from jetline.evaluation import metrics
from jetline.evaluation.cuts import best_cut, figures_of_merit, write_cuts
from jetline.inputs.kinds.observables import COLUMNS, Observables
from jetline.inputs.making import make_shard
from jetline.inputs.parts import TEST, TRAIN
from jetline.inputs.shards import open_shard
from jetline.jets.formats.npz import write_jets
from jetline.report.cuts_table import read_cuts
from split_shards import parts_of


@pytest.fixture(scope="module")
def run(jets, tmp_path_factory):
    """Split and shards of two files, in an order that is not the alphabet's, and the cuts."""
    folder = tmp_path_factory.mktemp("cuts")
    files, shards, parts = ["b", "a"], [], []
    for number, name in enumerate(files):
        chosen = slice(300 * number, 300 * (number + 1))
        write_jets(folder / f"{name}.npz", jets[0][chosen], jets[1][chosen])
        make_shard(Observables(), folder / f"{name}.npz", folder / name)
        shards.append(folder / name)
        parts.append(np.where(np.arange(300) % 3 == 0, TEST, TRAIN).astype(np.uint8))
    parts_of(shards, parts).write(folder / "parts.npz")
    told = ([folder / "parts.npz"], shards)
    write_cuts(told, told, "few", 7, folder / "cuts.json")
    return folder, shards, parts


def part(run, chosen) -> tuple[np.ndarray, np.ndarray]:
    """Table and labels of a part, files in alphabetical order."""
    _, shards, parts = run
    opened = [
        (open_shard(shard), rows == chosen) for shard, rows in zip(shards, parts, strict=True)
    ]
    opened.reverse()
    return (
        np.concatenate([shard.arrays["observables"][rows] for shard, rows in opened]),
        np.concatenate([shard.labels[rows] for shard, rows in opened]),
    )


def test_every_observable_has_the_area_under_its_own_curve(run):
    table, labels = part(run, TEST)
    content = read_json(run[0] / "cuts.json")
    assert [row["observable"] for row in content["rows"]] == list(COLUMNS)
    for column, row in enumerate(content["rows"]):
        sign = -1 if row["below"] else 1
        expected = roc_auc_score(labels, sign * table[:, column])
        assert row["figures"]["auc"]["value"] == pytest.approx(expected, abs=1e-12)
        assert set(row["figures"]) == set(figures_of_merit())
        assert set(row["figures"]) == {"accuracy", "auc", "rejection_50", "rejection_30"}
    assert content["jets"] == {"quark": labels.sum(), "gluon": (labels == 0).sum()}


def test_accuracy_is_that_of_the_cut_as_written(run):
    table, labels = part(run, TEST)
    for column, row in enumerate(read_json(run[0] / "cuts.json")["rows"]):
        values = table[:, column]
        quark = values <= row["threshold"] if row["below"] else values >= row["threshold"]
        expected = np.mean(quark == (labels == 1))
        assert row["figures"]["accuracy"]["value"] == pytest.approx(expected, abs=1e-12)


def test_the_cut_is_the_best_of_the_training_part_alone(run):
    table, labels = part(run, TRAIN)
    for column, row in enumerate(read_json(run[0] / "cuts.json")["rows"]):
        values = table[:, column].astype(float)
        sign = -1 if row["below"] else 1

        def accuracy(threshold, values=sign * values):
            return np.mean((values >= threshold) == (labels == 1))

        best = max(accuracy(threshold) for threshold in sign * values)
        assert accuracy(sign * row["threshold"]) == best
    assert read_json(run[0] / "cuts.json")["rows"][0]["below"]  # gluon jets have more particles


def test_errors_are_from_the_resamples_that_taggers_share(run):
    table, labels = part(run, TEST)
    row = read_json(run[0] / "cuts.json")["rows"][0]
    assert set(COLUMNS) >= {row["observable"]} == {"multiplicity"}
    # Any rising function of the observable has the same areas in the same resamples.
    scores = 1 / (1 + table[:, 0].astype(float))
    expected = metrics.evaluate(labels, scores, 7, "few").estimates
    for name in ("auc", "rejection_50", "rejection_30"):
        assert row["figures"][name]["low"] == pytest.approx(expected[name].low, abs=1e-12)
        assert row["figures"][name]["high"] == pytest.approx(expected[name].high, abs=1e-12)


def parts_by_class(run, folder, quark: int, gluon: int):
    """Another split of the same shards, which puts each class into one part."""
    _, shards, _ = run
    parts = [np.where(open_shard(shard).labels == 1, quark, gluon) for shard in shards]
    parts_of(shards, [part.astype(np.uint8) for part in parts]).write(folder / "parts.npz")
    return folder / "parts.npz", shards


def test_test_jets_of_one_class_have_the_efficiency_of_each_cut(run, tmp_path, capsys):
    parts, shards = parts_by_class(run, tmp_path, quark=TEST, gluon=TRAIN)
    told = ["--trained-parts", run[0] / "parts.npz", "--trained-shards", *shards]
    told += ["--parts", parts, "--shards", *shards, "--dataset", "few"]
    told += ["--configuration-seed", "7", "--output", tmp_path / "cuts.json"]
    assert main(["cut", *map(str, told)]) == 0
    assert "few holds quark jets alone: AUC and 1/ε_g need both classes." in capsys.readouterr().out
    content = json.loads((tmp_path / "cuts.json").read_text(), parse_constant=pytest.fail)
    opened = list(map(open_shard, shards))
    for column, row in enumerate(content["rows"]):
        values = np.concatenate(
            [shard.arrays["observables"][:, column][shard.labels == 1] for shard in opened]
        )
        passing = values <= row["threshold"] if row["below"] else values >= row["threshold"]
        figures = row["figures"]
        assert figures.pop("accuracy")["value"] == pytest.approx(passing.mean())
        assert {value for one in figures.values() for value in one.values()} == {None}
    _, lines = read_cuts(tmp_path / "cuts.json")
    assert [line.name for line in lines] == list(COLUMNS)
    assert {line.cells["auc"] for line in lines} == {"–"}


@pytest.mark.parametrize(
    ("which", "quark", "gluon", "told"),
    [(0, TRAIN, TEST, "train part"), (1, TRAIN, TRAIN, "test part")],
)
def test_a_cut_needs_both_classes_to_be_chosen_and_jets_to_be_tested(
    run, tmp_path, which, quark, gluon, told
):
    both = [([run[0] / "parts.npz"], run[1])] * 2
    parts, shards = parts_by_class(run, tmp_path, quark, gluon)
    both[which] = [parts], shards
    with pytest.raises(JetlineError, match=told):
        write_cuts(*both, "few", 7, tmp_path / "cuts.json")
    assert not (tmp_path / "cuts.json").exists()


def test_where_nothing_tells_the_classes_apart_there_is_a_cut_all_the_same():
    below, threshold = best_cut(np.array([0, 1, 0, 1]), np.ones(4))
    assert (below, threshold) == (False, 1.0)


def test_a_reader_sees_the_best_first_with_units(run):
    rows = read_cuts(run[0] / "cuts.json")[1]
    areas = [float(row.cells["auc"].split()[0]) for row in rows]
    assert areas == sorted(areas, reverse=True)
    (mass,) = [row for row in rows if row.name == "mass"]
    assert re.fullmatch(r"≤ [\d.]+ GeV", mass.quarks)
    assert all(re.fullmatch(r"0\.\d+ ± 0\.\d+", row.cells["auc"]) for row in rows)


def test_with_folds_each_jet_is_judged_by_the_cut_of_its_fold(run, tmp_path):
    _, shards, _ = run
    folds = np.arange(300) % 3
    paths = []
    for fold in range(3):
        part = np.where(folds == fold, TEST, TRAIN).astype(np.uint8)
        paths.append(tmp_path / f"fold-{fold}.npz")
        parts_of(shards, [part] * len(shards)).write(paths[-1])
    record = write_cuts((paths, shards), (paths, shards), "few", 7, tmp_path / "cuts.json")
    assert sum(record.jets.values()) == 600
    opened = [open_shard(shard) for shard in reversed(shards)]
    table = np.concatenate([shard.arrays["observables"] for shard in opened])
    labels = np.concatenate([shard.labels for shard in opened])
    of_jets = np.concatenate([folds, folds])
    for column, row in enumerate(record.rows):
        right, places = 0, []
        for fold in range(3):
            tested, values = of_jets == fold, table[:, column]
            below, place = best_cut(labels[~tested], values[~tested])
            quark = values[tested] <= place if below else values[tested] >= place
            right += np.sum(quark == (labels[tested] == 1))
            places += [place] if below == row.below else []
        assert row.figures["accuracy"].value == pytest.approx(right / 600)
        assert row.threshold == np.median(places)


def test_on_another_dataset_the_cuts_of_all_folds_are_averaged(run, tmp_path):
    folder, shards, _ = run
    same = [folder / "parts.npz"]
    one = write_cuts((same, shards), (same, shards), "few", 7, tmp_path / "one.json")
    three = write_cuts((same * 3, shards), (same, shards), "few", 7, tmp_path / "three.json")
    assert one == three
