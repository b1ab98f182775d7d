"""Networks of particles give the same scores as ONNX models, from raw padded jets."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (pip install -e '.[onnx]')")

from exported import network, run, tagger
from jetline import models
from jetline.core.errors import JetlineError
from jetline.export.tagger import tagger_model
from jetline.inputs.tensors import particle_tensors
from jetline.training.precision import network_in
from training_inputs import every, make_shards

#: Of some jets, so that there are single particles, and fewer than neighbours.
MULTIPLICITIES = (1, 2, 3, 8, 9, 16, 17)

CASES = [
    ("pfn", {"identity": "none"}),
    ("pfn", {"identity": "experimental"}),
    ("pfn", {"identity": "full"}),
    ("efn", {}),
    ("particlenet-lite", {"identity": "none"}),
    ("particlenet-lite", {"identity": "experimental"}),
    ("particlenet-lite", {"identity": "full"}),
    ("particlenet", {}),
    ("set-transformer", {}),
    ("particle-transformer-small", {"identity": "none"}),
    ("particle-transformer-small", {}),
    ("particle-transformer", {"identity": "experimental"}),
]


def test_every_network_of_particles_is_one_of_these():
    taking = {name for name in models.names() if "particles" in models.settings_class(name).kinds}
    assert taking == {name for name, _ in CASES}


@pytest.fixture(scope="module")
def constituents(jets):
    """Real jets: some of few constituents, and one of more than any network keeps."""
    few = np.zeros((20, 190, 4), np.float32)
    few[:, : jets[0].shape[1]] = jets[0][:20]
    for jet, most in enumerate(MULTIPLICITIES):
        few[jet, most:] = 0
    real = jets[0][20:26].reshape(-1, 4)
    real = real[real[:, 0] > 0][:180]
    few[-1, : len(real)] = real
    return few


@pytest.fixture(scope="module")
def sample(constituents, tmp_path_factory):
    labels = np.arange(len(constituents)) % 2
    return every(make_shards(tmp_path_factory.mktemp("p"), constituents, labels, "particles"))


def tensors(sample, view):
    return particle_tensors(sample, np.arange(len(sample)), view, compiled=False)


@pytest.mark.parametrize(("name", "settings"), CASES)
def test_scores_are_those_of_keras(name, settings, constituents, sample):
    settings, model = network(name, {}, **settings)
    expected = np.asarray(model(tensors(sample, settings.view)))[:, 1]
    assert np.ptp(expected) > 1e-3
    exported = tagger_model([model], tagger(settings))
    (scores,) = run(exported, constituents)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-5)
    # Neither how far jets are filled up decides, nor the order of constituents.
    wider = np.pad(constituents, ((0, 0), (0, 40), (0, 0)))
    mixed = wider[:, np.random.default_rng(1).permutation(wider.shape[1])]
    for other in (wider, mixed):
        np.testing.assert_allclose(run(exported, other)[0], scores, rtol=0, atol=1e-6)
    # Nor do the jets beside it, nor that there is no place more than it needs.
    alone = run(exported, constituents[:1, :1])[0]
    np.testing.assert_allclose(alone, scores[:1], rtol=0, atol=1e-6)


DOUBLE = [case for case in CASES if case[0] not in ("particlenet", "particle-transformer")]


@pytest.mark.parametrize(("name", "settings"), DOUBLE)
def test_scores_are_those_of_keras_in_double_precision(name, settings, constituents, sample):
    settings, model = network(name, {}, **settings)
    double = network_in(model, "float64", settings.view)
    expected = np.asarray(double(tensors(sample, settings.view)))[:, 1]
    assert expected.dtype == np.float64
    (scores,) = run(tagger_model([model], tagger(settings), "float64"), constituents)
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-9)


def test_what_is_no_jet_has_no_score(constituents):
    settings, model = network("particle-transformer-small", {})
    wrong = np.repeat(constituents[10:11], 8, axis=0)
    wrong[1] = 0
    wrong[2, 0, 0] = np.nan
    wrong[3, 1, 0] = -1
    wrong[4, 0, 1] = np.inf
    wrong[5, 0, 2] = np.nan
    wrong[6, 0, 3] = 21
    # What stands behind the last particle is padding, whatever its angles.
    wrong[7, -1] = [0, -999, -999, -999]
    (scores,) = run(tagger_model([model], tagger(settings)), wrong)
    assert np.isnan(scores[1:7]).all()
    assert scores[0] == scores[7]


def test_without_identity_any_species_will_do(constituents):
    settings, model = network("pfn", {}, identity="none")
    partons = constituents[:2].copy()
    partons[..., 3] = np.where(partons[..., 0] > 0, 21, 0)
    exported = tagger_model([model], tagger(settings))
    assert (run(exported, partons)[0] == run(exported, constituents[:2])[0]).all()


def test_a_score_for_each_of_three_classes(constituents, sample):
    classes = ("b", "c", "light")
    settings, model = network("pfn", {"classes": list(classes)})
    (scores,) = run(tagger_model([model], tagger(settings, classes)), constituents)
    expected = np.asarray(model(tensors(sample, settings.view)))
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-5)


def test_folds_give_the_mean_of_their_scores(constituents):
    settings, one = network("efn", {})
    other = settings.build({})
    record = tagger(settings)
    single = [run(tagger_model([model], record), constituents)[0] for model in (one, other)]
    (scores,) = run(tagger_model([one, other], record), constituents)
    np.testing.assert_allclose(scores, np.mean(single, axis=0), rtol=0, atol=1e-6)


def test_weavers_rounding_is_refused():
    settings, model = network("particle-transformer-small", {}, pair_mass="weaver")
    with pytest.raises(JetlineError, match="rounding errors"):
        tagger_model([model], tagger(settings))


def test_the_margin_tells_of_two_neighbours_equally_near(constituents):
    settings, model = network("particlenet-lite", {})
    jets = constituents[10:12].copy()
    rows = int((jets[1, :, 0] > 0).sum())
    jets[1, rows : rows + 8] = jets[1, 0] * [0.5, 1, 1, 1]
    exported = tagger_model([model], tagger(settings), checked=True)
    scores, margin = run(exported, jets, "scores", "margin")
    assert margin[0] > 1e-7
    assert margin[1] < 1e-7
    assert len(scores) == 2
