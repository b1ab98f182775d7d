"""The packages that exports need, which not every installation has."""

from __future__ import annotations

import importlib.util

from jetline.core.errors import JetlineError


def require_packages() -> None:
    """Refuse to go on without the packages of the extra `onnx`.

    Raises
    ------
    JetlineError
        If one is missing.
    """
    missing = [name for name in ("onnx", "onnxruntime") if importlib.util.find_spec(name) is None]
    if missing:
        raise JetlineError(
            "this environment",
            found="no package " + " and no package ".join(missing),
            expected="onnx and onnxruntime, which write and run ONNX models",
            remedy="in the checkout: pip install -e '.[onnx]'",
        )
