"""The report: one HTML page that holds all its figures and needs nothing else."""

from __future__ import annotations

import csv
import json
import os
from collections import defaultdict
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2

import jetline
from jetline.core.errors import JetlineError
from jetline.core.files import read_json, write_text
from jetline.evaluation import display
from jetline.evaluation.cuts import beside_published, read_cuts
from jetline.evaluation.metrics import FIGURES
from jetline.report import jets_page, page
from jetline.validation import verdicts

IDENTITY_CLASSES = {
    "none": "Without particle identity",
    "experimental": "With experimental particle identity (charge and detector classes)",
    "full": "With full particle identity (every species told apart)",
}

FIGURE_TITLES = {
    "accuracy": "Accuracy",
    "auc": "AUC",
    "rejection_50": "1/ε_g at ε_q = 50 %",
    "rejection_30": "1/ε_g at ε_q = 30 %",
    "log_loss": "Log loss [nats]",
}

VERDICTS = {
    "significant": "significant",
    "not significant": "not significant",
    "one seed only": "one seed only: open",
}


def write_report(
    comparison: Path,
    configuration: Path,
    validations: Sequence[Path],
    output: Path,
    cuts: Sequence[Path] = (),
    images: Path | None = None,
) -> None:
    """Write the report of a run.

    Parameters
    ----------
    comparison : Path
        Directory that `comparison.write_comparison` wrote.
    configuration : Path
        The run's merged configuration, JSON.
    validations : sequence of Path
        For each dataset the directory that `jets_page.write_validation` wrote.
    output : Path
        The HTML file to write.
    cuts : sequence of Path
        For each test dataset what `cuts.write_cuts` wrote; none if no observables were measured.
    images : Path, optional
        The page that `gallery.write_gallery` wrote, for a link to it.

    Raises
    ------
    JetlineError
        If a file is missing or broken.
    """
    compared = read_json(Path(comparison) / "comparison.json")
    settings = read_json(configuration)
    validated = [jets_page.read_validation(folder) for folder in validations]
    cut = {one["dataset"]: one["rows"] for one in map(read_cuts, cuts)}
    filters = {"figure": display.figure, "count": display.count, "single": _single}
    images = os.path.relpath(images, Path(output).parent) if images else None
    try:
        shown = content(compared, settings, validated, Path(comparison), cut)
        text = page.render("run_page.html.j2", filters, images=images, **shown)
    except (KeyError, jinja2.UndefinedError) as error:
        raise JetlineError(
            f"{comparison} and {configuration}",
            found=f"something is missing: {error}",
            expected="the comparison and the configuration of one run, of this version of jetline",
            remedy="compare again",
        ) from error
    write_text(output, text)


def content(
    compared: dict[str, Any],
    settings: dict[str, Any],
    validated: list[dict[str, Any]],
    comparison: Path,
    cuts: dict[str, list[dict[str, Any]]],
) -> dict[str, Any]:
    """What the template shows, in its order."""
    versions, commits = _provenance(compared["trainings"])
    return {
        "configuration": settings,
        "configuration_text": json.dumps(settings, indent=2, ensure_ascii=False),
        "trained": compared["trainings"],
        "datasets": [_dataset(name, compared, comparison) for name in compared["datasets"]],
        "cuts": cuts,
        "costs": list({row["label"]: row for row in compared["rows"]}.values()),
        "learning_curves": _embedded(comparison / "learning-curves.png"),
        "jets": [one | {"image": _embedded(one["figure"])} for one in validated],
        "side_by_side": jets_page.side_by_side(validated) if len(validated) > 1 else [],
        "jets_published": verdicts.PUBLISHED,
        "jets_meaning": verdicts.MEANING,
        "sources": [_source(name, entry) for name, entry in settings["datasets"].items()],
        "notebook_labels": sorted(
            {row["label"] for row in compared["rows"] if row["inputs"] == "images/notebook"}
        ),
        "published": _published_groups(compared["rows"], settings["datasets"], cuts),
        "benchmark": _benchmark(settings),
        "training_sizes": sorted({row["training_jets"] for row in compared["rows"]}),
        "figure_titles": FIGURE_TITLES,
        "verdicts": VERDICTS,
        "with_errors": display.with_errors,
        "resamples": compared["resamples"],
        "versions": versions,
        "commits": commits,
        "jetline_version": jetline.__version__,
    }


