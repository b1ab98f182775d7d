"""Sources: the same jets have the same key, different jets never do, and all are found by name."""

import itertools
import os
import re
from pathlib import Path

import pytest

from jetline.core.errors import JetlineError
from jetline.sources import SOURCES
from jetline.sources.digits import DigitsSource
from jetline.sources.drawn import DrawnSource
from jetline.sources.files import FilesSource
from jetline.sources.made_pictures import read_made_pictures
from jetline.sources.mnist import MnistSource
from jetline.sources.pictures import PicturesSource
from jetline.sources.pythia.settings import read_generator_settings
from jetline.sources.pythia.source import PythiaSource
from jetline.sources.sample import SampleSource
from jetline.sources.source import Source
from jetline.sources.zenodo.source import ZenodoSource

NOWHERE = Path("no/sample/is/needed")
ALL = [
    SampleSource(source="sample"),
    FilesSource(source="files", paths=("a.npz",)),
    PythiaSource(source="pythia"),
    *(
        ZenodoSource(source="zenodo", sample=sample)
        for sample in ("pythia", "pythia-withbc", "herwig", "herwig-withbc")
    ),
    DigitsSource(source="digits"),
    DrawnSource(source="drawn", model="flow"),
    MnistSource(source="mnist"),
    PicturesSource(source="pictures", paths=("a.npz",)),
]


def pythia(**settings) -> PythiaSource:
    return PythiaSource(source="pythia", **settings)


# The registry


def test_each_source_is_registered_under_the_name_that_a_configuration_gives():
    assert {type(source) for source in ALL} == set(SOURCES.values())
    for source in ALL:
        assert SOURCES[source.source] is type(source)


def test_every_setting_is_described():
    for source in SOURCES.values():
        assert source.__doc__ != Source.__doc__
        assert all(field.description for field in source.model_fields.values())


# Keys


@pytest.mark.parametrize("source", ALL, ids=lambda source: source.key)
def test_a_key_matches_the_pattern_of_its_own_source_alone(source):
    matching = [name for name in SOURCES if re.fullmatch(SOURCES[name].key_pattern, source.key)]
    assert matching == [source.source]


def test_no_two_sources_share_a_key():
    assert all(one.key != other.key for one, other in itertools.combinations(ALL, 2))


def test_keys_stay_the_same_for_ever():
    # Else every user's jets would be generated or downloaded anew after an update.
    assert [source.key for source in ALL] == [
        "sample",
        "files",
        "pythia-44136fa355",
        "zenodo-pythia",
        "zenodo-pythia-withbc",
        "zenodo-herwig",
        "zenodo-herwig-withbc",
        "digits",
        "drawn-23b9e296cf",
        "mnist",
        "pictures",
    ]
    assert MnistSource(source="mnist", path="mine.npz").key == "mnist"
    other = pythia(tune=21, files=4, jets_per_file=5000, seed=2)
    assert other.key == "pythia-8a2ee06bbe"


def test_more_files_of_a_generated_source_reuse_the_first_ones():
    few, many = pythia(files=3), pythia(files=12)
    assert few.key == many.key
    names = list(many.jet_files(NOWHERE))
    assert names[:3] == list(few.jet_files(NOWHERE))
    assert len(set(names)) == 12
    assert many.jet_files(NOWHERE).items() > few.jet_files(NOWHERE).items()


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 2},
        {"jets_per_file": 100},
        {"tune": 5},
        {"classes": ["gluon", "top"]},
        {"classes": ["quark", "gluon"]},
    ],
)
def test_other_generated_jets_have_another_key(other):
    assert pythia(**other).key != pythia().key


def test_defaults_written_out_have_the_same_key():
    assert pythia(seed=1, jets_per_file=5000, files=4).key == pythia().key
    assert pythia(classes=["gluon", "quark"]).key == pythia().key


