"""pyproject.toml, the two locks and the two conda environments agree on what is installed."""

import re
import tomllib
from importlib.metadata import requires
from typing import Any

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from jetline.training.driver import LOCKED_CUDA
from locks import Entries, entries_of

#: Extras that are part of the locked environment; the others are installed by who needs them.
LOCKED = ("generate", "formats", "onnx", "scan", "jax", "dev")

#: Of each lock, its extras.
EXTRAS = {"requirements.lock": LOCKED, "requirements-gpu.lock": (*LOCKED, "gpu")}

#: Where everything in the lock can be installed.
LINUX = default_environment() | {
    "sys_platform": "linux",
    "platform_system": "Linux",
    "platform_machine": "x86_64",
    "os_name": "posix",
}


@pytest.fixture(scope="module")
def project(root) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module", params=EXTRAS)
def lock(request) -> str:
    """Name of a lock."""
    return request.param


@pytest.fixture(scope="module")
def text(root, lock) -> str:
    return (root / lock).read_text()


@pytest.fixture(scope="module")
def entries(text) -> Entries:
    return entries_of(text)


def locked_version(requirement: Requirement) -> Version:
    (specifier,) = requirement.specifier
    assert specifier.operator == "==", requirement
    assert "*" not in specifier.version, requirement
    return Version(specifier.version)


def requirements(project: dict[str, Any], *extras: str) -> list[Requirement]:
    optional = project["optional-dependencies"]
    texts = [*project["dependencies"], *(text for extra in extras for text in optional[extra])]
    return [Requirement(text) for text in texts]


def test_every_dependency_is_locked_at_a_version_that_it_allows(project, entries, lock):
    assert set(LOCKED) <= set(project["optional-dependencies"])
    for wanted in requirements(project, *EXTRAS[lock]):
        locked = entries.get(canonicalize_name(wanted.name), [])
        assert locked, f"{wanted.name} is not in {lock}: run `make lock`"
        for requirement, _ in locked:
            version = locked_version(requirement)
            assert wanted.specifier.contains(version, prereleases=True), (
                f"{lock} has {wanted.name} {version}, pyproject.toml asks for "
                f"{wanted.specifier}: run `make lock`"
            )


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_every_python_gets_one_version_of_every_dependency(project, entries, lock, python):
    environment = LINUX | {"python_version": python, "python_full_version": f"{python}.5"}
    assert SpecifierSet(project["requires-python"]).contains(f"{python}.5")
    for name, locked in entries.items():
        chosen = [one for one, _ in locked if not one.marker or one.marker.evaluate(environment)]
        assert len(chosen) <= 1, f"{name}: {chosen}"
    for wanted in requirements(project, *EXTRAS[lock]):
        locked = entries[canonicalize_name(wanted.name)]
        assert any(not one.marker or one.marker.evaluate(environment) for one, _ in locked), wanted


def test_every_locked_package_is_pinned_and_has_hashes(entries):
    assert len(entries) > 50
    for locked in entries.values():
        for requirement, hashes in locked:
            locked_version(requirement)
            assert hashes, f"{requirement} has no hash"
            assert all(re.fullmatch("sha256:[0-9a-f]{64}", digest) for digest in hashes)


def test_the_lock_names_no_address(text, entries):
    for word in ("http:", "https:", "file:", "git+", "--index", "--extra-index", "--find-links"):
        assert word not in text, word
    assert not re.search(r"^\s*-[efir]\b", text, re.MULTILINE)
    assert all(not requirement.url for locked in entries.values() for requirement, _ in locked)


def test_what_only_some_machines_need_is_not_locked(project, root):
    entries = entries_of((root / "requirements.lock").read_text())
    others = set(project["optional-dependencies"]) - set(LOCKED)
    assert "gpu" in others
    assert not [name for name in entries if is_cuda(name)]
    wanted = {canonicalize_name(one.name) for one in requirements(project, *LOCKED)}
    for extra in others:
        for text in project["optional-dependencies"][extra]:
            name = canonicalize_name(Requirement(text).name)
            assert name in wanted or name not in entries, f"{name} of the extra {extra} is locked"


def is_cuda(name: str) -> bool:
    """Whether a package is part of CUDA, or what lets JAX use it."""
    return name.startswith(("nvidia-", "jax-cuda"))


def test_the_lock_for_a_gpu_differs_by_cuda_alone(root):
    plain, gpu = (
        entries_of((root / name).read_text())
        for name in ("requirements.lock", "requirements-gpu.lock")
    )

    def told(entries: Entries) -> dict[str, set[tuple[str, ...]]]:
        return {
            name: {(str(one), *sorted(hashes)) for one, hashes in locked}
            for name, locked in entries.items()
        }

    assert told({name: one for name, one in gpu.items() if not is_cuda(name)}) == told(plain)
    assert set(gpu) > set(plain)


def test_one_set_of_cuda_serves_both_backends(root):
    entries = entries_of((root / "requirements-gpu.lock").read_text())
    cuda = {name: locked for name, locked in entries.items() if name.startswith("nvidia-")}
    # Libraries of two majors side by side break each other.
    assert all(name.endswith("-cu12") for name in cuda)
    assert all(len(locked) == 1 for locked in cuda.values())
    assert {"nvidia-cublas-cu12", "nvidia-cudnn-cu12", "nvidia-cuda-runtime-cu12"} <= set(cuda)
    assert f"jax-cuda{LOCKED_CUDA}-plugin" in entries
    for owner, extra in (("tensorflow", "and-cuda"), ("jax", "cuda12")):
        needed = [Requirement(text) for text in requires(owner) or ()]
        for one in needed:
            if not (one.marker and one.marker.evaluate(LINUX | {"extra": extra})):
                continue
            for locked, _ in cuda.get(canonicalize_name(one.name), []):
                assert one.specifier.contains(locked_version(locked)), one
            assert not one.name.startswith("nvidia-") or canonicalize_name(one.name) in cuda, one


def test_the_conda_environment_for_a_gpu_is_the_other_with_its_lock(root):
    plain, gpu = ((root / f"environment{one}.yml").read_text() for one in ("", "-gpu"))
    exchanged = plain.replace("requirements.lock", "requirements-gpu.lock")
    assert gpu == exchanged.replace("environment.yml", "environment-gpu.yml")
    assert gpu != plain


def test_the_conda_environment_takes_python_from_conda_forge_and_the_rest_from_the_lock(
    root, project
):
    environment = yaml.safe_load((root / "environment.yml").read_text())
    assert environment["name"] == "jetline"
    assert environment["channels"] == ["conda-forge"]
    plain = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    (pip,) = [entry for entry in environment["dependencies"] if not isinstance(entry, str)]
    names = [re.split("[ =<>]", entry)[0] for entry in plain]
    assert set(names) == {"python", "pip", "make"}
    python = SpecifierSet(plain[names.index("python")].removeprefix("python"))
    assert python == SpecifierSet(project["requires-python"])
    assert pip == {"pip": ["-r requirements.lock"]}
    assert (root / "requirements.lock").exists()
