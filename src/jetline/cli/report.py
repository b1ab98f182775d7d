"""Commands that draw pictures and write pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.cli.command import command, files, output, path, paths

if TYPE_CHECKING:
    from pathlib import Path


@command()
@path("comparison", "folder of the comparison")
@paths("trainings", "folders of the trainings")
@paths("evaluations", "folders of their evaluations")
@paths(
    "examinations",
    "examination of the taggers on each test dataset; not drawn if left out",
    required=False,
)
@path("configuration", "the run's configuration; no published points if left out", required=False)
@output("folder to write to", folder=True)
def draw(
    comparison: Path,
    trainings: tuple[Path, ...],
    evaluations: tuple[Path, ...],
    examinations: tuple[Path, ...],
    configuration: Path | None,
    output: Path,
) -> None:
    """Draw the pictures of a comparison."""
    from jetline.report.comparison_plots import draw_comparison

    drawn = (comparison, list(trainings), list(evaluations), output)
    draw_comparison(*drawn, examinations, configuration)


@command()
@path("comparison", "folder of the comparison")
@path("configuration", "the run's configuration, as JSON")
@paths("validations", "folder of each dataset's validation")
@paths(
    "cuts",
    "cuts on single observables, a file for each test dataset; none if left out",
    required=False,
)
@path("images", "page on images, to link to; none if left out", required=False)
@paths(
    "examinations",
    "examination of the taggers on each test dataset; none if left out",
    required=False,
)
@output("HTML page to write")
def report(
    comparison: Path,
    configuration: Path,
    validations: tuple[Path, ...],
    cuts: tuple[Path, ...],
    images: Path | None,
    examinations: tuple[Path, ...],
    output: Path,
) -> None:
    """Write the report of a run."""
    from jetline.report.run_page import write_report

    write_report(comparison, configuration, validations, output, cuts, images, examinations)


@command()
@files("run", many=False)
def result(run: Path) -> None:
    """Print the result of a run: the table of its taggers, best first.

    RUN is the run's folder, such as `results/runs/demo`.
    """
    from jetline.report.result import result_of_run

    print("\n".join(result_of_run(run)))


@command()
@output("folder to write README.md and config.schema.json to", folder=True)
def document(output: Path) -> None:
    """Write the table and the schema of the configuration."""
    from jetline.configuration.documentation import write_documentation

    write_documentation(output)