def test_generated_jets_have_the_classes_that_are_asked_for():
    assert pythia().classes_made == ("gluon", "quark")
    assert pythia(classes=["w", "top"]).classes_made == ("w", "top")
    assert PythiaSource.arguments([pythia(classes=["w", "top"])])[-1] == '{"classes":["w","top"]}'


# Files


def test_generated_files_are_left_to_the_workflow():
    assert pythia(files=2).jet_files(NOWHERE) == {"jets_0": None, "jets_1": None}


def test_the_sample_is_the_bundled_files_in_order(bundled, root):
    found = SampleSource(source="sample").jet_files(root / "resources/sample")
    assert found == {path.stem: os.path.relpath(path) for path in bundled}
    assert list(found) == sorted(found)


def test_the_sample_has_the_same_paths_in_a_checkout_that_has_moved(tmp_path, monkeypatch):
    found = []
    for name in ("here", "somewhere/else"):
        folder = tmp_path / name / "resources/sample"
        folder.mkdir(parents=True)
        (folder / "QG_jets_0.npz").touch()
        monkeypatch.chdir(tmp_path / name)
        found.append(SampleSource(source="sample").jet_files(folder))
    assert found == [{"QG_jets_0": "resources/sample/QG_jets_0.npz"}] * 2


def test_a_checkout_without_the_sample_is_told_how_to_get_it(tmp_path):
    with pytest.raises(JetlineError, match="git checkout -- resources"):
        SampleSource(source="sample").jet_files(tmp_path)


# What rules are told


def test_a_source_that_makes_no_file_tells_its_rule_nothing():
    for source in ALL[:2]:
        assert type(source).arguments([source]) == []
        assert source.sha256("QG_jets_0") is None


def test_the_generator_is_told_all_that_decides_the_jets_and_no_default():
    # A new option must not change what the rule of jets made without it says.
    source = pythia(tune=21, pt_window=(500, 550), seed=3, jets_per_file=100)
    arguments = PythiaSource.arguments([source, pythia(files=7)])
    assert arguments == [
        *("--jets", "100", "--generator-seed", "3", "--settings", '{"tune":21}'),
    ]
    assert read_generator_settings(arguments[-1]) == source.generator_settings


def test_a_download_is_told_the_mirrors_and_the_most_files_of_all_datasets():
    sources = [
        ZenodoSource(source="zenodo", sample="herwig", files=files, mirrors=mirrors)
        for files, mirrors in ((3, ("a", "b")), (5, ("b", "c")), (1, ()))
    ]
    expected = ["--files", "5", "--mirrors", "a", "b", "c"]
    assert ZenodoSource.arguments(sources) == expected
    assert ZenodoSource.arguments([]) == ["--files", "1", "--mirrors"]


def test_pictures_are_made_by_the_settings_of_the_source_that_names_a_copy():
    sources = [MnistSource(source="mnist"), MnistSource(source="mnist", path="mine.npz")]
    told = '{"source":"mnist","path":"mine.npz"}'
    assert MnistSource.arguments(sources) == ["--source", told]
    assert set(sources[0].jet_files(NOWHERE).values()) == {None}


def test_a_copy_of_mnist_that_is_missing_stops_before_anything_runs():
    with pytest.raises(JetlineError, match=r"path nowhere\.npz") as caught:
        MnistSource(source="mnist", path="nowhere.npz").jet_files(NOWHERE)
    assert "by hand: https://" in caught.value.remedy


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"source": "sample"}, "no pictures that are made of sample"),
        ({}, "no pictures that are made of None"),
        ({"source": "digits", "files": 2}, "files: Extra inputs"),
    ],
)
def test_settings_of_pictures_that_are_wrong_are_one_error(settings, found):
    with pytest.raises(JetlineError) as caught:
        read_made_pictures(settings)
    assert found in caught.value.found
    assert '{"source": "digits"}' in caught.value.expected


def test_only_jets_of_partons_say_so():
    assert [source for source in ALL if source.parton_level] == []
    assert pythia(hadronisation=False).parton_level == "`hadronisation: false`"
