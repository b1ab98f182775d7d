"""The command line: its parser, and mistakes told without a traceback."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from pathlib import Path

from jetline import __version__
from jetline.cli import commands
from jetline.core.errors import JetlineError


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="jetline", description=__doc__)
    parser.add_argument("--version", action="version", version=f"jetline {__version__}")
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    output = ("output", "what to write")
    jets = ("jets", "jet file")

    def add(name: str, text: str, *positional: tuple) -> argparse.ArgumentParser:
        sub = subparsers.add_parser(name, help=text, description=text)
        for argument, description, *many in positional:
            sub.add_argument(argument, type=Path, help=description, nargs=many[0] if many else None)
        sub.set_defaults(command=getattr(commands, name.replace("-", "_")))
        return sub

    def needs(sub: argparse.ArgumentParser, kind: type, *names: str, **more: object) -> None:
        for name in names:
            sub.add_argument(f"--{name}", type=kind, required=True, **more)

    def processor(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--device", choices=("auto", "cpu", "gpu"), default="auto")
        sub.add_argument("--threads", type=int, default=os.cpu_count())

    many_jets = ("jets", "jet files", "+")
    sub = add("generate", "generate jets; by default by the benchmark's recipe", output)
    needs(sub, int, "jets")
    sub.add_argument("--seed", type=int, default=1)
    sub.add_argument("--file", type=int, default=0, help="number of the file: other jets for each")
    sub.add_argument("--recipe", default="{}", help='settings as JSON, such as {"tune": 5}')
    sub = add("download", "download a jet file of the benchmark, which the name tells", output)
    sub.add_argument(
        "--mirrors", nargs="*", default=[], help="addresses and folders to try before Zenodo"
    )
    sub.add_argument("--files", type=int, default=1, help="of the dataset, for an error to name")
    text = "compare jets, taken together, with the published benchmark"
    sub = add("validate", text, ("jets", "jet files, or their observables", "+"))
    sub.epilog = "The exit status is 0 whatever the verdicts: jets may differ on purpose."
    sub.add_argument("--output", type=Path, help="folder for table and figure as files")
    add("measure", "measure the observables of each jet of a file", jets, output)
    sub = add("check", "validate the format of a jet file and index it", jets, output)
    needs(sub, str, "name")
    sub.add_argument("--sha256", help="of the file, where it is one of the benchmark's")
    sub = add("shard", "make a shard of model inputs from the jets of a file", jets)
    needs(sub, str, "inputs", help="images/<recipe>, particles or observables")
    needs(sub, Path, "output", help="folder of the shard")
    sub.add_argument("--recipe", help="the recipe's settings as JSON, unless it is built in")
    sub.add_argument("--index", type=Path, help="of the file, which spares hashing it again")
    sub = add("split", "split a dataset into training, validation and test", output)
    needs(sub, str, "settings", "source")
    needs(sub, int, "seed")
    needs(sub, Path, "index", nargs="+")
    sub.add_argument("--trained-parts", type=Path)
    sub.add_argument("--trained-index", type=Path, nargs="+", default=[])
    many_shards = ("shards", "shards of all the files, in order", "+")
    sub = add("statistics", "statistics of the training part", many_shards)
    needs(sub, Path, "parts", "output")
    sub = add("train", "train a tagger, resuming if it was interrupted", many_shards)
    needs(sub, str, "run", "label", "settings", "dataset", "code")
    needs(sub, int, "seed")
    needs(sub, Path, "parts", "statistics", "checkpoints", "results", "output")
    processor(sub)
    sub = add("predict", "score the test part of datasets", output)
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
    sub = add("score", "score jet files, labelled or not, with a tagger", many_jets)
    needs(sub, Path, "training", "output")
    processor(sub)
    sub = add("from-weaver", "make a tagger of weights that weaver-core trained", output)
    needs(sub, Path, "weights")
    needs(sub, str, "architecture")
    needs(sub, str, "identity", choices=("none", "experimental", "full"))
    sub = add("to-weaver", "write a tagger's weights for weaver-core", output)
    needs(sub, Path, "training")
    sub = add("evaluate", "figures of merit of one prediction file", output)
    needs(sub, Path, "predictions", "training")
    needs(sub, str, "dataset")
    needs(sub, int, "seed")
    sub = add("cut", "figures of merit of cuts on one observable alone", output)
    needs(sub, Path, "trained-parts", "parts")
    needs(sub, Path, "trained-shards", "shards", nargs="+")
    needs(sub, str, "dataset")
    needs(sub, int, "seed")
    sub = add("compare", "compare trainings", output)
    needs(sub, Path, "trainings", "evaluations", nargs="+")
    sub = add("report", "write the report", output)
    needs(sub, Path, "comparison", "configuration")
    needs(sub, Path, "validations", nargs="+")
    sub.add_argument("--cuts", type=Path, nargs="*", default=[])
    sub.add_argument("--images", type=Path, nargs="?", help="page on images to link to")
    sub = add("show", "show mean images and single jets of shards on a page for a browser")
    sub.add_argument("what", choices=("images",), help="images, of one recipe or several")
    sub.add_argument("shards", type=Path, nargs="+", help="image shards", metavar="SHARD")
    needs(sub, Path, "output", help="the HTML page to write")
    sub.add_argument("--seed", type=int, default=1, help="decides which single jets are drawn")
    sub.add_argument("--figures", type=Path, help="folder for the figures of the means as files")
    sub = add("track", "complete a training's MLflow run", output)
    needs(sub, Path, "training", "results")
    needs(sub, Path, "evaluations", nargs="+")
    sub = add("track-cuts", "log cuts to MLflow, a run for each observable", output)
    needs(sub, str, "run", "trained-on")
    needs(sub, Path, "results")
    needs(sub, Path, "cuts", nargs="+")
    results = ("results", "results folder")
    add("start-tracking", "create MLflow's database and experiment", results)
    add("ui", "open MLflow's pages on this machine", results)
    folder = ("folder", "folder to write to")
    add("document", "write the configuration's table and schema", folder)
    return parser


if __name__ == "__main__":
    sys.exit(main())
