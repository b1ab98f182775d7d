"""The comparison of all trainings of a run: a table, and the differences between pairs."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.files import write_text
from jetline.evaluation import bootstrap
from jetline.evaluation.differences import differences
from jetline.evaluation.figures_of_merit import FIGURES_OF_MERIT
from jetline.evaluation.seeds import Entry, Result, Training, entries
from jetline.evaluation.spread import spread
from jetline.records.comparison import ComparisonRecord, OneSeed, Row, Summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.records.evaluation import Estimate


def write_comparison(
    trainings: list[Path], evaluations: list[Path], output: Path
) -> ComparisonRecord:
    """Compare trainings on every dataset they were evaluated on; write into `output`.

    Writes `comparison.csv` (one row for each label and dataset) and `comparison.json` (the same,
    with the seeds, the pairs and where everything came from).

    Parameters
    ----------
    trainings : list of Path
        Directories with `training.json` and `history.csv`.
    evaluations : list of Path
        Directories with `metrics.json` and `curves.npz`.
    output : Path
        Directory to write into.

    Returns
    -------
    ComparisonRecord
        What was written into `comparison.json`.

    Raises
    ------
    JetlineError
        If a file is missing or broken, or the evaluations cannot be compared; see
        `seeds.entries`.
    """
    if not trainings or not evaluations:
        raise JetlineError(
            "comparison",
            found=f"{len(trainings)} trainings, {len(evaluations)} evaluations",
            expected="at least one of each",
            remedy="give the directories of trainings and evaluations",
        )
    trained = [Training.read(path) for path in trainings]
    found = entries(trained, [Result.read(path) for path in evaluations])
    comparison = compare(trained, found)
    write_text(Path(output) / "comparison.csv", table(comparison.rows, found[0].figures_of_merit))
    comparison.write(Path(output) / "comparison.json")
    return comparison


def compare(trained: list[Training], found: list[Entry]) -> ComparisonRecord:
    """Compare the entries of each dataset with each other."""
    datasets = list(dict.fromkeys(entry.dataset for entry in found))
    return ComparisonRecord(
        datasets=datasets,
        rows=[row(entry) for entry in found],
        pairs=[
            pair
            for dataset in datasets
            for pair in differences([entry for entry in found if entry.dataset == dataset])
        ],
        trainings=[training.record for training in trained],
        resamples=len(found[0].results[0].curves.replicas),
    )


def row(entry: Entry) -> Row:
    """Take means over the seeds of one label on one dataset, with both errors."""
    records = [training.record for training in entry.trainings]
    first = records[0]
    return Row(
        label=entry.label,
        dataset=entry.dataset,
        architecture=first.architecture,
        inputs=first.inputs,
        identity=first.identity,
        trained_on=first.dataset,
        seeds=[record.seed for record in records],
        training_jets=first.training_jets,
        test_jets=entry.results[0].record.jets.by_class,
        test_effective=entry.results[0].record.jets.effective,
        # Of trees, the seed decides how many there are.
        parameters=round(_mean([record.parameters for record in records])),
        epochs=_mean([record.epochs for record in records]),
        minutes=_mean([record.seconds / 60 for record in records]),
        jets_per_second=_mean([record.jets_per_second for record in records]),
        figures={name: summary(entry, name) for name in entry.figures_of_merit},
        inverses={
            FIGURES_OF_MERIT[name].inverse: inverse(entry, name)
            for name in entry.figures_of_merit
            if FIGURES_OF_MERIT[name].inverse
        },
        by_seed=[
            OneSeed(seed=result.record.seed, figures=result.record.figures)
            for result in entry.results
        ],
    )


def summary(entry: Entry, name: str) -> Summary:
    """Take the mean over seeds of a figure of merit, with the two errors kept apart."""
    estimates = [result.record.figures[name] for result in entry.results]
    return over_seeds(estimates, entry.replicas_by_seed(name))


def over_seeds(estimates: Sequence[Estimate], replicas: Sequence[np.ndarray]) -> Summary:
    """Take the mean of what each seed has, and in each resample of it, with both errors."""
    known = [one.value for one in estimates if one.value is not None]
    if len(known) < len(estimates):
        # Bounds of single trainings: the smallest holds for the mean of all.
        lows = [one.low for one in estimates]
        bounds = [low for low in lows if low is not None]
        return Summary(
            value=None,
            low=min(bounds) if len(bounds) == len(lows) else None,
            high=None,
            sample_error=None,
            seed_spread=None,
        )
    low, high = bootstrap.central_interval(np.asarray(np.mean(replicas, axis=0)))
    return Summary(
        value=_mean(known),
        low=low,
        high=high,
        sample_error=None if low is None or high is None else (high - low) / 2,
        seed_spread=spread(known) if len(known) > 1 else None,
    )


def inverse(entry: Entry, name: str) -> Summary:
    """Take the mean over seeds of the inverse of a figure of merit, as `summary` does.

    The inverse of a rejection is the gluon efficiency, a share of jets: it is 0 where none
    passes, and its mean is right in samples of any size.
    """
    records = [result.record for result in entry.results]
    if not all(records[0].jets.by_class.values()):
        return Summary(value=None, low=None, high=None, sample_error=None, seed_spread=None)
    values = [0.0 if value is None else 1 / value for value in entry.values(name)]
    bounds = [record.figures[name].low for record in records]
    if not any(values) and all(bounds):
        # The bootstrap knows no jet that passes either; what bounds the rejection does.
        most = _mean([1 / bound for bound in bounds if bound])
        return Summary(value=0.0, low=0.0, high=most, sample_error=None, seed_spread=None)
    low, high = bootstrap.central_interval(
        np.mean([1 / replicas for replicas in entry.replicas_by_seed(name)], axis=0)
    )
    return Summary(
        value=_mean(values),
        low=low,
        high=high,
        sample_error=None if low is None or high is None else (high - low) / 2,
        seed_spread=spread(values) if len(values) > 1 else None,
    )


def table(rows: list[Row], figures_of_merit: list[str]) -> str:
    """Write `comparison.csv`; an empty field is a number that does not exist.

    Parameters
    ----------
    rows : list of Row
        The rows of the table.
    figures_of_merit : list of str
        Names of those to tell, in the order of the columns.
    """
    import pandas as pd

    lines = [_line(one, figures_of_merit) for one in rows]
    # Numbers stay as Python writes them: pandas would turn counts with gaps into fractions.
    return pd.DataFrame(lines, dtype=object).to_csv(index=False, lineterminator="\n")


def _line(row: Row, figures_of_merit: list[str]) -> dict[str, Any]:
    told = row.model_dump()
    plain = ("label", "dataset", "architecture", "inputs", "identity", "trained_on")
    line = {name: told[name] for name in plain} | {"seeds": len(row.seeds)}
    line |= {f"test_{kind}_jets": number for kind, number in row.test_jets.items()}
    for kind, number in (row.test_effective or {}).items():
        line[f"effective_{kind}_jets"] = round(number, 1)
    for name in ("training_jets", "parameters", "epochs", "minutes", "jets_per_second"):
        line[name] = told[name]
    for name in figures_of_merit:
        line |= _columns(name, told["figures"][name])
        if of_inverse := FIGURES_OF_MERIT[name].inverse:
            line |= _columns(of_inverse, told["inverses"][of_inverse])
    return line


def _columns(name: str, summary: dict[str, float | None]) -> dict[str, float | None]:
    return {name if part == "value" else f"{name}_{part}": value for part, value in summary.items()}


def _mean(numbers: list[float] | list[int]) -> float:
    return math.fsum(numbers) / len(numbers)
