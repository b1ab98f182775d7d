"""One SLURM cluster for all tests here, and a copy of the checkout to run on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from checkout import Checkout
from slurm import Cluster, slurm

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path


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
