"""What does not go together with several GPUs for one training stops with one clear error."""

from __future__ import annotations

import pytest

from configurations import LEAST, mistake
from jetline.configuration.reading import read_configuration


@pytest.mark.parametrize(
    ("changed", "entry", "found"),
    [
        ({"backend": "tensorflow"}, {}, "2, beside backend: tensorflow"),
        ({"trainings_per_gpu": 3}, {}, "2, beside trainings_per_gpu: 3"),
        ({}, {"batch_size": 101}, "2, beside batch_size: 101"),
    ],
)
def test_what_cannot_be_is_told_with_what_to_paste(changed, entry, found):
    entries = {"architectures": {"pfn": {"gpus": 2} | entry}}
    error = mistake(LEAST | {"backend": "jax"} | changed | entries)
    assert (error.where, error.found) == ("configuration, architectures.pfn.gpus", found)
    assert error.remedy.endswith("pfn:\n          gpus: 1")


def test_a_number_that_divides_no_batch_is_not_taken():
    error = mistake(LEAST | {"backend": "jax", "architectures": {"pfn": {"gpus": 3}}})
    assert error.found == "3"
    assert "1, 2, 4 or 8" in error.expected


def test_trees_take_no_gpu_and_networks_the_number_of_their_entry():
    entries = {"pfn": {"gpus": 4}, "small": {"architecture": "pfn"}, "observables": {}}
    read = read_configuration(LEAST | {"backend": "jax", "architectures": entries})
    assert [one.gpus_to_train for one in read.architectures.values()] == [4, 1, 0]
