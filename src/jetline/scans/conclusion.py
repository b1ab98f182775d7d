"""What comes of a scan: the best trial, a table of all, and what mattered."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from jetline.core.errors import JetlineError
from jetline.core.files import write_text
from jetline.records.scan import ChosenValues, ScanRecord, Trial
from jetline.scans.points import with_values
from jetline.scans.study import importances

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Files of a concluded scan.
SCAN, BEST, BEST_TEXT, TABLE = "scan.json", "best.json", "best.yaml", "trials.csv"


def write_conclusion(
    label: str,
    entry: Mapping[str, Any],
    scan: Mapping[str, Any],
    trials: Sequence[Path],
    output: Path,
) -> None:
    """Write the result of a scan, the table of its trials, and its best values, as text too.

    Parameters
    ----------
    label : str
        Name of the entry that is scanned.
    entry : mapping
        Its settings, those alone that it sets.
    scan : mapping
        ``method``, ``space`` and ``seed``; ``seeds`` of the entry, if it has its own.
    trials : sequence of Path
        Records of all trials.
    output : Path
        Folder to write into.
    """
    record = conclude(label, entry, scan, [Trial.read(path) for path in trials])
    folder = Path(output)
    write_text(folder / TABLE, table(record))
    write_text(folder / BEST_TEXT, record.text)
    ChosenValues(values={label: record.best_trial.values}).write(folder / BEST)
    record.write(folder / SCAN)


def conclude(
    label: str, entry: Mapping[str, Any], scan: Mapping[str, Any], trials: Sequence[Trial]
) -> ScanRecord:
    """Choose the best trial by the validation part alone; of equals the first.

    Raises
    ------
    JetlineError
        If all trials failed.
    """
    by_number = sorted(trials, key=lambda trial: trial.number)
    finished = [trial for trial in by_number if trial.loss is not None]
    if not finished:
        raise JetlineError(
            f"scan of {label}",
            found=f"all {len(by_number)} trials failed, the first: {by_number[0].failure}",
            expected="a trial whose training comes to its end",
            remedy="scan lower values of learning_rate, or write `training: {clip: 1.0}`",
        )
    best = min(finished, key=lambda trial: trial.loss or 0.0)
    of_grid = scan["method"] == "grid"
    space = scan["space"]
    mattered = (
        grid_importances(space, finished) if of_grid else importances(space, scan["seed"], finished)
    )
    written = with_values(entry, best.values)
    if scan.get("seeds"):
        written["seeds"] = scan["seeds"]
    text = yaml.safe_dump(
        {"architectures": {label: written}},
        sort_keys=False,
        default_flow_style=None,
        allow_unicode=True,
    )
    return ScanRecord(
        label=label,
        method=scan["method"],
        space=space,
        trials=by_number,
        best=best.number,
        importances=mattered,
        text=text,
    )


def grid_importances(
    space: Mapping[str, Sequence[Any]], finished: Sequence[Trial]
) -> dict[str, float]:
    """Tell what mattered in a grid: the variance of the means over points of one value.

    Of a whole grid these are the main effects of its analysis of variance.

    Returns
    -------
    dict
        Shares of their sum by key; empty if all points gave the same.
    """
    spread = {}
    for key in space:
        by_value: dict[str, list[float]] = defaultdict(list)
        for trial in finished:
            by_value[json.dumps(trial.values[key])].append(trial.loss or 0.0)
        spread[key] = float(np.var([np.mean(losses) for losses in by_value.values()]))
    whole = sum(spread.values())
    return {key: one / whole for key, one in spread.items()} if whole else {}


def table(record: ScanRecord) -> str:
    """Write all trials as CSV, the best first."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    measure = record.trials[0].measure
    columns = ("epochs", "best_epoch", "seconds", "parameters", "failure")
    writer.writerow(["trial", *record.space, measure, *columns])
    for trial in record.ranked:
        values = [json.dumps(trial.values[key]).strip('"') for key in record.space]
        writer.writerow([trial.number, *values, trial.value, *(getattr(trial, c) for c in columns)])
    return stream.getvalue()
