"""Which changes of the code alter a step's version, and which do not."""

from __future__ import annotations

import ast
import shutil
from typing import TYPE_CHECKING

import pytest

from jetline.models import read_settings
from jetline.planning import code_version as module
from jetline.planning import module_syntax
from jetline.planning.syntax import decisive

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def package(tmp_path, monkeypatch) -> Path:
    """A copy of the package that a test may change."""
    copy = tmp_path / "jetline"
    shutil.copytree(module.PACKAGE, copy)
    monkeypatch.setattr(module, "PACKAGE", copy)
    return copy


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def test_a_module_behind_several_steps_is_read_for_its_syntax_once(monkeypatch):
    module.code_version("training.job")
    monkeypatch.setattr(module_syntax, "_kept", lambda path: None)
    monkeypatch.setattr(module_syntax, "decisive", lambda tree: pytest.fail(ast.unparse(tree)))
    module.code_version("training.checkpoint", "core.files")


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
        return module.code_version("training.job", *read_settings(name, {}).modules)

    before = version("cnn"), version("pfn")
    append(package / "models/pfn.py", "\nCHANGED = True\n")
    assert version("cnn") == before[0]
    assert version("pfn") != before[1]


def test_a_new_architecture_changes_no_other(package):
    before = module.code_version("training.job", "models.cnn")
    shutil.copy(package / "models/cnn.py", package / "models/cnn_wide.py")
    assert module.code_version("training.job", "models.cnn") == before


@pytest.mark.parametrize(
    ("changed", "retrained"),
    [
        ("training/loop.py", {"cnn"}),
        ("training/optimisers.py", {"cnn"}),
        ("models/layers/trees.py", {"observables"}),
        ("models/layers/compiled/trees.py", {"observables"}),
        ("training/trainers/boosting.py", {"observables"}),
        ("training/checkpoint.py", {"cnn", "observables"}),
    ],
)
def test_networks_and_trees_have_code_of_their_own(package, changed, retrained):
    def versions():
        return {
            name: module.code_version("training.job", *read_settings(name, {}).modules)
            for name in ("cnn", "observables")
        }

    before = versions()
    append(package / changed, "\nCHANGED = True\n")
    after = versions()
    assert {name for name in before if before[name] != after[name]} == retrained


def test_neither_configuration_nor_tracking_nor_evaluation_decides_a_training():
    architecture = read_settings("pfn", {})
    dependencies = module.dependencies("training.job", *architecture.modules)
    assert "training.loop" in dependencies
    assert "training.batches" in dependencies
    packages = {name.split(".")[0] for name in dependencies}
    assert packages == {"core", "records", "jets", "inputs", "models", "training"}


# Messages


class Reworded(ast.NodeTransformer):
    """Other words in all that is passed to an error, to `print` or to a log."""

    def __init__(self):
        self.inside = self.changed = 0

    def within(self, node):
        self.inside += 1
        self.generic_visit(node)
        self.inside -= 1
        return node

    def visit_Raise(self, node):
        return self.within(node)

    def visit_Call(self, node):
        told = isinstance(node.func, ast.Name) and node.func.id in ("JetlineError", "print")
        return self.within(node) if told else self.generic_visit(node)

    def visit_Constant(self, node):
        if self.inside and isinstance(node.value, str):
            self.changed += 1
            return ast.copy_location(ast.Constant(f"other words than {node.value}"), node)
        return node


def test_messages_reworded_everywhere_change_no_version_of_any_step(package):
    steps = [("training.job", "models.pfn"), ("evaluation.predictions",), ("inputs.split",)]
    steps += [("jets.index",), ("sources.pythia.generation",), ("tracking.trainings",)]
    before = [module.code_version(*step) for step in steps]
    reworded = 0
    for path in package.rglob("*.py"):
        changer = Reworded()
        tree = changer.visit(ast.parse(path.read_text()))
        path.write_text(ast.unparse(tree))
        reworded += changer.changed
    assert reworded > 300
    assert [module.code_version(*step) for step in steps] == before


def test_a_remedy_that_is_chosen_before_it_is_raised_changes_no_version(package):
    path = package / "core/files.py"
    text = path.read_text()
    before = module.code_version("training.job", "models.pfn")
    path.write_text(text.replace('"run the step that makes it"', '"make it"'))
    assert path.read_text() != text
    assert module.code_version("training.job", "models.pfn") == before


def syntax(code: str) -> str:
    return ast.dump(decisive(ast.parse(code)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("raise ValueError('a')", "raise ValueError(f'{b} c')"),
        ("print(f'{a}')", "print(a, b)"),
        ("warnings.warn('a')", "warnings.warn('b', stacklevel=2)"),
        ("def f():\n  'a'\n  return 1", "def f():\n  return 1"),
        ("x = Field(1, description='a')", "x = Field(1, description='b')"),
        (
            "def f(a) -> JetlineError:\n  return JetlineError(a)\ndef g(): return f('a')",
            "def f(a) -> JetlineError:\n  return JetlineError(a + 'b')\ndef g(): return f('b')",
        ),
        (
            "def f():\n  told = 'a' if b else 'c'\n  raise JetlineError(told)",
            "def f():\n  told = f'd {b}'\n  raise JetlineError(told)",
        ),
    ],
)
def test_what_only_people_read_does_not_count(before, after):
    assert syntax(before) == syntax(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("if a > 1: raise ValueError('a')", "if a > 2: raise ValueError('a')"),
        ("raise ValueError('a')", "raise TypeError('a')"),
        ("def f():\n  told = 'a'\n  return told", "def f():\n  told = 'b'\n  return told"),
        (
            "def f():\n  n = int(a)\n  raise JetlineError(n)",
            "def f():\n  n = int(b)\n  raise JetlineError(n)",
        ),
        ("told('a')", "told('b')"),
    ],
)
def test_what_decides_counts(before, after):
    assert syntax(before) != syntax(after)
