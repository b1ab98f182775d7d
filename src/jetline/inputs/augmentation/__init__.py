"""Steps that change training jets on the fly: one module each, found by its name."""

from __future__ import annotations

from jetline.core.registry import Registry
from jetline.inputs.augmentation.augmentation_step import AugmentationStep

#: Every step by its name, as `augmentation` of a training lists it.
AUGMENTATION_STEPS: Registry[type[AugmentationStep]] = Registry(
    __name__, AugmentationStep, "augmentation step"
)
