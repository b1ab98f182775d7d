"""Files of scores, which are written block by block: a module for each kind of file."""

from __future__ import annotations

from jetline.core.registry import Registry
from jetline.training.score_tables.score_table import ScoreTable

#: Every kind of file by its name, which is that of the container of the same files.
SCORE_TABLES: Registry[type[ScoreTable]] = Registry(
    __name__, ScoreTable, "kind of score file", without=("choosing",)
)
