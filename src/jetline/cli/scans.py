"""Commands of scans of settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.cli.command import command, json_object, output, path, paths, value

if TYPE_CHECKING:
    from pathlib import Path


@command()
@value("label", "name of the entry that is scanned")
@value("round", "number of the round, from 1 on", type=int)
@value("settings", "the entry's settings, those that it sets, as JSON")
@value("study", "its study, as JSON: space, seed, at_once, and the first values to try or null")
@path("before", "proposals of the round before; it is the first if left out", required=False)
@paths("trials", "records of the trials of the round before; none if left out", required=False)
@output("file of proposals to write; the study as Optuna's journal comes beside it")
def propose(
    label: str,
    round: int,
    settings: str,
    study: str,
    before: Path | None,
    trials: tuple[Path, ...],
    output: Path,
) -> None:
    """Propose the trials of one round of a study, by Optuna."""
    from jetline.scans.rounds import write_round

    told = json_object("study", study)
    write_round(label, round, json_object("settings", settings), told, before, trials, output)


@command()
@value("label", "name of the entry that was scanned")
@value("settings", "the entry's settings, those that it sets, as JSON")
@value("scan", "what it is of, as JSON: method, space and seed")
@paths("trials", "records of all trials")
@output("folder to write to: the best values, the table of trials, and the result", folder=True)
def conclude(label: str, settings: str, scan: str, trials: tuple[Path, ...], output: Path) -> None:
    """Choose the best trial of a scan by the validation part, and tell what mattered."""
    from jetline.scans.conclusion import write_conclusion

    told = json_object("scan", scan)
    write_conclusion(label, json_object("settings", settings), told, trials, output)


@command("track-scan")
@value("run", "name of the run")
@path("scan", "what `conclude` wrote, its picture drawn beside it")
@path("results", "results folder, with MLflow's database")
@output("file to write: address and id of the MLflow run")
def track_scan(run: str, scan: Path, results: Path, output: Path) -> None:
    """Complete the MLflow run of a scan, which holds those of its trials."""
    from jetline.tracking.scans import track_scan as log_scan

    log_scan(results, run, scan, output)
