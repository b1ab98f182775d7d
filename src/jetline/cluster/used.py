"""What the steps of runs have asked for, and what they have used."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

#: Where Snakemake's measurements lie below the folder of all results, and of one run.
_PLACES = ("benchmarks", "runs/*/benchmarks")


@dataclass(frozen=True)
class Use:
    """What one step has used.

    Parameters
    ----------
    rule : str
        Its rule.
    seconds : float
        Time.
    memory_mb : float
        Most memory that its processes held at once [MB]; 0 where it was too short to be measured.
    asked_mb, asked_minutes : int or None
        What it asked for; None where that was not written down.
    """

    rule: str
    seconds: float
    memory_mb: float
    asked_mb: int | None
    asked_minutes: int | None


def uses_in(folder: Path) -> list[Use]:
    """Read what the steps below a folder of results, or of one run, have used.

    Raises
    ------
    JetlineError
        If nothing was measured there, or a file is none of Snakemake's.
    """
    found = [use for place in _PLACES for one in folder.glob(place) for use in _read_all(one)]
    if not found:
        raise JetlineError(
            str(folder),
            found="no measurements (benchmarks/)",
            expected="a folder of results, or of one run below results/runs",
            remedy="name the folder in which Snakemake was started, with /results behind it",
        )
    return found


def _read_all(folder: Path) -> Iterator[Use]:
    for file in sorted(folder.rglob("*.tsv")):
        header, *lines = [line.split("\t") for line in file.read_text().splitlines()] or [[]]
        stage = file.relative_to(folder).parts[0].removesuffix(".tsv")
        for line in lines:
            try:
                yield _read(dict(zip(header, line, strict=True)), stage)
            except (ValueError, KeyError, SyntaxError) as error:
                raise JetlineError(
                    str(file),
                    found=f"a line that cannot be read ({type(error).__name__}: {error})",
                    expected="what Snakemake writes of a step's time and memory",
                    remedy="remove the file; nothing else needs it",
                ) from None


def _read(fields: dict[str, str], stage: str) -> Use:
    asked = ast.literal_eval(fields.get("resources", "{}"))
    memory = fields["max_rss"]
    return Use(
        rule=fields.get("rule_name", stage),
        seconds=float(fields["s"]),
        memory_mb=0.0 if memory in ("NA", "-") else float(memory),
        asked_mb=asked.get("mem_mb"),
        asked_minutes=asked.get("runtime"),
    )


def table_of(uses: Iterable[Use]) -> list[str]:
    """Write a line for each rule: the most that one of its steps has used and asked for."""
    rules: dict[str, list[Use]] = {}
    for use in uses:
        rules.setdefault(use.rule, []).append(use)
    rows = [("rule", "steps", "MB used", "asked", "minutes used", "asked")]
    for rule, steps in sorted(rules.items()):
        rows.append(
            (
                rule,
                str(len(steps)),
                f"{max(one.memory_mb for one in steps):.0f}",
                _most(one.asked_mb for one in steps),
                f"{max(one.seconds for one in steps) / 60:.1f}",
                _most(one.asked_minutes for one in steps),
            )
        )
    first, *others = (max(map(len, column)) for column in zip(*rows, strict=True))
    return [
        "  ".join([f"{row[0]:{first}}", *map(str.rjust, row[1:], others)]).rstrip() for row in rows
    ]


def _most(amounts: Iterable[int | None]) -> str:
    known = [amount for amount in amounts if amount is not None]
    return str(max(known)) if known else "-"
