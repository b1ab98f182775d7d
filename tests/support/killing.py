"""Kill a training at random moments, start it again each time, and compare how it ends.

`python tests/support/killing.py KILLS FOLDER ENTRY` trains a tiny network of the configuration's
ENTRY, given as JSON, once without interruption, and once killed KILLS times: by SIGKILL, and each
third time by SIGTERM. It prints what was done as JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import numpy as np

from jetline.core.files import write_json
from jetline.inputs.sample import JetSample
from jetline.inputs.shards import open_shard
from jetline.models import read_settings
from jetline.training.checkpoint import Checkpoint
from jetline.training.loop import Jets, Loop
from jetline.training.method import method_of
from training_inputs import STATISTICS


def train(entry: dict, folder: Path, shards: list[Path], minutes: float) -> None:
    """Train, and write history and weights."""
    network = read_settings("tagger", entry)
    opened = [open_shard(shard) for shard in shards]
    training, validation = (
        JetSample.choose(opened, [np.arange(part, len(one), 3) for one in opened])
        for part in (0, 1)
    )
    checkpoint = Checkpoint(folder / "checkpoint")
    with checkpoint.locked():
        jets = Jets(training, validation)
        loop = Loop(network, method_of(network), 1, jets, STATISTICS, checkpoint, minutes)
        trained = loop.run()
    weights = {str(n): np.asarray(one) for n, one in enumerate(trained.model.variables)}
    np.savez(folder / "weights.npz", **weights)
    rows = [{k: v for k, v in row.items() if k != "seconds"} for row in trained.progress.history]
    write_json(folder / "history.json", rows)


def in_child(entry: dict, folder: Path, shards: list[Path], minutes: float) -> int:
    """Start a training in a process of its own, before anything has computed in this one."""
    pid = os.fork()
    if pid == 0:
        with (folder / "log").open("a") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        code = 1
        with contextlib.suppress(KeyboardInterrupt):
            train(entry, folder, shards, minutes)
            code = 0
        os._exit(code)
    return pid


def main(kills: int, folder: Path, entry: dict, shards: list[Path]) -> dict:
    """Train without and with kills, and tell whether all is the same."""
    folders = [folder / "whole", folder / "killed"]
    for one in folders:
        shutil.rmtree(one, ignore_errors=True)
        one.mkdir(parents=True)
    began = time.monotonic()
    _, status = os.waitpid(in_child(entry, folders[0], shards, 10), 0)
    assert status == 0, (folders[0] / "log").read_text()
    seconds = time.monotonic() - began
    random = np.random.default_rng(kills)
    done = {"kills": 0, "terminations": 0, "within epochs": 0}
    while True:
        pid = in_child(entry, folders[1], shards, 0.001)
        if sum((done["kills"], done["terminations"])) == kills:
            _, status = os.waitpid(pid, 0)
            assert status == 0, (folders[1] / "log").read_text()
            break
        time.sleep(random.uniform(0.3, 1.0) * seconds)
        gently = (done["kills"] + done["terminations"]) % 3 == 2
        os.kill(pid, signal.SIGTERM if gently else signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        if status == 0:  # it was faster: from the start again
            shutil.rmtree(folders[1] / "checkpoint")
            continue
        done["terminations" if gently else "kills"] += 1
        newest = sorted((folders[1] / "checkpoint").glob("epoch-*"))
        done["within epochs"] += bool(newest) and not newest[-1].name.endswith("batch-0")
    with np.load(folders[0] / "weights.npz") as one, np.load(folders[1] / "weights.npz") as other:
        same = all(np.array_equal(one[name], other[name]) for name in one.files)
    histories = [json.loads((one / "history.json").read_text()) for one in folders]
    return done | {"same weights": same, "same history": histories[0] == histories[1]}


if __name__ == "__main__":
    print(
        json.dumps(
            main(
                int(sys.argv[1]),
                Path(sys.argv[2]),
                json.loads(sys.argv[3]),
                [Path(shard) for shard in sys.argv[4:]],
            )
        )
    )
