"""The command line: one definition each, mistakes without a traceback."""

from __future__ import annotations

import re
import shlex

import click
import pytest

from jetline.cli.command import Command, command, files, output, paths
from jetline.cli.main import COMMANDS, main


@pytest.mark.parametrize("name", COMMANDS.commands)
def test_every_command_and_every_option_says_what_it_is(name):
    defined = COMMANDS.commands[name]
    assert re.match(r"[A-Z][^.]*\.?", defined.help)
    options = [option for option in defined.params if isinstance(option, click.Option)]
    assert all(option.help for option in options)


@pytest.mark.parametrize("name", COMMANDS.commands)
def test_what_a_command_writes_is_always_the_option_output(name):
    defined = COMMANDS.commands[name]
    arguments = {one.name for one in defined.params if isinstance(one, click.Argument)}
    assert arguments <= {"jets", "shards", "what", "results"}
    written = {one.name for one in defined.params} & {"folder", "target", "page"}
    assert not written


@pytest.mark.parametrize("name", COMMANDS.commands)
def test_a_seed_says_whose_it_is(name):
    seeds = {one.name for one in COMMANDS.commands[name].params if "seed" in one.name}
    assert seeds <= {"configuration_seed", "training_seed", "generator_seed"}


def test_a_repeatable_option_takes_several_values_behind_one_name():
    seen = {}

    @command()
    @files("jets")
    @paths("shards", "shards")
    @paths("cuts", "cuts", required=False)
    @output("file to write")
    def step(jets, shards, cuts, output):
        seen.update(jets=jets, shards=shards, cuts=cuts, output=output)

    assert isinstance(step, Command)
    words = ["--shards", "a", "b", "--output", "o", "--cuts", "--shards", "c", "--output", "p", "j"]
    step.main(words, standalone_mode=False)
    assert [str(path) for path in seen["shards"]] == ["a", "b", "c"]
    assert seen["cuts"] == ()
    assert [str(path) for path in seen["jets"]] == ["j"]
    assert str(seen["output"]) == "p"


def test_a_mistake_in_the_options_is_told_and_has_the_status_2(capsys):
    assert main(["measure", "--outptu", "x", "jets.npz"]) == 2
    assert "--output" in capsys.readouterr().err


def test_a_users_mistake_is_one_error_and_has_the_status_1(tmp_path, capsys):
    missing = str(tmp_path / "missing.npz")
    assert main(["measure", "--output", str(tmp_path / "measured.npz"), missing]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"error: {missing}")
    assert "Traceback" not in told


def test_help_and_version_succeed(capsys):
    assert main(["--version"]) == 0
    assert main(["train", "--help"]) == 0
    assert "--training-seed" in capsys.readouterr().out


def test_the_commands_that_the_documentation_shows_are_complete(root):
    shown = 0
    pages = [root / "README.md", *root.glob("docs/*.md"), root / "resources/sample/README.md"]
    for page in pages:
        for line in re.findall(r"^ *(jetline [a-z].*?)(?: +#.*)?$", page.read_text(), re.MULTILINE):
            name, *words = shlex.split(line.replace("--file N", "--file 0"))[1:]
            COMMANDS.commands[name].make_context(name, words)
            shown += 1
    assert shown >= 6
