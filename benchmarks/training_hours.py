"""Tell for how long a configuration's trainings keep one core busy, by the measured speeds.

    python benchmarks/training_hours.py config/benchmark.yaml
    python benchmarks/training_hours.py config/ladder.yaml --jets 1600000

Nothing is run: it is the number of jets and epochs over the jets/s of docs/performance.md, for
trainings that stop no earlier. A GPU that trains N times as many jets/s takes an N-th of it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from cluster_jobs import ROOT

from jetline.configuration.reading import load_yaml, read_configuration
from jetline.planning.plan import Plan
from jetline.planning.sizes import SPEEDS, Sizes


def main() -> None:
    """Print a line for each entry, and the sum."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("configuration", type=Path)
    parser.add_argument("--jets", type=int, help="that train, in place of the configuration's")
    asked = parser.parse_args()
    configuration = read_configuration(load_yaml(asked.configuration))
    plan = Plan(configuration, ROOT / "resources/sample")
    jets = asked.jets or Sizes(plan).jets(plan.trained_on) * configuration.split.train
    print("| entry | epochs | seeds | jets/s | core hours |\n|---|---|---|---|---|")
    total = 0.0
    for label, entry in configuration.architectures.items():
        seeds, speed = len(configuration.seeds_of(label)), SPEEDS[entry.architecture]
        hours = min(entry.training_jets or jets, jets) * entry.epochs * seeds / speed / 3600
        total += hours
        print(f"| `{label}` | {entry.epochs} | {seeds} | {speed:,} | {hours:,.1f} |")
    print(f"| all | | | | {total:,.0f} |")


if __name__ == "__main__":
    main()
