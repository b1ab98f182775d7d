"""Every step as a command: parse, call, print. Each command imports only what it needs."""

from __future__ import annotations

import argparse
import errno
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from jetline import __version__
from jetline.errors import JetlineError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; a user's mistake is printed without a traceback.

    Returns
    -------
    int
        Exit status: 0, 1 after a mistake, 130 after an interrupt.
    """
    parsed = _parser().parse_args(arguments)
    try:
        parsed.command(parsed)
    except JetlineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {_system_error(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return 0


def _system_error(error: OSError) -> JetlineError:
    """A full disk or a forbidden folder, told like any other mistake."""
    remedies = {
        errno.ENOSPC: "free some space, then run the same command again; nothing is half-written",
        errno.EDQUOT: "free some of your quota, then run the same command again",
        errno.EFBIG: "raise the limit on file sizes (ulimit -f), then run the same command again",
        errno.EACCES: "change its permissions, or work in a folder that is yours",
        errno.EROFS: "work in a folder that can be written to",
    }
    full = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return JetlineError(
        str(error.filename or "output"),
        found=error.strerror or str(error),
        expected="room for the output" if error.errno in full else "a file or folder of yours",
        remedy=remedies.get(error.errno, "check the path, then run the same command again"),
    )


def _generate(args: argparse.Namespace) -> None:
    from jetline.jets.pythia import write_generated

    write_generated(args.output, args.jets, seed=args.seed, file=args.file)


def _validate(args: argparse.Namespace) -> None:
    from jetline.jets.validation import format_table, validation_table

    print(format_table(validation_table(args.jets)), end="")


def _check(args: argparse.Namespace) -> None:
    from jetline.jets.index import index_jets

    index = index_jets(args.jets, args.name)
    index.write(args.output)
    quarks = int(index.labels.sum())
    print(f"{args.jets}: {quarks} quark and {len(index) - quarks} gluon jets, all valid")


def _image(args: argparse.Namespace) -> None:
    from jetline.inputs.images import image_file

    image_file(args.jets, args.recipe, args.output)


def _flatten(args: argparse.Namespace) -> None:
    from jetline.inputs.particles import flatten_file

    flatten_file(args.jets, args.output)


def _split(args: argparse.Namespace) -> None:
    from jetline.inputs.split import split_files

    parts = split_files(
        args.index,
        seed=args.seed,
        source=args.source,
        **json.loads(args.settings),
        trained=(args.trained_parts, args.trained_index) if args.trained_parts else None,
    )
    parts.write(args.output)


def _statistics(args: argparse.Namespace) -> None:
    from jetline.files import write_json
    from jetline.inputs.split import Parts
    from jetline.inputs.statistics import training_statistics

    write_json(args.output, training_statistics(args.shards, Parts.read(args.parts)))


def _train(args: argparse.Namespace) -> None:
    from jetline.models import read_settings
    from jetline.training.device import check_visible, claim, gpus, limit_threads

    architecture = read_settings(args.label, json.loads(args.settings))
    limit_threads(args.threads)
    with claim(args.device, gpus()) as claimed:
        # Only now: keras takes its processors when it is imported.
        from jetline.tracking import TrackedTraining
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


def _predict(args: argparse.Namespace) -> None:
    from jetline.training.device import claim, gpus, limit_threads

    limit_threads(args.threads)
    with claim(args.device, gpus()):
        from jetline.training.prediction import predict_test_part

        shards = {name: [Path(shard) for shard in shards] for name, _, *shards in args.dataset}
        parts = {name: Path(parts) for name, parts, *_ in args.dataset}
        predict_test_part(args.training, shards, parts, args.output)


def _score(args: argparse.Namespace) -> None:
    from jetline.training.device import claim, gpus, limit_threads

    limit_threads(args.threads)
    with claim(args.device, gpus()):
        from jetline.training.scoring import score_files

        score_files(args.training, args.jets, args.output)


def _evaluate(args: argparse.Namespace) -> None:
    from jetline.evaluation.predictions import evaluate_predictions

    evaluate_predictions(args.predictions, args.training, args.dataset, args.seed, args.output)


def _compare(args: argparse.Namespace) -> None:
    from jetline.evaluation.comparison import write_comparison

    write_comparison(args.trainings, args.evaluations, args.output)


def _report(args: argparse.Namespace) -> None:
    from jetline.evaluation.report import write_report

    write_report(args.comparison, args.configuration, args.output)


def _track(args: argparse.Namespace) -> None:
    from jetline.tracking import complete

    complete(args.results, args.training, args.evaluations, args.output)


def _start_tracking(args: argparse.Namespace) -> None:
    from jetline.tracking import start

    start(args.results)


def _ui(args: argparse.Namespace) -> None:
    from jetline.ui import serve

    serve(args.results)


def _document(args: argparse.Namespace) -> None:
    from jetline.config_documentation import write_documentation

    write_documentation(args.folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="jetline", description=__doc__)
    parser.add_argument("--version", action="version", version=f"jetline {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    output = ("output", "what to write")
    jets = ("jets", "jet file")

    def add(
        name: str, command: Callable[[argparse.Namespace], None], text: str, *positional: tuple
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        for argument, description, *many in positional:
            sub.add_argument(argument, type=Path, help=description, nargs=many[0] if many else None)
        sub.set_defaults(command=command)
        return sub

    def needs(sub: argparse.ArgumentParser, kind: type, *names: str, **more: object) -> None:
        for name in names:
            sub.add_argument(f"--{name}", type=kind, required=True, **more)

    def processor(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--device", choices=("auto", "cpu", "gpu"), default="auto")
        sub.add_argument("--threads", type=int, default=os.cpu_count())

    many_jets = ("jets", "jet files", "+")
    sub = add("generate", _generate, "generate jets by the benchmark's recipe", output)
    needs(sub, int, "jets")
    sub.add_argument("--seed", type=int, default=1)
    sub.add_argument("--file", type=int, default=0, help="number of the file: other jets for each")
    add("validate", _validate, "compare jets with the published benchmark", many_jets)
    sub = add("check", _check, "validate the format of a jet file and index it", jets, output)
    needs(sub, str, "name")
    sub = add("image", _image, "image the jets of a file into a shard", jets, output)
    needs(sub, str, "recipe")
    add("flatten", _flatten, "write the particles of a file into a shard", jets, output)
    sub = add("split", _split, "split a dataset into training, validation and test", output)
    needs(sub, str, "settings", "source")
    needs(sub, int, "seed")
    needs(sub, Path, "index", nargs="+")
    sub.add_argument("--trained-parts", type=Path)
    sub.add_argument("--trained-index", type=Path, nargs="+", default=[])
    many_shards = ("shards", "shards of all the files, in order", "+")
    sub = add("statistics", _statistics, "statistics of the training part", many_shards)
    needs(sub, Path, "parts", "output")
    sub = add("train", _train, "train a tagger, resuming if it was interrupted", many_shards)
    needs(sub, str, "run", "label", "settings", "dataset", "code")
    needs(sub, int, "seed")
    needs(sub, Path, "parts", "statistics", "checkpoints", "results", "output")
    processor(sub)
    sub = add("predict", _predict, "score the test part of datasets", output)
    needs(sub, Path, "training")
    sub.add_argument(
        "--dataset",
        nargs="+",
        action="append",
        required=True,
        metavar=("NAME PARTS", "SHARD"),
        help="its name, its split and its shards; repeatable",
    )
    processor(sub)
    sub = add("score", _score, "score jet files, labelled or not, with a tagger", many_jets)
    needs(sub, Path, "training", "output")
    processor(sub)
    sub = add("evaluate", _evaluate, "figures of merit of one prediction file", output)
    needs(sub, Path, "predictions", "training")
    needs(sub, str, "dataset")
    needs(sub, int, "seed")
    sub = add("compare", _compare, "compare trainings", output)
    needs(sub, Path, "trainings", "evaluations", nargs="+")
    sub = add("report", _report, "write the report", output)
    needs(sub, Path, "comparison", "configuration")
    sub = add("track", _track, "complete a training's MLflow run", output)
    needs(sub, Path, "training", "results")
    needs(sub, Path, "evaluations", nargs="+")
    results = ("results", "results folder")
    add("start-tracking", _start_tracking, "create MLflow's database and experiment", results)
    add("ui", _ui, "open MLflow's pages on this machine", results)
    folder = ("folder", "folder to write to")
    add("document", _document, "write the configuration's table and schema", folder)
    return parser


if __name__ == "__main__":
    sys.exit(main())
