"""What does not go together with an entry whose trainings take several GPUs each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.configuration.words import paste, place
from jetline.core.errors import JetlineError
from jetline.models.architecture import Network

if TYPE_CHECKING:
    from jetline.configuration.schema import Configuration


def wrong_gpus(configuration: Configuration) -> list[JetlineError]:
    """List what contradicts `gpus` of an entry, as errors."""
    errors = []
    for label, network in configuration.architectures.items():
        if not isinstance(network, Network) or network.gpus == 1:
            continue
        where, found = place("architectures", label, "gpus"), f"{network.gpus}, beside "
        alone = paste("architectures", label, "gpus", value=1)
        if configuration.backend != "jax":
            errors.append(
                JetlineError(
                    where,
                    found=f"{found}backend: {configuration.backend}",
                    expected="jax, on which Keras spreads a batch over several GPUs",
                    remedy=f"{paste('backend', value='jax')}\n    or {alone}",
                )
            )
        if (sharing := configuration.trainings_per_gpu) > 1:
            errors.append(
                JetlineError(
                    where,
                    found=f"{found}trainings_per_gpu: {sharing}",
                    expected="trainings_per_gpu: 1, since the training takes whole GPUs",
                    remedy=f"{paste('trainings_per_gpu', value=1)}\n    or {alone}",
                )
            )
        if network.batch_size % network.gpus:
            divided = -(-network.batch_size // network.gpus) * network.gpus
            errors.append(
                JetlineError(
                    where,
                    found=f"{found}batch_size: {network.batch_size}",
                    expected="a batch of which each GPU has as many jets as the others",
                    remedy=f"{paste('architectures', label, 'batch_size', value=divided)}"
                    f"\n    or {alone}",
                )
            )
    return errors
