"""What is said, before the first job, of the processor that the trainings will use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.models.architecture import Network
from jetline.training.device import require_several
from jetline.training.devices import find_devices

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jetline.configuration.schema import Configuration

#: Rules whose jobs run networks.
_ON_DEVICES = frozenset({"train", "train_together", "train_trial", "predict", "explain"})


def devices_told(
    configuration: Configuration, rules: Iterable[str], *, here: bool, at_once: int = 0
) -> list[str]:
    """Give the lines that are said at the start; none where no job runs a network.

    Parameters
    ----------
    configuration : Configuration
        Of the run.
    rules : iterable of str
        Rules of the jobs that will be done.
    here : bool
        Whether these run on this machine: the devices of a cluster's jobs are not those of the
        machine that submits them.
    at_once : int
        How many run at once on the GPUs of this machine, as Snakemake has been told; 0 where
        nothing limits them.

    Raises
    ------
    JetlineError
        If trainings are to run here on a GPU, and cannot, or on more GPUs than are here.
    """
    networks = [one for one in configuration.architectures.values() if isinstance(one, Network)]
    if not networks or _ON_DEVICES.isdisjoint(rules):
        return []
    if not here:
        return [
            f"Trainings use what their cluster jobs are given (device: {configuration.device}); "
            "what that is, a job tells: srun --gres=gpu:1 jetline devices"
        ]
    found = find_devices(configuration.device, configuration.backend)
    most = max(network.gpus for network in networks)
    if most > 1 and found.on_gpu:
        require_several(found.gpus, most)
    return [
        *found.lines,
        *_at_once(at_once, configuration.trainings_per_gpu if found.on_gpu else 0),
    ]


def _at_once(slots: int, per_gpu: int) -> list[str]:
    """Tell how many networks run at a time, where the GPUs limit it."""
    if not (slots and per_gpu):
        return []
    told = f"At most {slots} of them run" if slots > 1 else "One of them runs"
    return [f"{told} at a time" + (f", up to {per_gpu} on each GPU" if per_gpu > 1 else "")]
