"""Commands of generative models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jetline.cli.command import command, output, path, processor, value
from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from pathlib import Path


@command("draw-jets")
@path("training", "folder of the training of a generative model")
@value("jets", "number of jets, as many of each class as can be", type=int)
@value("drawing-seed", "seed of the sample", type=int, default=1)
@value("file", "number of the file in the sample; each has other jets", type=int, default=0)
@value(
    "solver",
    "of the differential equation that takes noise to particles",
    type=click.Choice(["euler", "midpoint", "heun"]),
    default="midpoint",
)
@value("steps", "number of its steps", type=int, default=20)
@value("species-steps", "number of steps that tell the species", type=int, default=20)
@value("classes", "classes to draw, such as quark,gluon; all if left out", required=False)
@value(
    "pt-window",
    "scalar sum of pT of the drawn jets, such as 500,550 [GeV]; as in training if left out",
    required=False,
)
@value(
    "multiplicity",
    "fewest and most constituents, such as 20,80; as in training if left out",
    required=False,
)
@output("jet file to write; how it was drawn is written beside it as .json")
@processor
def draw_jets(
    training: Path,
    jets: int,
    drawing_seed: int,
    file: int,
    solver: str,
    steps: int,
    species_steps: int,
    classes: str | None,
    pt_window: str | None,
    multiplicity: str | None,
    output: Path,
    device: str,
    per_gpu: int,
    threads: int,
) -> None:
    """Draw jets from a trained generative model."""
    for option, number in (("jets", jets), ("steps", steps), ("species-steps", species_steps)):
        if number < 1:
            raise JetlineError(
                f"--{option}", found=str(number), expected="1 or more", remedy="correct it"
            )
    pt = _window("pt-window", pt_window)
    counts = _window("multiplicity", multiplicity)
    names = [name.strip() for name in classes.split(",")] if classes else None
    from jetline.training.device import on_device
    from jetline.training.quiet import load_backend

    with on_device(device, threads, per_gpu=per_gpu) as used:
        load_backend(used)
        from jetline.training.drawing import Way, Window
        from jetline.training.drawn_files import write_drawn

        write_drawn(
            training,
            output,
            jets,
            seed=drawing_seed,
            file=file,
            way=Way(solver, steps, species_steps),  # type: ignore[arg-type]
            window=Window(pt, (int(counts[0]), int(counts[1])) if counts else None),
            classes=names,
        )


def _window(option: str, told: str | None) -> tuple[float, float] | None:
    """Read two rising numbers above 0."""
    if told is None:
        return None
    try:
        lowest, highest = map(float, told.split(","))
    except ValueError:
        lowest, highest = 1.0, 0.0
    if not 0 < lowest <= highest < float("inf"):
        raise JetlineError(
            f"--{option}",
            found=told,
            expected="two rising numbers above 0 with a comma between them",
            remedy="correct them",
        )
    return lowest, highest
