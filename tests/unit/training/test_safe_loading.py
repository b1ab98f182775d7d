"""A tagger from a stranger runs no code of theirs: a trap that is sprung would leave a file."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from pathlib import Path

import h5py
import keras
import pytest

from jetline import models
from jetline.core.errors import JetlineError
from jetline.models import register_layers
from jetline.models.architecture import Network
from jetline.records.training import TRAINING, ForeignTagger
from jetline.training.prediction import load_training
from jetline.training.safe_loading import load_safely


@pytest.fixture
def tagger(tmp_path):
    """The folder of a tagger of images, as a stranger may have changed it."""
    folder = tmp_path / "tagger"
    ForeignTagger(
        label="cnn",
        architecture="cnn",
        inputs="images/notebook",
        identity="none",
        settings={"batch_size": 128},
        weights={"file": "net.pt", "sha256": "0"},
    ).write(folder / TRAINING)
    network().save(folder / "model.keras")
    return folder


def network():
    return models.read_settings("cnn", {}).build({"shape": [28, 28, 1]})


def members(folder):
    with zipfile.ZipFile(folder / "model.keras") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(folder, content, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(folder / "model.keras", "w", compression) as archive:
        for name, data in content.items():
            archive.writestr(name, data)


def change(folder, edit):
    """Change the description of the network."""
    content = members(folder)
    config = json.loads(content["config.json"])
    edit(config)
    rewrite(folder, content | {"config.json": json.dumps(config)})


def first_layer(config):
    return next(one for one in config["config"]["layers"] if one["class_name"] == "Conv2D")


def refused(folder, told):
    with pytest.raises(JetlineError, match=told) as error:
        load_training(folder)
    assert error.value.where == str(folder / "model.keras")


def test_an_untouched_one_is_loaded(tagger):
    assert load_training(tagger)[0].name == "cnn"


def test_a_lambda_is_refused(tagger, tmp_path):
    mark = tmp_path / "mark"
    inputs = keras.Input((28, 28, 1), name="images")

    def trap(x, place=str(mark)):
        open(place, "w").close()  # noqa: PTH123 - runs without what is imported here
        return x

    x = keras.layers.Lambda(trap)(inputs)
    keras.Model({"images": inputs}, keras.layers.Flatten()(x)).save(tagger / "model.keras")
    mark.unlink(missing_ok=True)
    refused(tagger, "Lambda")
    assert not mark.exists()


TRAPS = {
    "a registered name of another package": {
        "class_name": "Trap",
        "module": "strangers",
        "registered_name": "strangers>Trap",
    },
    "a module that is imported": {"class_name": "Trap", "module": "trap", "registered_name": None},
    "a module of Keras' packages": {"class_name": "Trap", "module": "keras_hub.trap"},
    "a name of ours that is none": {
        "class_name": "T",
        "module": "j",
        "registered_name": "jetline>T",
    },
    "a marshalled lambda": {"class_name": "__lambda__", "config": {"value": "4wEAAAA="}},
    "a marshalled lambda by a name of ours": {
        "class_name": "__lambda__",
        "config": {"value": "4wEAAAA="},
        "registered_name": "jetline>Gelu",
    },
    "a function by a name of ours": {
        "class_name": "function",
        "module": "keras_hub.trap",
        "config": "Trap",
        "registered_name": "jetline>Gelu",
    },
    "a saved TensorFlow program": {"class_name": "TFSMLayer", "module": "keras.layers"},
    "a function of a module": {"class_name": "function", "module": "os", "config": "system"},
}


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS)
def test_what_no_network_of_ours_has_is_refused(tagger, tmp_path, monkeypatch, trap):
    mark = tmp_path / "mark"
    for name in ("trap.py", "strangers.py", "keras_hub/__init__.py", "keras_hub/trap.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"open({str(mark)!r}, 'w').close()")
    monkeypatch.syspath_prepend(tmp_path)

    @keras.saving.register_keras_serializable("strangers")
    class Trap(keras.layers.Layer):
        def __init__(self, **options):
            mark.touch()
            super().__init__(**options)

    change(tagger, lambda config: first_layer(config).update(trap))
    refused(tagger, "no network of ours has")
    assert not mark.exists()


def test_a_trap_deep_in_a_layers_options_is_refused(tagger):
    trap = {"class_name": "Custom", "module": "os", "config": {}}
    change(tagger, lambda config: first_layer(config)["config"].update(kernel_regularizer=trap))
    refused(tagger, "no network of ours has")


class Touching:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["weights.pkl", "../evil.py", "/etc/evil", "assets/x", "a.npz"])
def test_a_pickle_and_members_of_other_names_are_refused(tagger, tmp_path, name):
    trap = pickle.dumps(Touching(tmp_path / "mark"))
    rewrite(tagger, members(tagger) | {name: trap})
    refused(tagger, "a member that no model")
    assert not (tmp_path / "mark").exists()


def test_a_symbolic_link_in_the_archive_is_refused(tagger):
    content = members(tagger)
    link = zipfile.ZipInfo("model.weights.h5")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tagger / "model.keras", "w") as archive:
        archive.writestr("config.json", content["config.json"])
        archive.writestr(link, "/etc/passwd")
    refused(tagger, "a member that no model")


@pytest.mark.parametrize("name", ["config.json", "model.weights.h5"])
def test_a_zip_bomb_is_refused(tagger, name):
    rewrite(tagger, members(tagger) | {name: bytes(50_000_000)}, zipfile.ZIP_DEFLATED)
    assert (tagger / "model.keras").stat().st_size < 1_000_000
    refused(tagger, "stored in")


# Keras tells of it on the way to its error.
@pytest.mark.filterwarnings("ignore:Skipping nested container")
@pytest.mark.parametrize("chunks", [None, (2**20,)])
def test_weights_that_declare_more_than_they_hold_are_refused(tagger, chunks):
    stream = io.BytesIO(members(tagger)["model.weights.h5"])
    with h5py.File(stream, "r+") as file:
        place = "layers/dense/vars/0"
        del file[place]
        # Without a value, HDF5 stores none: it gives zeros.
        packing = {"chunks": chunks, "compression": "gzip"} if chunks else {}
        file.create_dataset(place, (2**38,), "f4", **packing)
    content = members(tagger) | {"model.weights.h5": stream.getvalue()}
    rewrite(tagger, content)
    assert (tagger / "model.keras").stat().st_size < 5_000_000
    refused(tagger, "no readable model")


def test_a_network_that_would_fill_the_memory_is_refused(tagger):
    def swell(config):
        config["config"]["layers"][-1]["config"].update(units=10**6)

    change(tagger, swell)
    refused(tagger, "parameters, more than")


def test_a_description_that_is_nested_too_deep_is_refused(tagger):
    nested = "[" * 100_000 + "]" * 100_000
    rewrite(tagger, members(tagger) | {"config.json": nested})
    refused(tagger, "no readable model")

    def dig(config):
        here = config["config"]
        for _ in range(60):
            here["deeper"] = {}
            here = here["deeper"]

    network().save(tagger / "model.keras")
    change(tagger, dig)
    refused(tagger, "nested more than")


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04" + bytes(100)])
def test_what_is_no_archive_is_refused(tagger, content):
    (tagger / "model.keras").write_bytes(content)
    refused(tagger, "no readable model")


def test_an_archive_that_is_cut_off_is_refused(tagger):
    whole = (tagger / "model.keras").read_bytes()
    (tagger / "model.keras").write_bytes(whole[: len(whole) // 2])
    refused(tagger, "no readable model")


def test_weights_that_are_a_pickle_are_refused(tagger, tmp_path):
    trap = io.BytesIO()
    pickle.dump(Touching(tmp_path / "mark"), trap)
    rewrite(tagger, members(tagger) | {"model.weights.h5": trap.getvalue()})
    refused(tagger, "no readable model")
    assert not (tmp_path / "mark").exists()


NETWORKS = [name for name in models.names() if issubclass(models.settings_class(name), Network)]


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_is_let_in_with_what_it_was_compiled_with(name, tmp_path):
    register_layers()
    statistics = {"shape": [33, 33, 3], "multiplicity": {"mean": 40.0, "deviation": 10.0}}
    model = models.read_settings(name, {}).build(statistics)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.save(tmp_path / "model.keras")
    assert load_safely(tmp_path / "model.keras").count_params() == model.count_params()
