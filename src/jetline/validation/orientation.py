"""Whether labels look the wrong way round: quark jets have fewer constituents and less mass."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.classes import QUARK_GLUON
from jetline.jets.constituents import CLASSES, PT
from jetline.jets.reading import open_jets
from jetline.observables.table import measure_jets
from jetline.validation.estimates import area_under_roc

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: By so many standard errors quark jets have to exceed gluon jets, in each of `OBSERVED`.
STANDARD_ERRORS = 5.0

#: And the chance that a gluon jet has more than a quark jet has to be less than this, in each:
#: where labels are right it is about 0.84 and 0.74, the wrong way round 0.16 and 0.26.
LARGEST_AREA = 0.4

OBSERVED = ("multiplicity", "mass")

_JETS_OF_A_KIND = 5000
_JETS_AT_ONCE = 2000


def reversal(where: str, labels: np.ndarray, values: Mapping[str, np.ndarray]) -> str:
    """Tell in a sentence that labels look the wrong way round; empty where they do not.

    The statistic is the area under the ROC curve, the chance that a gluon jet has more than a quark
    jet, of multiplicity and of mass, in units of its standard error if both kinds were alike,
    ``sqrt((n + m + 1) / (12 n m))`` (H. B. Mann, D. R. Whitney, Ann. Math. Statist. 18 (1947) 50;
    ties make it smaller).

    Parameters
    ----------
    where : str
        What the jets are called.
    labels : (n_jets,) integer array
        1 quark, 0 gluon.
    values : mapping of (n_jets,) arrays
        Of each of `OBSERVED`.
    """
    found = []
    for name in OBSERVED:
        finite = np.isfinite(values[name])
        quark, gluon = (values[name][finite & (labels == CLASSES[k])] for k in ("quark", "gluon"))
        n, m = len(quark), len(gluon)
        if min(n, m) < 2:
            return ""
        area, _ = area_under_roc(gluon, quark)
        excess = (0.5 - area) / math.sqrt((n + m + 1) / (12 * n * m))
        if excess < STANDARD_ERRORS or area > LARGEST_AREA:
            return ""
        found.append((np.mean(quark), np.mean(gluon), excess))
    (many, few, first), (heavy, light, second) = found
    return (
        f"{where}: are the labels the wrong way round? Jets labelled quark (y = 1) have more "
        f"constituents than jets labelled gluon (y = 0), {many:.1f} against {few:.1f} on average "
        f"({first:.0f} standard errors), and more mass, {heavy:.1f} against {light:.1f} GeV "
        f"({second:.0f}). It should be the reverse: if 1 stands for gluon jets, write y = 1 - y "
        "and start again; if the jets are of other kinds, nothing is wrong."
    )


def reversal_of_file(path: Path) -> str:
    """Tell the same of a jet file, by up to 5,000 of its jets of each kind."""
    jets = open_jets(path, QUARK_GLUON)
    chosen = np.zeros(len(jets), bool)
    for label in CLASSES.values():
        chosen[np.flatnonzero(jets.labels == label)[:_JETS_OF_A_KIND]] = True
    if not chosen.any():
        return ""
    last, first = int(np.flatnonzero(chosen)[-1]), 0
    values: dict[str, list[np.ndarray]] = {name: [] for name in OBSERVED}
    for block in jets.blocks(_JETS_AT_ONCE):
        rows = block[chosen[first : first + len(block)]]
        if len(rows):
            values["mass"].append(measure_jets(rows, ["mass"])["mass"])
            values["multiplicity"].append(np.count_nonzero(rows[..., PT] > 0, axis=1))
        first += len(block)
        if first > last:
            break
    together = {name: np.concatenate(parts) for name, parts in values.items()}
    return reversal(str(path), jets.labels[chosen], together)
