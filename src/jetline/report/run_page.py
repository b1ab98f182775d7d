"""The report: one HTML page that holds all its pictures and needs nothing else."""

from __future__ import annotations

import json
import shlex
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from jetline.core.classes import QUARK_GLUON
from jetline.core.errors import JetlineError
from jetline.core.files import read_json, write_text
from jetline.evaluation import display
from jetline.evaluation.one_class import limits, only_class
from jetline.records.comparison import ComparisonRecord
from jetline.report import (
    alt_texts,
    confused,
    differences,
    examined_classes,
    examined_taggers,
    figures_of_merit,
    jets_page,
    page,
    published,
    scanned,
    style,
)
from jetline.report.cuts_table import ShownCut, read_cuts
from jetline.report.data_files import data_files
from jetline.report.ranking import by_auc, ranked
from jetline.validation import verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jetline.records.comparison import Row
    from jetline.records.training import TrainingRecord
    from jetline.records.validation import ValidationRecord

_ENOUGH_GLUONS = 50
"""Gluon jets that pass, below which the bias of a rejection is told: it is 2 % there."""

VERDICTS = {
    "significant": "significant",
    "not significant": "not significant",
    "one seed only": "one seed only: open",
}

_FILTERS: dict[str, Callable[..., Any]] = {
    "figure_of_merit": figures_of_merit.printed,
    "heading": figures_of_merit.heading,
    "best_first": figures_of_merit.best_first,
    "sorting_value": figures_of_merit.sorting_value,
    "count": display.count,
    "with_indices": figures_of_merit.with_indices,
    "difference": figures_of_merit.difference,
    "chance": display.chance,
}

#: Other pages of a run: on images, on what taggers decide on, on drawn jets.
PAGES = ("images", "explanations", "judgements")


def write_report(
    comparison: Path,
    configuration: Path,
    validations: Sequence[Path],
    output: Path,
    *,
    cuts: Sequence[Path] = (),
    examinations: Sequence[Path] = (),
    scans: Sequence[Path] = (),
    confusions: Sequence[Path] = (),
    pages: Mapping[str, Path | None] | None = None,
) -> None:
    """Write the report of a run.

    Parameters
    ----------
    comparison : Path
        Directory that `comparison.write_comparison` and `comparison_plots.draw_comparison` wrote.
    configuration : Path
        The run's merged configuration, JSON.
    validations : sequence of Path
        For each dataset the directory that `validation.dataset.write_validation` and
        `jets_page.draw_validation` wrote.
    output : Path
        The HTML file to write.
    cuts : sequence of Path
        For each test dataset what `cuts.write_cuts` wrote; none if no observables were measured.
    examinations : sequence of Path
        For each test dataset what `examination.write_examination` wrote, of more than two classes
        `write_classes_examination`; none to leave them out.
    scans : sequence of Path
        For each scan what `conclusion.write_conclusion` wrote, its picture beside it.
    confusions : sequence of Path
        What `confused.write_confused` wrote for each tagger of pictures.
    pages : mapping, optional
        Pages to link to, by the names in `PAGES`.

    Raises
    ------
    JetlineError
        If a file is missing or broken.
    """
    compared = ComparisonRecord.read(Path(comparison) / "comparison.json")
    settings = read_json(configuration)
    validated = {Path(folder): jets_page.read_validation(folder) for folder in validations}
    there = {name: (pages or {}).get(name) for name in PAGES}
    linked = page.beside(output, **there)
    try:
        shown = content(compared, settings, Path(comparison), dict(map(read_cuts, cuts)))
        shown |= jets(validated) | _made_by(Path(configuration))
        examined = examined_classes if shown["more"] else examined_taggers
        shown |= examined.content(examinations, Path(comparison), _embedded, ranked(compared))
        shown |= scanned.content(scans, _embedded) | confused.content(confusions, _embedded)
        told = (examinations, there["images"], scans, confusions)
        shown |= {"data": data_files(comparison, validated, output, *told)}
        filters = _FILTERS | figures_of_merit.told_of(compared.trainings[0].classes)
        text = page.render("run_page.html.j2", filters, **linked, **shown)
    except (KeyError, jinja2.UndefinedError) as error:
        raise JetlineError(
            f"{comparison} and {configuration}",
            found=f"something is missing: {error}",
            expected="the comparison and the configuration of one run, of this version of jetline",
            remedy="compare again",
        ) from error
    write_text(output, text)


def content(
    compared: ComparisonRecord,
    settings: dict[str, Any],
    comparison: Path,
    cuts: Mapping[str, Sequence[ShownCut]],
) -> dict[str, Any]:
    """Collect what the template shows of the taggers."""
    versions, commits = _provenance(compared.trainings)
    rank = ranked(compared)
    trained = sorted(compared.trainings, key=lambda one: rank.index(one.label))
    classes = compared.trainings[0].classes
    quark_gluon = classes == QUARK_GLUON
    # The published figures are of both classes.
    comparable = [row for row in compared.rows if quark_gluon and not only_class(row.test_jets)]
    tested = {row.dataset for row in comparable}
    comparable_cuts = {name: shown for name, shown in cuts.items() if name in tested}
    of_cuts = [name for of_dataset in cuts.values() for cut in of_dataset for name in cut.cells]
    return {
        "more": len(classes) > 2,
        "quark_gluon": quark_gluon,
        "classes": classes[::-1],
        "configuration": settings,
        "folds": settings.get("folds", 1),
        "configuration_text": json.dumps(settings, indent=2, ensure_ascii=False),
        "trained": trained,
        "datasets": [_dataset(name, compared, comparison) for name in compared.datasets],
        "figures_of_merit": figures_of_merit.decisive_first(compared.rows[0].figures, classes),
        "cuts": cuts,
        "of_cuts": figures_of_merit.decisive_first(of_cuts, classes),
        "costs": list({row.label: row for row in by_auc(compared.rows)}.values()),
        "ended_by_limit": list(dict.fromkeys(one.label for one in trained if one.cut_off)),
        "some_grey": any(map(style.is_grey, style.styles(rank).values())),
        "learning_curves": _embedded(comparison / "learning-curves.png"),
        "learning_alt": alt_texts.of_learning(trained),
        "sources": [_source(name, entry) for name, entry in settings["datasets"].items()],
        "notebook_labels": sorted(
            {row.label for row in compared.rows if row.inputs == "images/notebook"}
        ),
        "published": published.groups(
            comparable,
            settings["datasets"],
            comparable_cuts,
            published.own_species_numbers(compared.trainings),
        ),
        "published_figures_of_merit": published.published_figures_of_merit(),
        "benchmark": published.benchmark(settings),
        "training_sizes": sorted({row.training_jets for row in compared.rows}),
        "verdicts": VERDICTS,
        "cell_parts": differences.cell_parts,
        "resamples": compared.resamples,
        "versions": versions,
        "commits": commits,
    }


