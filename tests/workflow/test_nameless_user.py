"""A user who is a number alone, without a name, a home or variables, as in a container."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from checkout import Checkout

USER = 12345

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="becomes another user, which takes root and setpriv",
)


@pytest.fixture(scope="module")
def nameless(root, jets):
    """Run commands in a folder that this user owns, in an environment of PATH alone."""
    # Not in pytest's folder, which is closed to others.
    above = Path(tempfile.mkdtemp(prefix="jetline-nameless-"))
    above.chmod(0o755)
    folder = above / "checkout"
    checkout = Checkout(root, folder)
    (folder / "jets").mkdir()
    np.savez_compressed(folder / "jets/few.npz", X=jets[0][:100], y=jets[1][:100])
    checkout.configure()
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, USER, USER)
    # Python may lie in root's own folders: read through them, but write nowhere.
    become = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
    become += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"

    def run(*command: str, **variables: str) -> str:
        told = [f"{name}={value}" for name, value in variables.items()]
        told += [f"PATH={path}", f"PYTHONPATH={folder / 'src'}"]
        done = subprocess.run(
            [*become, "env", "-i", *told, *command],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    run.folder = folder
    yield run
    shutil.rmtree(above)


HOMES = {"none": {}, "of another": {"HOME": "/root"}, "missing": {"HOME": "/nonexistent"}}


@pytest.mark.parametrize("home", HOMES.values(), ids=HOMES)
def test_commands_work_without_a_home(nameless, home):
    nameless("jetline", "check", "--name", "few", "--output", "index.npz", "jets/few.npz", **home)
    told = ["--inputs", "images/notebook", "--output", "shard"]
    nameless("jetline", "shard", *told, "jets/few.npz", **home)
    assert (nameless.folder / "shard/manifest.json").exists()
    nameless("jetline", "start-tracking", "tracked", "--run", "few", **home)
    assert (nameless.folder / "tracked/mlflow.db").exists()
    shutil.rmtree(nameless.folder / "tracked")


def test_the_workflow_runs_with_any_folder_as_home(nameless):
    home = {"HOME": str(nameless.folder / ".snakemake")}
    told = ["--cores", "1", "--configfile", "tiny.yaml"]
    assert "shard_jets" in nameless("snakemake", "-n", *told, **home)
    nameless("snakemake", "images", *told, **home)
    assert list((nameless.folder / "results/shards").rglob("images.npy"))


def test_gpus_are_claimed_in_a_folder_of_the_users_number(nameless):
    code = """
import tempfile
from jetline.training.device import claim
from jetline.training.driver import Gpu
tempfile.tempdir = "."
with claim("auto", [Gpu("0", index="0")]) as claimed:
    print(claimed)
"""
    assert "gpu 0" in nameless("python", "-c", code)
    assert (nameless.folder / f"jetline-gpus-{USER}/0.1.lock").exists()
