"""What a network attends to is what its softmax says, placed where particles left the jet."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from jetline.explanation.attention import attention_of
from jetline.explanation.clouds import Cloud
from jetline.explanation.lund_planes import emissions_of
from jetline.models import read_settings
from jetline.training.attention import TokenAttention, blocks_of
from jetline.training.gradients import Decisions
from training_inputs import every, make_shards

SETTINGS = read_settings("set-transformer", {})


@pytest.fixture(scope="module")
def sample(jets, tmp_path_factory):
    constituents, labels = jets
    folder = tmp_path_factory.mktemp("shards")
    return every(make_shards(folder, constituents[:20], labels[:20], "particles"))


@pytest.fixture
def network():
    keras.utils.set_random_seed(1)
    return SETTINGS.build({})


def attended(network, cloud):
    asked = TokenAttention(network)
    tensors = cloud.tensors(SETTINGS.view, compiled=False)
    return asked, tensors, *asked.of(tensors, len(cloud.particles))


def test_a_token_that_asks_nothing_attends_evenly(network, sample):
    for block in blocks_of(network):
        block.in_proj.kernel.assign(np.zeros(block.in_proj.kernel.shape))
        block.in_proj.bias.assign(np.zeros(block.in_proj.bias.shape))
    cloud = Cloud.of(sample, np.arange(len(sample)), SETTINGS.view)
    _, _, particles, own = attended(network, cloud)
    np.testing.assert_allclose(own, 1 / (cloud.counts + 1), rtol=1e-5)
    np.testing.assert_allclose(particles, np.repeat(own, cloud.counts), rtol=1e-5)


def test_shares_are_those_of_the_softmax(network, sample):
    cloud = Cloud.of(sample, np.array([3]), SETTINGS.view)
    for block in blocks_of(network):
        # As it starts the token asks next to nothing.
        block.in_proj.kernel.assign(5 * block.in_proj.kernel.numpy())
    network.get_layer("token").token.assign(np.linspace(-1, 1, 48))
    asked, tensors, particles, own = attended(network, cloud)
    shares = []
    for block, (token, x, _) in zip(
        blocks_of(network), asked._asked(tensors, training=False), strict=True
    ):
        rows = keras.ops.concatenate([token, x[: cloud.counts[0]]])
        query, key = (
            (np.asarray(some) @ block.in_proj.kernel.numpy() + block.in_proj.bias.numpy())
            for some in (token, block.pre_attn_norm(rows))
        )
        heads = [slice(12 * head, 12 * head + 12) for head in range(4)]
        scores = [key[:, 48:96][:, one] @ query[0, :48][one] / np.sqrt(12) for one in heads]
        weights = np.exp(scores - np.max(scores, axis=1, keepdims=True))
        shares.append(weights / weights.sum(axis=1, keepdims=True))
    expected = np.mean(shares, axis=(0, 1))
    assert expected.max() > 1.5 / len(expected)
    np.testing.assert_allclose(own, expected[:1], rtol=1e-3)
    np.testing.assert_allclose(particles, expected[1:], rtol=1e-3, atol=1e-7)


def test_attention_is_told_by_class_and_placed_at_the_emission(network, sample):
    for block in blocks_of(network):
        block.in_proj.kernel.assign(np.zeros(block.in_proj.kernel.shape))
        block.in_proj.bias.assign(np.zeros(block.in_proj.bias.shape))
    told = Decisions(network), SETTINGS.view, sample, ("gluon", "quark"), 1
    found, arrays = attention_of(*told)
    assert [one.of for one in found.of_classes] == ["gluon", "quark"]
    for one in found.of_classes:
        assert one.core.value == pytest.approx(1)
    cloud = Cloud.of(sample, np.arange(len(sample)), SETTINGS.view)
    emissions = emissions_of(cloud.particles, cloud.counts)
    # All but one particle of each jet belong to an emission; a few lie outside of the plane.
    placed = arrays["attended_0"].sum() + arrays["attended_1"].sum()
    assert 0.9 < placed / (emissions.of_particle >= 0).sum() <= 1
    for kind in (0, 1):
        even = arrays[f"attention_{kind}"]
        np.testing.assert_allclose(even[arrays[f"attended_{kind}"] > 0], 1, rtol=1e-5)
        assert np.isnan(even[arrays[f"attended_{kind}"] == 0]).all()
