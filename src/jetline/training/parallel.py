"""One training over several devices: each takes its part of every batch, by Keras' distribution."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import keras

from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class PartsOfBatches(keras.distribution.DataParallel):
    """Give each device its part of every array of a batch, and all of the variables.

    What is computed of a batch, such as the mean of a normalisation, is that of the whole batch:
    XLA adds up what the devices have. An array whose length does not divide by their number is
    given to all of them, so that nothing has to be filled up.
    """

    def get_data_layout(self, data_shape: Sequence[int]) -> keras.distribution.TensorLayout:
        """Cut along the first axis where that gives equal parts."""
        if data_shape[0] % self.num_model_replicas == 0:
            return super().get_data_layout(data_shape)
        return keras.distribution.TensorLayout([None] * len(data_shape), self.device_mesh)


@contextlib.contextmanager
def over_devices(wanted: int) -> Iterator[None]:
    """Let what is built, trained and scored within the block be spread over devices.

    Without a GPU one device does it all: a CPU that is simulated as several, as tests do, is not
    faster for it.

    Parameters
    ----------
    wanted : int
        How many.

    Raises
    ------
    JetlineError
        If there are GPUs and fewer, or the backend is not JAX.
    """
    if wanted == 1:
        yield
        return
    if (backend := keras.backend.backend()) != "jax":
        raise JetlineError(
            "--backend",
            found=f"{backend}, for a network with gpus: {wanted}",
            expected="jax, on which Keras spreads a batch over several GPUs",
            remedy="give --backend jax, or `gpus: 1` in the settings",
        )
    devices = keras.distribution.list_devices()
    if len(devices) >= wanted:
        with PartsOfBatches(devices=devices[:wanted]).scope():
            print(f"each batch is spread over {wanted} devices", flush=True)
            yield
    elif devices[0].startswith("cpu"):
        print(f"gpus: {wanted}, but there is none: the CPU computes whole batches", flush=True)
        yield
    else:
        raise JetlineError(
            "configuration, gpus",
            found=f"{wanted}, and {len(devices)} that {backend} can use",
            expected=f"as many GPUs as the entry asks for; visible: "
            f"{os.environ.get('CUDA_VISIBLE_DEVICES', 'all')}",
            remedy="set `gpus` to what is here, or run on a machine with more",
        )


def devices_in_use() -> int:
    """Count the devices that a batch is spread over."""
    spread = keras.distribution.distribution()
    return spread.num_model_replicas if spread else 1
