"""How commands are defined: options that several share, and lists of files as one option."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from jetline.core.classes import QUARK_GLUON
from jetline.core.errors import JetlineError

PATH = click.Path(path_type=Path)

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class Command(click.Command):
    """A command whose repeatable options also take several values behind one name.

    ``--shards a b c`` is the same as ``--shards a --shards b --shards c``. Among several values,
    and among the files that stand without a name, ``@list`` stands for the lines of a file: the
    system limits the length of a command, not that of a file.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Repeat the name of a repeatable option before each of its values, lists read."""
        options = {
            name: option
            for option in self.params
            if isinstance(option, click.Option)
            for name in option.opts
        }
        repeated: list[str] = []
        current, single = None, False
        for place, word in enumerate(args):
            if word == "--":
                repeated += args[place:]
                break
            if word.startswith("--"):
                option = options.get(word)
                # An option that stands for an empty list is left out.
                current = word if option and option.multiple else None
                single = bool(option and not option.multiple and not option.is_flag)
                repeated += [] if current else [word]
            elif single:
                repeated.append(word)
                single = False
            else:
                for one in _listed(word):
                    repeated += [current, one] if current else [one]
        return super().parse_args(ctx, repeated)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, unless it would write over a file that it reads."""
        written = ctx.params.get("output")
        if isinstance(written, Path) and written.is_file():
            for name, given in ctx.params.items():
                for read in given if isinstance(given, tuple) else (given,):
                    if name != "output" and isinstance(read, Path) and read.is_file():
                        _require_another(written, read)
        return super().invoke(ctx)


def _listed(word: str) -> list[str]:
    """Read the list that ``@name`` stands for; another word, or a file of this name, is itself."""
    if not word.startswith("@") or Path(word).exists():
        return [word]
    lines = filter(None, _content(word[1:]).split("\n"))
    return [f"./{line}" if line.startswith("-") else line for line in lines]


def _content(name: str) -> str:
    """Read a text that stands in a file instead of the command.

    Raises
    ------
    JetlineError
        If the file cannot be read.
    """
    try:
        return Path(name).read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise JetlineError(
            f"@{name}",
            found=f"{error.strerror or error}: {name}",
            expected="@ before the name of a file that has the values, one a line",
            remedy=f"correct the name, or write ./@{name} for a file whose name begins with @",
        ) from None