def _dataset(name: str, compared: dict[str, Any], comparison: Path) -> dict[str, Any]:
    rows = [row for row in compared["rows"] if row["dataset"] == name]
    return {
        "name": name,
        "rows": rows,
        "pairs": [pair for pair in compared["pairs"] if pair["dataset"] == name],
        "best": max(rows, key=lambda row: row["figures"]["auc"]["value"]),
        "bounded": any(
            row["figures"][figure]["sample_error"] is None for row in rows for figure in FIGURES
        ),
        "images": {
            kind: _embedded(comparison / f"{kind}-{name}.png") for kind in ("roc", "scores", "auc")
        },
    }


def _embedded(path: Path) -> dict[str, Any]:
    """A figure of the run, as `page.embedded` gives it."""
    try:
        return page.embedded(path.read_bytes())
    except OSError as error:
        raise JetlineError(
            str(path),
            found=error.strerror or "unreadable",
            expected="a figure of the run",
            remedy="make it again",
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


def _single(figure: dict[str, float | None]) -> str:
    """A figure of one training, which has no spread over seeds."""
    return display.figure(figure | {"sample_error": figure["error"], "seed_spread": None})


def published() -> list[dict[str, str]]:
    """The published results, every number as it was printed; empty where none was."""
    text = resources.files("jetline.report").joinpath("published.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _published_groups(
    rows: list[dict[str, Any]], datasets: dict[str, Any], cuts: dict[str, list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """Ours and theirs by identity class, so that like stands beside like."""
    groups = []
    for identity, title in IDENTITY_CLASSES.items():
        ours = [
            {
                "ours": True,
                "method": row["label"],
                "arxiv": None,
                "where": _where(row["dataset"], datasets),
                "inputs": row["inputs"],
                "train_jets": row["training_jets"],
                "parameters": row["parameters"],
                "figures": [
                    display.figure(row["figures"][figure])
                    for figure in ("accuracy", "auc", "rejection_50", "rejection_30")
                ],
                "status": f"{len(row['seeds'])} seeds, ± test sample ± seeds"
                if len(row["seeds"]) > 1
                else "1 seed, ± test sample",
            }
            for row in rows
            if row["identity"] == identity
        ]
        theirs = [_published_row(entry) for entry in published() if entry["pid"] == identity]
        if identity == "none":
            methods = {line["method"] for line in theirs}
            ours += [
                beside_published(row, _where(dataset, datasets))
                for dataset, cut in cuts.items()
                for row in cut
                if row["name"] in methods
            ]
        groups.append({"title": title, "rows": ours + theirs})
    return groups


def _where(dataset: str, datasets: dict[str, Any]) -> str:
    entry = datasets.get(dataset, {"source": "not configured"})
    return f"this run, on {dataset} ({_origin(entry)})"


def _origin(entry: dict[str, Any]) -> str:
    """A dataset's source, and which of its samples."""
    return " ".join([entry["source"], *([entry["sample"]] if "sample" in entry else [])])


def _benchmark(settings: dict[str, Any]) -> dict[str, Any]:
    """Which tested datasets are the one that the published figures belong to; split alike?"""
    of_it = {
        name: entry
        for name, entry in settings["datasets"].items()
        if name in settings["test_on"] and _origin(entry) == "zenodo pythia"
    }
    split = settings["split"] == {"by": "file", "train": 0.8, "validation": 0.1, "test": 0.1}
    return {
        "names": list(of_it),
        "split": split and all(entry["files"] == 20 for entry in of_it.values()),
    }


def _published_row(entry: dict[str, str]) -> dict[str, Any]:
    is_paper = entry["arxiv"][:1].isdigit()
    return {
        "ours": False,
        "method": entry["method"],
        "arxiv": entry["arxiv"] if is_paper else None,
        "where": f"{entry['arxiv']} ({entry['year']})",
        "inputs": entry["inputs"],
        "train_jets": int(entry["train_jets"]) if entry["train_jets"] else None,
        "parameters": int(entry["parameters"]) if entry["parameters"] else None,
        "figures": [
            (entry[name] or display.MISSING)
            + (f" ± {entry[error]}" if error and entry[error] else "")
            for name, error in (
                ("accuracy", None),
                ("auc", "auc_err"),
                ("rej50", "rej50_err"),
                ("rej30", "rej30_err"),
            )
        ],
        "status": entry["figure_status"],
    }


def _provenance(trainings: list[dict[str, Any]]) -> tuple[dict[str, str], list[str]]:
    """Versions of everything that trained, and the commits; several where trainings differ."""
    versions = defaultdict(set)
    for facts in trainings:
        for name, version in facts["versions"].items():
            versions[name].add(str(version))
    commits = sorted({facts["commit"] or "not under version control" for facts in trainings})
    return {name: ", ".join(sorted(versions[name])) for name in sorted(versions)}, commits
