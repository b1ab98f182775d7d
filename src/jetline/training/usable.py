"""Which of a machine's GPUs a backend can use, as far as its files tell without importing it.

That is known at once, where the workflow counts slots and a training takes one. What only the
backend itself finds out (`jetline.training.probe`), such as a library that does not load, is not.
"""

from __future__ import annotations

import ast
import importlib.util
import os
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jetline.training.probe import JAX_CAPABILITY, lowest_capability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.training.driver import Gpu


def usable_gpus(gpus: Sequence[Gpu], backend: str) -> list[Gpu]:
    """Leave out those that a backend cannot use for certain.

    Parameters
    ----------
    gpus : sequence of Gpu
        Of the machine.
    backend : str
        "tensorflow" or "jax".
    """
    built, lowest = (_jax if backend == "jax" else _tensorflow)()
    if not built:
        return []
    return [gpu for gpu in gpus if not (lowest and gpu.capability and gpu.capability < lowest)]


def _jax() -> tuple[bool, tuple[int, int] | None]:
    """Tell whether JAX may use a GPU, and the lowest compute capability that it can use."""
    platforms = os.environ.get("JAX_PLATFORMS", "")
    if platforms and not {"cuda", "gpu"} & set(platforms.split(",")):
        return False, None
    majors = [n for n in JAX_CAPABILITY if importlib.util.find_spec(f"jax_cuda{n}_plugin")]
    if majors:
        return True, JAX_CAPABILITY[max(majors)]
    try:
        installer = (distribution("jaxlib").read_text("INSTALLER") or "").strip()
    except PackageNotFoundError:
        installer = ""
    # Wheels have CUDA as a package of its own; another build may have it inside.
    return installer not in ("pip", "uv"), None


def _tensorflow() -> tuple[bool, tuple[int, int] | None]:
    """Tell the same of TensorFlow, from the file in which it describes its build."""
    spec = importlib.util.find_spec("tensorflow")
    for place in (spec.submodule_search_locations if spec else None) or ():
        told = _build_info(Path(place) / "python/platform/build_info.py")
        if "is_cuda_build" in told:
            return bool(told["is_cuda_build"]), lowest_capability(told)
    return True, None


def _build_info(path: Path) -> dict[str, Any]:
    """Read the description of a build; empty where it is written in another way."""
    try:
        module = ast.parse(path.read_text(encoding="utf-8"))
        (call,) = (
            node.value
            for node in module.body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "build_info"
        )
        assert isinstance(call, ast.Call)
        return dict(ast.literal_eval(call.args[0]))
    except (OSError, SyntaxError, ValueError, AssertionError, IndexError, TypeError):
        return {}