class Stages(click.Group):
    """Commands that the help lists under headings.

    Parameters
    ----------
    name : str
        Of the program.
    stages : dict
        Commands by heading.
    **settings
        As `click.Group` takes them.
    """

    def __init__(self, name: str, stages: dict[str, list[click.Command]], **settings: Any) -> None:
        commands = [one for stage in stages.values() for one in stage]
        super().__init__(name, commands=commands, **settings)
        self.stages = stages

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write each command with its first sentence, whole, under the heading of its stage."""
        room = max(map(len, self.commands))
        for heading, commands in self.stages.items():
            with formatter.section(heading):
                formatter.write_dl(
                    [(f"{one.name or '':{room}}", one.get_short_help_str(1000)) for one in commands]
                )


def _require_another(written: Path, read: Path) -> None:
    if written.samefile(read):
        raise JetlineError(
            f"--output {written}",
            found="a file that the command reads",
            expected="the name of another file, since this one would be lost",
            remedy="choose another name",
        )


def command(name: str | None = None) -> Callable[[Callable[..., Any]], click.Command]:
    """Define a command; its docstring is the help, its name that of the function by default."""
    return click.command(name, cls=Command)


def value(name: str, text: str, **options: Any) -> Decorator:
    """Define an option with one value, required unless it has a default or `required=False`."""
    options.setdefault("required", "default" not in options)
    return click.option(f"--{name}", help=text, show_default="default" in options, **options)


def together(*options: Decorator) -> Decorator:
    """Define options that several commands share, in this order."""

    def define(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return define


def class_names(function: Any) -> Any:
    """Define the option that names the classes of jets, which becomes a tuple."""
    return click.option(
        "--classes",
        default=",".join(QUARK_GLUON),
        show_default=True,
        callback=lambda _context, _option, told: tuple(told.split(",")),
        help="names of the classes of jets, in the order of their numbers, the signal last",
    )(function)


def path(name: str, text: str, **options: Any) -> Decorator:
    """Define an option with one path."""
    return value(name, text, type=PATH, **options)


def paths(name: str, text: str, *, required: bool = True) -> Decorator:
    """Define an option with several paths."""
    return click.option(f"--{name}", help=text, type=PATH, multiple=True, required=required)


def output(text: str, *, folder: bool = False) -> Decorator:
    """Define where a command writes to: a file of any name, or a folder."""

    def checked(ctx: click.Context, _option: click.Parameter, given: Path) -> Path:
        if not ctx.resilient_parsing:
            _require_place(given, folder=folder)
        return given

    return path("output", text, callback=checked)


def _require_place(given: Path, *, folder: bool) -> None:
    """Refuse, before the work, a place where its result cannot be written."""
    there = next(place for place in (given, *given.absolute().parents) if place.exists())
    inside = folder or there != given
    if inside and not there.is_dir():
        found, remedy = f"{there} is a file", "name a folder, or a file in a folder"
    elif not inside and there.is_dir():
        found, remedy = "a folder", f"name a file in it, such as {given / 'result.npz'}"
    elif not os.access(there if there.is_dir() else there.absolute().parent, os.W_OK | os.X_OK):
        found, remedy = f"{there} may not be written to", "work in a folder that is yours"
    else:
        return
    what = "a folder, or the name of a new one" if folder else "the name of a file"
    raise JetlineError(f"--output {given}", found=found, expected=what, remedy=remedy)


def files(name: str, *, many: bool = True) -> Decorator:
    """Define the files that a command works on, as arguments without a name."""
    return click.argument(name, type=PATH, nargs=-1 if many else 1, required=True)


def json_object(name: str, text: str) -> dict[str, Any]:
    """Read the value of an option that is a JSON object, or ``@`` and the name of a file of it.

    Raises
    ------
    JetlineError
        If it is none.
    """
    if text.startswith("@"):
        text = _content(text[1:]).strip()
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise JetlineError(
            f"--{name}",
            found=text,
            expected="settings as JSON",
            remedy="write it like '{\"pixels\": 16}', in single quotes",
        )
    return value


def configuration_seed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Define the seed of the configuration, from which the split and the bootstrap draw."""
    text = "`seed` of the configuration, which the split and the bootstrap draw from"
    return value("configuration-seed", text, type=int)(function)


def backend(function: Callable[..., Any]) -> Callable[..., Any]:
    """Define what computes a command's networks."""
    text = (
        "what computes the networks: `tensorflow`, or `jax`; if left out, what the variable "
        "KERAS_BACKEND names, or tensorflow"
    )
    return value(
        "backend",
        text,
        type=click.Choice(["tensorflow", "jax"]),
        required=False,
        expose_value=False,
        callback=_choose_backend,
    )(function)


def processor(function: Callable[..., Any]) -> Callable[..., Any]:
    """Define what a command with a network runs on."""
    device = value(
        "device",
        "what to run on: `auto` takes a GPU if there is one; `gpu` fails if there is none",
        type=click.Choice(["auto", "cpu", "gpu"]),
        default="auto",
    )
    per_gpu = click.option(
        "--trainings-per-gpu",
        "per_gpu",
        type=int,
        default=1,
        show_default=True,
        help="number of commands that may share a GPU, each with its share of the memory",
    )
    threads = click.option(
        "--threads",
        type=int,
        default=os.cpu_count,
        show_default="all cores",
        help="number of threads",
    )
    return device(per_gpu(threads(backend(function))))


def _choose_backend(ctx: click.Context, _option: click.Parameter, given: str | None) -> None:
    """Let Keras use the backend that is asked for, before anything imports it."""
    if given and not ctx.resilient_parsing:
        from jetline.training.backend import choose_backend

        choose_backend(given)
