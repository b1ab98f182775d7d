"""Scores as the workflow has them: a NumPy archive."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import numpy as np

from jetline.records.predictions import Predictions
from jetline.training.score_tables.score_table import ScoreTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jetline.training.score_tables.score_table import ScoredBlock, ScoredJets


class NpzScores(ScoreTable):
    """What `Predictions` writes, an array a column; it is held in memory until then."""

    @classmethod
    @contextlib.contextmanager
    def written(cls, output: Path, scored: ScoredJets) -> Iterator[Callable[[ScoredBlock], None]]:
        """Keep the blocks, and write them at the end."""
        blocks: list[ScoredBlock] = []
        yield blocks.append
        Predictions.of(
            np.concatenate([block.labels for block in blocks]),
            np.concatenate([block.scores for block in blocks]),
            np.concatenate([block.jets for block in blocks]),
            np.concatenate([np.full(len(block), block.file) for block in blocks]),
            scored.files,
            training=scored.tagger.key,
            classes=scored.tagger.classes,
        ).write(output)
