"""As which job of a cluster this process runs."""

from __future__ import annotations

import os
from pathlib import Path


def cluster_job() -> str:
    """Give the job in words, such as "SLURM job 17"; empty where this is no cluster's.

    HTCondor names a file that describes the job, and tells its number only there.
    """
    if number := os.environ.get("SLURM_JOB_ID"):
        return f"SLURM job {number}"
    described = os.environ.get("_CONDOR_JOB_AD")
    if not described:
        return ""
    facts: dict[str, str] = {}
    try:
        lines = Path(described).read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    for name, _, value in (line.partition("=") for line in lines):
        facts[name.strip()] = value.strip()
    return f"HTCondor job {facts.get('ClusterId', '')}".strip()
