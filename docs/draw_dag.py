"""Draw the workflow's rules, as Snakemake knows them: `python docs/draw_dag.py OUTPUT.svg`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

# Okabe and Ito's colours, which colour-blind readers tell apart: one for each stage.
STAGES = {
    "jets": (
        "#E69F00",
        {
            "generate_jets",
            "draw_jets",
            "download_jets",
            "import_jets",
            "check_jets",
            "measure_jets",
        },
    ),
    "inputs": (
        "#56B4E9",
        {"shard_jets", "split_jets", "split_into_folds", "training_statistics"},
    ),
    "training": ("#009E73", {"train", "predict", "join_folds"}),
    "evaluation": (
        "#F0E442",
        {
            "evaluate",
            "compare",
            "examine_taggers",
            "draw_comparison",
            "cut_observables",
            "explain",
            "lund_planes",
            "export_tagger",
            "compare_export",
            "write_card",
            "show_explanations",
            "judge_drawn",
            "show_judgements",
            "validate_dataset",
            "show_images",
            "html_report",
            "configuration",
        },
    ),
    "tracking": ("#CC79A7", {"track", "track_comparison"}),
}


def rule_graph() -> tuple[list[str], set[tuple[str, str]]]:
    """Names of the rules of the default configuration, and (before, after) of each edge."""
    command = ["snakemake", "--rulegraph", "mermaid-js"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    names = dict(re.findall(r"(id\d+)\[(\w+)\]", text))
    edges = {(names[a], names[b]) for a, b in re.findall(r"(id\d+) --> (id\d+)", text)}
    return [name for name in names.values() if name != "all"], {e for e in edges if "all" not in e}


def without_shortcuts(edges: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Keep the edges that no longer path replaces (transitive reduction)."""

    def reaches(start: str, end: str) -> bool:
        return any(b == end or reaches(b, end) for a, b in edges if a == start)

    return {
        (a, b)
        for a, b in edges
        if not any(reaches(middle, b) for start, middle in edges if start == a and middle != b)
    }


def draw(rules: list[str], edges: set[tuple[str, str]], output: Path) -> None:
    """Draw the rules from left to right, each behind all that it needs."""

    def depth(rule: str) -> int:
        return 1 + max((depth(a) for a, b in edges if b == rule), default=-1)

    columns: dict[int, list[str]] = {}
    for rule in sorted(rules, reverse=True):
        # What waits for nothing stands just before the first that needs it.
        first_user = min((depth(b) for a, b in edges if a == rule), default=depth(rule) + 1)
        column = depth(rule) or first_user - 1
        columns.setdefault(column, []).append(rule)
    place = {
        rule: (column * 2.3, row - (len(members) - 1) / 2)
        for column, members in columns.items()
        for row, rule in enumerate(members)
    }
    mpl.rcParams["svg.fonttype"] = "none"  # text stays text, readable and searchable
    mpl.rcParams["svg.hashsalt"] = "jetline"  # the same drawing has the same bytes
    figure, axes = plt.subplots(figsize=(12, 3.2))
    for a, b in sorted(edges):
        arrow = {"arrowstyle": "-|>", "color": "0.45", "shrinkA": 30, "shrinkB": 30}
        axes.annotate("", place[b], place[a], arrowprops=arrow)
    for stage, (colour, members) in STAGES.items():
        axes.plot([], [], "s", color=colour, markersize=10, label=stage)
        for rule in sorted(members & set(rules)):
            box = {"boxstyle": "round,pad=0.4", "facecolor": colour, "edgecolor": "0.3"}
            text = rule.replace("_", "_\n", 1) if len(rule) > 12 else rule
            axes.text(*place[rule], text, ha="center", va="center", fontsize=9, bbox=box)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0.02), ncols=5, frameon=False)
    axes.set_xlim(-1, max(x for x, _ in place.values()) + 1)
    axes.set_ylim(-1.6, 1.6)
    axes.axis("off")
    figure.savefig(output, bbox_inches="tight", metadata={"Date": None})


if __name__ == "__main__":
    drawn_rules, all_edges = rule_graph()
    draw(drawn_rules, without_shortcuts(all_edges), Path(sys.argv[1]))
