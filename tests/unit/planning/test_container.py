"""What a container is told, and the recipe of one."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from jetline.planning import container
from jetline.planning.container import tell_container


@pytest.fixture
def variables(monkeypatch, tmp_path):
    """The environment without any variable for Apptainer, and a machine without a GPU."""
    known = {name: value for name, value in os.environ.items() if "APPTAINER" not in name}
    monkeypatch.setattr(os, "environ", known)
    monkeypatch.setattr(container, "DRIVER", tmp_path / "nvidiactl")
    return known


def test_the_checkout_is_bound_beside_what_the_user_binds(variables, tmp_path):
    variables["APPTAINER_BIND"] = "/scratch"
    tell_container(tmp_path, "auto")
    assert variables["APPTAINER_BIND"] == f"/scratch,{tmp_path}"
    assert variables["APPTAINERENV_PYTHONPATH"] == str(tmp_path / "src")
    assert "APPTAINER_NV" not in variables


def test_the_gpu_is_shown_where_there_is_one_and_it_may_be_used(variables, tmp_path):
    container.DRIVER.touch()
    tell_container(tmp_path, "cpu")
    assert "APPTAINER_NV" not in variables
    tell_container(tmp_path, "auto")
    assert variables["APPTAINER_NV"] == "1"


def test_the_recipe_is_right_bash_takes_the_lock_and_names_no_host(root):
    recipe = root / "container/build"
    assert os.access(recipe, os.X_OK)
    run = subprocess.run(["bash", "-n", recipe], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    text = recipe.read_text()
    assert "requirements.lock" in text
    assert "--require-hashes" in text
    assert not re.search(r"https?:|docker|\.(org|io|com|net)\b", text)


def test_the_recipe_says_what_is_missing(root, tmp_path):
    command = ["/bin/bash", root / "container/build", tmp_path / "x.oci"]
    (tmp_path / "bin").mkdir()
    for name in ("realpath", "dirname"):
        (tmp_path / "bin" / name).symlink_to(f"/usr/bin/{name}")
    run = subprocess.run(
        command,
        env={"PATH": str(tmp_path / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stdout == "error: mmdebstrap is missing (apt-get install mmdebstrap)\n"
