"""Each line of Snakemake's that the README shows is right, as a dry run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from checkout import Checkout

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
#: Lines of blocks and words in the text, without comments.
LINES = sorted(
    {
        (block or word).strip()
        for block, word in re.findall(
            r"^(snakemake [^#\n]*)|`(snakemake [^`]*)`", README, re.MULTILINE
        )
    }
)


@pytest.fixture(scope="module")
def checkout(root, bundled, tmp_path_factory) -> Checkout:
    """A checkout with the README's own configuration and jets."""
    made = Checkout(root, tmp_path_factory.mktemp("readme"))
    (block,) = re.findall(r"```yaml\n(run: .*?)```", README, re.DOTALL)
    (made.folder / "mine.yaml").write_text(block)
    (made.folder / "my").mkdir()
    with np.load(bundled[0], allow_pickle=False) as archive:
        few = {name: archive[name][:200] for name in ("X", "y")}
    np.savez_compressed(made.folder / "my/jets_0.npz", **few)
    return made


def test_the_readme_shows_lines_of_snakemake():
    assert len(LINES) >= 10
    assert any("images --configfile mine.yaml" in line for line in LINES)


#: What needs a package beside the locked ones; tests/cluster has the pool's profile.
_ELSEWHERE = ("--report", "profiles/htcondor")


@pytest.mark.parametrize(
    "line", [line for line in LINES if not any(word in line for word in _ELSEWHERE)]
)
def test_each_line_of_the_readme_is_right(checkout, line):
    result = checkout.run(*shlex.split(line), "--dry-run")
    assert result.returncode == 0, result.stdout
    # With -p Snakemake lists the steps itself.
    assert re.search("would be run|Job stats", result.stdout)


def test_targets_after_the_files_are_taken_for_files(checkout):
    # Which is why the README has them before.
    result = checkout.snakemake("--dry-run", "--configfile", "mine.yaml", "images")
    assert result.returncode != 0
