"""A sample of some files trains without the workflow, and its parts stay apart."""

from __future__ import annotations

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.jets.formats.npz import write_jets
from jetline.models import read_settings
from jetline.training.small_sample import read_sample, scores, train


@pytest.fixture(scope="module")
def files(jets, tmp_path_factory):
    """Three files of 200 jets."""
    folder = tmp_path_factory.mktemp("jets")
    for number in range(3):
        rows = slice(200 * number, 200 * (number + 1))
        write_jets(folder / f"{number}.npz", jets[0][rows], jets[1][rows])
    return [folder / f"{number}.npz" for number in range(3)]


def test_statistics_are_those_of_the_training_part_alone(jets, files, tmp_path):
    first, second, third = files
    sample = read_sample("images/notebook", [second], [first], [third], tmp_path, at_most=150)
    assert [len(part) for part in (sample.training, sample.validation, sample.test)] == [150] * 3
    assert np.array_equal(sample.training.labels, jets[1][200:350])
    assert np.array_equal(sample.test.labels, jets[1][400:550])
    images = sample.training.shards[0].arrays["images"][:150]
    assert sample.statistics["largest"] == [images.max()]
    assert sample.statistics["classes"] == ["gluon", "quark"]


def test_a_file_in_two_parts_is_refused(files, tmp_path):
    first, second, _ = files
    with pytest.raises(JetlineError, match="in two places") as caught:
        read_sample("particles", [first], [second], [first], tmp_path)
    assert caught.value.where == str(first)


def test_a_network_trains_and_scores_and_the_same_seed_does_it_again(files, tmp_path):
    sample = read_sample("particles", files[:1], files[1:2], files[2:], tmp_path)
    network = read_settings("pfn", {"epochs": 2, "batch_size": 50, "phi": [8], "f": [8]})
    first, again = (scores(network, train(network, sample, 3), sample.test) for _ in range(2))
    assert first.shape == (200, 2)
    np.testing.assert_allclose(first.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(first, again, rtol=1e-4)
