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
    assert importers("mlflow") == {"tracking/trainings.py"}


def test_only_the_generator_imports_pythia():
    assert importers("pythia8mc") == {"sources/pythia/events.py"}


def test_only_training_and_models_import_keras():
    folders = {name.split("/")[0] for name in importers("keras")}
    assert folders == {"training", "models"}


def test_only_compiled_code_imports_numba():
    assert importers("numba") == {"core/compiled.py"}


def test_models_know_nothing_else_of_ours_but_errors_and_observables():
    for path in (PACKAGE / "models").rglob("*.py"):
        ours = {name for name in imported(path) if name.startswith("jetline.")}
        # What an architecture can be told of is known by its name.
        allowed = ("jetline.models", "jetline.core.errors", "jetline.inputs.kinds.observables")
        assert all(name.startswith(allowed) for name in ours), (path.name, ours)


FLOORS = [
    {"core"},
    {"records"},
    {"jets"},
    {"observables"},
    {"sources", "inputs"},
    {"models"},
    {"training"},
    {"evaluation", "validation", "tracking", "configuration"},
    {"report"},
    {"planning"},
    {"cli"},
]
"""Packages, each of which rests only on those before it; of one floor none imports another."""


def package_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0]


def test_each_package_rests_only_on_those_before_it():
    height = {name: number for number, floor in enumerate(FLOORS) for name in floor}
    upward = {
        (path.relative_to(PACKAGE).as_posix(), name)
        for path in MODULES
        if path != PACKAGE / "__init__.py"
        for name in imported(path)
        if name.startswith("jetline.")
        and (own := package_of(path)) != (other := name.split(".")[1])
        and other in height
        and height[other] >= height[own]
    }
    # The comparison still draws its own figures.
    assert {name for name, _ in upward} <= {"evaluation/comparison.py"}
    assert set(height) == {package_of(path) for path in MODULES} - {"__init__.py"}


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
    "validation.measurement": set(),
    "validation.measures": set(),
    "inputs.kinds.images.imaging": set(),
    "inputs.kinds.images.built_in": set(),
    "inputs.kinds.images.kernel": {"numba", "scipy"},
    "inputs.kinds.particles": set(),
    "inputs.kinds.observables": set(),
    "inputs.making": set(),
    "jets.reading": set(),
    "observables.table": set(),
    "observables.clustering": {"numba", "scipy"},
    "inputs.split": set(),
    "inputs.statistics": set(),
    "configuration.reading": set(),
    "configuration.consistency": set(),
    "planning.layout": set(),
    "planning.code_version": set(),
    "cli.main": set(),
    "models": set(),
    "models.cnn": set(),
    "models.observables": set(),
    "models.pfn": set(),
    "training.device": set(),
    "sources.pythia.generation": set(),
    "sources.zenodo.catalogue": set(),
    "sources.zenodo.download": set(),
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
        "report.jets_page",
        "report.images_page",
        "report.run_page",
        "tracking.trainings",
    ],
)
def test_evaluation_and_tracking_need_no_tensorflow(module):
    code = f"import sys, jetline.{module}; print(*{{n.split('.')[0] for n in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(run.stdout.split()) & {"tensorflow", "keras", "jax", "torch"}
