"""Count the jobs that a configuration's workflow submits to a cluster, by a dry run.

    python benchmarks/cluster_jobs.py config/config.yaml
    python benchmarks/cluster_jobs.py config/benchmark.yaml --seeds 5

What `profiles/slurm` groups is one job; what Snakemake runs itself is none.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import yaml

from jetline.configuration.reading import load_yaml, read_configuration
from jetline.planning.plan import Plan
from jetline.planning.sizes import Sizes

ROOT = Path(__file__).resolve().parent.parent
#: Rules that only ask for others.
TARGETS = {"all"}


def jobs_of(configuration: Path, profile: str = "slurm") -> Counter[str]:
    """Count jobs by what they are: ``group`` and its name, or a rule.

    Parameters
    ----------
    configuration : Path
        Whose paths of jets, if it has any, are absolute.
    profile : str
        Name of the profile.
    """
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile"]
    command += ["--configfile", configuration]
    command += ["--workflow-profile", ROOT / "profiles" / profile, "--dry-run", "--verbose"]
    # Where nothing has been made yet.
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    said = run.stdout + run.stderr
    if run.returncode:
        raise SystemExit(said)
    plan = Plan(read_configuration(load_yaml(configuration)), ROOT / "resources/sample")
    here = TARGETS | local_rules(few=Sizes(plan).few)
    groups = re.findall(r"(?m)^\[.*\] Group job (\w+)|^.*group job (\w+) \(jobs in", said)
    # The steps of a group are indented.
    rules = re.findall(r"(?m)^rule (\w+):", said)
    counted = Counter(f"group {first or second}" for first, second in groups)
    return counted + Counter(rule for rule in rules if rule not in here)


def local_rules(*, few: bool) -> set[str]:
    """Give the rules that Snakemake runs itself; some do where there are few jets."""
    found = set()
    for file in (ROOT / "workflow/rules").glob("*.smk"):
        for rule in re.split(r"(?m)^(?=rule )", file.read_text())[1:]:
            name = rule.partition(":")[0].removeprefix("rule ")
            if "localrule: True" in rule or (few and "localrule: SIZES.few" in rule):
                found.add(name)
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("configuration", type=Path)
    parser.add_argument("--seeds", type=int, help="train with so many seeds, from 1 on")
    asked = parser.parse_args()
    values = load_yaml(asked.configuration)
    if asked.seeds:
        values["seeds"] = list(range(1, asked.seeds + 1))
    with tempfile.TemporaryDirectory() as folder:
        changed = Path(folder) / "configuration.yaml"
        changed.write_text(yaml.safe_dump(values))
        jobs = jobs_of(changed)
    for name, number in jobs.most_common():
        sys.stdout.write(f"{number:6}  {name}\n")
    sys.stdout.write(f"{jobs.total():6}  jobs of the cluster\n")


if __name__ == "__main__":
    main()
