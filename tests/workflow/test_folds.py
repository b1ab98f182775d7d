"""With folds every jet is scored by a tagger that has neither trained nor been chosen on it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from checkout import Checkout
from jetline.core.files import sha256_of
from jetline.inputs.parts import TEST, Parts

if TYPE_CHECKING:
    from pathlib import Path

FOLDS = {
    "run": "dealt",
    "datasets": {
        "few": {"source": "files", "paths": ["jets/a.npz", "jets/b.npz"]},
        "other": {"source": "files", "paths": ["jets/c.npz"]},
    },
    "test_on": ["few", "other"],
    "folds": 3,
    "architectures": {
        "observables": {"epochs": 5},
        "pfn": {"epochs": 1, "batch_size": 64, "phi": [8], "f": [8]},
    },
}


@pytest.fixture(scope="module")
def checkout(root, bundled, tmp_path_factory) -> Checkout:
    made = Checkout(root, tmp_path_factory.mktemp("checkout"))
    (made.folder / "jets").mkdir()
    with np.load(bundled[0], allow_pickle=False) as archive:
        jets = {name: archive[name] for name in ("X", "y")}
    for name, chosen in {"a": (0, 150), "b": (150, 300), "c": (300, 400)}.items():
        few = {key: array[slice(*chosen)] for key, array in jets.items()}
        np.savez_compressed(made.folder / f"jets/{name}.npz", **few)
    return made


@pytest.fixture(scope="module")
def trained(checkout) -> Path:
    """The run's folder, with everything made."""
    configuration = checkout.configure("dealt", **FOLDS)
    result = checkout.snakemake("--configfile", configuration)
    assert result.returncode == 0, result.stdout
    return checkout.folder / "results/runs/dealt"


def test_each_fold_is_a_training_and_what_follows_sees_one(checkout):
    jobs = checkout.planned("--configfile", checkout.configure("planned", **FOLDS | {"run": "new"}))
    of = {rule: [job[1:] for job in jobs if job[0] == rule] for rule in {job[0] for job in jobs}}
    each = {(label, "1", str(fold)) for label in FOLDS["architectures"] for fold in range(3)}
    assert {*of["train"]} == {*of["predict"]} == each
    assert {*of["join_folds"]} == {*of["track"]} == {("observables", "1"), ("pfn", "1")}
    assert of["split_jets"] == [("other",)]
    assert len(of["split_into_folds"]) == 1


def test_without_folds_the_plan_is_as_it_was(checkout):
    one, plain = (
        checkout.configure("one", **FOLDS | {"folds": 1}),
        checkout.configure("plain", **{k: v for k, v in FOLDS.items() if k != "folds"}),
    )
    told = checkout.snakemake("--dry-run", "--printshellcmds", "--configfile", one).stdout
    assert "jetline train" in told
    assert "fold-" not in told
    assert " --fold" not in told
    jobs = checkout.planned("--configfile", one)
    assert jobs == checkout.planned("--configfile", plain)
    trainings = {(label, "1") for label in FOLDS["architectures"]}
    assert {job[1:] for job in jobs if job[0] == "train"} == trainings
    assert not {job[0] for job in jobs} & {"split_into_folds", "join_folds"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"split": {"by": "jet", "train": 0.8}}, "shares (train) beside folds: 3"),
        ({"split": {"by": "file"}}, "at least one file for each, so 2 or fewer"),
    ],
)
def test_what_does_not_go_together_stops_before_anything_runs(checkout, changed, told):
    configuration = checkout.configure("wrong", **FOLDS | changed)
    result = checkout.snakemake("--dry-run", "--configfile", configuration)
    assert result.returncode == 1
    assert told in result.stdout
    assert "Traceback" not in result.stdout


def scored(path: Path) -> dict[tuple[int, int], float]:
    """Score of each jet, by its file and number there."""
    with np.load(path, allow_pickle=False) as archive:
        places = zip(archive["files"].tolist(), archive["jets"].tolist(), strict=True)
        return dict(zip(places, archive["scores"].tolist(), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("label", FOLDS["architectures"])
def test_every_jet_is_scored_by_a_tagger_that_has_not_seen_it(trained, label):
    joint = scored(trained / f"predictions/{label}/seed-1/few.npz")
    assert {*joint} == {(file, jet) for file in range(2) for jet in range(150)}
    found = {}
    for fold in range(3):
        split = trained / f"split/fold-{fold}/few.npz"
        facts = trained / f"trainings/{label}/seed-1/fold-{fold}/training.json"
        # The split that it was trained by is the one by which its jets test.
        assert json.loads(facts.read_text())["data"]["parts"] == sha256_of(split)
        own = scored(trained / f"predictions/{label}/seed-1/fold-{fold}/few.npz")
        parts = Parts.read(split).parts
        assert {parts[file][jet] for file, jet in own} == {TEST}
        found |= own
    assert found == joint


@pytest.mark.slow
def test_on_another_dataset_the_taggers_are_averaged(trained):
    folder = trained / "predictions/pfn/seed-1"
    joint = scored(folder / "other.npz")
    assert len(joint) == 100
    each = [scored(folder / f"fold-{fold}/other.npz") for fold in range(3)]
    for place, score in joint.items():
        assert score == pytest.approx(np.mean([one[place] for one in each]), abs=1e-6)


@pytest.mark.slow
def test_the_evaluation_is_of_all_jets_and_the_report_says_how(checkout, trained):
    metrics = json.loads((trained / "evaluation/pfn/seed-1/few/metrics.json").read_text())
    assert sum(metrics["jets"]["by_class"].values()) == 300
    cuts = json.loads((trained / "cuts/few.json").read_text())
    assert sum(cuts["jets"].values()) == 300
    examined = json.loads((trained / "examination/few/examination.json").read_text())
    assert sum(examined["jets"].values()) == 300
    report = (trained / "report.html").read_text()
    assert "3 folds by jet: the tagger of each tests on its part, validates on the next" in report
    result = checkout.run("jetline", "result", trained)
    assert "Taggers on the 300 test jets of few" in result.stdout


@pytest.mark.slow
def test_all_taggers_of_a_training_score_new_jets_together(checkout, trained):
    scores = []
    for name in ("", *(f"fold-{fold}" for fold in range(3))):
        told = ("--training", trained / "trainings/pfn/seed-1" / name, "--output", "scores.npz")
        result = checkout.run("jetline", "score", *told, "jets/c.npz")
        assert result.returncode == 0, result.stdout
        scores.append(list(scored(checkout.folder / "scores.npz").values()))
    np.testing.assert_allclose(scores[0], np.mean(scores[1:], axis=0), atol=1e-6)


@pytest.mark.slow
def test_a_second_run_does_nothing(checkout, trained):
    configuration = checkout.configure("dealt", **FOLDS)
    assert checkout.planned("--configfile", configuration) == set()
    written = trained / "configuration.json"
    assert checkout.planned("--configfile", written) == set()
