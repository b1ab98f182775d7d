"""What a referee asks of taggers, beyond figures of merit: computed and written as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jetline.core.files import write_text
from jetline.evaluation.calibration import calibrations
from jetline.evaluation.correlations import correlations
from jetline.evaluation.ensembles import ensembles
from jetline.evaluation.improvement import improvement_curve, improvements
from jetline.evaluation.rejection_in_bins import rejections_in_bins
from jetline.evaluation.working_points import mean_working_points, working_points
from jetline.records.examination import Examination

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pydantic import BaseModel

    from jetline.evaluation.shared_jets import SharedJets

EXAMINATION = "examination.json"

TABLES = (
    "working_points",
    "calibrations",
    "improvements",
    "bins",
    "ensembles",
    "correlations",
)
"""What is written as CSV too."""


def examine(tested: SharedJets, seed: int) -> Examination:
    """Examine all taggers on the test jets of one dataset.

    Parameters
    ----------
    tested : SharedJets
        Jets of one class alone are examined for what they can tell.
    seed : int
        The configuration's seed, from which toys are drawn.
    """
    record: dict[str, Any] = {
        "dataset": tested.dataset,
        "jets": tested.by_class,
        "labels": [tagger.label for tagger in tested.taggers],
        "seeds": {tagger.label: tagger.seeds for tagger in tested.taggers},
        "ensembles": ensembles(tested, seed),
        "correlations": correlations(tested),
    }
    if not tested.only_class:
        labels, taggers, weights = tested.labels, tested.taggers, tested.weights
        record["working_points"] = [
            point for one in taggers for point in working_points(labels, one, weights)
        ]
        record["mean_working_points"] = [
            point for one in taggers for point in mean_working_points(labels, one, weights)
        ]
        judged = [calibrations(labels, one, tested.dataset, seed, weights) for one in taggers]
        record["calibrations"] = [one for single, _ in judged for one in single]
        record["mean_calibrations"] = [mean for _, mean in judged]
        evaluated = [one for one in taggers if one.curves]
        record["improvement_curves"] = list(map(improvement_curve, evaluated))
        record["bins"] = rejections_in_bins(tested, seed)
        record["improvements"] = [point for one in evaluated for point in improvements(one)]
    return Examination(**record)


def write_examination(record: Examination, output: Path) -> None:
    """Write an examination into a folder.

    Writes `examination.json`, and each of its tables as CSV.
    """
    for name in TABLES:
        write_text(output / f"{name.replace('_', '-')}.csv", table(getattr(record, name)))
    record.write(output / EXAMINATION)


def table(rows: Sequence[BaseModel]) -> str:
    """Write records as CSV, their parts' names after theirs; empty is what does not exist."""
    import pandas as pd

    lines = [_flat(row.model_dump()) for row in rows]
    # Numbers stay as Python writes them: pandas would turn counts with gaps into fractions.
    return pd.DataFrame(lines, dtype=object).to_csv(index=False, lineterminator="\n")


def _flat(told: dict[str, Any], before: str = "") -> dict[str, Any]:
    line: dict[str, Any] = {}
    for name, value in told.items():
        if isinstance(value, dict):
            line |= _flat(value, f"{before}{name}_")
        elif not isinstance(value, list):
            line[before.removesuffix("_") if name == "value" else f"{before}{name}"] = value
    return line
