"""What changes a step's version, and what does not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jetline.planning import code_version as module


@pytest.fixture
def package(tmp_path, monkeypatch) -> Path:
    """A copy of the package that a test may change."""
    copy = tmp_path / "jetline"
    shutil.copytree(module.PACKAGE, copy)
    monkeypatch.setattr(module, "PACKAGE", copy)
    return copy


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def test_a_comment_changes_no_version(package):
    before = module.code_version("inputs.kinds.images.input_kind")
    append(package / "inputs/kinds/images/imaging.py", "\n# a comment\n")
    assert module.code_version("inputs.kinds.images.input_kind") == before


def test_a_docstring_changes_no_version(package):
    before = module.code_version("inputs.kinds.images.input_kind")
    path = package / "inputs/kinds/images/imaging.py"
    path.write_text(path.read_text().replace('"""Image jets.', '"""Make images of jets.'))
    assert module.code_version("inputs.kinds.images.input_kind") == before


def test_a_description_of_a_setting_changes_no_version(package):
    before = module.code_version("models.pfn")
    path = package / "models/architecture.py"
    text = path.read_text()
    path.write_text(text.replace('description="jets in one step"', 'description="jets a step"'))
    assert path.read_text() != text
    assert module.code_version("models.pfn") == before


def test_code_changes_the_version_of_what_imports_it_and_of_nothing_else(package):
    steps = (
        "inputs.kinds.images.input_kind",
        "inputs.kinds.particles",
        "evaluation.predictions",
        "training.job",
    )
    before = {step: module.code_version(step) for step in steps}
    append(package / "inputs/kinds/images/imaging.py", "\nCHANGED = True\n")
    changed = {step for step in steps if module.code_version(step) != before[step]}
    assert changed == {"inputs.kinds.images.input_kind"}


def test_a_change_two_imports_away_counts(package):
    before = module.code_version("inputs.kinds.images.input_kind")
    append(package / "core/files.py", "\nCHANGED = True\n")
    assert module.code_version("inputs.kinds.images.input_kind") != before


def test_one_architecture_changes_no_other(package):
    def version(name):
        return module.code_version("training.job", f"models.{name}")

    before = version("cnn"), version("pfn")
    append(package / "models/pfn.py", "\nCHANGED = True\n")
    assert version("cnn") == before[0]
    assert version("pfn") != before[1]


def test_a_new_architecture_changes_no_other(package):
    before = module.code_version("training.job", "models.cnn")
    shutil.copy(package / "models/cnn.py", package / "models/cnn_wide.py")
    assert module.code_version("training.job", "models.cnn") == before


def test_neither_configuration_nor_tracking_nor_evaluation_decides_a_training():
    dependencies = module.dependencies("training.job", "models.pfn")
    assert "training.batches" in dependencies
    packages = {name.split(".")[0] for name in dependencies}
    assert packages == {"core", "records", "jets", "inputs", "models", "training"}
