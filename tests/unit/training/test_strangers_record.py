"""A `training.json` from a stranger: whatever it says, one error tells what is wrong with it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import keras
import numpy as np
import pytest

from ended_training import ENDED
from jetline import models
from jetline.cli.main import main
from jetline.inputs.kinds.images.built_in import read_recipe
from jetline.records.training import TRAINING, ForeignTagger, TrainingRecord

STATISTICS = {"shape": [28, 28, 1], "multiplicity": {"mean": 40.0, "deviation": 10.0}}

WRONG: list[Any] = [None, -1, "../x", [], {"x": 1}]


def tagger(name: str, folder, record=ForeignTagger, **settings):
    """Write the folder of a small untrained tagger."""
    network = models.read_settings(name, settings)
    recipe = None
    if network.view is None:
        recipe = read_recipe("notebook").model_dump(mode="json")
    rest = ENDED if record is TrainingRecord else {"weights": {"file": "net.pt", "sha256": "0"}}
    record(
        label=name,
        architecture=name,
        inputs=network.inputs,
        identity=getattr(network, "identity", "none"),
        settings=network.model_dump(mode="json"),
        view=asdict(network.view) if network.view else None,
        recipe=recipe,
        **rest,
    ).write(folder / TRAINING)
    network.build(STATISTICS).save(folder / "model.keras")
    return folder


TAGGERS = {
    "images, trained by us": ("cnn", TrainingRecord, {}),
    "particles, from elsewhere": ("pfn", ForeignTagger, {"phi": [4], "f": [4]}),
}


@pytest.fixture(scope="module", params=TAGGERS.values(), ids=TAGGERS)
def good(request, tmp_path_factory):
    name, record, settings = request.param
    return tagger(name, tmp_path_factory.mktemp("tagger"), record, **settings)


@pytest.fixture(scope="module")
def few(jets, tmp_path_factory):
    path = tmp_path_factory.mktemp("jets") / "few.npz"
    np.savez_compressed(path, X=jets[0][:5], y=jets[1][:5])
    return path


@pytest.fixture
def score(good, few, tmp_path, capsys):
    """Score with another record beside the model; the text of the error, empty if there is none."""

    def scored(content: Any, folder=good) -> str:
        place = tmp_path / "tagger"
        place.mkdir(exist_ok=True)
        model = (folder / "model.keras").read_bytes()
        (place / "model.keras").write_bytes(model)
        text = content if isinstance(content, str) else json.dumps(content)
        (place / TRAINING).write_text(text)
        output = tmp_path / "scores.npz"
        status = main(["score", "--training", str(place), "--output", str(output), str(few)])
        told = capsys.readouterr().err
        assert status == bool(told)
        assert told.count("error: ") == status
        assert output.exists() != status
        output.unlink(missing_ok=True)
        assert [path.name for path in tmp_path.iterdir()] == ["tagger"]
        return told

    return scored


def places(content: dict[str, Any]):
    """Give every key of a record, and every key of the dictionaries in it."""
    for key, value in content.items():
        yield (key,)
        if isinstance(value, dict):
            yield from ((key, inner) for inner in value)


def changed(content, place, value):
    """Copy a record with another value at a place, or without it: `...`."""
    content = json.loads(json.dumps(content))
    *outer, key = place
    inside = content[outer[0]] if outer else content
    if value is ...:
        del inside[key]
    else:
        inside[key] = value
    return content


def test_the_record_as_it_is_scores(good, score):
    assert score((good / TRAINING).read_text()) == ""


def test_every_key_left_out_or_wrong_scores_alike_or_ends_in_one_error(good, score):
    content = json.loads((good / TRAINING).read_text())
    told = {
        (place, repr(value)): score(changed(content, place, value))
        for place in places(content)
        # Keys within settings, recipe and view have types that are checked together.
        for value in ([..., *WRONG] if len(place) == 1 else [..., None, -1, "x"])
    }
    needed = ("label", "architecture", "inputs", "identity", "settings")
    for key in needed:
        assert f"{TRAINING}, {key}" in told[(key,), "Ellipsis"]
    assert "batch_size" in told[("settings", "batch_size"), "Ellipsis"]
    for (place, _), text in told.items():
        # An error names the record, the recipe in it, or the model that it is not of.
        assert not text or TRAINING in text or place[0] in text, text


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", "null", "[" * 100_000, '{"settings": ' * 5000 + "1" + "}" * 5000, "\x00"],
    ids=["empty", "list", "nothing", "null", "deep", "deep objects", "binary"],
)
def test_what_is_no_record_is_told(score, content):
    assert TRAINING in score(content)


def test_a_record_of_another_model_is_told(score, tmp_path_factory):
    images = tagger("cnn", tmp_path_factory.mktemp("images"))
    full, none = (
        tagger("pfn", tmp_path_factory.mktemp(one), phi=[4], f=[4], identity=one)
        for one in ("full", "none")
    )
    told = score((images / TRAINING).read_text(), full)
    assert "model.keras" in told
    assert "takes counts of shape (n)" in told
    told = score((none / TRAINING).read_text(), full)
    assert "a model that takes features of shape (n, " in told
    assert "particles as training.json describes them give of shape (n, 3)" in told


@pytest.mark.parametrize("view", [{"most": 0}, {"most": -3}, {"pairs": True}, {"deep": True}])
def test_a_view_that_cannot_be_is_told(score, view, tmp_path_factory):
    folder = tagger("pfn", tmp_path_factory.mktemp("pfn"), phi=[4], f=[4])
    content = json.loads((folder / TRAINING).read_text())
    content["view"] |= view
    assert f"{TRAINING}, view.{next(iter(view))}" in score(content, folder)


def test_a_model_that_gives_one_score_is_told(good, score, tmp_path):
    if "cnn" not in (good / TRAINING).read_text():
        pytest.skip("one such model is enough")
    images = keras.Input((28, 28, 1), name="images")
    flat = keras.layers.Flatten()(images)
    model = keras.Model({"images": images}, keras.layers.Dense(1)(flat))
    folder = tmp_path / "tagger"
    folder.mkdir()
    model.save(folder / "model.keras")
    assert "scores of shape (None, 1)" in score((good / TRAINING).read_text(), folder)
