"""How much there is to do is known before anything is read."""

from __future__ import annotations

import pytest

from jetline.configuration.reading import read_configuration
from jetline.planning.plan import Plan
from jetline.planning.sizes import Sizes


@pytest.fixture
def sizes(root):
    """Give the sizes of a configuration with one dataset."""

    def of(**source) -> Sizes:
        values = {
            "run": "few",
            "datasets": {"few": source},
            "train_on": "few",
            "test_on": ["few"],
            "architectures": {"cnn": {}},
        }
        return Sizes(Plan(read_configuration(values), root / "resources/sample"))

    return of


def test_jets_are_counted_before_they_are_made(sizes):
    assert sizes(source="zenodo", sample="pythia", files=3).jets("few") == 300_000
    assert sizes(source="pythia", files=4, jets_per_file=1000).jets("few") == 4000


def test_jets_of_files_that_lie_there_are_estimated_from_their_bytes(sizes, bundled):
    assert 20_000 <= sizes(source="sample").jets("few") <= 40_000
    own = sizes(source="files", paths=[str(path) for path in bundled[:2]])
    assert 10_000 <= own.jets("few") <= 20_000


def test_small_steps_are_small_where_there_are_few_jets(sizes):
    assert sizes(source="sample").few
    assert not sizes(source="zenodo", sample="pythia", files=2).few
