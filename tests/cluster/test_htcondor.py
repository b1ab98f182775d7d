"""The profile for HTCondor: its plan, and what its executor makes of the rules' requests."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

#: Where the executor and HTCondor's package are, if not in this environment.
PACKAGES = ("snakemake_executor_plugin_htcondor", "htcondor2")


@pytest.fixture(scope="module")
def packages(root, tmp_path_factory) -> Path:
    """A folder with the extra `htcondor`, which is no part of the locks."""
    folder = tmp_path_factory.mktemp("htcondor")
    if all(map(importlib.util.find_spec, PACKAGES)):
        return folder
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    command = [Path(sys.executable).with_name("uv"), "pip", "install", "--quiet", "--no-deps"]
    command += ["--python", sys.executable, "--target", folder]
    command += [
        *project["optional-dependencies"]["htcondor"],
        "htcondor>=24.5.1,<25",
    ]  # as it asks for
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if run.returncode:
        pytest.skip(f"HTCondor's packages can neither be found nor installed: {run.stderr[-200:]}")
    return folder


@pytest.fixture
def pool(root, packages, tmp_path):
    """Run Snakemake with the profile and a stand-in scheduler: its output and the jobs."""
    records = tmp_path / "records"
    records.mkdir()

    def run(*arguments: str, **variables: str) -> tuple[int, str, list[dict]]:
        stand_in = root / "tests/support/pool_stand_in"
        command = [sys.executable, "-m", "snakemake", "--snakefile", root / "Snakefile"]
        command += ["--workflow-profile", root / "profiles/htcondor", *arguments]
        (tmp_path / "run").mkdir(exist_ok=True)
        told = subprocess.run(
            command,
            cwd=tmp_path / "run",
            env=os.environ
            | {
                "PYTHONPATH": os.pathsep.join(map(str, (stand_in, packages, root / "src"))),
                "PYTHONWARNINGS": "ignore",
                "POOL_STAND_IN": str(records),
            }
            | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        jobs = sorted(records.glob("*.json"), key=lambda file: int(file.stem))
        return told.returncode, told.stdout, [json.loads(job.read_text()) for job in jobs]

    return run


def test_both_clusters_profiles_group_the_same_and_give_the_same_threads(root):
    slurm, htcondor = (
        yaml.safe_load((root / "profiles" / name / "profile.yaml").read_text())
        for name in ("slurm", "htcondor")
    )
    for key in ("groups", "set-threads", "resources", "set-resource-scopes", "retries", "logger"):
        assert htcondor[key] == slurm[key], key
    # What a rule needs stands in the rule alone.
    assert "set-resources" not in htcondor


@pytest.mark.slow
def test_the_plan_asks_for_what_the_rules_say(pool):
    status, told, _ = pool("--dry-run", "--verbose", "--config", "device=gpu")
    assert status == 0, told
    asked = {}
    for rule, resources in re.findall(r"^ *rule (\w+):$.*?resources: (.*?)$", told, re.M | re.S):
        asked[rule] = dict(pair.split("=", 1) for pair in resources.split(", ") if "=" in pair)
    train = asked["train"]
    assert train["htcondor_request_mem_mb"] == train["mem_mb"]
    assert train["request_gpus"] == train["gpu"] == "1"
    assert int(train["classad_MaxRuntime"]) == 60 * int(train["runtime"])
    assert "request_gpus" not in asked["shard_jets"]
    # In a group with steps that take their turn.
    assert int(asked["shard_jets"]["classad_MaxRuntime"]) > 60 * int(asked["shard_jets"]["runtime"])


#: A step, and another one before it, which are one job.
TARGET = "results/shards/sample/particles/QG_jets_0"
SOON = ("--seconds-between-status-checks", "1", "--latency-wait", "2")


@pytest.mark.slow
def test_htcondor_takes_what_is_submitted_and_its_answer_is_told(pool):
    status, told, (job,) = pool(TARGET, *SOON, "--retries", "0", POOL_HOLDS="900")
    assert status == 1
    assert "submitted: make particles of QG_jets_0 (sample); check QG_jets_0 (sample)" in told
    assert "HTCondor holds job 1: Job has gone over cgroup memory limit of 900 megabytes" in told
    assert re.search(r"profiles/htcondor/profile.yaml: set-resources: {shard_jets: {mem_mb", told)
    assert "SLURM" not in told
    ad = job["ad"]
    assert ad["RequestMemory"] == "2400"
    assert ad["RequestCpus"] == "1"
    # Two steps of at most ten minutes. An import, a measurement and another kind of inputs, which
    # could be in such a job, are not in this one.
    assert ad["MaxRuntime"] == str(5 * 600)
    assert ad["JobMaxVacateTime"] == "120"
    assert "TARGET.FileSystemDomain == MY.FileSystemDomain" in ad["Requirements"]
    assert "request_gpus" not in job["description"]
    # The executor takes quotes out of the command: nothing in it needs them.
    assert not set(ad["Args"]) & set("'\"\\")


@pytest.mark.long
def test_a_held_job_is_tried_again_with_more_and_runs(pool, tmp_path):
    status, told, jobs = pool(TARGET, *SOON, POOL_HOLDS="900")
    assert status == 0, told
    held, again = (job["ad"] for job in jobs)
    for name in ("RequestMemory", "MaxRuntime"):
        assert int(again[name]) == 2 * int(held[name])
    assert (tmp_path / "run" / TARGET / "manifest.json").exists()
