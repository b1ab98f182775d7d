"""What groups of particles add is what is known to decide."""

from __future__ import annotations

import numpy as np
import pytest

from jetline.explanation.particle_networks import explain_particle_network, left_out
from jetline.explanation.settings import Explain
from jetline.inputs.view import ParticleView
from jetline.training.gradients import Decisions
from known_networks import counting, hardest
from training_inputs import every, make_shards

VIEW = ParticleView("energy_flow", "full")
CLASSES = ("gluon", "quark")


@pytest.fixture(scope="module")
def sample(jets, tmp_path_factory):
    constituents, labels = jets
    folder = tmp_path_factory.mktemp("shards")
    return every(make_shards(folder, constituents[:40], labels[:40], "particles"))


def explained(network, sample):
    settings = Explain(jets=20, baselines=2, steps=100)
    return explain_particle_network(Decisions(network), VIEW, sample, CLASSES, settings, 1)


def sums(found, of, by):
    (one,) = (one for one in found.sums if (one.of, one.by) == (of, by))
    return one


def test_what_a_counting_network_is_told_is_the_difference_of_the_numbers(sample):
    found = explained(counting(slope=0.1), sample)
    assert found.completeness.largest < 1e-4
    for by in ("species", "z", "distance"):
        quark, gluon = (sums(found, of, by) for of in ("quark", "gluon"))
        for one in (quark, gluon):
            # All of it is that particles are there.
            values = [mean.value for mean in one.added]
            np.testing.assert_allclose(values, one.presence, atol=1e-6)
        total = sum(mean.value for mean in quark.added)
        # Quark jets have fewer particles than gluon jets, and many decide for quark here.
        assert total == pytest.approx(0.1 * (sum(quark.particles) - sum(gluon.particles)), abs=0.4)
        assert total < -0.5


def test_leaving_particles_out_of_a_count_takes_what_they_were(sample):
    falls = left_out(Decisions(counting(slope=0.1)), VIEW, sample, 0, 2)
    one = sums(explained(counting(slope=0.1), sample), "quark", "species")
    of_quarks = falls[sample.labels == 1]
    # A logit of 0.1 a particle; against gluon, whose logit is always 0.
    np.testing.assert_allclose(of_quarks.mean(axis=0), 0.1 * np.array(one.particles), atol=1e-4)
    assert (falls[sample.labels == 0] <= 1e-5).all()


def test_a_network_that_sees_the_hardest_particle_is_told_nothing_by_soft_ones(sample):
    found = explained(hardest(), sample)
    for of in CLASSES:
        one = sums(found, of, "z")
        for group, mean in zip(one.groups, one.added, strict=True):
            if float(group.split()[-1]) <= 0.05:
                assert mean.value == 0
        assert not any(one.presence)


def test_single_jets_hold_what_their_particles_add(sample):
    found = explained(hardest(), sample)
    assert set(found.arrays) == {f"jet_{kind}_{number}" for kind in (0, 1) for number in (0, 1)}
    for jet in found.arrays.values():
        assert jet.shape[1] == 5
        # By falling pT: the first alone adds anything.
        assert jet[0, 4] != 0
        assert not jet[1:, 4].any()


def test_a_network_that_can_only_count_counts_with_any_weights(sample):
    # So that its explanation tells nothing of what it was taught.
    check = explained(counting(slope=0.1), sample).check
    assert check.magnitudes > 0.99
    assert check.survives
