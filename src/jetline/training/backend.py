"""The choice of Keras' backend: one word of the configuration, which nothing contradicts."""

from __future__ import annotations

import importlib.util
import os

from jetline.core.errors import JetlineError
from jetline.training.numerics import BACKENDS

_VARIABLE = "KERAS_BACKEND"


def require_backend(wanted: str) -> None:
    """Make sure that a backend is installed, and that the environment asks for no other.

    Parameters
    ----------
    wanted : "tensorflow" or "jax"
        The configuration's `backend`.

    Raises
    ------
    JetlineError
        If it is not installed, or ``KERAS_BACKEND`` is another one.
    """
    chosen = os.environ.get(_VARIABLE)
    if chosen and chosen != wanted:
        other = f", or set `backend: {chosen}`" if chosen in BACKENDS else ""
        raise JetlineError(
            _VARIABLE,
            found=f"{chosen}, where {wanted} is asked for",
            expected=f"{wanted} or nothing, since the configuration's `backend` decides",
            remedy=f"unset {_VARIABLE}{other}",
        )
    if importlib.util.find_spec(wanted) is None:
        raise JetlineError(
            "configuration, backend",
            found=f"{wanted}, which is not installed",
            expected="an installed backend",
            remedy=_installing(wanted),
        )


def choose_backend(wanted: str) -> None:
    """Let Keras use a backend in this process; before keras is imported.

    Parameters
    ----------
    wanted : "tensorflow" or "jax"
        As in `require_backend`.

    Raises
    ------
    JetlineError
        As in `require_backend`.
    """
    require_backend(wanted)
    os.environ[_VARIABLE] = wanted


def require_jax() -> None:
    """Make sure, once the backend is settled, that several seeds can train together.

    Raises
    ------
    JetlineError
        If it is not JAX.
    """
    if (backend := os.environ.get(_VARIABLE)) != "jax":
        raise JetlineError(
            "--backend",
            found=f"{backend}",
            expected="jax, which alone takes the steps of several seeds at once",
            remedy="give --backend jax, or train each seed by itself: jetline train",
        )


def _installing(backend: str) -> str:
    what = "'.[jax]'" if backend == "jax" else "."
    return f"in the checkout: make setup, or pip install -e {what} into this environment"
