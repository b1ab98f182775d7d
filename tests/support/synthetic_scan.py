"""Provide scans of made-up trials."""

from __future__ import annotations

import math

from jetline.records.scan import ScanRecord, Trial
from jetline.scans.conclusion import conclude
from jetline.scans.points import grid_points
from jetline.scans.study import propose

STUDY = {
    "learning_rate": {"low": 1e-4, "high": 1e-1, "log": True, "whole": False},
    "training.weight_decay": {"low": 0.0, "high": 0.1, "log": False, "whole": False},
    "training.schedule": ["constant", "warm-up", "cosine", "one-cycle", "flat-exponential"],
    "phi": [[100, 100, 256], [100, 100, 128], [32]],
    "batch_size": {"low": 100, "high": 1000, "log": False, "whole": True},
}
GRID = {"learning_rate": [0.001, 0.003, 0.01], "training.schedule": ["constant", "cosine"]}
ENTRY = {"architecture": "pfn", "inputs": "particles"}


def study_of(n_trials: int, label: str = "pfn") -> ScanRecord:
    """A study in rounds of four, the highest rates of which fail."""
    told: list[Trial] = []
    while len(told) < n_trials:
        found = propose(STUDY, 1, len(told) // 4 + 1, told, 4, lambda _values: True)
        told += [_trained(len(told) + n, one) for n, one in enumerate(found, start=1)]
    scan = {"method": "study", "space": STUDY, "seed": 1}
    return conclude(label, ENTRY, scan, told[:n_trials])


def grid_of(label: str = "pfn") -> ScanRecord:
    """A grid of six points, by AUC."""
    points = enumerate(grid_points(GRID), start=1)
    trials = [_trained(number, values, measure="validation_auc") for number, values in points]
    return conclude(label, ENTRY, {"method": "grid", "space": GRID, "seed": 0}, trials)


def _trained(number: int, values: dict, measure: str = "validation_loss") -> Trial:
    rate = values["learning_rate"]
    told = {"number": number, "values": values, "measure": measure}
    if rate > 0.05:
        return Trial(**told, failure="training, epoch 1: loss nan; first in batch 1 of 9")
    loss = 0.45 + 0.02 * math.log10(rate / 0.002) ** 2
    loss -= 0.01 * (values["training.schedule"] == "cosine")
    loss += 0.03 * values.get("training.weight_decay", 0) + 0.001 * math.sin(7 * number)
    value = 1.3 - loss if measure == "validation_auc" else loss
    return Trial(
        **told, value=value, key="0", epochs=20, best_epoch=12, seconds=90.0, parameters=4000
    )
