"""Generative models: one module each, found by its name, which a configuration names likewise."""

from __future__ import annotations

from jetline.core.registry import Registry
from jetline.models.generative.generative_model import GenerativeModel

GENERATIVE_MODELS: Registry[type[GenerativeModel]] = Registry(
    __name__, GenerativeModel, "generative model"
)
