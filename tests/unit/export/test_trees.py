"""Boosted trees give the same scores as ONNX models, from the table of observables."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (pip install -e '.[onnx]')")

from exported import run, tagger
from jetline.core.errors import JetlineError
from jetline.export.tagger import tagger_model
from jetline.inputs.kinds.observables import COLUMNS
from jetline.inputs.sample import array_rows
from jetline.models import read_settings
from jetline.models.layers.trees import grow
from jetline.training.trainers.boosting import fit_trees
from training_inputs import every, make_shards, some


@pytest.fixture(scope="module")
def shards(jets, tmp_path_factory):
    return make_shards(tmp_path_factory.mktemp("o"), *jets, "observables")


@pytest.fixture(scope="module")
def grown(shards):
    settings = read_settings("observables", {"epochs": 60})
    return settings, fit_trees(settings, 1, some(shards, 0), some(shards, 1)).model


@pytest.fixture(scope="module")
def table(shards):
    """Real observables; further rows lie on thresholds and next to them."""
    sample = every(shards)
    return array_rows(sample, np.arange(len(sample)), "observables")


def test_scores_are_those_of_the_trees(grown, table):
    settings, model = grown
    thresholds, columns = model.thresholds.numpy(), model.columns.numpy()
    splits = np.flatnonzero(np.isfinite(thresholds))[:50]
    edges = np.repeat(table[:1], 3 * len(splits), axis=0)
    for row, (split, side) in enumerate((s, d) for s in splits for d in (-np.inf, 0, np.inf)):
        value = thresholds[split]
        edges[row, columns[split]] = np.nextafter(value, np.float32(side)) if side else value
    rows = np.concatenate([table, edges])
    (scores,) = run(tagger_model([model], tagger(settings, columns=list(COLUMNS))), rows)
    expected = model.predict([({"observables": rows},)])[:, 1]
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-6)


def test_what_is_no_number_has_no_score(grown, table):
    settings, model = grown
    wrong = table[:2].copy()
    wrong[1, 3] = np.nan
    (scores,) = run(tagger_model([model], tagger(settings, columns=list(COLUMNS))), wrong)
    assert np.isfinite(scores[0])
    assert np.isnan(scores[1])


def test_trees_are_refused_in_double_precision(grown):
    settings, model = grown
    with pytest.raises(JetlineError, match="compare observables with thresholds"):
        tagger_model([model], tagger(settings, columns=list(COLUMNS)), "float64")


def test_three_classes_have_a_score_each(table):
    labels = np.digitize(table[:, 0], [30, 50])
    boosting = HistGradientBoostingClassifier(max_iter=10).fit(table, labels)
    model = grow(
        boosting._baseline_prediction[0],
        [predictor.nodes for of_round in boosting._predictors for predictor in of_round],
        list(range(len(COLUMNS))),
        len(COLUMNS),
    )
    settings = read_settings("observables", {})
    record = tagger(settings, ("few", "some", "many"), columns=list(COLUMNS))
    (scores,) = run(tagger_model([model], record), table)
    expected = model.predict([({"observables": table},)])
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-6)
