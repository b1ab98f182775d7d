"""What a referee asks of the taggers, as the report shows it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jetline.evaluation import display
from jetline.evaluation.one_class import only_class
from jetline.evaluation.working_points import QUARK_EFFICIENCIES
from jetline.records.calibration import Calibration
from jetline.records.examination import Examination
from jetline.report import figures_of_merit
from jetline.report.bins_plot import axis_label
from jetline.report.examination_plots import PICTURES
from jetline.report.ranking import in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jetline.records.calibration import MeanCalibration
    from jetline.records.comparison import Summary
    from jetline.records.examination import (
        BinnedRejection,
        Efficiency,
        Improvement,
        MeanWorkingPoint,
    )


_SHOWN_OPEN = 4
"""Taggers up to which their tables are shown; those of more are folded."""


def content(
    examinations: Sequence[Path],
    pictures: Path,
    embedded: Callable[[Path], dict[str, Any]],
    ranked: Sequence[str],
) -> dict[str, Any]:
    """Collect what the template `examined_taggers.html.j2` shows, ``examined`` by dataset.

    Parameters
    ----------
    examinations : sequence of Path
        For each test dataset the file that `examination.write_examination` wrote.
    pictures : Path
        Folder that `examination_plots.draw_examinations` drew into.
    embedded : callable
        Gives a picture as the page holds it.
    ranked : sequence of str
        Labels in the order of the tables' rows.

    Raises
    ------
    JetlineError
        If a file is missing, broken, or of another version.
    """
    records = [in_order(Examination.read(Path(path)), ranked) for path in examinations]
    return {
        "examined": [
            _shown(record) | {"images": _images(record, pictures, embedded)} for record in records
        ],
        "shown_open": _SHOWN_OPEN,
        "asked_efficiencies": QUARK_EFFICIENCIES,
        "percent": percent,
        "with_errors": display.with_errors,
        "single_seeds": single_seeds,
        "summary": display.figure_of_merit,
        "temperature": temperature,
        "cut_off": cut_off,
    }


def _shown(record: Examination) -> dict[str, Any]:
    several = any(len(seeds) > 1 for seeds in record.seeds.values())
    return {
        "dataset": record.dataset,
        "seeds": record.seeds,
        "only_class": only_class(record.jets),
        "several_seeds": several,
        "working_points": _by_label(record.mean_working_points),
        "bins": _bins(record.bins),
        "correlated": bool(record.correlations),
        "ensembles": record.ensembles,
        "ensemble_figures": figures_of_merit.shown(record.ensembles[0].figures)
        if record.ensembles
        else {},
        "improvements": _by_label(record.improvements),
        "working_points_by_seed": record.working_points,
        "calibrations": record.mean_calibrations,
        "calibrations_by_seed": record.calibrations,
    }


def _images(
    record: Examination, pictures: Path, embedded: Callable[[Path], dict[str, Any]]
) -> dict[str, Any]:
    return {name: embedded(pictures / f"{name}-{record.dataset}.png") for name in PICTURES}


def _bins(bins: Sequence[BinnedRejection]) -> list[dict[str, Any]]:
    """Give a table for each observable, with a line for each label."""
    tables = []
    for name in dict.fromkeys(one.observable for one in bins):
        lines = _by_label([one for one in bins if one.observable == name])
        tables.append({"title": axis_label(name), "bins": lines[0]["points"], "lines": lines})
    return tables


def _by_label(
    points: Sequence[MeanWorkingPoint | Improvement | BinnedRejection],
) -> list[dict[str, Any]]:
    """Give a line for each label: its points in the order of the columns."""
    by_label: dict[str, list[Any]] = {}
    for point in points:
        by_label.setdefault(point.label, []).append(point)
    return [{"label": label, "points": of_label} for label, of_label in by_label.items()]


def percent(share: Summary | Efficiency, *, spread: bool = True) -> str:
    """Print a share in per cent with its errors; that of the seeds only if it is asked for."""
    errors = [50 * ((share.high or 0.0) - (share.low or 0.0))]
    over_seeds = getattr(share, "seed_spread", None)
    if spread and over_seeds is not None:
        errors.append(100 * over_seeds)
    return display.with_errors(100 * (share.value or 0.0), errors, places=1)


def temperature(of: Calibration | MeanCalibration) -> str:
    """Print a temperature with its error, or the mean over seeds with their spread."""
    if of.temperature is None:
        return display.MISSING
    if isinstance(of, Calibration):
        return display.with_errors(of.temperature.value, [of.temperature.error])
    return display.with_errors(of.temperature, [of.temperature_spread], places=2)


def single_seeds(datasets: Sequence[dict[str, Any]], dataset: str, label: str, name: str) -> str:
    """Print a figure of merit of the single seeds of a label, as the report has it."""
    rows = (row for one in datasets if one["name"] == dataset for row in one["rows"])
    found = next((row for row in rows if row.label == label), None)
    return figures_of_merit.printed(name, found.figures[name]) if found else display.MISSING


def cut_off(threshold: float) -> str:
    """Print a threshold on a score to four decimals, or as far from 0 or 1 as it is."""
    if 0.0001 <= threshold <= 0.9999 or threshold in (0, 1):
        return f"{threshold:.4f}"
    return f"{threshold:.1e}" if threshold < 0.5 else f"1 − {1 - threshold:.1e}"
