"""What a configuration says of explanations."""

from __future__ import annotations

from pydantic import Field

from jetline.core.settings import Settings


class Explain(Settings):
    """How much is explained of each tagger, on test jets of the first dataset in `test_on`."""

    jets: int = Field(
        100, ge=10, le=100_000, description="jets of each class; all if there are fewer"
    )
    baselines: int = Field(
        4, ge=1, le=100, description="jets of other classes that each jet is compared with"
    )
    steps: int = Field(
        32,
        ge=2,
        le=1000,
        description="points on the line from a baseline to a jet, over which gradients are "
        "summed: more of them make the completeness error smaller",
    )
