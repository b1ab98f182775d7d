"""What steps have asked for stands beside what they used."""

from __future__ import annotations

import pytest
import yaml

from jetline.cli.main import main

HEADER = "s\th:m:s\tmax_rss\tio_in"
EXTENDED = f"{HEADER}\trule_name\tparams\tresources"


def written(path, header: str, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *lines]) + "\n")


def asked(memory: int, minutes: int) -> str:
    return f"{{'tmpdir': '/tmp', 'mem_mb': {memory}, 'runtime': {minutes}}}"


def told(capsys, *arguments) -> list[list[str]]:
    assert main(["resources", *map(str, arguments)]) == 0
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def test_the_most_that_a_step_of_a_rule_used_stands_beside_what_it_asked_for(tmp_path, capsys):
    params = r"{'k': 'a\tb'}"
    for file, seconds, memory, attempt in (("a", 30.0, "NA", 1), ("b", 90.0, "1500.24", 2)):
        row = (seconds, "0:00:30", memory, 0.0, "check_jets", params, asked(2000 * attempt, 10))
        path = tmp_path / f"benchmarks/check/files/{file}.tsv"
        written(path, EXTENDED, "\t".join(map(str, row)))
    run = tmp_path / "runs/demo"
    written(run / "benchmarks/compare.tsv", HEADER, "6.0\t0:00:06\t139.4\t0.0")
    assert told(capsys, tmp_path)[1:] == [
        ["check_jets", "2", "1500", "4000", "1.5", "10"],
        # Measured before it was written down what steps ask for.
        ["compare", "1", "139", "-", "0.1", "-"],
    ]
    assert [row[0] for row in told(capsys, run)] == ["rule", "compare"]


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "no measurements"), ("s\tmax_rss\n1.0\n", "a line that cannot be read (ValueError")],
    ids=["none", "half a line"],
)
def test_what_cannot_be_read_is_one_error(tmp_path, capsys, text, said):
    if text:
        written(tmp_path / "benchmarks/check.tsv", text.strip())
    assert main(["resources", str(tmp_path)]) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("name", ["default", "slurm"])
def test_the_profiles_write_down_what_steps_ask_for(root, name):
    profile = yaml.safe_load((root / "profiles" / name / "profile.yaml").read_text())
    assert profile["benchmark-extended"] is True
