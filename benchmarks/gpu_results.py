"""What is measured on a GPU: a file of JSON that grows, and its tables for docs/performance.md."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]

#: What tells a measurement from all others.
KEY = ("part", "network", "precision", "form")

#: Ends the reason why something is left out that can be mended.
ABSENT = "is not installed"

_HEADS = {
    "networks": (
        "network | precision | form | training, jets/s | ours is faster by | arithmetic | memory "
        "| inference, jets/s | ours is faster by | arithmetic | memory | peak memory"
    ),
    "feed": "network | form | batches, jets/s",
    "sharing": "network | form | all together, jets/s | by | each, jets/s",
    "seeds": "network | form | all together, jets/s | time by that of one",
    "demo": "configuration | device | wall time | CPU's by GPU's",
}
_TITLES = {
    "networks": "Training and inference (share of the card's peak arithmetic, and of its memory)",
    "feed": "The feed alone",
    "sharing": "Trainings that share the GPU",
    "seeds": "Seeds that train together",
    "demo": "The whole workflow",
}


class Results:
    """Measurements of one card, kept in a file after each, so that a later call goes on.

    Parameters
    ----------
    path : Path
        The file.
    about : dict
        What they are of: card, numbers of jets, commit. A file of something else is refused.

    Raises
    ------
    ValueError
        If the file is of something else, and tells of what.
    """

    def __init__(self, path: Path, about: Row) -> None:
        self.path, self.about = path, about
        #: Whether this call has added anything.
        self.grown = False
        self.rows: list[Row] = []
        self.left_out: list[Row] = []
        if path.exists():
            told = json.loads(path.read_text())
            if told["about"] != about:
                other = next(key for key in about if told["about"].get(key) != about[key])
                raise ValueError(
                    f"{path} has measurements of another {other}: {told['about'].get(other)}, and "
                    f"here it is {about[other]}; move it away, or name another file by --output"
                )
            self.rows = told["measured"]
            # What was not there may have been installed since.
            self.left_out = [one for one in told["left_out"] if not one["why"].endswith(ABSENT)]

    def has(self, asked: Row) -> bool:
        """Tell whether something is measured already, or cannot be."""
        key = _key(asked)
        return any(_key(one) == key for one in (*self.rows, *self.left_out))

    def add(self, asked: Row, **measured: Any) -> None:
        """Keep a measurement."""
        self.rows.append({**asked, **measured})
        self._write()

    def leave_out(self, asked: Row, why: str) -> None:
        """Keep that something cannot be measured here, and why."""
        self.left_out.append({**asked, "why": why})
        self._write()

    def _write(self) -> None:
        self.grown = True
        told = {"about": self.about, "measured": self.rows, "left_out": self.left_out}
        temporary = self.path.with_suffix(".part")
        temporary.write_text(json.dumps(told, indent=1) + "\n")
        temporary.replace(self.path)
        self.path.with_suffix(".md").write_text(table(told))


def _key(row: Row) -> tuple:
    return tuple(row.get(name) for name in KEY)


def table(told: Row) -> str:
    """Write the tables of a file of results, in Markdown."""
    about = ", ".join(f"{key} {value}" for key, value in told["about"].items() if key != "card")
    lines = [f"## {told['about']['card']}", "", about, ""]
    for part, head in _HEADS.items():
        rows = [row for row in told["measured"] if row["part"] == part]
        if not rows:
            continue
        columns = head.count("|") + 1
        lines += [f"### {_TITLES[part]}", "", f"| {head} |", "|" + "---|" * columns]
        lines += [f"| {' | '.join(_CELLS[part](row, rows))} |" for row in rows]
        lines.append("")
    if told["left_out"]:
        lines += ["### Left out", ""]
        for one in told["left_out"]:
            named = ", ".join(str(one[name]) for name in KEY if one.get(name))
            lines.append(f"* {named}: {one['why']}")
        lines.append("")
    return "\n".join(lines)


def _fastest_of_ours(row: Row, rows: list[Row], kind: str) -> float | None:
    """Give the largest speed of ours of the same network and precision."""
    same = [
        one[kind]["jets_per_second"]
        for one in rows
        if one["form"].startswith("ours") and all(one[key] == row[key] for key in KEY[:3])
    ]
    return max(same, default=None)


def _network(row: Row, rows: list[Row]) -> list[str]:
    cells = [row["network"], row["precision"], row["form"]]
    for kind in ("training", "inference"):
        one, ours = row[kind], _fastest_of_ours(row, rows, kind)
        speed = one["jets_per_second"]
        cells += [f"{speed:,.0f}", f"{ours / speed:.1f}" if ours else ""]
        cells += [_percent(one.get(f"{name}_share")) for name in ("arithmetic", "bandwidth")]
    memory = row.get("device_memory")
    return [*cells, f"{memory:,.0f} MB" if memory else ""]


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _feed(row: Row, _rows: list[Row]) -> list[str]:
    return [row["network"], row["form"], f"{row['jets_per_second']:,.0f}"]


def _sharing(row: Row, rows: list[Row]) -> list[str]:
    alone = [one for one in rows if one["network"] == row["network"] and one["trainings"] == 1]
    speed = row["jets_per_second"]
    gain = f"{speed / alone[0]['jets_per_second']:.2f}" if alone else ""
    each = f"{speed / row['trainings']:,.0f}"
    return [row["network"], row["form"], f"{speed:,.0f}", gain, each]


def _seeds(row: Row, rows: list[Row]) -> list[str]:
    alone = [one for one in rows if one["network"] == row["network"] and one["seeds"] == 1]
    speed = row["jets_per_second"]
    longer = f"{row['seeds'] * alone[0]['jets_per_second'] / speed:.2f}" if alone else ""
    return [row["network"], row["form"], f"{speed:,.0f}", longer]


def _demo(row: Row, rows: list[Row]) -> list[str]:
    minutes, seconds = divmod(round(row["seconds"]), 60)
    same = {one["form"]: one["seconds"] for one in rows if one["network"] == row["network"]}
    gain = f"{same['cpu'] / row['seconds']:.1f}" if "cpu" in same else ""
    return [row["network"], row["form"], f"{minutes} min {seconds} s", gain]


_CELLS = {"networks": _network, "feed": _feed, "sharing": _sharing, "seeds": _seeds, "demo": _demo}
