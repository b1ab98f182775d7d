"""The benchmark's files: the table of them, and datasets that take them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from jetline.configuration.reading import load_yaml, read_configuration
from jetline.core.errors import JetlineError
from jetline.inputs.split import split_by_file
from jetline.sources.zenodo.catalogue import file_named, sample_files
from jetline.sources.zenodo.source import ZenodoSource

SAMPLES = get_args(ZenodoSource.model_fields["sample"].annotation)
ALL = [file for sample in SAMPLES for file in sample_files(sample)]
NOWHERE = Path("no/sample/is/needed")


def zenodo(sample: str = "pythia", **settings) -> ZenodoSource:
    return ZenodoSource(source="zenodo", sample=sample, **settings)


# The table


def test_it_has_twenty_files_of_each_sample():
    assert [len(sample_files(sample)) for sample in SAMPLES] == [20] * 4


def test_no_two_files_share_a_name_or_a_hash():
    # Public loaders list one file twice and leave another out.
    for column in ("name", "md5", "sha256"):
        assert len({getattr(file, column) for file in ALL}) == 80


def test_hashes_are_hashes_and_sizes_sizes():
    assert all(re.fullmatch("[0-9a-f]{32}", file.md5) for file in ALL)
    assert all(re.fullmatch("[0-9a-f]{64}", file.sha256) for file in ALL)
    known = [file.size for file in ALL if file.size]
    assert len(known) == 3
    assert all(1e8 < size < 1.1e8 for size in known)


@pytest.mark.parametrize(
    ("sample", "record", "first", "others"),
    [
        ("pythia", 3164691, "QG_jets.npz", "QG_jets_{}.npz"),
        ("pythia-withbc", 3164691, "QG_jets_withbc_0.npz", "QG_jets_withbc_{}.npz"),
        ("herwig", 3066475, "QG_jets_herwig_0.npz", "QG_jets_herwig_{}.npz"),
        ("herwig-withbc", 3066475, "QG_jets_herwig_withbc_0.npz", "QG_jets_herwig_withbc_{}.npz"),
    ],
)
def test_files_stand_in_the_records_order(sample, record, first, others):
    files = sample_files(sample)
    assert [file.name for file in files] == [first, *(others.format(k) for k in range(1, 20))]
    assert {file.record for file in files} == {record}


def test_the_address_is_zenodos():
    assert (
        file_named("QG_jets_7.npz").address
        == "https://zenodo.org/records/3164691/files/QG_jets_7.npz?download=1"
    )


def test_mirrors_come_before_zenodo_in_their_order(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    file = file_named("QG_jets_7.npz")
    mirrors = ["https://mirror.example/jets/", "~/jets", "http://other.example", "local"]
    assert file.places(mirrors) == [
        "https://mirror.example/jets/QG_jets_7.npz",
        Path("/home/me/jets/QG_jets_7.npz"),
        "http://other.example/QG_jets_7.npz",
        Path("local/QG_jets_7.npz"),
        file.address,
    ]


def test_an_unknown_file_is_told_with_the_nearest_name():
    with pytest.raises(JetlineError, match=r"did you mean QG_jets_withbc_3\.npz"):
        file_named("QG_jet_withbc_3.npz")


# Datasets


@pytest.mark.parametrize("files", [0, 21, 2.5])
def test_a_sample_has_one_to_twenty_files(files):
    with pytest.raises(ValidationError):
        zenodo(files=files)


def test_a_dataset_is_the_first_so_many_files_under_their_own_names():
    found = zenodo(files=3).jet_files(NOWHERE)
    # The workflow downloads them.
    assert found == {"QG_jets": None, "QG_jets_1": None, "QG_jets_2": None}
    assert list(found) == ["QG_jets", "QG_jets_1", "QG_jets_2"]
    assert len(zenodo().jet_files(NOWHERE)) == 20


def test_the_sha256_of_every_file_of_a_dataset_is_known():
    files = {file.name: file.sha256 for file in ALL}
    for sample in SAMPLES:
        source = zenodo(sample)
        for name in source.jet_files(NOWHERE):
            assert source.sha256(name) == files[f"{name}.npz"]


def test_neither_mirrors_nor_the_number_of_files_change_where_they_lie():
    assert zenodo(files=3, mirrors=("jets",)).key == zenodo().key == "zenodo-pythia"


def test_samples_are_never_mixed():
    keys = {sample: zenodo(sample).key for sample in SAMPLES}
    assert keys == {sample: f"zenodo-{sample}" for sample in SAMPLES}
    names = [set(zenodo(sample).jet_files(NOWHERE)) for sample in SAMPLES]
    assert len(set.union(*names)) == 80
    for wrong in ("pythia,herwig", ["pythia", "pythia-withbc"], "withbc", "*"):
        with pytest.raises(ValidationError):
            zenodo(wrong)


def test_trained_on_one_sample_and_tested_on_another_they_stay_apart(root):
    values = load_yaml(root / "config/benchmark.yaml")
    values["datasets"]["heavy"] = {"source": "zenodo", "sample": "pythia-withbc"}
    values["test_on"] = [values["train_on"], "heavy"]
    datasets = read_configuration(values).datasets
    plain, heavy = (set(datasets[name].jet_files(NOWHERE)) for name in values["test_on"])
    assert len(plain) == len(heavy) == 20
    assert all("withbc" not in name for name in plain)
    assert all(name.startswith("QG_jets_withbc_") for name in heavy)
    assert [datasets[name].key for name in values["test_on"]] == [
        "zenodo-pythia",
        "zenodo-pythia-withbc",
    ]


# The benchmark's configuration


def test_the_benchmark_is_split_by_file_into_sixteen_two_and_two(root):
    configuration = read_configuration(load_yaml(root / "config/benchmark.yaml"))
    (trained,) = {configuration.train_on, *configuration.test_on}
    files = list(configuration.datasets[trained].jet_files(NOWHERE))
    assert files[:2] == ["QG_jets", "QG_jets_1"]
    assert configuration.split.by == "file"
    fractions = configuration.split.fractions
    parts = [int(split_by_file(position, 20, 1, fractions)[0]) for position in range(len(files))]
    assert parts == [0] * 16 + [1] * 2 + [2] * 2


def test_every_shipped_configuration_has_a_run_of_its_own(root):
    runs = [load_yaml(path)["run"] for path in (root / "config").glob("*.yaml")]
    assert len(set(runs)) == len(runs) >= 3
