"""The walls between the parts of the package."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import jetline

PACKAGE = Path(jetline.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Names that a module imports anywhere in it, ours down to the module."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def importers(package: str) -> set[str]:
    """Modules of ours that import a package."""
    return {
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES
        if any(name == package or name.startswith(f"{package}.") for name in imported(path))
    }


def test_nothing_imports_snakemake():
    assert importers("snakemake") == set()


def test_only_tracking_imports_mlflow():
    assert importers("mlflow") == {"tracking.py"}


def test_only_the_generator_imports_pythia():
    assert importers("pythia8mc") == {"jets/pythia.py"}


def test_only_training_and_models_import_keras():
    folders = {name.split("/")[0] for name in importers("keras")}
    assert folders == {"training", "models"}


def test_only_compiled_code_imports_numba():
    assert importers("numba") == {"inputs/compiled.py"}


def test_models_know_nothing_else_of_ours_but_errors_and_observables():
    for path in (PACKAGE / "models").glob("*.py"):
        ours = {name for name in imported(path) if name.startswith("jetline.")}
        # What an architecture can be told of is known by its name.
        allowed = ("jetline.models", "jetline.errors", "jetline.inputs.observables")
        assert all(name.startswith(allowed) for name in ours), (path.name, ours)


FLOORS = [
    {"errors", "files", "locks", "progress", "randomness", "settings"},
    {"jets"},
    {"inputs"},
    {"models"},
    {"sources"},
    {
        "config",
        "config_contradictions",
        "config_documentation",
        "config_errors",
        "config_words",
        "layout",
        "code_version",
        "tracking",
    },
    {"training", "evaluation", "ui"},
    {"commands"},
    {"cli"},
]


def test_each_floor_rests_only_on_those_below():
    height = {name: number for number, floor in enumerate(FLOORS) for name in floor}
    for path in MODULES:
        part = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if part == "__init__":
            continue
        for name in imported(path):
            if name.startswith("jetline."):
                other = name.split(".")[1]
                if other in height:
                    assert height[other] <= height[part], f"{path} imports {name}"
    assert set(height) == {
        path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in MODULES
    } - {"__init__"}


def test_no_module_is_longer_than_300_lines():
    long = {str(path): len(path.read_text().splitlines()) for path in MODULES}
    assert {path: lines for path, lines in long.items() if lines > 300} == {}


HEAVY = {
    "tensorflow",
    "keras",
    "jax",
    "torch",
    "sklearn",
    "pandas",
    "pyarrow",
    "mlflow",
    "matplotlib",
    "scipy",
    "numba",
}

#: What each command may load of the packages that are slow to import.
ALLOWED = {
    "jets.index": set(),
    "jets.measurement": set(),
    "jets.validation": set(),
    "inputs.images": set(),
    "inputs.catalogue": set(),
    "inputs.kernel": {"numba", "scipy"},
    "inputs.particles": set(),
    "inputs.observables": set(),
    "inputs.substructure": {"numba", "scipy"},
    "inputs.split": set(),
    "inputs.statistics": set(),
    "config": set(),
    "config_contradictions": set(),
    "layout": set(),
    "code_version": set(),
    "cli": set(),
    "models": set(),
    "models.cnn": set(),
    "models.observables": set(),
    "models.pfn": set(),
    "training.device": set(),
    "jets.generation": set(),
    "jets.zenodo": set(),
    "jets.download": set(),
}


@pytest.mark.parametrize("module", ALLOWED)
def test_a_step_loads_no_package_that_it_does_not_need(module):
    code = f"import sys, jetline.{module}; print(*{{n.split('.')[0] for n in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) & HEAVY <= ALLOWED[module]


@pytest.mark.parametrize(
    "module",
    [
        "evaluation.predictions",
        "evaluation.comparison",
        "evaluation.cuts",
        "evaluation.jets_page",
        "evaluation.gallery",
        "evaluation.report",
        "tracking",
    ],
)
def test_evaluation_and_tracking_need_no_tensorflow(module):
    code = f"import sys, jetline.{module}; print(*{{n.split('.')[0] for n in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(run.stdout.split()) & {"tensorflow", "keras", "jax", "torch"}
