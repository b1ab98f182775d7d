"""Read the examples of CONTRIBUTING.md, which tests run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def example_of(root: Path, heading: str) -> str:
    """Return the one block of Python below a heading."""
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    (example,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    return example
