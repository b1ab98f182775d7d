"""Files of generated jets follow their settings and are reproducible."""

import importlib.metadata
import importlib.util
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.core.files import read_json
from jetline.jets.reading import read_jets
from jetline.jets.species import PDG_IDS
from jetline.sources.pythia.events import MAX_ABS_RAPIDITY, JetStream
from jetline.sources.pythia.generation import generate_jets, write_generated
from jetline.sources.pythia.settings import GeneratorSettings

SAMPLE = Path(__file__).parents[3] / "resources" / "sample"
#: Masses [GeV]; the file format leaves them out.
MASSES = {22: 0, 11: 0.000511, 13: 0.105658, 211: 0.139570, 321: 0.493677, 130: 0.497611}
MASSES |= {2112: 0.939565, 2212: 0.938272}

DEFAULT = GeneratorSettings()

needs_pythia = pytest.mark.skipif(
    not importlib.util.find_spec("pythia8mc"),
    reason="pythia8mc is not installed (pip install -e '.[generate]')",
)


@pytest.fixture(scope="module")
def first_jets() -> tuple[np.ndarray, np.ndarray, dict]:
    """Ten jets of each kind, made as the bundled sample's first file was."""
    return generate_jets(DEFAULT, 20, seed=1, file=0)


def jet_bytes(constituents: np.ndarray) -> list[bytes]:
    """Each jet's constituents without padding, to be compared bit for bit."""
    return [jet[jet[:, 0] > 0].tobytes() for jet in constituents]


