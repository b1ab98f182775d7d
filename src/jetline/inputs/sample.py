"""Samples: chosen jets of several shards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from jetline.inputs.shards import Shard


#: Tensors of a batch, by the names of a model's inputs.
Tensors = dict[str, np.ndarray]


@dataclass(frozen=True)
class JetSample:
    """Chosen jets of several shards.

    Parameters
    ----------
    shards : list of Shard
        Opened shards.
    shard : (n_jets,) integer array
        Which of the shards holds each jet.
    row : (n_jets,) integer array
        Its row there.
    weights : (n_jets,) float32 array or None
        Of each jet; None where all count the same.
    """

    shards: list[Shard]
    shard: np.ndarray
    row: np.ndarray
    weights: np.ndarray | None = field(default=None, kw_only=True)

    @classmethod
    def choose(
        cls,
        shards: list[Shard],
        rows: list[np.ndarray],
        weights: list[np.ndarray] | None = None,
    ) -> JetSample:
        """Take the given rows of each shard; `weights` are those of all its jets, if any."""
        shard = np.repeat(np.arange(len(shards)), [len(r) for r in rows])
        chosen = None
        if weights is not None:
            chosen = np.concatenate([w[r] for w, r in zip(weights, rows, strict=True)])
        return cls(shards, shard, np.concatenate(rows), weights=chosen)

    def __len__(self) -> int:
        return len(self.row)

    @property
    def labels(self) -> np.ndarray:
        """(n_jets,) uint8: 1 quark, 0 gluon, 255 unlabelled."""
        return self.gather(np.arange(len(self)), lambda shard, rows: shard.labels[rows])

    @property
    def columns(self) -> list[str] | None:
        """Names of the columns, where the shards hold tables."""
        return self.shards[0].columns

    def gather(
        self, jets: np.ndarray, read: Callable[[Shard, np.ndarray], np.ndarray]
    ) -> np.ndarray:
        """Read one row for each jet, shard by shard, into the order of `jets`.

        Parameters
        ----------
        jets : (n,) integer array
            Positions in this sample.
        read : callable
            Gives the values of the rows asked for of one shard, first axis as long as the rows.
        """
        shard, row = self.shard[jets], self.row[jets]
        numbers = np.unique(shard) if len(jets) else [0]
        values = read(self.shards[numbers[0]], row[shard == numbers[0]])
        result = np.empty((len(jets), *values.shape[1:]), values.dtype)
        result[shard == numbers[0]] = values
        for number in numbers[1:]:
            here = np.flatnonzero(shard == number)
            result[here] = read(self.shards[number], row[here])
        return result


def array_rows(sample: JetSample, jets: np.ndarray, name: str) -> np.ndarray:
    """Read one row of an array for each jet.

    Parameters
    ----------
    sample : JetSample
        Where the jets are.
    jets : (n,) integer array
        Positions in the sample.
    name : str
        Array of the shards with a row for each jet, such as ``images`` (n_jets, n_y, n_phi,
        channels) or ``observables`` (n_jets, n_observables).

    Returns
    -------
    (n, ...) float32 array
    """
    rows = sample.gather(jets, lambda shard, rows: shard.rows(name, rows))
    return rows.astype(np.float32, copy=False)


def filled(values: np.ndarray, total: int, fill: float) -> np.ndarray:
    """Put `values` before rows of `fill`, in float32, `total` rows together."""
    rows = np.full((total, *values.shape[1:]), fill, np.float32)
    rows[: len(values)] = values
    return rows
