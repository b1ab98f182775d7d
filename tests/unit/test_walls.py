"""Which modules may import which, and how long a module may be."""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import jetline
from jetline.planning.syntax import decisive

PACKAGE = Path(jetline.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
#: The one package of ours that knows Snakemake.
PLUGIN = "snakemake_logger_plugin_jetline"
PLUGIN_MODULES = sorted((PACKAGE.parent / PLUGIN).rglob("*.py"))


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
    assert importers("snakemake_interface_logger_plugins") == set()


def test_nothing_imports_the_plugin_that_does():
    assert PLUGIN_MODULES
    assert importers(PLUGIN) == set()


def test_the_plugin_takes_of_ours_only_the_result_its_errors_letters_and_the_cluster():
    ours = {
        name for path in PLUGIN_MODULES for name in imported(path) if name.startswith("jetline")
    }
    assert {name for name in ours if name.count(".") == 2 and name.islower()} == {
        "jetline.cluster.ending",
        "jetline.cluster.profile",
        "jetline.cluster.queue",
        "jetline.core.attempts",
        "jetline.core.errors",
        "jetline.core.letters",
        "jetline.report.result",
    }


def test_no_benchmark_has_the_name_of_a_module_that_numba_looks_for():
    # Run as a file, a benchmark finds what lies beside it first; numba tries `coverage`.
    benchmarks = PACKAGE.parents[1] / "benchmarks"
    assert (benchmarks / "near_copies.py").is_file()
    code = "import jetline.core.compiled"
    subprocess.run([sys.executable, "-c", code], cwd=benchmarks, check=True)


def test_only_tracking_imports_mlflow():
    assert {name.split("/")[0] for name in importers("mlflow")} == {"tracking"}


def test_only_studies_import_optuna():
    assert importers("optuna") == {"scans/study.py"}


def test_only_exports_import_onnx():
    for package in ("onnx", "onnxruntime"):
        assert {name.split("/")[0] for name in importers(package)} == {"export"}


def test_only_the_generator_imports_pythia():
    assert importers("pythia8mc") == {"sources/pythia/events.py"}


@pytest.mark.parametrize(
    ("package", "module"), [("uproot", "root"), ("awkward", "root"), ("h5py", "hdf5")]
)
def test_only_what_reads_and_what_writes_a_kind_of_file_imports_its_package(package, module):
    modules = {f"jets/containers/{module}.py", f"training/score_tables/{module}.py"}
    assert f"jets/containers/{module}.py" in importers(package) <= modules


def test_only_training_and_models_import_keras():
    folders = {name.split("/")[0] for name in importers("keras")}
    assert folders == {"training", "models"}


def test_only_compiled_code_imports_numba():
    assert importers("numba") == {"core/compiled.py"}


def test_models_know_nothing_else_of_ours_but_names_and_tensors_of_inputs():
    for path in (PACKAGE / "models").rglob("*.py"):
        ours = {name for name in imported(path) if name.startswith("jetline.")}
        allowed = (
            "jetline.models",
            "jetline.core.classes",
            "jetline.core.compiled",
            "jetline.core.errors",
            "jetline.core.feature_names",
            "jetline.core.registry",
            "jetline.core.settings",
            "jetline.inputs.view",
            # The settings of a training name the steps that change its jets.
            "jetline.inputs.augmentation",
            # What an architecture can be told of is known by its name.
            "jetline.inputs.kinds.observables",
        )
        assert all(name.startswith(allowed) for name in ours), (path.name, ours)


FLOORS = [
    {"core"},
    {"records"},
    {"jets"},
    {"observables", "pictures"},
    {"sources", "inputs"},
    {"models"},
    {"scans"},
    {"training"},
    {"explanation", "export", "generative", "taggers"},
    {"evaluation", "validation", "configuration"},
    {"report"},
    {"tracking", "planning", "cluster"},
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
    assert upward == set()
    assert set(height) == {package_of(path) for path in MODULES} - {"__init__.py"}


def name_of(path: Path) -> str:
    """Return the dotted name of a module, that of its folder for an ``__init__``."""
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(
        ".__init__"
    )


def import_graph() -> dict[str, set[str]]:
    """Return, of each module of ours, those of ours that it imports, wherever the import stands."""
    modules = {name_of(path) for path in MODULES}
    graph = {}
    for path in MODULES:
        names = imported(path) & modules
        # `from package import module` names both, and needs of the package no more than the module.
        parents = {name.rpartition(".")[0] for name in names}
        graph[name_of(path)] = {name for name in names if name not in parents or name in used(path)}
    return graph


def used(path: Path) -> set[str]:
    """Return the packages of which a module imports something that is no module of them."""
    modules = {name_of(other) for other in MODULES}
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {
        node.module
        for node in tree
        if isinstance(node, ast.ImportFrom)
        and any(f"{node.module}.{alias.name}" not in modules for alias in node.names)
    }


def test_no_modules_import_each_other_in_a_circle():
    try:
        order = list(graphlib.TopologicalSorter(import_graph()).static_order())
    except graphlib.CycleError as error:
        pytest.fail("a circle of imports: " + " <- ".join(error.args[1]))
    assert order.index("jetline.core.errors") < order.index("jetline.configuration.reading")


def test_only_the_plans_paths_lie_in_the_results_folder():
    # Documentation, descriptions and the texts of errors may name it.
    naming = {
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES
        for node in ast.walk(decisive(ast.parse(path.read_text(encoding="utf-8"))))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"\bresults/\w", node.value)
    }
    assert naming <= {"planning/paths.py"}


def test_no_class_is_called_settings_but_the_base_of_all():
    called = {
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES
        if re.search(r"^class Settings\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert called == {"core/settings.py"}


def test_no_module_is_longer_than_300_lines():
    modules = [*MODULES, *PLUGIN_MODULES]
    long = {str(path): len(path.read_text().splitlines()) for path in modules}
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
    "pictures.index": set(),
    "sources.digits": set(),
    "sources.mnist": set(),
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
    "planning.paths": set(),
    "planning.plan": set(),
    "planning.arguments": set(),
    "planning.scans": set(),
    "scans.rounds": set(),
    "scans.conclusion": set(),
    "planning.command": set(),
    "planning.code_version": set(),
    "cli.main": set(),
    "models": set(),
    "models.cnn": set(),
    "models.observables": set(),
    "models.pfn": set(),
    "training.device": set(),
    "training.devices": set(),
    "planning.devices": set(),
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
        "report.comparison_plots",
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
