"""Taggers that are told the species refuse jets of partons, which is checked before any job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import yaml

from jetline.configuration.consistency import require_species
from jetline.configuration.reading import read_configuration
from jetline.core.errors import JetlineError
from jetline.jets.formats.npz import write_jets

if TYPE_CHECKING:
    from jetline.configuration.schema import Configuration

TOLD = {
    "pfn": {"identity": "full"},
    "particlenet": {"identity": "experimental"},
    "coloured": {"architecture": "cnn", "inputs": "images/color"},
    "photons": {"architecture": "cnn", "inputs": "images/photons"},
}
UNTOLD = {
    "pfn": {"identity": "none"},
    "efn": {},
    "observables": {},
    "cnn": {"inputs": "images/pt"},
}


def written(path: Path, *pdg_ids: int, n_jets: int = 3) -> Path:
    """A file of jets that have one constituent of each of these species."""
    constituents = np.zeros((n_jets, len(pdg_ids) + 1, 4), np.float32)
    constituents[:, :-1] = [(50, 0.1, 0.2, pdg_id) for pdg_id in pdg_ids]
    write_jets(path, constituents, np.arange(n_jets) % 2)
    return path


def required(architectures: dict[str, Any], train_on: Path | str, *test_on: Path | str) -> None:
    """Ask for the species of datasets `a` (to train on), `b`, `c`... (to test on)."""
    paths = dict(zip("abcd", (train_on, *test_on), strict=False))
    configuration = read_configuration(
        {
            "run": "mine",
            "datasets": {
                **{name: {"source": "files", "paths": [str(path)]} for name, path in paths.items()},
                "unused": {"source": "files", "paths": ["never/looked/at.npz"]},
            },
            "train_on": "a",
            "test_on": list(paths)[1:] or ["a"],
            "recipes": {"photons": {"channels": [{"species": "photons"}]}},
            "architectures": architectures,
        }
    )
    require_species(configuration, used_files(configuration))


def used_files(configuration: Configuration) -> dict[str, dict[str, str]]:
    return {
        name: configuration.datasets[name].jet_files(Path("no/sample"))
        for name in configuration.used_datasets
    }


@pytest.mark.parametrize("label", TOLD)
def test_a_tagger_of_species_is_refused_jets_of_partons(tmp_path, label):
    path = written(tmp_path / "jets.npz", 21, -5)
    with pytest.raises(JetlineError) as caught:
        required({label: TOLD[label]}, path)
    error = caught.value
    assert error.others == []
    assert error.where == f"configuration, architectures.{label}"
    identity = "full" if label == "pfn" else "experimental"
    assert error.found == (
        f"{identity} identity of particles, but dataset a has PDG id 21, a quark or gluon, "
        f"in jet 0 (counted from 0) of {path}"
    )
    assert "not told the species" in error.expected
    head, *snippet, last = error.remedy.splitlines()
    assert (head, last.strip()) == ("paste", "or choose jets of hadrons")
    pasted = yaml.safe_load("\n".join(snippet))["architectures"]
    required({label: TOLD[label] | pasted[label]}, path)


def test_a_tagger_that_is_told_nothing_takes_jets_of_partons(tmp_path):
    required(UNTOLD, written(tmp_path / "jets.npz", 21))


def test_jets_of_hadrons_are_taken_by_every_tagger(tmp_path):
    required(TOLD, written(tmp_path / "jets.npz", 211, 22, -13))


def test_every_tagger_is_told_at_once_and_each_once(tmp_path):
    hadrons, partons = written(tmp_path / "a.npz", 211), written(tmp_path / "b.npz", 1)
    with pytest.raises(JetlineError) as caught:
        required(TOLD | {"efn": {}}, hadrons, partons, written(tmp_path / "c.npz", -2))
    errors = [caught.value, *caught.value.others]
    assert [error.where.split(".")[1] for error in errors] == list(TOLD)
    for error in errors:
        assert "dataset a" not in error.found
        assert "dataset b has PDG id 1," in error.found
        assert "dataset c has PDG id -2," in error.found


def test_the_first_jet_of_partons_is_named_in_whatever_file_of_a_dataset(tmp_path):
    written(tmp_path / "a.npz", 211)
    constituents = np.zeros((7, 2, 4))
    constituents[:, 0] = (50, 0, 0, 211)
    constituents[5:, 0, 3] = 4
    write_jets(tmp_path / "b.npz", constituents, np.ones(7))
    with pytest.raises(JetlineError, match=r"PDG id 4, .* in jet 5 \(counted from 0\) of .*b\.npz"):
        required({"pfn": {}}, tmp_path / "*.npz")


@pytest.mark.parametrize(
    "content", [b"", b"no archive", "cut off", "no X", "no such species"], ids=str
)
def test_what_is_no_valid_jet_file_is_left_to_its_check(tmp_path, content):
    path = tmp_path / "jets.npz"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "cut off":
        path.write_bytes(written(path, 21).read_bytes()[:-30])
    else:
        names = {"no X": "x", "no such species": "X"}
        np.savez(path, **{names[content]: np.full((2, 1, 4), 12.0)}, y=np.ones(2))
    required(TOLD, path)


def test_a_file_that_has_gone_is_left_to_its_check(tmp_path):
    path = tmp_path / "jets.npz"
    values = {"datasets": {"a": {"source": "files", "paths": [str(path)]}}, "run": "mine"}
    values |= {"train_on": "a", "test_on": ["a"], "architectures": {"pfn": {}}}
    require_species(read_configuration(values), {"a": {"jets": str(path)}})


def test_no_file_is_opened_if_no_tagger_is_told_the_species(tmp_path, monkeypatch):
    monkeypatch.setattr("jetline.configuration.consistency.open_jets", None)
    required(UNTOLD, written(tmp_path / "jets.npz", 21))
