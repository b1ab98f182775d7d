"""Measure what augmentation costs for each batch, and how images are best rotated.

Prints the tables of docs/performance.md, from the bundled jets. Times are those of the processor,
the lower quartile over batches, so that other work on the machine does not count.

    python benchmarks/augmentation.py [--batches 60]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy import ndimage

from jetline.inputs.augmentation import AUGMENTATION_STEPS
from jetline.inputs.augmenting import Augmentation, augmented_images, augmented_particles
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.imaging import image_jets
from jetline.inputs.kinds.particles import flatten
from jetline.inputs.making import make_scratch_shards, read_inputs
from jetline.inputs.sample import JetSample
from jetline.models import read_settings

SAMPLE = sorted((Path(__file__).parents[1] / "resources/sample").glob("*.npz"))
#: Architecture, inputs and batch size.
BATCHES = (
    ("pfn", "particles", 500),
    ("particlenet-lite", "particles", 128),
    ("resnet", "images/pt", 500),
    ("resnet", "images/color", 128),
)


def milliseconds(sample: JetSample, inputs, view, batch: int, steps, batches: int) -> float:
    """Time the making of a batch."""
    order = np.random.default_rng(1).permutation(len(sample))
    augmentation = Augmentation(tuple(steps), 1, 1)
    taken = []
    for number in range(batches):
        jets = np.roll(order, -number * batch)[:batch]
        start = time.process_time()
        change = augmentation.change(inputs, number)
        inputs.tensors(sample, jets, view, compiled=False, change=change)
        taken.append(time.process_time() - start)
    return 1000 * float(np.percentile(taken, 25))


def print_costs(batches: int) -> None:
    """Print the time of a batch without any step, with each, and with all."""
    names = list(AUGMENTATION_STEPS)
    print("| batch | none | " + " | ".join(names) + " | all |")
    print("|---" * (len(names) + 3) + "|")
    for architecture, told, batch in BATCHES:
        inputs = read_inputs(told)
        view = read_settings(architecture, {"inputs": told}).view
        steps = {}
        for name, step in AUGMENTATION_STEPS.items():
            strengths = {"angle": 0.005} if name == "smear" and told == "particles" else {}
            if not (one := step(step=name, **strengths)).unsuited(inputs.name, inputs.imaging):
                steps[name] = one
        with tempfile.TemporaryDirectory() as folder:
            shards = make_scratch_shards(inputs, SAMPLE, Path(folder))
            sample = JetSample.choose(shards, [np.arange(len(shard)) for shard in shards])

            def timed(*chosen, made=(sample, inputs, view, batch)) -> str:
                return f"{milliseconds(*made, chosen, batches):.1f}"

            cells = [timed()]
            cells += [timed(steps[name]) if name in steps else "" for name in names]
            cells.append(timed(*steps.values()))
        print(f"| {batch} jets of `{architecture}`, {told} | " + " | ".join(cells) + " |")


def print_rotations() -> None:
    """Print how near rotated images come to the images of the rotated jets."""
    recipe = RECIPES["pt"]
    with np.load(SAMPLE[0], allow_pickle=False) as archive:
        particles, offsets = flatten(archive["X"][:2000])
    counts = np.diff(offsets)
    rotate = (AUGMENTATION_STEPS["rotate"](step="rotate"),)

    def imaged(particles: np.ndarray) -> np.ndarray:
        constituents = np.zeros((len(counts), counts.max(), 4))
        constituents[np.arange(counts.max()) < counts[:, None]] = particles
        return image_jets(constituents, recipe)

    def random() -> np.random.Generator:
        return np.random.default_rng(5)

    images = imaged(particles)
    # Equal momenta keep their places, so that a jet's particles stay where they are in the flat.
    wanted = imaged(augmented_particles(rotate, particles, counts, random())[0])
    moved = augmented_images(rotate, images, recipe, random())
    angles = rotate[0].angle * random().uniform(-1, 1, len(images))
    turned = [
        ndimage.rotate(image, np.degrees(angle), reshape=False, order=1)
        for image, angle in zip(images[..., 0], angles, strict=True)
    ]
    interpolated = np.stack(turned)[..., None]
    interpolated /= interpolated.sum(axis=(1, 2, 3), keepdims=True)
    print("\n| image | lit pixels | brightest pixel | distance from that of the rotated jet |")
    print("|---|---|---|---|")
    rows = {
        "of the rotated jet": wanted,
        "contents moved to the nearest pixel": moved,
        "interpolated between four pixels": interpolated,
        "not rotated": images,
    }
    for name, each in rows.items():
        lit = (each > 1e-6).sum(axis=(1, 2, 3)).mean()
        brightest = each.max(axis=(1, 2, 3)).mean()
        blurred = ndimage.gaussian_filter(each - wanted, (0, 1, 1, 0))
        distance = np.abs(blurred).sum(axis=(1, 2, 3)).mean()
        print(f"| {name} | {lit:.1f} | {brightest:.3f} | {distance:.3f} |")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batches", type=int, default=60)
    print_costs(parser.parse_args().batches)
    print_rotations()


if __name__ == "__main__":
    main()
