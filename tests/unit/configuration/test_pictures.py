"""Datasets of pictures go with what takes pictures, and with nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from configurations import LEAST, changed, mistake, pasted
from jetline.configuration.reading import read_configuration
from jetline.core.errors import JetlineError
from jetline.planning.plan import Plan

DIGITS = {
    "run": "digits",
    "classes": list("0123456789"),
    "datasets": {"digits": {"source": "digits"}},
    "train_on": "digits",
    "test_on": ["digits"],
    "architectures": {"cnn": {"inputs": "pictures"}},
}


@pytest.mark.parametrize("name", ["cnn", "cnn-paper", "resnet"])
def test_image_networks_take_pictures(name):
    values = changed("architectures", value={name: {"inputs": "pictures"}}, base=DIGITS)
    assert read_configuration(values).architectures[name].kind == "pictures"


@pytest.mark.parametrize("name", ["pfn", "efn", "particlenet", "observables", "set-transformer"])
@pytest.mark.parametrize("inputs", [{}, {"inputs": "pictures"}])
def test_other_taggers_are_told_which_architectures_take_pictures(name, inputs):
    values = changed("architectures", value={name: inputs}, base=DIGITS)
    error = mistake(values)
    assert error.expected == "an architecture that takes pictures: cnn, cnn-paper, resnet"
    read_configuration(pasted(error, changed("architectures", value={name: {}}, base=DIGITS)))


def test_images_of_jets_are_not_made_of_pictures():
    values = changed("architectures", value={"cnn": {}}, base=DIGITS)
    error = mistake(values)
    assert error.found == "images/notebook, but the datasets hold pictures"
    read_configuration(pasted(error, values))


def test_pictures_are_not_made_of_jets():
    values = changed("architectures", value={"cnn": {"inputs": "pictures"}})
    error = mistake(values)
    assert error.found == "pictures, but the datasets hold jets"
    assert error.expected == "inputs that are made of jets: images"
    read_configuration(pasted(error, values))


def test_particle_networks_of_jets_are_not_offered_pictures():
    error = mistake(changed("architectures", value={"pfn": {"inputs": "pictures"}}))
    assert error.expected == "inputs that are made of jets: particles"


def test_jets_and_pictures_are_not_compared_in_one_run():
    values = changed("datasets", value=LEAST["datasets"] | DIGITS["datasets"], base=DIGITS)
    values["classes"] = ["gluon", "quark"]
    values["datasets"]["digits"] = {"source": "pictures", "paths": ["a.npz"]}
    error = mistake(values | {"test_on": ["digits", "jets"]})
    assert error.found == "jets, beside pictures in digits"


def test_steps_of_augmentation_that_make_sense_for_pictures():
    def told(*steps):
        training = {"augmentation": [{"step": step} for step in steps]}
        entry = {"inputs": "pictures", "training": training}
        return changed("architectures", value={"cnn": entry}, base=DIGITS)

    read_configuration(told("translate", "reflect"))
    for step in ("rotate", "smear", "drop", "split"):
        error = mistake(told(step))
        assert error.found == f"{step} for pictures"
        assert error.expected == "steps that pictures can take: reflect, translate"


# Own files


def planned(tmp_path, monkeypatch, *shapes, **architectures):
    monkeypatch.chdir(tmp_path)
    for number, shape in enumerate(shapes):
        labels = np.zeros(shape[0], np.uint8)
        np.savez(f"{number}.npz", images=np.zeros(shape, np.uint8), labels=labels)
    datasets = {"mine": {"source": "pictures", "paths": ["*.npz"]}}
    told = {"datasets": datasets, "train_on": "mine", "test_on": ["mine"]}
    entries = {name: {"inputs": "pictures"} for name in (architectures or {"cnn": 0})}
    return Plan(read_configuration(DIGITS | told | {"architectures": entries}), tmp_path)


def test_files_of_one_size_are_planned_and_nothing_is_measured(tmp_path, monkeypatch):
    plan = planned(tmp_path, monkeypatch, (3, 12, 10), (2, 12, 10, 1))
    assert list(plan.files["mine"].values()) == ["0.npz", "1.npz"]
    assert plan.configuration.jet_datasets == []


def test_files_of_two_sizes_are_refused(tmp_path, monkeypatch):
    with pytest.raises(JetlineError) as caught:
        planned(tmp_path, monkeypatch, (3, 12, 10), (2, 10, 12, 3))
    assert caught.value.where == "1.npz"
    assert caught.value.found == "pictures of 10 x 12 pixels, 3 channels"
    assert caught.value.expected == "12 x 10 pixels, 1 channel, as in 0.npz"


def test_pictures_of_which_a_network_leaves_nothing_are_refused(tmp_path, monkeypatch):
    with pytest.raises(JetlineError, match="for pictures of 8 x 8 pixels") as caught:
        planned(tmp_path, monkeypatch, (3, 8, 8))
    assert "10 x 10 or more" in caught.value.expected
    assert planned(tmp_path, monkeypatch, (3, 8, 8), resnet=0)


def test_what_is_no_picture_file_is_left_to_its_check(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.npz").write_bytes(b"PK")
    assert planned(tmp_path, monkeypatch, (3, 12, 10))
