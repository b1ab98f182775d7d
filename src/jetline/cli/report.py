"""Commands that draw pictures and write pages."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from jetline.cli.command import command, files, output, path, paths, value
from jetline.report.collaboration_styles import STYLES

if TYPE_CHECKING:
    from pathlib import Path


@command()
@path("comparison", "folder of the comparison; only --data are drawn if left out", required=False)
@paths("trainings", "folders of the trainings; only --data are drawn if left out", required=False)
@paths("evaluations", "folders of their evaluations; likewise if left out", required=False)
@paths(
    "examinations",
    "examination of the taggers on each test dataset; not drawn if left out",
    required=False,
)
@path("configuration", "the run's configuration; no published points if left out", required=False)
@paths(
    "data",
    "files that hold all that figures show, to draw those again: figures.npz of a comparison, "
    "examination.json, classes.json or validation.json of a dataset, images/<recipe>.npz, "
    "scan.json of a scan; none if left out",
    required=False,
)
@value("style", "look of the figures", type=click.Choice(STYLES), default="plain")
@output("folder to write to", folder=True)
def draw(
    comparison: Path | None,
    trainings: tuple[Path, ...],
    evaluations: tuple[Path, ...],
    examinations: tuple[Path, ...],
    configuration: Path | None,
    data: tuple[Path, ...],
    style: str,
    output: Path,
) -> None:
    """Draw the pictures of a comparison, or those whose data were kept."""
    compared = bool(comparison and trainings and evaluations)
    if compared == bool(data) or (data and (comparison or trainings or evaluations)):
        raise click.UsageError(
            "either --comparison, --trainings and --evaluations, or --data alone"
        )
    from jetline.report.comparison_plots import draw_comparison
    from jetline.report.redrawing import draw_again
    from jetline.report.style import in_style

    with in_style(style):
        if comparison and compared:
            drawn = (comparison, list(trainings), list(evaluations), output)
            draw_comparison(*drawn, examinations, configuration)
        else:
            draw_again(data, output)


@command("show-explanations")
@paths("explanations", "explanation.json of each training, its arrays beside it")
@path(
    "lund-planes",
    "lund-planes.json of the jets, its arrays beside it; not drawn if left out, as of pictures",
    required=False,
)
@path(
    "pictures",
    "folder for the figures as PNG and PDF, too; not written if left out",
    required=False,
)
@output("HTML page to write")
def show_explanations(
    explanations: tuple[Path, ...],
    lund_planes: Path | None,
    pictures: Path | None,
    output: Path,
) -> None:
    """Write the page on what taggers decide on."""
    from jetline.report.explanation_page import write_explanations

    write_explanations(explanations, output, pictures, lund_planes)


@command("show-judgements")
@paths("judgements", "judgement.json of each dataset of drawn jets, in a folder of its name")
@path(
    "pictures",
    "folder for the figures as PNG and PDF, too; not written if left out",
    required=False,
)
@output("HTML page to write")
def show_judgements(judgements: tuple[Path, ...], pictures: Path | None, output: Path) -> None:
    """Write the page on drawn jets beside true ones."""
    from jetline.report.judgement_page import write_judgements

    write_judgements(judgements, output, pictures)


@command("draw-confused")
@files("shards")
@path("predictions", "prediction file of a test dataset of pictures")
@value("label", "name of the tagger that made it")
@value("training-seed", "seed of its training", type=int)
@value("dataset", "name of the dataset")
@output("picture to write, a PNG; a PDF and the data are written beside it")
def draw_confused(
    shards: tuple[Path, ...],
    predictions: Path,
    label: str,
    training_seed: int,
    dataset: str,
    output: Path,
) -> None:
    """Draw the misclassified test pictures that a tagger is surest of.

    SHARDS are those of all picture files of the dataset, in its order.
    """
    from jetline.records.predictions import Predictions
    from jetline.report.confused import Confused, write_confused

    found = Confused.of(Predictions.read(predictions), shards, label, training_seed, dataset)
    write_confused(found, output)
    print(found.in_words())


@command()
@path("comparison", "folder of the comparison")
@path("configuration", "the run's configuration, as JSON")
@paths(
    "validations",
    "folder of each dataset's validation; none if left out, as of pictures",
    required=False,
)
@paths(
    "cuts",
    "cuts on single observables, a file for each test dataset; none if left out",
    required=False,
)
@path("images", "page on images, to link to; none if left out", required=False)
@path(
    "explanations",
    "page on what taggers decide on, to link to; none if left out",
    required=False,
)
@path("judgements", "page on drawn jets, to link to; none if left out", required=False)
@paths(
    "examinations",
    "examination of the taggers on each test dataset; none if left out",
    required=False,
)
@paths("scans", "results of scans, their pictures beside them; none if left out", required=False)
@paths("confused", "data of confused pictures; none if left out", required=False)
@output("HTML page to write")
def report(
    comparison: Path,
    configuration: Path,
    validations: tuple[Path, ...],
    cuts: tuple[Path, ...],
    images: Path | None,
    explanations: Path | None,
    judgements: Path | None,
    examinations: tuple[Path, ...],
    scans: tuple[Path, ...],
    confused: tuple[Path, ...],
    output: Path,
) -> None:
    """Write the report of a run."""
    from jetline.report.run_page import write_report

    write_report(
        comparison,
        configuration,
        validations,
        output,
        cuts=cuts,
        examinations=examinations,
        scans=scans,
        confusions=confused,
        pages={"images": images, "explanations": explanations, "judgements": judgements},
    )


@command()
@files("run", many=False)
def result(run: Path) -> None:
    """Print the result of a run: the table of its taggers, best first.

    RUN is the run's folder, such as `results/runs/demo`.
    """
    from jetline.core.letters import shown_in
    from jetline.report.result import result_of_run

    def letters(text: str) -> str:
        # As they will stand there, so that the columns stay straight.
        return shown_in(text, sys.stdout.encoding)

    print("\n".join(result_of_run(run, letters=letters)))


@command()
@output("folder to write README.md and config.schema.json to", folder=True)
def document(output: Path) -> None:
    """Write the table and the schema of the configuration."""
    from jetline.configuration.documentation import write_documentation

    write_documentation(output)
