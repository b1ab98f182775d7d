"""Provide splits of shards as the workflow would have made them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.inputs.parts import Parts
from jetline.inputs.shards import open_shard

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np


def parts_of(shards: list[Path], parts: list[np.ndarray], files: list[str] | None = None) -> Parts:
    """Such a part of each jet of the shards; the files have the shards' names if no others."""
    sources = [open_shard(shard).manifest.source.sha256 for shard in shards]
    return Parts(files or [shard.name for shard in shards], parts, sources)
