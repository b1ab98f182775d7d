"""Read and write files of weights of weaver-core's networks."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from jetline.core.errors import JetlineError
from jetline.core.files import atomic, sha256_of
from jetline.models import read_settings
from jetline.records.training import TRAINING, ForeignTagger, Weights
from jetline.training.fitting import view_of
from jetline.training.prediction import load_training
from jetline.training.weaver.state import read_state, require_torch
from jetline.training.weaver.weights import from_weaver, to_weaver

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from jetline.models.architecture import Network

_NOISE = "which for collinear particles leaves rounding noise"
_EXPECTED = "one that weaver has: particlenet, particle-transformer"


def read_weaver(
    weights: Path, architecture: str, identity: str, pair_mass: str, training: Path
) -> str | None:
    """Make the folder of a tagger, as a training leaves it, from weights of weaver's.

    Parameters
    ----------
    weights : Path
        A ``state_dict`` that PyTorch saved; whatever else such a file may hold is not loaded.
    architecture, identity, pair_mass : str
        As in the configuration's `architectures`.
    training : Path
        The folder; ``model.keras`` and ``training.json`` are written into it.

    Returns
    -------
    str or None
        In what its scores differ from weaver's.

    Raises
    ------
    JetlineError
        If PyTorch is missing, the file is no ``state_dict``, or is of another network.
    """
    network = _network(architecture, identity, pair_mass)
    write_tagger(network, read_state(weights), weights, training)
    if _is_exact(network.model_dump()):
        return (
            f"weaver computes ln m2 of pairs in single precision, {_NOISE}. Weights that were "
            "trained so have adapted to it, and the exact ln m2 moves their logits by 3 % of the "
            "spread in the median, up to 17 %; --pair-mass weaver rounds as weaver does"
        )
    return None


def write_tagger(
    network: Network, arrays: dict[str, np.ndarray], weights: Path, training: Path
) -> None:
    """Write the folder of a tagger that has weaver's weights.

    Parameters
    ----------
    network : Network
        Settings of the network that the weights are of.
    arrays : dict of str to array
        weaver's ``state_dict``, as arrays.
    weights : Path
        The file that they are from.
    training : Path
        The folder; ``model.keras`` and ``training.json`` are written into it.

    Raises
    ------
    JetlineError
        If the weights are of another network.
    """
    model = network.build({})
    from_weaver(model, arrays)
    training.mkdir(parents=True, exist_ok=True)
    with atomic(training / "model.keras") as temporary:
        model.save(temporary)
    settings = network.model_dump(mode="json")
    ForeignTagger(
        label=network.architecture,
        architecture=network.architecture,
        inputs=network.inputs,
        identity=settings["identity"],
        settings=settings,
        view=asdict(network.view) if network.view else None,
        weights=Weights(file=str(weights), sha256=sha256_of(weights)),
    ).write(training / TRAINING)


def _network(architecture: str, identity: str, pair_mass: str) -> Network:
    """Read the settings of an architecture, which has to be one of weaver's."""
    view = read_settings(architecture, {}).view
    if view is None or view.features != "particle_cloud":
        raise JetlineError(
            "--architecture",
            found=architecture,
            expected=_EXPECTED,
            remedy="name the one that the weights are of",
        )
    options = {"identity": identity}
    if pair_mass != "exact":
        if not view.pairs:
            raise JetlineError(
                f"--pair-mass {pair_mass}",
                found=f"architecture {architecture}, which looks at no pairs",
                expected="a Particle Transformer",
                remedy="leave --pair-mass out",
            )
        options["pair_mass"] = pair_mass
    return cast("Network", read_settings(architecture, options))


def _is_exact(settings: dict[str, Any]) -> bool:
    """Tell whether these settings of a network give pairs their exact mass, unlike weaver."""
    return settings.get("pair_mass") == "exact"


def write_weaver(training: Path, weights: Path) -> str | None:
    """Write the weights of a training as a ``state_dict`` that weaver's network loads.

    Returns
    -------
    str or None
        In what weaver's scores differ from those here.

    Raises
    ------
    JetlineError
        If PyTorch is missing, or weaver has no such network.
    """
    torch = require_torch()
    model, record = load_training(training)
    view = view_of(record)
    if view is None or view.features != "particle_cloud":
        raise JetlineError(
            str(training),
            found=f"architecture {record.architecture}",
            expected=_EXPECTED,
            remedy="give the folder of such a training",
        )
    if view.further:
        raise JetlineError(
            str(training),
            found=f"further features of particles, {', '.join(view.further)}, normalised by a "
            "layer that weaver has not",
            expected="a tagger that takes momenta and species alone",
            remedy="give a training without `features`",
        )
    # Copies, because what is turned or swapped is a view backwards, which PyTorch does not take.
    state = {name: torch.from_numpy(values.copy()) for name, values in to_weaver(model).items()}
    for name in [name for name in state if name.endswith("running_mean")]:
        # PyTorch wants the counter too, which a fixed momentum does not use.
        counter = name.removesuffix("running_mean") + "num_batches_tracked"
        state[counter] = torch.tensor(0)
    with atomic(weights) as temporary:
        torch.save(state, temporary)
    if _is_exact(record.settings):
        return (
            f"weaver computes ln m2 of pairs in single precision, {_NOISE}, and these weights were "
            "trained without, so that its scores differ. Train with `pair_mass: weaver` for weaver"
        )
    return None
