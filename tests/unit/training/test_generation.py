"""Generative models are trained as taggers are, and draw jet files from their folders."""

from __future__ import annotations

import json

import numpy as np
import pytest

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.jets.reading import open_jets
from jetline.models import read_settings
from jetline.training.checkpoint import Checkpoint
from jetline.training.drawing import Way, Window
from jetline.training.drawn_files import write_drawn
from jetline.training.generation import Generation
from jetline.training.job import write_model
from jetline.training.loop import Jets, Loop
from jetline.training.method import method_for
from jetline.training.trainers.generation import spectra_of
from training_inputs import make_shards, some

CLASSES = ("gluon", "quark")
FLOW = read_settings(
    "flow",
    {
        "architecture": "flow-matching",
        "epochs": 3,
        "batch_size": 64,
        "layers": 1,
        "width": 12,
        "jet_width": 4,
        "species_layers": 1,
        "learning_rate": 0.01,
        "training": {"averaging": 0.9, "clip": 1.0, "augmentation": [{"step": "rotate"}]},
    },
)


@pytest.fixture(scope="module")
def shards(jets, tmp_path_factory):
    return make_shards(tmp_path_factory.mktemp("p"), *jets, "particles")


def trained(shards, folder, **more):
    checkpoint, training = Checkpoint(folder), some(shards, 0)
    spectra = spectra_of(training, FLOW.view, CLASSES)
    with checkpoint.locked():
        jets, method = Jets(training, some(shards, 1)), method_for(FLOW, Generation())
        return Loop(FLOW, method, 1, jets, {"spectra": spectra}, checkpoint).run(**more)


class Killed(BaseException):
    """Ends a training in the middle, as a signal would."""


def test_an_interrupted_training_ends_where_an_uninterrupted_one_does(shards, tmp_path):
    whole = trained(shards, tmp_path / "whole")

    def kill(_row):
        raise Killed

    for _ in range(2):
        with pytest.raises(Killed):
            trained(shards, tmp_path / "parts", on_epoch=kill)
    resumed = trained(shards, tmp_path / "parts")
    for one, other in zip(whole.progress.history, resumed.progress.history, strict=True):
        assert one["loss"] == other["loss"]
        assert one["validation_loss"] == other["validation_loss"]
    for one, other in zip(whole.model.get_weights(), resumed.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    losses = [row["validation_loss"] for row in whole.progress.history]
    assert losses[-1] < losses[0]


def test_a_class_of_too_few_jets_is_an_error(shards):
    sample = some(shards, 0)
    with pytest.raises(JetlineError, match="class strange") as caught:
        spectra_of(sample, FLOW.view, (*CLASSES, "strange"))
    assert "train on more jets" in caught.value.remedy


@pytest.fixture(scope="module")
def folder(shards, tmp_path_factory):
    """Make the folder of a training, as the workflow leaves it."""
    made = tmp_path_factory.mktemp("training")
    write_model(trained(shards, made / "checkpoint").model, made / "model.keras")
    record = {
        "label": "flow",
        "seed": 1,
        "architecture": "flow-matching",
        "inputs": "particles",
        "identity": "full",
        "settings": FLOW.model_dump(mode="json"),
        "run": "r",
        "dataset": "few",
        "data": {"jets": [], "shards": [], "parts": ""},
        "code": "",
        "key": "k",
        "jets": {"train": {"quark": 50, "gluon": 50}, "validation": {}},
        "device": "cpu",
        "host": "",
        "slurm_job": None,
        "versions": {},
        "commit": None,
        "parameters": 1,
        "epochs": 3,
        "best_epoch": 3,
        "seconds": 1.0,
        "jets_per_second": 1.0,
    }
    (made / "training.json").write_text(json.dumps(record))
    return made


def test_a_drawn_file_is_a_jet_file_with_how_it_was_drawn_beside(folder, tmp_path):
    output = tmp_path / "drawn.npz"
    command = ["draw-jets", "--training", str(folder), "--jets", "41", "--steps", "2"]
    command += ["--species-steps", "2", "--output", str(output), "--device", "cpu"]
    assert main(command) == 0
    jets = open_jets(output, CLASSES)
    assert np.bincount(jets.labels).tolist() == [21, 20]
    told = json.loads(output.with_suffix(".json").read_text())
    assert told["trained_on"] == {"dataset": "few", "jets": {"quark": 50, "gluon": 50}}
    assert told["way"] == {"solver": "midpoint", "steps": 2, "species_steps": 2}
    first = np.load(output)["X"]
    assert main([*command, "--file", "1"]) == 0
    assert first.shape != (second := np.load(output)["X"]).shape or not np.allclose(first, second)
    assert main(command) == 0
    np.testing.assert_array_equal(np.load(output)["X"], first)


def test_one_class_in_a_window(folder, tmp_path):
    output = tmp_path / "drawn.npz"
    way, window = Way("euler", 1, 1), Window(None, (25, 60))
    write_drawn(folder, output, 30, seed=1, file=0, way=way, window=window, classes=["quark"])
    with np.load(output) as archive:
        assert (archive["y"] == 1).all()
        counts = (archive["X"][..., 0] > 0).sum(axis=1)
    assert 25 <= counts.min() <= counts.max() <= 60


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--classes", "top"], "classes that the model was trained on: gluon, quark"),
        (["--pt-window", "10,20"], "within 5"),
        (["--pt-window", "510"], "two rising numbers above 0"),
        (["--multiplicity", "1,4000"], "was trained on"),
        (["--jets", "0"], "1 or more"),
        (["--steps", "0"], "1 or more"),
    ],
)
def test_what_cannot_be_drawn_is_one_clear_error(folder, tmp_path, capsys, options, told):
    output = tmp_path / "drawn.npz"
    command = ["draw-jets", "--training", str(folder), "--jets", "4", "--output", str(output)]
    assert main([*command, "--device", "cpu", *options]) == 1
    error = capsys.readouterr().err
    assert told in error
    assert "Traceback" not in error
    assert not list(tmp_path.iterdir())


def test_a_tagger_draws_nothing(folder, tmp_path, capsys):
    record = json.loads((folder / "training.json").read_text()) | {"architecture": "pfn"}
    (tmp_path / "training.json").write_text(json.dumps(record))
    output = str(tmp_path / "drawn.npz")
    command = ["draw-jets", "--training", str(tmp_path), "--jets", "4", "--output", output]
    assert main([*command, "--device", "cpu"]) == 1
    assert "a training of pfn, which draws nothing" in capsys.readouterr().err
