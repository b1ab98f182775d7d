"""Steps that move a centred jet before it is histogrammed: one module each, found by its name."""

from __future__ import annotations

from jetline.core.registry import Registry
from jetline.inputs.kinds.images.steps.image_step import ImageStep

#: Every step by its name, which is that of a recipe's option.
IMAGE_STEPS: Registry[type[ImageStep]] = Registry(__name__, ImageStep, "image step")


def ordered_steps() -> dict[str, type[ImageStep]]:
    """Give the steps by name, in the order in which they are taken."""
    return dict(sorted(IMAGE_STEPS.items(), key=lambda item: (item[1].order, item[0])))