def jet_momenta(constituents: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """pT [GeV], rapidity and azimuth of (n, M, 4) jets, in double precision and with masses."""
    pt, rapidity, phi, pdg_id = np.moveaxis(constituents.astype(float), 2, 0)
    mass = np.zeros_like(pt)
    for species, value in MASSES.items():
        mass[np.abs(pdg_id) == species] = value
    transverse_mass = np.where(pt > 0, np.hypot(pt, mass), 0)
    px, py = (pt * np.cos(phi)).sum(axis=1), (pt * np.sin(phi)).sum(axis=1)
    pz = (transverse_mass * np.sinh(rapidity)).sum(axis=1)
    energy = (transverse_mass * np.cosh(rapidity)).sum(axis=1)
    return np.hypot(px, py), np.arctanh(pz / energy), np.arctan2(py, px)


def assert_follows_the_settings(constituents: np.ndarray) -> None:
    pt, rapidity, phi = jet_momenta(constituents)
    # Float32 constituents give the jet back to about one part in a million.
    assert pt.min() >= DEFAULT.pt_window[0] * (1 - 1e-5)
    assert pt.max() <= DEFAULT.pt_window[1] * (1 + 1e-5)
    assert np.abs(rapidity).max() < MAX_ABS_RAPIDITY + 1e-5
    present = constituents[..., 0] > 0
    assert set(np.unique(constituents[present][:, 3])) <= set(PDG_IDS)
    jet_phi = (phi % (2 * np.pi))[:, None]
    distance = np.hypot(constituents[..., 1] - rapidity[:, None], constituents[..., 2] - jet_phi)
    # Anti-kT jets are near circles: the azimuth was shifted, else some lay 2 pi away.
    assert distance[present].max() < 1.0
    assert np.median(distance[present]) < 0.4


@needs_pythia
def test_the_first_jets_of_the_bundled_sample_can_be_made_again(first_jets):
    made_with = read_json(SAMPLE / "QG_jets_0.json")["versions"]["pythia8mc"]
    if (installed := importlib.metadata.version("pythia8mc")) != made_with:
        pytest.skip(f"the sample was made with pythia8mc {made_with}, not {installed}")
    sample = read_jets(SAMPLE / "QG_jets_0.npz")
    constituents, labels, _ = first_jets
    for label in (0, 1):
        bundled = set(jet_bytes(sample.constituents[sample.labels == label]))
        made = set(jet_bytes(constituents[labels == label]))
        assert len(made) == 10
        assert made <= bundled


@needs_pythia
def test_generated_jets_follow_the_settings(first_jets):
    assert first_jets[0].dtype == np.float32
    assert_follows_the_settings(first_jets[0])


@pytest.mark.parametrize("file", range(4))
def test_the_bundled_jets_follow_the_settings(file):
    sample = read_jets(SAMPLE / f"QG_jets_{file}.npz")
    assert len(sample) == 5000
    assert np.count_nonzero(sample.labels == 1) == 2500
    assert_follows_the_settings(sample.constituents)


def test_no_two_bundled_jets_are_the_same():
    jets = [jet for path in SAMPLE.glob("*.npz") for jet in jet_bytes(read_jets(path).constituents)]
    assert len(set(jets)) == len(jets) == 20_000


def test_the_bundled_sample_is_small():
    assert sum(path.stat().st_size for path in SAMPLE.glob("*.npz")) < 12e6


@needs_pythia
def test_half_of_the_jets_are_quark_jets_and_they_are_shuffled(first_jets):
    labels = first_jets[1]
    assert np.count_nonzero(labels == 1) == np.count_nonzero(labels == 0) == 10
    assert np.count_nonzero(np.diff(labels.astype(int))) > 2


@needs_pythia
def test_fewer_jets_are_the_first_of_more(first_jets):
    constituents, labels, _ = generate_jets(DEFAULT, 4, seed=1, file=0)
    for label in (0, 1):
        more = set(jet_bytes(first_jets[0][first_jets[1] == label]))
        assert set(jet_bytes(constituents[labels == label])) < more


@needs_pythia
@pytest.mark.slow
def test_the_same_request_gives_the_same_jets_and_another_gives_others():
    first = generate_jets(DEFAULT, 4, seed=3, file=2)
    again = generate_jets(DEFAULT, 4, seed=3, file=2)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert first[2] == again[2]
    for other in ({"seed": 4, "file": 2}, {"seed": 3, "file": 1}):
        assert set(jet_bytes(generate_jets(DEFAULT, 4, **other)[0])).isdisjoint(jet_bytes(first[0]))


@needs_pythia
@pytest.mark.slow
def test_the_settings_beside_a_jet_file_are_enough_to_make_it_again(tmp_path):
    write_generated(DEFAULT, tmp_path / "jets.npz", 4, seed=5, file=0)
    settings = read_json(tmp_path / "jets.json")
    sample = read_jets(tmp_path / "jets.npz")
    physics = GeneratorSettings(**settings["recipe"])
    for label, kind in enumerate(("gluon", "quark")):
        stream = JetStream(kind, physics, settings[kind]["pythia"])
        again = {next(stream).tobytes() for _ in range(settings[kind]["jets"])}
        assert again == set(jet_bytes(sample.constituents[sample.labels == label]))
        assert stream.events_tried == settings[kind]["events_tried"]
        assert settings[kind]["accepted_fraction"] == 2 / stream.events_tried
    assert settings["seed"] == 5
    assert settings["versions"].keys() == {"jetline", "numpy", "pythia8mc"}


@needs_pythia
def test_progress_is_told_jet_by_jet():
    calls = []
    generate_jets(DEFAULT, 2, seed=1, file=0, progress=lambda: calls.append(None))
    assert len(calls) == 2


@pytest.mark.parametrize(("n_jets", "advice"), [(5, "ask for 6"), (0, "ask for 2"), (-3, "for 2")])
def test_a_number_of_jets_that_cannot_be_halved_is_refused(n_jets, advice):
    with pytest.raises(JetlineError, match="a multiple of 2: as many of each class") as caught:
        generate_jets(DEFAULT, n_jets, seed=1, file=0)
    assert str(n_jets) in caught.value.found
    assert advice in caught.value.remedy


def test_a_number_of_jets_that_cannot_be_shared_out_is_refused():
    with pytest.raises(JetlineError, match=r"a multiple of 3: .*, 0 \(w\), 1 \(z\)") as caught:
        generate_jets(GeneratorSettings(classes=("w", "z", "top")), 7, seed=1, file=0)
    assert "ask for 9" in caught.value.remedy


def test_negative_seeds_and_files_are_refused():
    for numbers in ({"seed": -1, "file": 0}, {"seed": 0, "file": -1}):
        with pytest.raises(JetlineError, match="0 or more"):
            generate_jets(DEFAULT, 2, **numbers)


def test_a_missing_generator_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pythia8mc", None)
    with pytest.raises(JetlineError, match="pythia8mc") as caught:
        generate_jets(DEFAULT, 2, seed=1, file=0)
    assert "pip install -e '.[generate]'" in caught.value.remedy
    assert "Linux" in caught.value.remedy


@needs_pythia
@pytest.mark.slow
def test_an_interrupted_file_leaves_nothing(tmp_path):
    command = [sys.executable, "-m", "jetline.cli.main", "generate", "--jets", "100000"]
    command += ["--output", str(tmp_path / "jets.npz")]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as run:
        time.sleep(4)
        run.send_signal(signal.SIGINT)
        assert run.wait(60) == 130
        assert b"interrupted" in run.stderr.read()
    assert list(tmp_path.iterdir()) == []
