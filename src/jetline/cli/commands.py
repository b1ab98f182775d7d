"""Every step as a command: each takes its parsed arguments and imports only what it needs."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from jetline.core.errors import JetlineError


def generate(args: argparse.Namespace) -> None:
    from jetline.sources.pythia.generation import write_generated
    from jetline.sources.pythia.settings import read_recipe

    recipe = read_recipe(args.recipe)
    write_generated(recipe, args.output, args.jets, seed=args.seed, file=args.file)


def download(args: argparse.Namespace) -> None:
    from jetline.sources.zenodo.download import download_jets

    download_jets(args.output, args.mirrors, args.files)


def validate(args: argparse.Namespace) -> None:
    from jetline.validation.measures import read_sample, validation_rows
    from jetline.validation.verdicts import format_report

    sample = read_sample(args.jets)
    rows = validation_rows(sample)
    if args.output:
        from jetline.report.jets_page import write_validation

        write_validation(sample, rows, args.output)
    print(format_report(rows, sample.recognised), end="")


def measure(args: argparse.Namespace) -> None:
    from jetline.validation.measurement import measure

    measure(args.jets).write(args.output)


def check(args: argparse.Namespace) -> None:
    from jetline.jets.index import index_jets
    from jetline.sources.zenodo.catalogue import require_published

    index = index_jets(args.jets, args.name)
    if args.sha256:
        require_published(args.jets, index.sha256, args.sha256)
    index.write(args.output)
    quarks = int(index.labels.sum())
    print(f"{args.jets}: {quarks} quark and {len(index) - quarks} gluon jets, all valid")


def shard(args: argparse.Namespace) -> None:
    from jetline.inputs.making import make_shard, read_inputs

    recipe = read_option("--recipe", args.recipe) if args.recipe else None
    make_shard(read_inputs(args.inputs, recipe), args.jets, args.output, args.index)


def read_option(option: str, text: str) -> dict[str, Any]:
    """Read an option's value, which is a JSON object."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise JetlineError(
            option,
            found=text,
            expected="settings as JSON",
            remedy='write it like {"pixels": 16}, in single quotes',
        )
    return value


def split(args: argparse.Namespace) -> None:
    from jetline.inputs.split import split_files

    parts = split_files(
        args.index,
        seed=args.seed,
        source=args.source,
        **json.loads(args.settings),
        trained=(args.trained_parts, args.trained_index) if args.trained_parts else None,
    )
    parts.write(args.output)


def statistics(args: argparse.Namespace) -> None:
    from jetline.inputs.split import Parts
    from jetline.inputs.statistics import training_statistics

    training_statistics(args.shards, Parts.read(args.parts)).write(args.output)


def train(args: argparse.Namespace) -> None:
    from jetline.models import read_settings
    from jetline.training.device import check_visible, claim, gpus, limit_threads

    architecture = read_settings(args.label, json.loads(args.settings))
    limit_threads(args.threads)
    with claim(args.device, gpus()) as claimed:
        # Only now: keras takes its processors when it is imported.
        from jetline.tracking.trainings import TrackedTraining
        from jetline.training.job import Request, run_training

        request = Request(
            run=args.run,
            label=args.label,
            seed=args.seed,
            architecture=architecture,
            dataset=args.dataset,
            shards=args.shards,
            parts=args.parts,
            statistics=args.statistics,
            code=args.code,
        )
        run_training(
            request,
            check_visible(claimed, args.device),
            args.output,
            args.checkpoints,
            lambda facts: TrackedTraining(args.results, facts),
        )


def predict(args: argparse.Namespace) -> None:
    from jetline.training.device import claim, gpus, limit_threads

    limit_threads(args.threads)
    with claim(args.device, gpus()):
        from jetline.training.prediction import predict_test_part

        shards = {name: [Path(shard) for shard in shards] for name, _, *shards in args.dataset}
        parts = {name: Path(parts) for name, parts, *_ in args.dataset}
        predict_test_part(args.training, shards, parts, args.output)


def score(args: argparse.Namespace) -> None:
    from jetline.training.device import claim, gpus, limit_threads

    limit_threads(args.threads)
    with claim(args.device, gpus()):
        from jetline.training.scoring import score_files

        score_files(args.training, args.jets, args.output)


def from_weaver(args: argparse.Namespace) -> None:
    from jetline.training.weaver.conversion import read_weaver

    read_weaver(args.weights, args.architecture, args.identity, args.output)


def to_weaver(args: argparse.Namespace) -> None:
    from jetline.training.weaver.conversion import write_weaver

    write_weaver(args.training, args.output)


def evaluate(args: argparse.Namespace) -> None:
    from jetline.evaluation.predictions import evaluate_predictions

    evaluate_predictions(args.predictions, args.training, args.dataset, args.seed, args.output)


def cut(args: argparse.Namespace) -> None:
    from jetline.evaluation.cuts import write_cuts

    trained = (args.trained_parts, args.trained_shards)
    tested = (args.parts, args.shards)
    write_cuts(trained, tested, args.dataset, args.seed, args.output)


def compare(args: argparse.Namespace) -> None:
    from jetline.evaluation.comparison import write_comparison

    write_comparison(args.trainings, args.evaluations, args.output)


def report(args: argparse.Namespace) -> None:
    from jetline.report.run_page import write_report

    write_report(
        args.comparison, args.configuration, args.validations, args.output, args.cuts, args.images
    )


def show(args: argparse.Namespace) -> None:
    from jetline.report.images_page import write_gallery

    for images in write_gallery(args.shards, args.output, seed=args.seed, figures=args.figures):
        quarks, gluons = images.counts.values()
        print(f"images/{images.name}: {quarks} quark and {gluons} gluon jets")
    print(f"open {args.output.absolute().as_uri()} in a browser")


def track(args: argparse.Namespace) -> None:
    from jetline.tracking.trainings import complete

    complete(args.results, args.training, args.evaluations, args.output)


def track_cuts(args: argparse.Namespace) -> None:
    from jetline.tracking.trainings import track_cuts

    track_cuts(args.results, args.run, args.trained_on, args.cuts, args.output)


def start_tracking(args: argparse.Namespace) -> None:
    from jetline.tracking.trainings import start

    start(args.results)


def ui(args: argparse.Namespace) -> None:
    from jetline.tracking.server import serve

    serve(args.results)


def document(args: argparse.Namespace) -> None:
    from jetline.configuration.documentation import write_documentation

    write_documentation(args.folder)
