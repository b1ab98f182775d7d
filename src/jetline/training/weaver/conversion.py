"""Files of weights that weaver-core trained, to and fro."""

from __future__ import annotations

import pickle
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jetline.core.errors import JetlineError
from jetline.core.files import atomic, sha256_of, write_json
from jetline.models import read_settings
from jetline.training.prediction import load_training
from jetline.training.weaver.weights import from_weaver, to_weaver


def read_weaver(weights: Path, architecture: str, identity: str, training: Path) -> None:
    """Make a folder of a training, which ``jetline score`` takes, from weights of weaver's.

    Parameters
    ----------
    weights : Path
        A ``state_dict`` that PyTorch saved; whatever else such a file may hold is not loaded.
    architecture, identity : str
        As in the configuration's `architectures`.
    training : Path
        The folder; ``model.keras`` and ``training.json`` are written into it.

    Raises
    ------
    JetlineError
        If PyTorch is missing, the file is no ``state_dict``, or is of another network.
    """
    torch = _torch()
    view = read_settings(architecture, {}).view
    if view is None or view.features != "particle_cloud":
        raise JetlineError(
            "--architecture",
            found=architecture,
            expected="one that weaver has: particlenet, particle-transformer",
            remedy="name the one that the weights are of",
        )
    settings = read_settings(architecture, {"identity": identity})
    try:
        state = torch.load(weights, map_location="cpu", weights_only=True)
        # What wraps a network puts its own name before the weights'.
        arrays = {
            name.removeprefix("module.").removeprefix("mod."): values.double().numpy()
            for name, values in state.items()
        }
    except OSError as error:
        raise JetlineError(
            str(weights),
            found=error.strerror,
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
    model = settings.build({})
    from_weaver(model, arrays)
    training.mkdir(parents=True, exist_ok=True)
    with atomic(training / "model.keras") as temporary:
        model.save(temporary)
    facts = {
        "architecture": architecture,
        "inputs": settings.inputs,
        "identity": identity,
        "settings": settings.model_dump(mode="json"),
        "view": asdict(settings.view),
        "weights": {"file": str(weights), "sha256": sha256_of(weights)},
    }
    write_json(training / "training.json", facts)


def write_weaver(training: Path, weights: Path) -> None:
    """Write the weights of a training as a ``state_dict`` that weaver's network loads.

    Raises
    ------
    JetlineError
        If PyTorch is missing, or weaver has no such network.
    """
    torch = _torch()
    model, facts = load_training(training)
    view = facts["view"]
    if view is None or view["features"] != "particle_cloud":
        raise JetlineError(
            str(training),
            found=f"architecture {facts['architecture']}",
            expected="one that weaver has: particlenet, particle-transformer",
            remedy="give the folder of such a training",
        )
    # Copies, because what is turned or swapped is a view backwards, which PyTorch does not take.
    state = {name: torch.from_numpy(values.copy()) for name, values in to_weaver(model).items()}
    for name in [name for name in state if name.endswith("running_mean")]:
        # PyTorch wants the counter too, which a fixed momentum does not use.
        counter = name.removesuffix("running_mean") + "num_batches_tracked"
        state[counter] = torch.tensor(0)
    with atomic(weights) as temporary:
        torch.save(state, temporary)


def _torch() -> Any:
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
