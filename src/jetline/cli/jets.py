"""Commands that acquire, check and measure jets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import numpy as np

from jetline.cli.command import class_names, command, files, json_object, output, path, value
from jetline.cli.layouts import layout_of_files
from jetline.core.classes import QUARK_GLUON, UNLABELLED, count_by_class, in_words

if TYPE_CHECKING:
    from pathlib import Path

    from jetline.jets.layouts.layout import Layout


@command()
@value("jets", "number of jets, as many of each class", type=int)
@value("generator-seed", "seed of the sample", type=int, default=1)
@value("file", "number of the file in the sample; each has other jets", type=int, default=0)
@value(
    "settings",
    "physics as JSON: keys of a `pythia` dataset of the configuration, such as "
    '{"tune": 5, "pt_window": [500, 550]} in GeV',
    default="{}",
)
@output("jet file to write; the settings are written beside it")
def generate(jets: int, generator_seed: int, file: int, settings: str, output: Path) -> None:
    """Generate jets; by default by the benchmark's recipe."""
    from jetline.sources.pythia.generation import write_generated
    from jetline.sources.pythia.settings import read_generator_settings

    write_generated(read_generator_settings(settings), output, jets, seed=generator_seed, file=file)


@command()
@click.option(
    "--mirrors", multiple=True, help="addresses and folders to try before Zenodo; none if left out"
)
@value("files", "number of files of the dataset, for an error to name them", type=int, default=1)
@output("jet file to write; its name tells which file of the benchmark to download")
def download(mirrors: tuple[str, ...], files: int, output: Path) -> None:
    """Download a jet file of the benchmark."""
    from jetline.sources.zenodo.download import download_jets

    download_jets(output, mirrors, files)


@command("make-pictures")
@value("source", 'settings of the source as JSON, such as {"source": "digits"}')
@output("folder to write train.npz, validation.npz and test.npz to", folder=True)
def make_pictures(source: str, output: Path) -> None:
    """Make the picture files of MNIST, which is downloaded if no copy is named, or of its like."""
    from jetline.sources.made_pictures import read_made_pictures

    for made in read_made_pictures(json_object("source", source)).write(output):
        print(made)


@command("import-jets")
@files("jets", many=False)
@layout_of_files
@class_names
@value(
    "identity",
    "what taggers are to be told of species: a file that tells less is refused",
    type=click.Choice(["none", "experimental", "full"]),
    default="none",
)
@value("weights", "column with the weight of each jet; none is kept if left out", required=False)
@output("jet file to write, .npz; what was understood is written beside it as .import.json")
def import_jets(
    jets: Path,
    layout: Layout | str | None,
    classes: tuple[str, ...],
    identity: str,
    weights: str | None,
    output: Path,
) -> None:
    """Write the jets of a ROOT, HDF5 or Parquet file as a jet file of the benchmark's form.

    JETS is the file; an .npz of another form is imported by a --layout.
    """
    from jetline.jets.importing import import_jets as import_file

    record = import_file(jets, output, layout, classes, identity, weights)
    record.write(output.with_suffix(".import.json"))
    for line in (*record.layout, f"{in_words(record.jets)} jets"):
        print(f"{jets}: {line}")
    for warning in record.warnings:
        print(f"warning: {jets}: {warning}")


@command()
@files("jets")
@value("name", "name of the file within its source; its own if left out", required=False)
@value("sha256", "sha256 that the file must have; any if left out", required=False)
@value(
    "holds",
    "what the file holds",
    type=click.Choice(["jets", "pictures"]),
    default="jets",
)
@layout_of_files
@class_names
@value(
    "weights",
    "name of the array with the weight of each jet; all count the same if left out",
    required=False,
)
@path("output", "index of the file to write; none is if left out", required=False)
def check(
    jets: tuple[Path, ...],
    name: str | None,
    sha256: str | None,
    holds: str,
    layout: Layout | str | None,
    classes: tuple[str, ...],
    weights: str | None,
    output: Path | None,
) -> None:
    """Validate jet files, or picture files, tell what was understood, and index what they hold.

    JETS are the files.
    """
    if len(jets) > 1 and (name or sha256 or output):
        raise click.UsageError("--name, --sha256 and --output are of one file")
    for file in jets:
        if holds == "pictures":
            if sha256 or weights:
                raise click.UsageError("--sha256 and --weights are of jet files alone")
            _check_pictures(file, name or file.stem, classes, output)
        else:
            _check_jets(file, name or file.stem, sha256, layout, classes, weights, output)


