"""What a configuration says of explanations."""

from __future__ import annotations

from typing import Any

from pydantic import Field, ValidationError

from jetline.core.errors import JetlineError
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


def read_explain(settings: dict[str, Any]) -> Explain:
    """Read the settings that a command is given.

    Raises
    ------
    JetlineError
        Names the first wrong key.
    """
    try:
        return Explain.model_validate(settings)
    except ValidationError as error:
        first = error.errors()[0]
        raise JetlineError(
            f"--settings, {'.'.join(map(str, first['loc']))}",
            found=f"{first['input']!r}: {first['msg'][:1].lower()}{first['msg'][1:]}",
            expected=f"keys of `explain`: {', '.join(Explain.model_fields)}",
            remedy="write them like '{\"jets\": 200}', in single quotes",
        ) from None
