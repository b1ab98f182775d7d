"""A dataset of thousands of files, from its split to the report."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from checkout import TINY, Checkout
from jetline.configuration.reading import read_configuration
from jetline.inputs.making import make_shard
from jetline.jets.index import index_jets
from jetline.planning import paths
from jetline.planning.plan import Plan
from jetline.validation.measurement import measure

if TYPE_CHECKING:
    from collections.abc import Iterator

MANY = 3000
JETS_EACH = 6


def pieces(bundled: list[Path]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Cut the bundled jets into pieces of some quark and as many gluon jets."""
    half = JETS_EACH // 2
    for path in bundled:
        with np.load(path, allow_pickle=False) as archive:
            constituents, labels = archive["X"], archive["y"]
        quarks, gluons = (np.flatnonzero(labels == label) for label in (1, 0))
        for start in range(0, half * MANY // len(bundled), half):
            rows = np.concatenate([one[start : start + half] for one in (quarks, gluons)])
            yield constituents[rows], labels[rows]


@pytest.fixture(scope="module")
def checkout(root, bundled, tmp_path_factory) -> Checkout:
    """A checkout with all that is made file by file, made here instead of by as many jobs."""
    made = Checkout(root, tmp_path_factory.mktemp("checkout"))
    (made.folder / "jets").mkdir()
    written = []
    for number, (constituents, labels) in enumerate(pieces(bundled)):
        written.append(f"jets/few_{number:04}.npz")
        np.savez(made.folder / written[-1], X=constituents, y=labels)
    assert len(written) == MANY
    # Each path, so that the configuration is long too.
    settings = {
        "datasets": {"few": {"source": "files", "paths": written}},
        "architectures": {"pfn": TINY["architectures"]["pfn"]},
    }
    made.configure("many", **settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made.folder)
        # Nothing that has to outlast a power failure.
        patch.setattr(os, "fsync", lambda _: None)
        plan = Plan(read_configuration(TINY | settings), root / "resources/sample")
        particles = plan.inputs["particles"]
        for file, jets in plan.files["few"].items():
            index, observables, shard = (
                Path(
                    pattern.replace("{source}", "files")
                    .replace("{inputs}", particles.folder)
                    .replace("{file}", file)
                )
                for pattern in (paths.INDEX, paths.OBSERVABLES, paths.SHARD)
            )
            index_jets(Path(jets), file).write(index)
            measure(Path(jets)).write(observables)
            make_shard(particles, Path(jets), shard, index)
    return made


@pytest.mark.slow
def test_three_thousand_files_are_split_trained_on_and_reported(checkout):
    result = checkout.snakemake("--configfile", "many.yaml", "--printshellcmds")
    assert result.returncode == 0, result.stdout[-3000:]
    # Nothing was made file by file: it is all there.
    done = set(re.findall(r"^(?:local)?rule (\w+):", result.stdout, re.MULTILINE))
    assert not done & {"check_jets", "measure_jets", "shard_jets"}
    assert {"split_jets", "validate_dataset", "training_statistics", "train"} <= done
    assert {"predict", "evaluate", "html_report"} <= done
    # No program is given the files as arguments.
    commands = re.findall(r"^Shell command: .*?(jetline .*)$", result.stdout, re.MULTILINE)
    assert sum(len(command) > 40 * MANY for command in commands) == 6
    for command in commands:
        assert len(re.sub(r"@<\(printf '%s\\n' [^)]*\)", "@list", command)) < 3000

    run = checkout.folder / "results/runs/tiny"
    with np.load(run / "split/few.npz", allow_pickle=False) as split:
        assert len(split["files"]) == MANY
        assert len(split["parts"]) == JETS_EACH * MANY
        tested = np.sum(split["parts"] == 2)
    with np.load(run / "predictions/pfn/seed-1/few.npz", allow_pickle=False) as scored:
        assert len(scored["scores"]) == tested
    settings = json.loads((run / "configuration.json").read_text())
    assert len(settings["datasets"]["few"]["paths"]) == MANY
    assert (run / "report.html").exists()
    assert "warning: MLflow" not in (run / "logs/train/pfn/seed-1.log").read_text()
    assert checkout.planned("--configfile", "many.yaml") == set()