def jets(validated: Mapping[Path, ValidationRecord]) -> dict[str, Any]:
    """Collect what the template shows of the jets, given each dataset's folder and validation."""
    quantities = [one.rows for one in validated.values()]
    return {
        "jets": [
            dict(one)
            | {"image": _embedded(folder / jets_page.PICTURE), "alt": alt_texts.of_jets(one)}
            for folder, one in validated.items()
        ],
        "side_by_side": jets_page.side_by_side(quantities) if len(quantities) > 1 else [],
        "jets_published": verdicts.PUBLISHED,
        "jets_meaning": verdicts.MEANING,
        "warnings": [
            f"{one.dataset}, {text}" for one in validated.values() for text in one.warnings
        ],
    }


def _dataset(name: str, compared: ComparisonRecord, comparison: Path) -> dict[str, Any]:
    rows = by_auc(compared.rows_of(name))
    kind = only_class(rows[0].test_jets)
    more = len(rows[0].test_jets) > 2
    pictures = ("auc",) if more else ("scores",) if kind else ("roc", "scores", "auc")
    pairs = [pair for pair in compared.pairs if pair.dataset == name]
    return {
        "name": name,
        "rows": rows,
        "only_class": kind,
        "limits": limits(rows[0].test_jets, rows[0].figures),
        "pairs": pairs,
        "compared_figures": {pair.figure for pair in pairs},
        "closest": next(iter(differences.of_figure(pairs)), None),
        "matrix": differences.matrix(pairs),
        "best": rows[0],
        "bounded": any(
            summary.sample_error is None and summary.low is not None
            for row in rows
            for summary in row.figures.values()
        ),
        "fewest_gluons": _fewest_gluons(rows, compared.trainings[0].classes[0]),
        "images": {one: _embedded(comparison / f"{one}-{name}.png") for one in pictures},
        "alt": _alternatives(name, rows, kind or "quark and gluon"),
    }


def _alternatives(name: str, rows: Sequence[Row], kinds: str) -> dict[str, str]:
    """Tell what the pictures of a dataset show."""
    rejection = f"Gluon rejection against quark efficiency on {name}"
    return {
        "auc": alt_texts.of_taggers(f"AUC on {name}", rows, ["auc"]),
        "roc": alt_texts.of_taggers(rejection, rows, ["rejection_50", "rejection_30"]),
        "scores": alt_texts.of_taggers(f"Scores of {kinds} jets on {name}", rows, ["accuracy"]),
    }


def _made_by(configuration: Path) -> dict[str, str]:
    """Tell how the run is made again, and where its results are tracked."""
    in_results = configuration.parent.parent.name == "runs"
    results = configuration.parents[2] if in_results else Path("results")
    return {
        "again": f"snakemake --cores all --configfile {shlex.quote(str(configuration))}",
        "results": shlex.quote(str(results)),
    }


def _fewest_gluons(rows: Sequence[Row], background: str) -> int | None:
    """Count the background's jets behind the rejection of fewest; None if those are enough."""
    passing = [
        summary.value * (row.test_effective or row.test_jets)[background]
        for row in rows
        for summary in row.inverses.values()
        if summary.value is not None
    ]
    fewest = round(min(passing)) if passing else None
    return None if fewest is None or fewest >= _ENOUGH_GLUONS else fewest


def _embedded(path: Path) -> dict[str, Any]:
    """Give a picture of the run as `page.embedded` does."""
    try:
        return page.embedded(path.read_bytes())
    except OSError as error:
        raise JetlineError(
            str(path),
            found=error.strerror or "unreadable",
            expected="a picture of the run",
            remedy="draw it again: jetline draw",
        ) from error


def _source(name: str, entry: dict[str, Any]) -> dict[str, str]:
    rest = {key: value for key, value in entry.items() if key != "source" and value is not None}
    return {
        "name": name,
        "source": entry["source"],
        "settings": ", ".join(f"{key}: {_plain(value)}" for key, value in rest.items()),
    }


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _provenance(trainings: Sequence[TrainingRecord]) -> tuple[dict[str, str], list[str]]:
    """Collect versions of everything that trained, and the commits; several where they differ."""
    versions = defaultdict(set)
    for training in trainings:
        for name, version in training.versions.items():
            versions[name].add(version)
    commits = sorted({one.commit or "not under version control" for one in trainings})
    return {name: ", ".join(sorted(versions[name])) for name in sorted(versions)}, commits
