"""What one batch makes a network compute and move, as the compilers count it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    import torch


def of_ours(
    model: keras.Model, batch: tuple, loss: Callable[[Any, Any], Any]
) -> dict[str, float | None]:
    """Count for a Keras model on JAX; other backends tell nothing.

    Returns
    -------
    dict
        Of a jet: ``training_flop`` and ``inference_flop``, floating-point operations before the
        compiler changes them, and ``training_bytes`` and ``inference_bytes`` that the compiled
        program reads and writes; of a GPU's memory, ``device_memory``, the peak so far [MB].
    """
    import keras

    if keras.backend.backend() == "tensorflow":
        return of_tensorflow()
    import jax

    counted: dict[str, float | None] = {}
    if memory := jax.local_devices()[0].memory_stats():
        counted["device_memory"] = memory["peak_bytes_in_use"] / 1e6
    inputs, labels = batch[0], batch[1]
    trained = [variable.value for variable in model.trainable_variables]
    others = [variable.value for variable in model.non_trainable_variables]

    def infer(weights: Any, x: Any) -> Any:
        return model.stateless_call(weights, others, x, training=False)[0]

    def train(weights: Any, x: Any) -> Any:
        def mean(weights: Any) -> Any:
            scores, rest = model.stateless_call(weights, others, x, training=True)
            return loss(labels, scores).mean(), rest

        return jax.value_and_grad(mean, has_aux=True)(weights)

    for kind, function in (("training", train), ("inference", infer)):
        lowered = jax.jit(function).lower(trained, inputs)
        counted[f"{kind}_flop"] = _told(lowered.cost_analysis(), "flops", len(labels))
        compiled = lowered.compile().cost_analysis()
        counted[f"{kind}_bytes"] = _told(compiled, "bytes accessed", len(labels))
    return counted


def of_tensorflow() -> dict[str, float | None]:
    """Tell the peak of a GPU's memory so far [MB]; it counts no operations."""
    import tensorflow as tf

    if not tf.config.list_logical_devices("GPU"):
        return {}
    return {"device_memory": tf.config.experimental.get_memory_info("GPU:0")["peak"] / 1e6}


def _told(costs: Any, name: str, jets: int) -> float | None:
    """Read a cost of a jet; some devices tell none."""
    value = (costs or {}).get(name)
    return None if value is None else float(value) / jets


def of_torch(
    step: Callable[[], object], infer: Callable[[], object], jets: int, device: torch.device
) -> dict[str, float | None]:
    """Count matrix products and convolutions of a network in PyTorch, padding included.

    Parameters
    ----------
    step, infer : callable
        Do one batch forward and backward, and forward alone without gradients; not compiled, and
        not in inference mode, which hides the products within operations.
    jets : int
        In the batch.
    device : torch.device
        What it runs on.
    """
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils.flop_counter import flop_registry

    class Counter(TorchDispatchMode):
        """Sum up what PyTorch's own formulas say.

        Its `FlopCounterMode` also asks to which layer an operation belongs, and fails for
        networks that compute a part without gradients, as weaver's transformer does.
        """

        total = 0

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            given = kwargs or {}
            value = func(*args, **given)
            if formula := flop_registry.get(func._overloadpacket):
                self.total += formula(*args, **given, out_val=value)
            return value

    counted: dict[str, float | None] = {}
    if device.type == "cuda":  # before the counting, which is no measurement
        counted["device_memory"] = torch.cuda.max_memory_allocated(device) / 1e6
    for kind, function in (("training", step), ("inference", infer)):
        with Counter() as counter:
            function()
        counted[f"{kind}_flop"] = counter.total / jets
    return counted
