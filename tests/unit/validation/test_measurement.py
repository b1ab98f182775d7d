"""The observables of a jet file are the same whether measured again or read from a saved file."""

import tracemalloc

import numpy as np
import pytest

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.core.files import read_arrays, write_arrays
from jetline.jets import index
from jetline.jets.formats.npz import write_jets
from jetline.jets.index import fingerprint
from jetline.observables.simple import count_species
from jetline.observables.table import measure_jets
from jetline.validation import measurement
from jetline.validation.measurement import MEASURED, Measurement, measure, measured


def same(one: Measurement, other: Measurement) -> None:
    assert one.file == other.file
    assert list(one.values) == list(other.values) == list(MEASURED)
    for name in MEASURED:
        np.testing.assert_array_equal(one.values[name], other.values[name])
    for name in (
        *("labels", "species", "fingerprints", "invariants", "species_sums", "first_jet"),
    ):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_every_jet_of_the_file_is_measured(bundled, jets):
    constituents, labels = jets
    kept = measure(bundled[0])
    assert kept.file == "QG_jets_0.npz"
    np.testing.assert_array_equal(kept.labels[:600], labels)
    np.testing.assert_array_equal(kept.species[:600], count_species(constituents))
    np.testing.assert_array_equal(kept.fingerprints[:600], fingerprint(constituents))
    for name, values in measure_jets(constituents, MEASURED).items():
        np.testing.assert_allclose(kept.values[name][:600], values, rtol=1e-7)
    first = constituents[0]
    np.testing.assert_array_equal(kept.first_jet, first[first[:, 0] > 0])


def test_the_size_of_the_blocks_does_not_show(bundled, monkeypatch):
    whole = measure(bundled[0])
    monkeypatch.setattr(measurement, "_JETS_AT_ONCE", 777)
    same(measure(bundled[0]), whole)


@pytest.mark.parametrize(
    ("module", "step"), [(measurement, measure), (index, lambda path: index.index_jets(path, "x"))]
)
def test_memory_is_that_of_a_block_of_jets_not_of_the_file(tmp_path, monkeypatch, module, step):
    constituents = np.zeros((4000, 140, 4))
    constituents[:, 0] = [510, 0.3, 1, 22]
    np.savez_compressed(tmp_path / "jets.npz", X=constituents, y=np.zeros(4000))
    monkeypatch.setattr(module, "_JETS_AT_ONCE", 100)
    step(tmp_path / "jets.npz")  # what is compiled or loaded once is not the file's
    tracemalloc.start()
    step(tmp_path / "jets.npz")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < constituents.nbytes / 4


def test_what_was_measured_stands_for_the_jets(bundled, tmp_path, capsys):
    kept = tmp_path / "QG_jets_0.observables.npz"
    assert main(["measure", "--output", str(kept), str(bundled[0])]) == 0
    same(measured(kept), measured(bundled[0]))
    capsys.readouterr()
    printed = []
    for path in (kept, bundled[0]):
        assert main(["validate", str(path)]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]


def test_what_the_index_has_is_not_computed_again(bundled, tmp_path):
    indexed = index.index_jets(bundled[0], "QG_jets_0")
    indexed.write(tmp_path / "index.npz")
    same(measure(bundled[0], tmp_path / "index.npz"), measure(bundled[0]))


def test_observables_of_another_version_are_a_clear_error(bundled, tmp_path):
    path = tmp_path / "old.npz"
    measure(bundled[0]).write(path)
    arrays = read_arrays(path)
    arrays["observables"] = np.array(["multiplicity", "pt"])
    write_arrays(path, **arrays)
    with pytest.raises(JetlineError, match="jetline measure") as caught:
        measured(path)
    assert "old.npz" in caught.value.where


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_a_file_that_is_neither_is_a_clear_error(tmp_path, content):
    path = tmp_path / "jets.npz"
    path.write_bytes(content)
    with pytest.raises(JetlineError, match=r"jets\.npz"):
        measured(path)
    with pytest.raises(JetlineError, match="no such file"):
        measured(tmp_path / "absent.npz")


@pytest.mark.parametrize("reach", [150, 750])
def test_columns_in_another_order_are_told_by_the_jet(tmp_path, reach):
    constituents = np.tile([[510.0, 0.3, 1, 22], [20, 0.2, 1, 22]], (3, 1, 1))
    constituents[1, :, 1] = [-reach, reach]
    write_jets(tmp_path / "jets.npz", constituents, np.array([0, 1, 0]))
    with pytest.raises(JetlineError, match="order of the columns") as caught:
        measure(tmp_path / "jets.npz")
    assert "jets.npz, array X, jet 1" in caught.value.where
