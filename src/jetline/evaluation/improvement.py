"""By how much a cut on a score improves a signal's significance over its background."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.evaluation import bootstrap
from jetline.evaluation.spread import spread
from jetline.evaluation.working_points import QUARK_EFFICIENCIES
from jetline.records.comparison import Summary
from jetline.records.examination import Improvement, ImprovementCurve

if TYPE_CHECKING:
    from jetline.evaluation.shared_jets import TaggerScores


def improvement_curve(tagger: TaggerScores) -> ImprovementCurve:
    """Give ε_q / sqrt(ε_g) against ε_q, mean over seeds with the test sample's band.

    The factor by which S / sqrt(B) grows where quark jets are the signal and gluon jets a much
    larger background (J. Gallicchio, M. Schwartz et al., arXiv:1010.3698).

    Parameters
    ----------
    tagger : TaggerScores
        With the curves of each training, of test jets of both classes.
    """
    efficiency = tagger.curves[0].quark_efficiency
    values, replicas = _by_seed(tagger)
    low, high = bootstrap.central_band(replicas)
    return ImprovementCurve(
        label=tagger.label,
        quark_efficiency=efficiency.tolist(),
        improvement=_known(values.mean(axis=0)),
        low=_known(low),
        high=_known(high),
    )


def improvements(tagger: TaggerScores) -> list[Improvement]:
    """Give the same at the working points, with both errors."""
    efficiency = tagger.curves[0].quark_efficiency
    values, replicas = _by_seed(tagger)
    found = []
    for asked in QUARK_EFFICIENCIES:
        place = int(np.argmin(np.abs(efficiency - asked)))
        by_seed = values[:, place]
        low, high = bootstrap.central_interval(replicas[:, place])
        finite = bool(np.isfinite(by_seed).all())
        found.append(
            Improvement(
                label=tagger.label,
                asked=asked,
                improvement=Summary(
                    value=float(by_seed.mean()) if finite else None,
                    low=low if finite else None,
                    high=high if finite else None,
                    sample_error=None
                    if low is None or high is None or not finite
                    else (high - low) / 2,
                    seed_spread=spread(by_seed) if finite and len(by_seed) > 1 else None,
                ),
            )
        )
    return found


def _by_seed(tagger: TaggerScores) -> tuple[np.ndarray, np.ndarray]:
    """Compute the improvement of each seed, and the mean over seeds in each resample.

    It is infinite where no gluon jet passes.
    """
    efficiency = tagger.curves[0].quark_efficiency
    with np.errstate(divide="ignore"):
        values = [efficiency * np.sqrt(one.rejection) for one in tagger.curves]
        replicas = [
            efficiency / np.sqrt(one.gluon_efficiency_replicas.astype(np.float64))
            for one in tagger.curves
        ]
    return np.stack(values), np.asarray(np.mean(replicas, axis=0))


def _known(values: np.ndarray) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
