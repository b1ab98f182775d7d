"""The command `export`, and the examples of docs/export.md."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (pip install -e '.[onnx]')")

from exported import network, run, tagger
from jetline.cli.main import main
from jetline.records.training import TRAINING
from jetline.training.job import write_model


@pytest.fixture(scope="module")
def training(tmp_path_factory):
    """The folder of a tagger."""
    folder = tmp_path_factory.mktemp("pfn")
    settings, model = network("pfn", {})
    write_model(model, folder / "model.keras")
    tagger(settings).write(folder / TRAINING)
    return folder


@pytest.fixture(scope="module")
def exported(training, tmp_path_factory):
    path = tmp_path_factory.mktemp("onnx") / "tagger.onnx"
    assert main(["export", "--training", str(training), "--output", str(path)]) == 0
    return path


def test_the_file_says_what_it_is(exported):
    import onnx

    model = onnx.load(exported)
    told = {one.key: one.value for one in model.metadata_props}
    assert json.loads(told["classes"]) == ["gluon", "quark"]
    assert json.loads(told["input"])["columns"] == ["pT", "rapidity", "azimuth", "PDG id"]
    assert json.loads(told["input"])["units"] == ["GeV", "", "rad", ""]
    assert told["identity"] == "full"
    assert told["training"] == "0"
    assert model.producer_name == "jetline"
    (given,) = model.graph.input
    axes = [axis.dim_param or axis.dim_value for axis in given.type.tensor_type.shape.dim]
    assert axes == ["jets", "constituents", 4]


def test_the_command_says_what_the_model_takes(training, tmp_path, capsys):
    told = ["--output", str(tmp_path / "t.onnx"), "--precision", "float64"]
    assert main(["export", "--training", str(training), *told]) == 0
    assert "takes jets (jets, constituents, 4) float64: pT [GeV]" in capsys.readouterr().out


def test_a_tagger_that_is_not_there_is_told(tmp_path, capsys):
    assert main(["export", "--training", str(tmp_path), "--output", str(tmp_path / "t.onnx")]) == 1
    assert "training.json" in capsys.readouterr().err
    assert not (tmp_path / "t.onnx").exists()


def test_the_example_in_python_runs(root, training, exported, bundled, tmp_path):
    (example,) = re.findall(
        r"```python\n(.*?)```", (root / "docs/export.md").read_text(), re.DOTALL
    )
    few = tmp_path / "jets.npz"
    with np.load(bundled[0], allow_pickle=False) as archive:
        np.savez(few, X=archive["X"][:250], y=archive["y"][:250])
    told = [sys.executable, "-c", example, exported, few]
    printed = subprocess.run(told, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "pfn of ['gluon', 'quark'] takes jets" in printed.stdout
    scored = tmp_path / "scores.npz"
    assert main(["score", str(few), "--training", str(training), "--output", str(scored)]) == 0
    with np.load(scored, allow_pickle=False) as archive:
        expected = archive["scores"]
    np.testing.assert_allclose(np.load(tmp_path / "scores.npy"), expected, rtol=0, atol=1e-5)


def test_the_example_in_cpp_runs(root, training, exported, jets, tmp_path):
    (example,) = re.findall(r"```cpp\n(.*?)```", (root / "docs/export.md").read_text(), re.DOTALL)
    (tmp_path / "score.cpp").write_text(example)
    told = ["g++", "-std=c++17", "score.cpp", "-o", "score", "-lonnxruntime"]
    here = shutil.which("g++")
    if not here or subprocess.run(told, cwd=tmp_path, capture_output=True, check=False).returncode:
        pytest.skip("g++ finds no headers or library of onnxruntime")
    few = jets[0][:20].astype(np.float32)
    few.tofile(tmp_path / "jets.bin")
    command = ["./score", exported, "jets.bin", str(few.shape[1])]
    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    scores = np.array(printed.stdout.split(), float)
    np.testing.assert_allclose(scores, run(exported.read_bytes(), few)[0], rtol=0, atol=1e-5)
