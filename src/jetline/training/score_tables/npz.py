"""Scores as the workflow has them: a NumPy archive."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.files import write_arrays
from jetline.training.score_tables.score_table import ScoreTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jetline.training.score_tables.score_table import ScoredBlock, ScoredJets


class NpzScores(ScoreTable):
    """What `Predictions` reads, an array a column; it is held in memory until then."""

    @classmethod
    def taken(cls, scored: ScoredJets) -> set[str]:
        """Add the archive's own arrays, and what `write_arrays` calls its arguments."""
        own = {"labels", "scores", "jets", "files", "file_names", "training", "classes"}
        return super().taken(scored) | own | {"path", "allow_pickle"}

    @classmethod
    @contextlib.contextmanager
    def written(cls, output: Path, scored: ScoredJets) -> Iterator[Callable[[ScoredBlock], None]]:
        """Keep the blocks, and write them at the end."""
        blocks: list[ScoredBlock] = []
        yield blocks.append
        write_arrays(
            output,
            training=np.array(scored.tagger.key),
            classes=np.array(scored.tagger.classes),
            labels=np.concatenate([block.labels for block in blocks]),
            scores=np.concatenate([block.scores for block in blocks]),
            jets=np.concatenate([block.jets for block in blocks]),
            files=np.concatenate([np.full(len(block), block.file, np.int32) for block in blocks]),
            file_names=np.array(scored.files),
            **{
                name: np.concatenate([block.carried[name] for block in blocks]).astype(dtype)
                for name, dtype in scored.carried.items()
            },
        )
