"""The command that tells which processor trainings will use."""

from __future__ import annotations

import click

from jetline.cli.command import command, value


@command()
@value(
    "device",
    "as the configuration's `device`: `gpu` ends with an error where none can be had",
    type=click.Choice(["auto", "cpu", "gpu"]),
    default="auto",
)
@value(
    "backend",
    "what computes the networks",
    type=click.Choice(["tensorflow", "jax"]),
    default="tensorflow",
)
def devices(device: str, backend: str) -> None:
    """Tell which processor trainings will use here, and why it is not the GPU that is there."""
    from jetline.training.devices import timed_devices

    found, seconds = timed_devices(device, backend)
    for line in found.lines:
        click.echo(line)
    click.echo(f"(found out in {seconds:.1f} s)")
