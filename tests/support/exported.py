"""Provide networks with weights as a training leaves them, and what onnxruntime makes of them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import keras
import numpy as np

from jetline import models
from jetline.records.training import ForeignTagger


def network(name: str, statistics: dict[str, Any], **settings: Any) -> tuple[Any, Any]:
    """Settings and network of an architecture; no weight is what it is before a training."""
    keras.utils.set_random_seed(5)
    chosen = models.read_settings(name, settings)
    model = chosen.build(statistics)
    numbers = np.random.default_rng(6)
    for weight in model.weights:
        if weight.dtype == "float32" and "normalization/" not in weight.path:
            values = weight.numpy()
            # A variance stays above 0.
            factor = numbers.uniform(0.7, 1.3, values.shape)
            shift = 0 if weight.name == "variance" else 0.02 * numbers.normal(size=values.shape)
            weight.assign(values * factor + shift)
    return chosen, model


def tagger(settings: Any, classes: tuple[str, ...] = ("gluon", "quark"), **told: Any) -> Any:
    """What is known of a tagger."""
    return ForeignTagger(
        label=settings.architecture,
        architecture=settings.architecture,
        inputs=settings.inputs,
        identity="full",
        settings={"batch_size": 100},
        view=asdict(settings.view) if settings.view else None,
        weights={"file": "net", "sha256": "0"},
        classes=classes,
        **told,
    )


def run(model: Any, given: np.ndarray, *outputs: str) -> list[np.ndarray]:
    """Outputs of an exported model, all if none is named."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    content = model if isinstance(model, bytes) else model.SerializeToString()
    session = onnxruntime.InferenceSession(content, options)
    (taken,) = session.get_inputs()
    dtype = {"tensor(float)": np.float32, "tensor(double)": np.float64}[taken.type]
    return session.run(list(outputs) or None, {taken.name: given.astype(dtype)})
