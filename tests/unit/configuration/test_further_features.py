"""Taggers that take further features of particles are held against the files before any job."""

from __future__ import annotations

import numpy as np
import pytest

from configurations import changed, mistake, pasted
from further_files import WRITTEN, impact_parameters
from jetline.configuration.consistency import require_suited
from jetline.configuration.reading import read_configuration
from jetline.core.errors import JetlineError
from jetline.jets.formats.npz import write_jets


def configured(features=("d0", "dz"), **datasets):
    return {
        "run": "mine",
        "datasets": datasets,
        "train_on": next(iter(datasets)),
        "test_on": list(datasets),
        "architectures": {"pfn": {"identity": "full", "features": list(features)}, "cnn": {}},
    }


def required(values):
    configuration = read_configuration(values)
    files = {
        name: {path: path for path in getattr(source, "paths", ())}
        for name, source in configuration.datasets.items()
    }
    require_suited(configuration, files)


def refusal(values):
    with pytest.raises(JetlineError) as caught:
        required(values)
    assert caught.value.where == "configuration, architectures.pfn.features"
    return caught.value


@pytest.fixture(scope="module")
def few(jets):
    constituents, labels = jets[0][:20], jets[1][:20]
    return constituents, impact_parameters(constituents), labels


def test_files_with_the_features_are_taken_in_whatever_container(few, tmp_path):
    datasets = {}
    for name in ("lists.root", "padded.h5", "events.parquet"):
        layout = WRITTEN[name](tmp_path / name, *few)
        path = {"source": "files", "paths": [str(tmp_path / name)], "layout": layout}
        datasets[name.replace(".", "-")] = path
    arrays = {"X": few[0], "y": few[2], "features": few[1]}
    np.savez(tmp_path / "own.npz", **arrays, feature_names=np.array(["more", "d0"]))
    datasets["own"] = {"source": "files", "paths": [str(tmp_path / "own.npz")]}
    required(configured(("d0",), **datasets))
    error = refusal(configured(("d0", "dz"), **datasets))
    own = tmp_path / "own.npz"
    assert error.found == f"dz, but {own} of dataset own has more, d0"
    assert "save arrays `features`" in error.remedy
    assert "features: [d0]" in error.remedy


def test_a_layout_that_does_not_name_them_is_given_with_what_to_paste(few, tmp_path):
    layout = WRITTEN["lists.parquet"](tmp_path / "a.parquet", *few)
    del layout["features"]
    path = {"source": "files", "paths": [str(tmp_path / "a.parquet")], "layout": layout}
    values = configured(jets=path)
    error = refusal(values)
    assert error.found == f"d0, dz, but {path['paths'][0]} of dataset jets has no further features"
    again = read_configuration(pasted(error, values)).datasets["jets"].layout
    assert again.features == {"d0": "column of d0", "dz": "column of dz"}
    assert again.columns.pt == "pt"


def test_a_layout_that_the_columns_have_chosen_becomes_the_base(few, tmp_path):
    import h5py

    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.update({"X": few[0], "y": few[2], "ip": few[1]})
    for told in ({}, {"layout": "benchmark"}):
        values = configured(jets={"source": "files", "paths": [str(tmp_path / "a.h5")], **told})
        again = read_configuration(pasted(refusal(values), values)).datasets["jets"].layout
        assert again.base == "benchmark"
        assert set(again.features) == {"d0", "dz"}


def test_jets_that_nobody_gives_features_are_refused(few, tmp_path):
    write_jets(tmp_path / "plain.npz", few[0], few[2])
    plain = {"source": "files", "paths": [str(tmp_path / "plain.npz")]}
    assert "has no further features" in refusal(configured(jets=plain)).found
    error = refusal(configured(jets={"source": "sample"}))
    assert "source sample of dataset jets has no further features" in error.found
    assert "files of your own" in error.remedy


def test_a_damaged_file_is_left_to_its_check(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"PK\x03\x04")
    required(configured(jets={"source": "files", "paths": [str(tmp_path / "a.npz")]}))


PFN = ("architectures", "pfn")


@pytest.mark.parametrize(
    ("entry", "where", "expected"),
    [
        ({"features": ["d0", "d0"]}, ".features", "names, each once"),
        ({"features": ["d 0"]}, ".features[0]", "letters, digits"),
        (
            {"features": ["d0"], "training": {"augmentation": [{"step": "split"}]}},
            "",
            "either `features` or the step `split`",
        ),
    ],
)
def test_features_that_cannot_be_are_told(entry, where, expected):
    error = mistake(changed(*PFN, value=entry))
    assert error.where == f"configuration, architectures.pfn{where}"
    assert expected in error.expected


def test_weights_of_weavers_are_of_its_own_features():
    start = {"weaver": "net.pt", "unchecked_jets": True}
    value = {"features": ["d0"], "start_from": start}
    error = mistake(changed("architectures", "particlenet", value=value))
    assert "either `features` or weights of weaver's" in error.expected


def test_an_energy_flow_network_takes_none_and_says_why():
    error = mistake(changed("architectures", "efn", value={"features": ["d0"]}))
    assert error.where == "configuration, architectures.efn"
    assert "infrared and collinear safe" in error.expected


def test_a_name_that_no_feature_can_have_is_told():
    layout = {"columns": {"pt": "a", "eta": "b", "phi": "c"}, "features": {"d 0": "x"}}
    files = {"source": "files", "paths": ["jets.root"], "layout": layout}
    error = mistake(changed("datasets", "jets", value=files))
    assert "letters, digits" in error.expected
