"""One SLURM cluster for all tests here, and a copy of the checkout to run on it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from checkout import Checkout
from slurm import Cluster, slurm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="session")
def running_cluster() -> Iterator[Cluster]:
    """The cluster, as long as the tests take."""
    with slurm() as cluster:
        yield cluster


@pytest.fixture
def cluster(running_cluster) -> Iterator[Cluster]:
    """The cluster without any job."""
    yield running_cluster
    running_cluster.clear()


class ClusterCheckout(Checkout):
    """A copy of the checkout whose commands run on the cluster."""

    def __init__(self, root: Path, folder: Path, cluster: Cluster) -> None:
        super().__init__(root, folder)
        self.cluster = cluster
        self.profile = folder / "profiles/slurm/profile.yaml"

    def edit_profile(self, **lines: str) -> None:
        """Replace marked lines of the shipped profile, as a user does: by key, the new line."""
        text = self.profile.read_text().splitlines()
        assert len(lines) <= 3
        for key, line in lines.items():
            keys = [old.strip("# ").partition(":")[0].replace("-", "_") for old in text]
            text[keys.index(key)] = line
        self.profile.write_text("\n".join(text) + "\n")

    def snakemake(self, *arguments: str | Path) -> subprocess.CompletedProcess:
        """Run snakemake by the profile for a cluster."""
        return self.run("snakemake", "--workflow-profile", "profiles/slurm", *arguments)

    def run(self, *command: str | Path, **variables: str) -> subprocess.CompletedProcess:
        """Run a command on the login node; stderr comes with stdout."""
        return self.cluster.run(
            *command, folder=self.folder, env=self.environment | variables, timeout=2400
        )


@pytest.fixture
def checkout(root, bundled, tmp_path, cluster) -> ClusterCheckout:
    """A clean copy of the checkout with the tiny configuration and its jets."""
    made = ClusterCheckout(root, tmp_path / "checkout", cluster)
    (made.folder / "jets").mkdir()
    for number, path in enumerate(bundled[:2]):
        with np.load(path, allow_pickle=False) as archive:
            few = {name: archive[name][:400] for name in ("X", "y")}
        np.savez_compressed(made.folder / f"jets/few_{number}.npz", **few)
    made.configure()
    return made


@pytest.fixture
def first_step(checkout) -> tuple[str, ...]:
    """Arguments for the check of one file of jets, soon looked at, once."""
    planned = checkout.snakemake("--configfile", "tiny.yaml", "-np", "images").stdout
    target = next(
        word.strip(",") for word in planned.split() if "few_0" in word and "index" in word
    )
    soon = ("--slurm-init-seconds-before-status-checks", "5", "--retries", "0")
    return target, "--configfile", "tiny.yaml", *soon


class Training(NamedTuple):
    """A training of many epochs, for which all else is there.

    Parameters
    ----------
    arguments : tuple of str
        Of Snakemake.
    folder, log : Path
        Where it goes, and what it prints.
    epochs : int
        How many it has.
    """

    arguments: tuple[str, ...]
    folder: Path
    log: Path
    epochs: int

    def reached(self) -> list[int]:
        """Epochs of its history."""
        rows = (self.folder / "history.csv").read_text().splitlines()[1:]
        return [int(row.split(",")[0]) for row in rows]


@pytest.fixture
def training(checkout) -> Training:
    """A training that takes long enough to be met while it runs."""
    epochs = 40
    network = {"architecture": "pfn", "phi": [8, 8], "f": [8], "batch_size": 8}
    slow = network | {"epochs": epochs, "patience": epochs}
    changed = checkout.configure(architectures={"slow": slow})
    run = Path("results/runs/tiny")
    folder = run / "trainings/slow/seed-1"
    wanted = (str(folder / "training.json"), "--configfile", str(changed))
    made = checkout.run("snakemake", "--cores", "2", *wanted, "--omit-from", "train")
    assert made.returncode == 0, made.stdout
    soon = ("--set-threads", "train=2", "--slurm-init-seconds-before-status-checks", "5")
    log = checkout.folder / run / "logs/train/slow/seed-1.log"
    return Training((*wanted, *soon), checkout.folder / folder, log, epochs)


class Running:
    """Snakemake on the login node, which prints into a file."""

    def __init__(self, checkout: ClusterCheckout, arguments: tuple[str, ...]) -> None:
        self.told = checkout.folder / f"told-{time.monotonic_ns()}"
        command = ("snakemake", "--workflow-profile", "profiles/slurm", *arguments)
        with self.told.open("w") as told:
            self.process = subprocess.Popen(
                checkout.cluster.command(*command, folder=checkout.folder),
                env=checkout.environment,
                stdout=told,
                stderr=told,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End Snakemake itself, as the system does where memory is short."""
        outer = self.process.pid
        (inner,) = Path(f"/proc/{outer}/task/{outer}/children").read_text().split()
        os.kill(int(inner), signal.SIGKILL)
        self.process.wait(timeout=60)

    def wait_for(self, words: str, path: Path | None = None, seconds: float = 400) -> None:
        """Wait until it prints, or a file has, some words."""
        deadline = time.monotonic() + seconds
        read = path or self.told
        while not (read.exists() and words in read.read_text()):
            assert self.process.poll() is None, self.told.read_text()
            assert time.monotonic() < deadline, self.told.read_text()
            time.sleep(0.3)


@pytest.fixture
def running(checkout) -> Iterator[Callable[..., Running]]:
    """Start Snakemake there; whatever still runs ends with the test."""
    begun = []

    def begin(*arguments: str) -> Running:
        begun.append(Running(checkout, arguments))
        return begun[-1]

    yield begin
    for one in begun:
        if one.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(one.process.pid, signal.SIGKILL)
            one.process.wait(timeout=30)
