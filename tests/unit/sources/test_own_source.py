"""The source in CONTRIBUTING.md, which is one file, works like any other source."""

from __future__ import annotations

import subprocess
import sys

from contributing import example_of

#: Runs in a process of its own, because the schema is built when it is imported.
PROGRAM = """
import sys
from pathlib import Path

import jetline.sources

folder = Path(sys.argv[1])
jetline.sources.__path__.append(str(folder / "sources"))

from jetline.configuration.documentation import documentation, schema
from jetline.configuration.reading import read_configuration
from jetline.core.errors import JetlineError

def refused(**keys):
    try:
        configured(**keys)
    except JetlineError as error:
        return error
    raise AssertionError(keys)

def configured(**keys):
    entry = {"source": "energyflow", "files": 1, "cache": str(folder), **keys}
    values = {"run": "mine", "datasets": {"jets": entry}, "train_on": "jets", "test_on": ["jets"]}
    configuration = read_configuration({**values, "architectures": {"pfn": {}}})
    source = configuration.datasets["jets"]
    return source, source.jet_files(folder)

source, files = configured()
made = ["digits", "drawn", "energyflow", "files", "mnist", "pictures", "pythia", "sample", "zenodo"]
assert list(jetline.sources.SOURCES) == made
assert type(source) is jetline.sources.SOURCES["energyflow"]
assert source.key == "energyflow"
assert files == {"QG_jets": str(folder / "datasets/QG_jets.npz")}
assert source.sha256("QG_jets").startswith("3f27a02e")
assert source.arguments([source]) == []
assert refused(file=1).remedy == "did you mean files?"
assert refused(files=21).where == "configuration, datasets.jets.files"
assert refused(source="energyflo").remedy == "did you mean energyflow?"
assert refused(files=2).found == "no such file"
assert "### `source: energyflow`" in documentation()
assert "EnergyFlowSource" in schema()["$defs"]
"""


def test_the_source_in_contributing_is_configured_explained_and_documented(root, tmp_path):
    (tmp_path / "sources").mkdir()
    example = example_of(root, "Add a source of jets in one file")
    (tmp_path / "sources/energyflow.py").write_text(example)
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets/QG_jets.npz").touch()
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
