"""Gradient boosting on observables: the scores of scikit-learn, from a saved Keras model."""

from __future__ import annotations

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss, roc_auc_score

from jetline.core.errors import JetlineError
from jetline.inputs.kinds.observables import COLUMNS
from jetline.inputs.sample import JetSample, array_rows
from jetline.models import read_settings
from jetline.models.layers.trees import grow
from jetline.records.training import TaggerRecord
from jetline.training.fitting import require_fitting
from jetline.training.job import write_model
from jetline.training.safe_loading import load_safely
from jetline.training.scores import class_scores
from jetline.training.trainers.boosting import fit_trees
from training_inputs import every, make_shards, some


@pytest.fixture(scope="module")
def shards(jets, tmp_path_factory):
    return make_shards(tmp_path_factory.mktemp("o"), *jets, "observables")


def table(sample) -> np.ndarray:
    return array_rows(sample, np.arange(len(sample)), "observables")


def scored(model, values) -> np.ndarray:
    """(n_jets, 2) of the compiled loop, held to the same in Keras' operations."""
    scores = model.predict([({"observables": values},)])
    slow = model.predict_on_batch({"observables": values})
    np.testing.assert_allclose(slow, scores, atol=3e-7)
    return scores


def trained(shards, seed=1, **settings):
    return fit_trees(read_settings("observables", settings), seed, some(shards, 0), some(shards, 1))


def test_scores_are_those_of_scikit_learn(shards):
    sample = every(shards)
    boosting = HistGradientBoostingClassifier(max_iter=40, min_samples_leaf=5)
    boosting.fit(table(sample), sample.labels)
    model = grow(
        boosting._baseline_prediction[0],
        [predictor.nodes for (predictor,) in boosting._predictors],
        list(range(len(COLUMNS))),
        len(COLUMNS),
    )
    expected = boosting.predict_proba(table(sample))
    assert len(np.unique(expected[:, 1])) > 100
    scores = class_scores(model, sample, 64, None)
    np.testing.assert_allclose(scores, expected, atol=3e-7)
    # Values on a threshold, and next to it, go where scikit-learn has them go.
    (predictor,) = boosting._predictors[0]
    root = predictor.nodes[0]
    edges = np.repeat(table(sample)[:1], 3, axis=0)
    threshold = np.float32(root["num_threshold"])
    edges[:, root["feature_idx"]] = [
        np.nextafter(threshold, np.float32(side)) for side in (-np.inf, threshold, np.inf)
    ]
    np.testing.assert_allclose(scored(model, edges), boosting.predict_proba(edges), atol=3e-7)


def test_scores_of_three_classes_are_those_of_scikit_learn(shards):
    sample = every(shards)
    table_, labels = table(sample), np.digitize(table(sample)[:, 0], [30, 50])
    boosting = HistGradientBoostingClassifier(max_iter=20).fit(table_, labels)
    model = grow(
        boosting._baseline_prediction[0],
        [tree.nodes for of_round in boosting._predictors for tree in of_round],
        list(range(len(COLUMNS))),
        len(COLUMNS),
    )
    assert (model.sums, model.trees) == (3, 60)
    np.testing.assert_allclose(scored(model, table_), boosting.predict_proba(table_), atol=3e-7)


def test_a_threshold_between_two_singles_parts_them(shards):
    # The midpoint of neighbours in single precision rounds to one of them.
    lower = np.float32(1)
    upper = np.nextafter(lower, np.float32(2))
    values = np.repeat([lower, upper], 50)[:, None]
    boosting = HistGradientBoostingClassifier(max_iter=1).fit(values, values[:, 0] == upper)
    ((predictor,),) = boosting._predictors
    model = grow(boosting._baseline_prediction[0], [predictor.nodes], [0], 1)
    scores = scored(model, values)[:, 1]
    np.testing.assert_allclose(scores, boosting.predict_proba(values)[:, 1], atol=1e-7)
    assert scores[0] < 0.5 < scores[-1]


def test_the_model_is_that_of_the_lowest_validation_loss(shards):
    result = trained(shards, patience=5)
    history = result.progress.history
    losses = [row["validation_loss"] for row in history]
    best = result.progress.best_epoch
    assert losses[best - 1] == min(losses)
    assert len(history) == best + 5
    validation = some(shards, 1)
    scores = class_scores(result.model, validation, 1000, None)[:, 1].astype(float)
    assert log_loss(validation.labels, scores) == pytest.approx(losses[best - 1], rel=1e-6)
    assert roc_auc_score(validation.labels, scores) == pytest.approx(
        history[best - 1]["validation_auc"], abs=1e-3
    )
    training = some(shards, 0)
    scores = class_scores(result.model, training, 1000, None)[:, 1].astype(float)
    assert log_loss(training.labels, scores) == pytest.approx(history[best - 1]["loss"], rel=1e-6)
    assert np.mean((scores >= 0.5) == training.labels) == history[best - 1]["accuracy"]
    assert [row["epoch"] for row in history] == list(range(1, len(history) + 1))


