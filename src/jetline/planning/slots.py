"""How many networks the GPUs of the machine run at once that Snakemake runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.training.device import gpus
from jetline.training.gpu_slots import slots_here

if TYPE_CHECKING:
    from jetline.configuration.schema import Configuration


def slots_of(configuration: Configuration) -> int:
    """Count them; 0 where no GPU is used, so that nothing has to wait for one."""
    wanted, per_gpu = configuration.device, configuration.trainings_per_gpu
    return slots_here(wanted, gpus(), per_gpu, configuration.backend)
