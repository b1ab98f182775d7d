"""One complete run of a tiny configuration, and what each change runs again."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import mlflow
import numpy as np
import pytest
import yaml

from checkout import TINY, Checkout
from jetline.core.attempts import latest_attempt

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

#: Rules that follow where a figure or a picture changes.
TRACKING = {"track", "track_comparison"}


@pytest.fixture(scope="module")
def checkout(root, bundled, tmp_path_factory) -> Checkout:
    """A checkout whose tiny configuration has run once."""
    made = Checkout(root, tmp_path_factory.mktemp("checkout"))
    (made.folder / "jets").mkdir()
    for number, path in enumerate(bundled[:2]):
        with np.load(path, allow_pickle=False) as archive:
            few = {name: archive[name][:400] for name in ("X", "y")}
        np.savez_compressed(made.folder / f"jets/few_{number}.npz", **few)
    result = made.snakemake("--configfile", made.configure())
    assert result.returncode == 0, result.stdout
    return made


@pytest.fixture
def tiny(checkout) -> tuple[str, Path]:
    return "--configfile", checkout.configure()


def architectures(**changed) -> dict:
    return {"architectures": TINY["architectures"] | changed}


def rules(jobs) -> set[str]:
    return {job[0] for job in jobs}


def sharded(jobs) -> set[str]:
    """Kinds of inputs of which shards are made."""
    return {job[2].split("/")[0] for job in jobs if job[0] == "shard_jets"}


def results(checkout) -> Path:
    return checkout.folder / "results/runs/tiny"


def test_a_run_leaves_all_that_was_promised(checkout):
    run = results(checkout)
    for label in ("cnn", "pfn"):
        training = run / f"trainings/{label}/seed-1"
        facts = json.loads((training / "training.json").read_text())
        assert (training / "model.keras").stat().st_size > 0
        assert len((training / "history.csv").read_text().splitlines()) == 1 + facts["epochs"]
        assert facts["mlflow_run_id"]
        with np.load(run / f"predictions/{label}/seed-1/few.npz", allow_pickle=False) as scored:
            assert set(scored.files) == {
                "labels",
                "scores",
                "jets",
                "files",
                "file_names",
                "training",
                "classes",
            }
            assert 30 < len(scored["scores"]) < 140
            tested = {*zip(scored["files"].tolist(), scored["jets"].tolist(), strict=True)}
        validation = run / f"predictions/{label}/seed-1/validation/scores.npz"
        with np.load(validation, allow_pickle=False) as scored:
            assert len(scored["scores"]) > 30
            validated = {*zip(scored["files"].tolist(), scored["jets"].tolist(), strict=True)}
        assert not tested & validated
        metrics = json.loads((run / f"evaluation/{label}/seed-1/few/metrics.json").read_text())
        assert set(metrics["figures"]) == {
            "accuracy",
            "auc",
            "rejection_50",
            "rejection_30",
            "log_loss",
        }
    assert {path.name for path in (run / "validation/few").iterdir()} == {
        "validation.json",
        "validation.csv",
        "distributions.png",
        "distributions.pdf",
    }
    assert {path.name for path in (run / "examination/few").iterdir()} == {
        "examination.json",
        "working-points.csv",
        "calibrations.csv",
        "improvements.csv",
        "bins.csv",
        "ensembles.csv",
        "correlations.csv",
    }
    page = (run / "report.html").read_text()
    assert "ParticleNet" in page
    assert "Working points" in page
    assert "Jets of few" in page
    linked = set(re.findall(r'(?:src|href)="(?!data:|https://|#)([^"]*)', page))
    assert {"images.html", "comparison/comparison.tex", "comparison/figures.npz"} <= linked
    assert {"images/notebook.npz", "images/notebook.pdf"} <= linked
    assert {"examination/few/examination.json", "examination/few/bins.csv"} <= linked
    assert all((run / path).is_file() for path in linked)
    images = (run / "images.html").read_text()
    assert "Recipe notebook" in images
    assert not re.search(r'(src|href)="(?!data:|#)', images)
    assert {path.name for path in (run / "images").iterdir()} == {
        f"notebook.{kind}" for kind in ("png", "pdf", "npz")
    }
    assert (checkout.folder / "results/mlflow.db").exists()
    assert not list((run / "checkpoints").rglob("model.keras"))


def test_training_and_test_jets_are_disjoint(checkout):
    with np.load(results(checkout) / "split/few.npz", allow_pickle=False) as split:
        parts = split["parts"]
        ends = np.cumsum(split["counts"])
    with np.load(
        results(checkout) / "predictions/pfn/seed-1/few.npz", allow_pickle=False
    ) as scored:
        rows = scored["jets"] + np.concatenate([[0], ends[:-1]])[scored["files"]]
    assert np.all(parts[rows] == 2)
    assert len(rows) == np.sum(parts == 2)


def test_a_second_run_finds_nothing_to_do(checkout, tiny):
    assert checkout.planned(*tiny) == set()


def test_a_jet_file_replaced_by_an_older_one_is_made_anew(checkout, tiny):
    path = checkout.folder / "jets/few_0.npz"
    before = path.read_bytes(), path.stat().st_mtime
    with np.load(path, allow_pickle=False) as archive:
        constituents, labels = archive["X"], archive["y"]
    try:
        np.savez_compressed(path, X=constituents[::-1], y=labels[::-1])
        os.utime(path, (1e9, 1e9))  # as `cp -p`, `rsync -a` and `tar x` leave it
        jobs = checkout.planned(*tiny)
    finally:
        path.write_bytes(before[0])
        os.utime(path, (before[1], before[1]))
    (again,) = (job for job in jobs if job[0] == "check_jets")
    assert again[2].startswith("few_0-")
    assert {"shard_jets", "measure_jets", "split_jets", "train", "predict"} <= rules(jobs)
    assert checkout.planned(*tiny) == set()


def test_a_jet_file_replaced_by_an_older_copy_of_itself_reruns_nothing(checkout, tiny):
    path = checkout.folder / "jets/few_0.npz"
    before = path.stat().st_mtime
    os.utime(path, (1e9, 1e9))
    try:
        assert checkout.planned(*tiny) == set()
    finally:
        os.utime(path, (before, before))


def test_a_hyperparameter_retrains_that_architecture_alone(checkout):
    changed = checkout.configure(
        "hyper", **architectures(pfn={**TINY["architectures"]["pfn"], "learning_rate": 0.002})
    )
    jobs = checkout.planned("--configfile", changed)
    assert {job for job in jobs if job[0] == "train"} == {("train", "pfn", "1")}
    assert {job for job in jobs if job[0] in ("predict", "track")} == {
        ("predict", "pfn", "1"),
        ("track", "pfn", "1"),
    }
    assert not rules(jobs) & {"check_jets", "shard_jets", "split_jets"}
    assert not rules(jobs) & {"measure_jets", "validate_dataset"}


def test_another_backend_trains_everything_anew_and_makes_no_inputs(checkout):
    jobs = checkout.planned("--configfile", checkout.configure("jax", backend="jax"))
    trained = {("train", "cnn", "1"), ("train", "pfn", "1")}
    assert {job for job in jobs if job[0] == "train"} == trained
    assert {job for job in jobs if job[0] == "predict"} == {
        ("predict", *one[1:]) for one in trained
    }
    assert not rules(jobs) & {"check_jets", "shard_jets", "split_jets", "measure_jets"}


def test_a_new_seed_trains_only_itself(checkout):
    jobs = checkout.planned("--configfile", checkout.configure("seeds", seeds=[1, 2]))
    assert {job for job in jobs if job[0] == "train"} == {
        ("train", "cnn", "2"),
        ("train", "pfn", "2"),
    }
    assert "shard_jets" not in rules(jobs)


def test_a_change_in_the_imaging_reruns_what_eats_images(checkout, tiny):
    with checkout.changed(
        "src/jetline/inputs/kinds/images/imaging.py", append="\nCHANGED = True\n"
    ):
        jobs = checkout.planned(*tiny)
    assert {job[:2] for job in jobs if job[0] == "train"} == {("train", "cnn")}
    assert sharded(jobs) == {"images"}
    assert not rules(jobs) & {"check_jets", "split_jets"}


def test_a_recipe_of_ones_own_images_and_trains_itself_alone_and_anew_when_it_changes(checkout):
    folders = []
    for pixels in (16, 24):
        own = architectures(own={"architecture": "cnn", "inputs": "images/mine"})
        changed = checkout.configure("recipe", recipes={"mine": {"pixels": pixels}}, **own)
        jobs = checkout.planned("--configfile", changed)
        folders.append({job[2] for job in jobs if job[0] == "shard_jets"})
        assert {job for job in jobs if job[0] == "train"} == {("train", "own", "1")}
    for folder in folders:
        (name,) = folder
        assert name.startswith("images/mine-")
    assert folders[0] != folders[1]


def test_a_change_in_the_evaluation_retrains_nothing(checkout, tiny):
    with checkout.changed("src/jetline/evaluation/metrics.py", append="\nCHANGED = True\n"):
        jobs = checkout.planned(*tiny)
    assert "evaluate" in rules(jobs)
    assert not rules(jobs) & {"train", "predict", "shard_jets"}


def test_a_change_in_the_observables_measures_again_and_trains_nothing(checkout, tiny):
    with checkout.changed("src/jetline/observables/simple.py", append="\nCHANGED = True\n"):
        jobs = checkout.planned(*tiny)
    measured = {"measure_jets", "validate_dataset", "examine_taggers"}
    assert rules(jobs) == {*measured, "draw_comparison", "html_report", "track_comparison"}


def test_a_tagger_of_observables_has_them_measured_and_cut(checkout, tiny):
    measured = {"cut_observables"}
    changed = checkout.configure("boosted", **architectures(observables={"epochs": 5}))
    jobs = checkout.planned("--configfile", changed)
    assert measured <= rules(jobs)
    assert sharded(jobs) == {"observables"}
    assert {job for job in jobs if job[0] == "train"} == {("train", "observables", "1")}
    assert not rules(jobs) & {"check_jets", "measure_jets"}
    everything = checkout.planned(*tiny, "--forceall")
    assert not measured & rules(everything)
    assert "observables" not in sharded(everything)


def test_a_change_in_an_architecture_retrains_it_alone(checkout, tiny):
    with checkout.changed("src/jetline/models/pfn.py", append="\nCHANGED = True\n"):
        jobs = checkout.planned(*tiny)
    assert {job for job in jobs if job[0] == "train"} == {("train", "pfn", "1")}


@pytest.mark.parametrize(
    "name", ["inputs/kinds/images/imaging.py", "training/loop.py", "core/files.py"]
)
def test_a_comment_reruns_nothing(checkout, tiny, name):
    with checkout.changed(f"src/jetline/{name}", append="\n# a comment\n"):
        assert checkout.planned(*tiny) == set()


def test_a_change_that_a_comment_hides_would_have_rerun_something(checkout, tiny):
    with checkout.changed("src/jetline/core/files.py", append="\nCHANGED = True\n"):
        assert {"shard_jets", "train", "evaluate"} <= rules(checkout.planned(*tiny))


def test_a_new_architecture_trains_only_itself(checkout):
    source = checkout.folder / "src/jetline/models/pfn.py"
    added = source.with_name("pfn_wide.py")
    added.write_text(source.read_text().replace('"pfn"', '"pfn-wide"'))
    try:
        changed = checkout.configure("added", **architectures(**{"pfn-wide": {"epochs": 1}}))
        jobs = checkout.planned("--configfile", changed)
    finally:
        added.unlink()
    assert {job for job in jobs if job[0] == "train"} == {("train", "pfn-wide", "1")}
    assert "shard_jets" not in rules(jobs)


def test_a_new_figure_of_merit_reruns_evaluation_alone(checkout, tiny):
    folder = checkout.folder / "src/jetline/evaluation/figures_of_merit"
    added = folder / "rejection_80.py"
    added.write_text((folder / "rejection_50.py").read_text().replace("(0.5, place=3)", "(0.8, 6)"))
    try:
        jobs = checkout.planned(*tiny)
    finally:
        added.unlink()
    expected = {"evaluate", "examine_taggers", "compare", "draw_comparison", "html_report"}
    assert rules(jobs) == expected | TRACKING


def test_another_colour_draws_again_and_computes_nothing(checkout, tiny):
    with checkout.changed("src/jetline/report/plots.py", append="\nCHANGED = True\n"):
        assert rules(checkout.planned(*tiny)) == {"draw_comparison", "html_report"} | TRACKING
    with checkout.changed("src/jetline/report/style.py", append="\nCHANGED = True\n"):
        jobs = checkout.planned(*tiny)
    drawing = {"draw_comparison", "validate_dataset", "show_images", "html_report"}
    assert rules(jobs) == drawing | TRACKING


def test_a_second_configuration_on_the_same_jets_images_nothing_again(checkout):
    other = checkout.configure("other", run="other", seed=5)
    jobs = checkout.planned("--configfile", other)
    assert not rules(jobs) & {"check_jets", "measure_jets", "shard_jets"}
    assert {"split_jets", "train", "validate_dataset"} <= rules(jobs)


def test_another_test_dataset_retrains_nothing(checkout, bundled):
    folder = checkout.folder / "elsewhere"
    folder.mkdir(exist_ok=True)
    with np.load(bundled[2], allow_pickle=False) as archive:
        few = {name: archive[name][:200] for name in ("X", "y")}
    np.savez_compressed(folder / "more.npz", **few)
    datasets = TINY["datasets"] | {"more": {"source": "files", "paths": ["elsewhere/more.npz"]}}
    changed = checkout.configure("more", datasets=datasets, test_on=["few", "more"])
    jobs = checkout.planned("--configfile", changed)
    assert "train" not in rules(jobs)
    assert ("split_jets", "more") in jobs
    assert ("evaluate", "pfn", "1", "more") in jobs
    assert {job for job in jobs if job[0] == "validate_dataset"} == {("validate_dataset", "more")}


def test_a_dataset_that_is_a_copy_of_trained_jets_is_refused(checkout):
    folder = checkout.folder / "copies"
    folder.mkdir(exist_ok=True)
    shutil.copy(checkout.folder / "jets/few_0.npz", folder / "same.npz")
    datasets = TINY["datasets"] | {"copy": {"source": "files", "paths": ["copies/same.npz"]}}
    changed = checkout.configure("copy", datasets=datasets, test_on=["few", "copy"])
    result = checkout.snakemake("results/runs/tiny/split/copy.npz", "--configfile", changed)
    assert result.returncode != 0
    log = (results(checkout) / "logs/split/copy.log").read_text()
    assert "the same constituents as" in log
    assert "Traceback" not in log


def test_a_killed_training_goes_on_where_it_was(checkout):
    slow = {"architecture": "pfn", "epochs": 50, "patience": 50, "phi": [8, 8], "f": [8]}
    changed = checkout.configure("killed", **architectures(long={**slow, "batch_size": 32}))
    target = "results/runs/tiny/trainings/long/seed-1/training.json"
    command = ["snakemake", "--cores", "2", target, "--configfile", str(changed)]
    process = subprocess.Popen(
        command,
        cwd=checkout.folder,
        env=checkout.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    checkpoints = results(checkout) / "checkpoints/long/seed-1"
    deadline = time.monotonic() + 120
    while not list(checkpoints.glob("*/epoch-*/progress.json")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (checkout.folder / target).exists()

    assert checkout.snakemake("--unlock", "--configfile", changed).returncode == 0
    result = checkout.snakemake(target, "--configfile", changed)
    assert result.returncode == 0, result.stdout
    log = (results(checkout) / "logs/train/long/seed-1.log").read_text()
    done = int(re.search(r"going on after epoch (\d+)", log)[1])
    assert log.count("-- attempt of ") == 2
    assert f"epoch {done + 1}/50" in latest_attempt(log)
    assert f"epoch {done}/50" not in latest_attempt(log)
    history = (checkout.folder / target).with_name("history.csv").read_text().splitlines()[1:]
    assert [int(row.split(",")[0]) for row in history] == list(range(1, len(history) + 1))


def test_a_printed_command_can_be_run_by_hand_on_another_backend(checkout, tiny):
    printed = checkout.snakemake(
        *tiny, "--dry-run", "--forcerun", "train", "--printshellcmds"
    ).stdout
    command = re.search(r"(jetline train .*--label pfn.*) >> results", printed)[1]
    command = command.replace("trainings/pfn", "by-hand").replace("checkpoints/pfn", "by-hand")
    other = checkout.run("bash", "-c", command, KERAS_BACKEND="jax")
    assert other.returncode == 1
    assert "jax, where tensorflow is asked for" in other.stdout
    command = command.replace("--backend tensorflow", "--backend jax")
    result = checkout.run("bash", "-c", command, JAX_PLATFORMS="cpu")
    assert result.returncode == 0, result.stdout
    facts = json.loads((results(checkout) / "by-hand/seed-1/training.json").read_text())
    assert "jax" in facts["versions"]
    assert "tensorflow" not in facts["versions"]
    # A checkpoint lies under the key: that of one backend is not continued by another.
    other = json.loads((results(checkout) / "trainings/pfn/seed-1/training.json").read_text())
    assert facts["key"] != other["key"]


def test_own_jets_without_labels_can_be_scored(checkout):
    with np.load(checkout.folder / "jets/few_0.npz", allow_pickle=False) as archive:
        np.savez(checkout.folder / "unlabelled.npz", X=archive["X"][:50])
    for label in ("cnn", "pfn"):
        training = f"results/runs/tiny/trainings/{label}/seed-1"
        result = checkout.run(
            *("jetline", "score", "--training", training, "--output", f"{label}.npz"),
            "unlabelled.npz",
        )
        assert result.returncode == 0, result.stdout
        with np.load(checkout.folder / f"{label}.npz", allow_pickle=False) as scored:
            scores = scored["scores"]
            assert len(scores) == 50
            assert set(scored["labels"]) == {255}
        # Weights are of no backend.
        result = checkout.run(
            *("jetline", "score", "--training", training, "--output", f"{label}-jax.npz"),
            *("--backend", "jax", "unlabelled.npz"),
            JAX_PLATFORMS="cpu",
        )
        assert result.returncode == 0, result.stdout
        with np.load(checkout.folder / f"{label}-jax.npz", allow_pickle=False) as scored:
            assert np.allclose(scored["scores"], scores, atol=1e-5)
            ours = scored["scores"]
        predictions = results(checkout) / f"predictions/{label}/seed-1/few.npz"
        with np.load(predictions, allow_pickle=False) as tested:
            first = (tested["files"] == 0) & (tested["jets"] < 50)
            np.testing.assert_allclose(
                ours[tested["jets"][first]], tested["scores"][first], rtol=1e-4
            )


def test_the_tracked_taggers_take_raw_jets(checkout, monkeypatch):
    tracked = json.loads((results(checkout) / "tracking/comparison.json").read_text())
    monkeypatch.setenv("MLFLOW_TRACKING_URI", tracked["tracking_uri"])
    loaded = {}
    for label in ("cnn", "pfn"):
        training = json.loads((results(checkout) / f"tracking/{label}/seed-1.json").read_text())
        loaded[label] = mlflow.pyfunc.load_model(f"runs:/{training['run_id']}/model")
        predictions = results(checkout) / f"predictions/{label}/seed-1/few.npz"
        with np.load(predictions, allow_pickle=False) as tested:
            first = tested["files"] == 0
            jets, expected = tested["jets"][first], tested["scores"][first]
            # A hash of its path tells a file from another of the same name.
            name = str(tested["file_names"][0]).rpartition("-")[0]
        with np.load(checkout.folder / f"jets/{name}.npz", allow_pickle=False) as archive:
            scores = loaded[label].predict(archive["X"][jets].astype(np.float64))
        np.testing.assert_allclose(scores, expected, rtol=1e-4)
        example = loaded[label].input_example
        assert loaded[label].predict(example).shape == (len(example),)
    best = mlflow.pyfunc.load_model("models:/jetline-tiny@best")
    assert best.metadata.model_id in {one.metadata.model_id for one in loaded.values()}
    # Nothing that is kept has to be unpickled.
    artifacts = [path.name for path in (checkout.folder / "results/mlartifacts").rglob("*.*")]
    assert "MLmodel" in {path.name for path in (checkout.folder / "results/mlartifacts").rglob("*")}
    assert not [name for name in artifacts if name.endswith((".pkl", ".pickle"))]


def test_the_comparison_holds_its_trainings_and_the_report(checkout):
    tracked = json.loads((results(checkout) / "tracking/comparison.json").read_text())
    client = mlflow.MlflowClient(tracked["tracking_uri"])
    runs = {run.info.run_name: run for run in client.search_runs(["1"])}
    # Other tests train another tagger, without a comparison.
    runs.pop("tiny/long/seed-1", None)
    assert set(runs) == {"tiny", "tiny/cnn/seed-1", "tiny/pfn/seed-1"}
    parent = runs.pop("tiny").info.run_id
    assert parent == tracked["run_id"]
    assert {run.data.tags["mlflow.parentRunId"] for run in runs.values()} == {parent}
    artifacts = {one.path for one in client.list_artifacts(parent)}
    assert artifacts == {"comparison", "images.html", "report.html"}
    losses = {name: run.data.metrics["best_validation_loss"] for name, run in runs.items()}
    version = client.get_model_version_by_alias("jetline-tiny", "best")
    assert version.run_id == runs[min(losses, key=losses.__getitem__)].info.run_id
    assert "± " in version.description
    for run in runs.values():
        pictures = {one.path for one in client.list_artifacts(run.info.run_id, "pictures")}
        names = ("learning-curve", "roc-few", "scores-few")
        assert pictures == {f"pictures/{name}.png" for name in names}


def test_snakemakes_own_report_has_every_figure(checkout, tiny):
    result = checkout.snakemake(*tiny, "--report", "report.zip")
    assert result.returncode == 0, result.stdout
    assert (checkout.folder / "report.zip").stat().st_size > 100_000


# The two below are made of what the first run left; what follows them trains again.


def test_taggers_are_explained_where_it_is_asked_for_and_nothing_is_trained_again(checkout):
    few = {"jets": 10, "baselines": 1, "steps": 2}
    asked = "--configfile", checkout.configure("explained", explain=few)
    whole = rules(checkout.planned(*asked))
    assert {"explain", "lund_planes", "show_explanations", "html_report"} <= whole
    assert not whole & {"train", "predict", "evaluate", "compare"}
    one = architectures()
    del one["architectures"]["cnn"]
    alone = "--configfile", checkout.configure("explained", explain=few, **one)
    result = checkout.snakemake("results/runs/tiny/explanations.html", *alone)
    assert result.returncode == 0, result.stdout
    page = (results(checkout) / "explanations.html").read_text()
    assert all(
        told in page for told in ("The jets themselves", 'id="pfn"', "By group of particles")
    )
    explanation = results(checkout) / "explanation/pfn/seed-1/explanation.json"
    assert json.loads(explanation.read_text())["surrogates"]
    drawn = {path.name for path in (results(checkout) / "explanations").glob("*.png")}
    assert drawn == {"jets.lund-planes.png", "pfn-groups.png", "pfn-jets.png"}


def test_taggers_to_take_away_are_made_where_they_are_asked_for(checkout):
    asked = "--configfile", checkout.configure("cards", cards=True)
    assert rules(checkout.planned(*asked)) == {"write_card"}
    folder = results(checkout) / "taggers/pfn/seed-1"
    result = checkout.snakemake("results/runs/tiny/taggers/pfn/seed-1/card.json", *asked)
    assert result.returncode == 0, result.stdout
    metrics = results(checkout) / "evaluation/pfn/seed-1/few/metrics.json"
    card = json.loads((folder / "card.json").read_text())
    (test,) = card["tests"]
    assert test["figures"] == json.loads(metrics.read_text())["figures"]
    assert test["calibration"]["value"] > 0
    assert "paths" not in card["settings"]
    assert checkout.run("jetline", "taggers", folder).stdout.startswith("pfn: quark or gluon")

    # Somewhere else, jets of another window.
    taken = shutil.copytree(folder, checkout.folder / "taken")
    with np.load(checkout.folder / "jets/few_0.npz", allow_pickle=False) as archive:
        soft = archive["X"] * np.float32([0.4, 1, 1, 1])
    np.savez(checkout.folder / "soft.npz", X=soft)
    scored = checkout.run(
        "jetline", "score", "--tagger", taken, "soft.npz", "--output", "s.parquet"
    )
    assert scored.returncode == 0, scored.stdout
    assert "warning: soft.npz: not like the jets" in scored.stdout
    assert "100 % in transverse momentum" in scored.stdout


def test_a_changed_epoch_number_trains_that_alone_and_then_all_is_done(checkout):
    changed = checkout.configure(**architectures(pfn={**TINY["architectures"]["pfn"], "epochs": 2}))
    untouched = results(checkout) / "trainings/cnn/seed-1/model.keras"
    before = untouched.stat().st_mtime_ns
    result = checkout.snakemake("--configfile", changed)
    assert result.returncode == 0, result.stdout
    assert untouched.stat().st_mtime_ns == before
    facts = json.loads((results(checkout) / "trainings/pfn/seed-1/training.json").read_text())
    assert facts["epochs"] == 2
    assert checkout.planned("--configfile", changed) == set()


def test_the_demo_does_not_leak_into_another_configuration(checkout):
    alone = {**TINY, "architectures": {"pfn": {}}, "run": "alone"}
    path = checkout.folder / "alone.yaml"
    path.write_text(yaml.safe_dump(alone))
    jobs = checkout.planned("--configfile", path)
    assert {job for job in jobs if job[0] == "train"} == {("train", "pfn", "1")}