def _check_jets(
    path: Path,
    name: str,
    sha256: str | None,
    layout: Layout | str | None,
    classes: tuple[str, ...],
    weights: str | None,
    output: Path | None,
) -> None:
    from jetline.jets.index import index_jets
    from jetline.jets.reading import open_jets, unread_arrays
    from jetline.jets.understood import Understood
    from jetline.sources.zenodo.catalogue import require_published
    from jetline.validation.orientation import reversal_of_file

    understood = Understood()
    # Jets to be scored need no labels; those of the workflow do.
    index = index_jets(
        path,
        name,
        labels_needed=output is not None,
        classes=classes,
        weights=weights,
        layout=layout,
        seen=understood.add,
    )
    if sha256:
        require_published(path, index.sha256, sha256)
    told = open_jets(path, classes, layout).told if layout or path.suffix != ".npz" else ()
    understood.require_sense(str(path), layout=bool(told))
    if output:
        index.write(output)
    counted = in_words(count_by_class(index.labels, classes))
    if unlabelled := np.count_nonzero(index.labels == UNLABELLED):
        counted = f"{unlabelled} unlabelled"
    print(f"{path}: {counted} jets, all valid")
    if index.weights is not None:
        print(_of_weights(index.weights))
    for line in (*told, understood.told()):
        print(f"{path}: {line}")
    if not told and (features := open_jets(path, classes).feature_names):
        print(f"{path}: further features {', '.join(features)}")
    if not told and (unread := unread_arrays(path, {weights} if weights else set())):
        print(unread)
    for warning in understood.warnings(layout=bool(told)):
        print(f"warning: {path}: {warning}")
    if classes == QUARK_GLUON and not layout and (reversal := reversal_of_file(path)):
        print(f"warning: {reversal}")


def _of_weights(weights: np.ndarray) -> str:
    from jetline.core.weights import effective_number

    negative = int((weights < 0).sum())
    return (
        f"weights from {weights.min():g} to {weights.max():g}, {negative} negative: like "
        f"{effective_number(weights):.0f} jets of equal weights"
    )


def _check_pictures(path: Path, name: str, classes: tuple[str, ...], output: Path | None) -> None:
    from jetline.pictures.index import index_pictures

    index, pictures = index_pictures(path, name, classes)
    if output:
        index.write(output)
    size = " x ".join(map(str, pictures.shape[1:]))
    counts = in_words(count_by_class(index.labels, classes))
    print(f"{path}: {counts} pictures of {size}, all valid")
    if pictures.unread:
        print(f"{path}: nothing reads {', '.join(pictures.unread)}")


@command()
@files("jets", many=False)
@path("index", "index that must be of this jet file; not asked for if left out", required=False)
@output("file to write")
def measure(jets: Path, index: Path | None, output: Path) -> None:
    """Measure the observables of each jet of a file.

    JETS is the jet file.
    """
    from jetline.validation.measurement import measure as measure_file

    measure_file(jets, index).write(output)


@command()
@files("jets")
@path(
    "output",
    "folder for table and picture as files; the table is only printed if left out",
    required=False,
)
def validate(jets: tuple[Path, ...], output: Path | None) -> None:
    """Compare jets, taken together, with the published benchmark.

    JETS are jet files, or what `jetline measure` made of them. The exit status is 0 whatever the
    verdicts are, because jets may differ on purpose.
    """
    from jetline.jets.reading import unread_arrays
    from jetline.validation.measurement import is_measurement
    from jetline.validation.measures import read_sample, validation_rows
    from jetline.validation.verdicts import format_report

    sample = read_sample(list(jets))
    rows = validation_rows(sample)
    if output:
        from jetline.report.jets_page import draw_validation
        from jetline.validation.dataset import write_validation

        write_validation(sample, rows, output)
        draw_validation(output)
    # What was measured has been checked, which named them.
    jet_files = [file for file in jets if not is_measurement(file)]
    for unread in filter(None, map(unread_arrays, jet_files)):
        print(unread)
    report = format_report(rows, sample.recognised, sample.warnings, sample.limits)
    print(report, end="")
