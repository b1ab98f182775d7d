"""Read a ``state_dict`` of PyTorch's, and nothing else of such a file."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np


def read_state(weights: Path) -> dict[str, np.ndarray]:
    """Read a ``state_dict`` as arrays.

    Raises
    ------
    JetlineError
        If PyTorch is missing, or the file is no ``state_dict``.
    """
    torch = require_torch()
    try:
        state = torch.load(weights, map_location="cpu", weights_only=True)
        return {name: values.double().numpy() for name, values in state.items()}
    except OSError as error:
        raise JetlineError(
            str(weights),
            found=error.strerror or "unreadable",
            expected="a file of weights",
            remedy="check the path",
        ) from None
    # PyTorch's own message advises to load what may run code.
    except (pickle.UnpicklingError, RuntimeError, EOFError, AttributeError):
        raise JetlineError(
            str(weights),
            found="no weights alone",
            expected="a state_dict, saved by torch.save(model.state_dict(), ...)",
            remedy="save it so; nothing else is loaded from a file of PyTorch's",
        ) from None


def require_torch() -> Any:
    """Give PyTorch.

    Raises
    ------
    JetlineError
        If it is not installed.
    """
    try:
        import torch
    except ImportError:
        raise JetlineError(
            "PyTorch",
            found="not installed",
            expected="installed, because files of weaver's weights are its own",
            remedy="pip install torch",
        ) from None
    return torch
