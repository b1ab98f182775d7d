"""What jets held on the device give, beside batches made on the host; called where JAX runs."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from half_precision import compiled
from jetline.core.errors import JetlineError
from jetline.inputs.dense import Sizes
from jetline.inputs.shards import open_shard
from jetline.inputs.view import ParticleView
from jetline.models import read_settings
from jetline.models.training_recipe import TrainingRecipe
from jetline.training import gathering, holding
from jetline.training.batches import Batches
from jetline.training.checkpoint import Checkpoint
from jetline.training.compilations import compilations
from jetline.training.gathering import gathered
from jetline.training.held_jets import HeldSample
from jetline.training.holding import hold, hold_where_it_pays
from jetline.training.loop import Jets, Loop
from jetline.training.method import method_of
from training_inputs import every, some

VIEWS = {
    "flat": ParticleView("energy_flow", "full"),
    "pairs": ParticleView("particle_cloud", "full", most=40, dense=True, pairs=True),
}
PFN = read_settings("pfn", {"epochs": 3, "batch_size": 64, "phi": [16, 16], "f": [16]})


def differences(sample) -> dict[str, list[str]]:
    """Tensors, labels and weights of which a batch from the device is not that of the host."""
    order, weights = np.random.default_rng(0).permutation(len(sample)), np.array([0.3, 1.7])
    found = {}
    for name, view in VIEWS.items():
        if name == "pairs":
            own = np.random.default_rng(1).normal(1, 1, len(sample)).astype(np.float32)
            sample = replace(sample, weights=own)
        held = hold(sample, view)
        made = [Batches(s, order[:507], 100, view, class_weights=weights) for s in (sample, held)]
        found[name] = []
        for number in range(6):
            (tensors, *rest), (others, *more) = (batches[number] for batches in made)
            assert len(tensors["counts"]) == (7 if number == 5 else 100)
            pairs = {key: (tensors.get(key), others.get(key)) for key in tensors | others}
            pairs |= {str(n): pair for n, pair in enumerate(zip(rest, more, strict=True))}
            for key, (own, other) in pairs.items():
                other = np.asarray(other)
                if own.dtype != other.dtype or not np.array_equal(own, other):
                    found[name].append(key)
    return found


class Killed(BaseException):
    """Ends a training at a checkpoint, as a signal would."""


class Fatal(Checkpoint):
    """A checkpoint whose second is the last of its process."""

    left = 2

    def save(self, *saved):
        super().save(*saved)
        self.left -= 1
        if not self.left:
            raise Killed


def trained(shards, held: bool, killed: bool = False, folder: str | None = None):
    """Train a small network; if it is to be killed, then inside of its first epoch."""
    jets = [some(shards, part) for part in (0, 1)]
    jets = Jets(*(hold(part, PFN.view) for part in jets)) if held else Jets(*jets)
    checkpoint = (Fatal if killed else Checkpoint)(Path(folder or tempfile.mkdtemp()))
    minutes = 0 if killed else 10
    with checkpoint.locked():
        loop = Loop(PFN, method_of(PFN), 1, jets, {}, checkpoint, minutes)
        return loop.run()


def columns(progress) -> list[list[float]]:
    """Give what was measured in each epoch, times left out."""
    return [[row[key] for key in sorted(row.keys() - {"seconds"})] for row in progress.history]


def with_filler(name: str, sample, view: ParticleView, more: int) -> list[float]:
    """Losses of four steps on a batch that is filled up by more than it needs."""
    model, held = compiled(name, "float32"), hold(sample, view)
    jets = np.arange(60, dtype=np.int32)
    sizes = Sizes.of(held.counts[jets], view, compiled=True)
    sizes = Sizes(sizes.particles + 512 * more, sizes.widths, sizes.pairs + 999 * more)
    tensors, labels = gathered(held.held, jets, sizes, view)
    return [float(model.train_on_batch(tensors, labels)) for _ in range(4)]


def damaged(sample) -> str:
    """Tell what is said of a particle that is no number."""
    shard = sample.shards[1]
    particles = np.array(shard.arrays["particles"])
    particles[shard.arrays["offsets"][5], 1] = np.nan
    broken = replace(shard, arrays={**shard.arrays, "particles": particles})
    try:
        hold(replace(sample, shards=[sample.shards[0], broken]), VIEWS["flat"])
    except JetlineError as error:
        return str(error)
    return ""


def chosen(sample) -> dict[str, list]:
    """Tell, as on a GPU, what is said of where the batches are made, and which part is held."""
    holding.has_gpu = lambda: True
    augmented = PFN.model_copy(
        update={"training": TrainingRecipe(augmentation=[{"step": "rotate"}])}
    )
    found = {}
    for case, network, free in (
        ("fits", PFN, 10**9),
        ("too little", PFN, 10**5),
        ("augmented", augmented, 10**9),
    ):
        gathering.free_bytes = lambda free=free: free
        with contextlib.redirect_stdout(io.StringIO()) as said:
            parts = hold_where_it_pays(sample, sample, network)
        found[case] = [said.getvalue(), *(isinstance(part, HeldSample) for part in parts)]
    return found


def main(output: str, *folders: str) -> None:
    """Compute everything and write it as JSON."""
    shards = [open_shard(Path(folder)) for folder in folders]
    sample = every(shards)
    counted, trainings, programs = compilations(), {}, {}
    for name in ("held", "host"):
        before = counted.so_far
        trainings[name] = columns(trained(shards, held=name == "held").progress)
        programs[name] = [now - then for now, then in zip(counted.so_far, before, strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        with contextlib.suppress(Killed):
            trained(shards, held=True, killed=True, folder=folder)
        saved = sorted(path.name for path in Path(folder).glob("epoch-*"))
        trainings["resumed"] = columns(trained(shards, held=True, folder=folder).progress)
    found = {
        "programs": programs,
        "trainings": trainings,
        "saved": saved,
        "differences": differences(sample),
        "filler": {
            name: [with_filler(name, sample, VIEWS[view], more) for more in (0, 1)]
            for name, view in (("pfn", "flat"), ("particle-transformer-small", "pairs"))
        },
        "damaged": damaged(sample),
        "chosen": chosen(sample),
    }
    Path(output).write_text(json.dumps(found))
