"""Scores as a tree of ROOT."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.files import atomic
from jetline.training.score_tables.score_table import ScoreTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jetline.training.score_tables.score_table import ScoredBlock, ScoredJets

#: Of the tree: it stands before the columns where it is a friend.
_TREE = "scores"


class RootScores(ScoreTable):
    """A TTree of plain numbers, which can be a friend of the jets' tree.

    A tree has no missing numbers, and names of files would make a string of every entry:
    ``label`` is -1 where there is none, ``file`` a number. Names of the files, tagger and classes
    are strings beside the tree, lists as JSON.
    """

    @classmethod
    @contextlib.contextmanager
    def written(cls, output: Path, scored: ScoredJets) -> Iterator[Callable[[ScoredBlock], None]]:
        """Write each block as a basket of every branch."""
        # Only now: it need not be installed.
        import uproot

        # A tree has no half precision.
        kinds = {
            name: np.dtype("f4") if kind == np.dtype("f2") else kind
            for name, kind in scored.numbers.items()
        }
        with atomic(output) as temporary, uproot.recreate(temporary) as file:
            tree = file.mktree(_TREE, kinds)
            for name, text in {**scored.told, "files": json.dumps(scored.files)}.items():
                file[name] = text

            def write(block: ScoredBlock) -> None:
                columns = scored.in_numbers(block)
                tree.extend({name: columns[name].astype(kind) for name, kind in kinds.items()})

            yield write
