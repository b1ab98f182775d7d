"""The command line: one definition each, mistakes without a traceback."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys

import click
import pytest

from jetline.cli.command import Command, command, files, json_object, output, paths, value
from jetline.cli.main import COMMANDS, main
from jetline.inputs.parts import Parts
from jetline.jets.formats.npz import write_jets


@pytest.mark.parametrize("name", COMMANDS.commands)
def test_every_command_and_every_option_says_what_it_is(name):
    defined = COMMANDS.commands[name]
    assert re.match(r"[A-Z][^.]*\.?", defined.help)
    options = [option for option in defined.params if isinstance(option, click.Option)]
    assert all(option.help for option in options)


def rendered(defined: click.Command, option: click.Option) -> str:
    """Give the help of an option as it is printed."""
    _, text = option.get_help_record(click.Context(defined))
    return text


OPTIONS = [
    pytest.param(defined, option, id=f"{name} {option.opts[0]}")
    for name, defined in COMMANDS.commands.items()
    for option in defined.params
    if isinstance(option, click.Option)
]


@pytest.mark.parametrize(("defined", "option"), OPTIONS)
def test_an_option_says_its_default_or_what_is_done_without_it(defined, option):
    text = rendered(defined, option)
    if option.required:
        assert "[required]" in text
    elif option.default in (None, ()) or not isinstance(option.default, int | float | str | bool):
        assert "if left out" in text or "[default: " in text, text
    else:
        assert f"[default: {option.default}]" in text or option.is_flag


@pytest.mark.parametrize(("defined", "option"), OPTIONS)
def test_a_number_says_what_it_counts_or_its_unit(defined, option):
    if isinstance(option.type, click.types.IntParamType | click.types.FloatParamType):
        assert re.search(r"\bnumber\b|\bseed\b|`seed`|\bport\b|\[[A-Za-z%]+\]", option.help)


@pytest.mark.parametrize("name", COMMANDS.commands)
def test_an_argument_without_a_name_is_explained(name):
    defined = COMMANDS.commands[name]
    for one in defined.params:
        if isinstance(one, click.Argument):
            assert one.human_readable_name in defined.help


def test_the_help_lists_every_command_once_by_stage_and_first_those_that_are_typed(capsys):
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    listed = re.findall(r"^  ([a-z][a-z-]+) {2,}[A-Z]", told, re.MULTILINE)
    assert listed == list(COMMANDS.commands)
    headings = re.findall(r"^([A-Z][^\n]+):$", told, re.MULTILINE)
    assert headings == ["Options", *COMMANDS.stages]
    typed = {"ui", "result", "check", "validate", "generate", "judge", "show", "score"}
    typed |= {"draw-jets", "from-weaver", "to-weaver", "devices", "resources", "taggers"}
    assert set(listed[: len(typed)]) == typed
    # No sentence is cut.
    assert "..." not in told.partition("\n")[2]


def test_the_commands_that_the_workflow_calls_are_said_to_be_its_own(root):
    files = [root / "Snakefile", *(root / "workflow/rules").glob("*.smk")]
    called = {
        name
        for path in files
        for name in re.findall(r"\bjetline ([a-z-]+)", path.read_text())
        if name in COMMANDS.commands
    }
    own = {
        one.name
        for heading, commands in COMMANDS.stages.items()
        for one in commands
        if heading.startswith("Called by the workflow")
    }
    # What both call stands with what is typed.
    assert called - own == {"check", "validate", "generate", "draw-jets", "judge", "show", "export"}
    assert own <= called


@pytest.mark.parametrize("name", COMMANDS.commands)
def test_what_a_command_writes_is_always_the_option_output(name):
    defined = COMMANDS.commands[name]
    arguments = {one.name for one in defined.params if isinstance(one, click.Argument)}
    assert arguments <= {"jets", "shards", "what", "results", "run", "name"}
    written = {one.name for one in defined.params} & {"folder", "target", "page"}
    assert not written


@pytest.mark.parametrize("name", COMMANDS.commands)
def test_a_seed_says_whose_it_is(name):
    seeds = {one.name for one in COMMANDS.commands[name].params if "seed" in one.name}
    assert seeds <= {"configuration_seed", "training_seed", "training_seeds", "generator_seed"} | {
        "drawing_seed"
    }


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


@pytest.fixture
def step():
    """A command that gives back what it was given."""

    @command()
    @files("jets")
    @paths("shards", "shards", required=False)
    @value("settings", "settings", required=False)
    @output("file to write")
    def step(jets, shards, settings, output):
        return [*map(str, jets)], [*map(str, shards)], settings, str(output)

    return lambda *words: step.main(list(map(str, words)), standalone_mode=False)


def test_a_list_of_files_stands_for_what_it_names(step, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    listed, empty = tmp_path / "of jets.txt", tmp_path / "empty"
    listed.write_text("a b\n--c\n\nd\u2028é\n")
    empty.write_text("\n")
    names = ["a b", "--c", "d\u2028é"]
    # For a path of one file, and behind `--`, nothing is read.
    words = ["@of jets.txt", "last", "--shards", f"@{listed}", "x", "--output", "@o"]
    assert step(*words) == ([*names, "last"], [*names, "x"], None, "@o")
    assert step("j", "--shards", f"@{empty}", "--output", "o") == (["j"], [], None, "o")
    assert step("--output", "o", "--", "@of jets.txt")[0] == ["@of jets.txt"]
    # A file that is there is taken as it is.
    (tmp_path / "@of jets.txt").touch()
    assert step("@of jets.txt", "--output", "o")[0] == ["@of jets.txt"]


def test_a_list_that_is_missing_is_told(tmp_path, capsys):
    assert main(["statistics", "@nowhere.txt", "--parts", "p", "--output", "o"]) == 1
    told = capsys.readouterr().err
    assert "No such file or directory: nowhere.txt" in told
    assert "./@nowhere.txt" in told
    assert main(["validate", f"@{tmp_path}"]) == 1
    assert "Is a directory" in capsys.readouterr().err


def test_settings_may_stand_in_a_file(tmp_path):
    (tmp_path / "settings.json").write_text('{"by": "jet"}\n')
    assert json_object("settings", f"@{tmp_path}/settings.json") == {"by": "jet"}


def test_files_beyond_what_a_command_may_be_long_go_by_a_list(jets, tmp_path):
    """As a rule of the workflow gives them: the shell itself, which has no such limit, lists."""
    index = tmp_path.joinpath(*["deep" * 40] * 12, "jets.index.npz")
    write_jets(tmp_path / "jets.npz", *(array[:60] for array in jets))
    assert main(["check", "--name", "jets", "--output", str(index), f"{tmp_path}/jets.npz"]) == 0
    many = 1100
    settings = json.dumps({"by": "file", "train": 0.0, "validation": 0.0, "test": 1.0})
    options = f"--settings '{settings}' --source files --configuration-seed 1"
    indices = " ".join([str(index)] * many)

    def split(listed: str) -> subprocess.CompletedProcess:
        script = tmp_path / "script.sh"
        begin = f"{sys.executable} -m jetline.cli.main split {options}"
        script.write_text(f"{begin} --output {tmp_path}/split.npz --index {listed}")
        return subprocess.run(["bash", script], capture_output=True, text=True, check=False)

    assert "Argument list too long" in split(indices).stderr
    done = split(f"@<(printf '%s\\n' {indices})")
    assert done.returncode == 0, done.stderr
    assert len(Parts.read(tmp_path / "split.npz").files) == many


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