def test_no_more_trees_than_asked_for(shards):
    result = trained(shards, epochs=3)
    assert len(result.progress.history) == 3


def test_the_seed_decides_and_nothing_else(shards):
    first, again, other = (
        class_scores(trained(shards, seed).model, every(shards), 1000, None) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-3


def test_trees_are_told_only_the_observables_that_are_asked_for(shards):
    model = trained(shards, observables=["mass", "multiplicity"]).model
    values = table(every(shards))
    before = scored(model, values)
    columns = list(COLUMNS)
    others = [columns.index(name) for name in columns if name not in ("mass", "multiplicity")]
    values[:, others] = 0
    np.testing.assert_array_equal(scored(model, values), before)
    values[:, columns.index("mass")] = 0
    assert np.abs(scored(model, values) - before).max() > 0.01


def test_too_few_jets_for_a_split_score_all_alike(shards):
    labels = shards[0].labels
    rows = np.concatenate([np.flatnonzero(labels == label)[:15] for label in (0, 1)])
    few = JetSample.choose(shards[:1], [rows])
    model = fit_trees(read_settings("observables", {"epochs": 2}), 1, few, few).model
    np.testing.assert_allclose(scored(model, table(few)), 0.5)


@pytest.mark.slow
def test_boosting_beats_the_multiplicity(bundled, tmp_path):
    with np.load(bundled[0], allow_pickle=False) as archive:
        shards = make_shards(tmp_path, archive["X"][:3000], archive["y"][:3000], "observables")
    test = some(shards, 2)
    scores = class_scores(trained(shards).model, test, 1000, None)[:, 1]
    multiplicity = -table(test)[:, 0]
    assert roc_auc_score(test.labels, scores) > roc_auc_score(test.labels, multiplicity) + 0.005


def test_the_model_is_the_same_once_saved(shards, tmp_path):
    model = trained(shards).model
    write_model(model, tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    scores = class_scores(model, every(shards), 1000, None)[:, 1]
    np.testing.assert_array_equal(class_scores(again, every(shards), 1000, None)[:, 1], scores)
    (numbers,) = again.trainable_weights
    assert numbers.shape == (model.nodes,)


@pytest.mark.slow
def test_jax_gives_the_same_scores(shards, tmp_path):
    model = trained(shards).model
    model.save(tmp_path / "model.keras")
    values = table(every(shards))
    np.save(tmp_path / "table.npy", values)
    code = f"""
import keras, numpy as np
import jetline.models.layers.trees
model = keras.saving.load_model({str(tmp_path / "model.keras")!r}, compile=False)
table = np.load({str(tmp_path / "table.npy")!r})
assert keras.backend.backend() == "jax"
np.save({str(tmp_path / "jax.npy")!r}, model.predict_on_batch({{"observables": table}}))
"""
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    np.testing.assert_allclose(np.load(tmp_path / "jax.npy"), scored(model, values), atol=1e-6)


def test_a_table_of_other_observables_is_refused(shards, tmp_path):
    model = trained(shards).model
    record = TaggerRecord(
        label="trees",
        architecture="observables",
        inputs="observables",
        identity="none",
        settings={"batch_size": 100},
        columns=["mass", "girth"],
    )
    with pytest.raises(JetlineError, match="train again"):
        require_fitting(tmp_path, model, record, every(shards))


def record_of(shards) -> TaggerRecord:
    return TaggerRecord(
        label="observables",
        architecture="observables",
        inputs="observables",
        identity="none",
        settings={"batch_size": 500},
        columns=list(COLUMNS),
    )


def test_a_saved_tagger_fits_its_jets(shards, tmp_path):
    write_model(trained(shards).model, tmp_path / "model.keras")
    loaded = load_safely(tmp_path / "model.keras")
    require_fitting(tmp_path, loaded, record_of(shards), every(shards))


@pytest.mark.parametrize(
    ("weight", "value", "told"),
    [
        ("columns", len(COLUMNS), "another column than the 14"),
        ("columns", -1, "another column than the 14"),
        ("children", 2**30, "leads to no node"),
        ("children", -1, "leads to no node"),
    ],
)
def test_trees_that_would_lead_out_of_their_arrays_are_refused(
    shards, tmp_path, weight, value, told
):
    model = trained(shards).model
    numbers = keras.ops.convert_to_numpy(getattr(model, weight)).copy()
    numbers[-1] = value
    getattr(model, weight).assign(numbers)
    with pytest.raises(JetlineError, match=told):
        require_fitting(tmp_path, model, record_of(shards), every(shards))


def test_trees_that_lead_round_in_circles_are_refused(shards, tmp_path):
    model = trained(shards).model
    numbers = keras.ops.convert_to_numpy(model.children).copy()
    numbers[-1] = 0
    model.children.assign(numbers)
    with pytest.raises(JetlineError, match="leads to no node"):
        require_fitting(tmp_path, model, record_of(shards), every(shards))
