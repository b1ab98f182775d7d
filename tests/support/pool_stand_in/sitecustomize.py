"""A stand-in for HTCondor's scheduler, in a Snakemake that is started with this on its path.

The submit descriptions are HTCondor's own objects, whose package checks them and makes of them what
a scheduler is sent. The jobs run here, one after the other, in an environment of their own as
HTCondor gives it, and the log of events is written as HTCondor writes it.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path

_SAME_FILES = "TARGET.FileSystemDomain == MY.FileSystemDomain"
_HERE = str(Path(__file__).parent)


class Scheduler:
    """What the executor uses of HTCondor's `Schedd`."""

    def submit(self, description):
        records = Path(os.environ["POOL_STAND_IN"])
        number = len(list(records.glob("*.json"))) + 1
        described = {name: str(value) for name, value in description.items()}
        # The package's first version makes what a scheduler is sent, and refuses what is wrong.
        ad = next(importlib.import_module("htcondor").Submit(described).jobs(count=1, owner="me"))
        job = {"description": described, "ad": {name: str(ad[name]) for name in ad}}
        (records / f"{number}.json").write_text(json.dumps(job))
        log = Path(described["log"])
        self._event(log, 0, number, "Job submitted from host: <127.0.0.1:9618>")
        self._event(log, 1, number, "Job executing on host: <127.0.0.1:9618>")
        held = os.environ.get("POOL_HOLDS")
        if held and number == 1:
            reason = (
                f"\tJob has gone over cgroup memory limit of {held} megabytes.\n\tCode 34 Subcode 0"
            )
            self._event(log, 12, number, f"Job was held.\n{reason}")
        else:
            self._run(described, log, number, job["ad"])
        return Submitted(number)

    def _run(self, described, log, number, ad):
        scratch = Path(os.environ["POOL_STAND_IN"]) / f"scratch-{number}"
        scratch.mkdir()
        (scratch / ".job.ad").write_text(f"ClusterId = {number}\n")
        folders = [f for f in os.environ["PYTHONPATH"].split(os.pathsep) if f != _HERE]
        with Path(described["output"].replace("$(ClusterId)", str(number))).open("w") as output:
            run = subprocess.run(
                [described["executable"], *described["arguments"].split()],
                # A node that surely sees the same files starts a job where it was submitted.
                cwd=ad["Iwd"] if _SAME_FILES in ad["Requirements"] else scratch,
                env={
                    "_CONDOR_JOB_AD": str(scratch / ".job.ad"),
                    "PYTHONPATH": os.pathsep.join(folders),
                },
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        usage = "\n".join(
            f"\t\tUsr 0 00:00:00, Sys 0 00:00:00  -  {whose} Usage"
            for whose in ("Run Remote", "Run Local", "Total Remote", "Total Local")
        )
        ended = f"\t(1) Normal termination (return value {run.returncode})\n{usage}"
        self._event(log, 5, number, f"Job terminated.\n{ended}")

    def _event(self, log, kind, number, text):
        now = time.strftime("%Y-%m-%d %H:%M:%S")
        with log.open("a") as file:
            file.write(f"{kind:03} ({number:03}.000.000) {now} {text}\n...\n")

    def query(self, *_, **__):
        return []

    def history(self, *_, **__):
        return []

    def act(self, *_, **__):
        return {}


class Submitted:
    def __init__(self, number):
        self._number = number

    def cluster(self):
        return self._number


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Exchanges the scheduler, and nothing else, when HTCondor's package is imported."""

    def find_spec(self, name, path=None, target=None):
        if name != "htcondor2":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        self._loader, spec.loader = spec.loader, self
        return spec

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        self._loader.exec_module(module)
        module.Schedd = Scheduler
        module.Submit.issue_credentials = lambda _: None


if "POOL_STAND_IN" in os.environ:
    sys.meta_path.insert(0, Finder())
