"""The command that tells what steps have asked for and used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jetline.cli.command import command, files

if TYPE_CHECKING:
    from pathlib import Path


@command()
@files("results", many=False)
def resources(results: Path) -> None:
    """Tell how much memory and time the steps of runs have asked for, and used.

    RESULTS is the folder of all results, or of one run, such as `results/runs/demo`.
    """
    from jetline.cluster.used import table_of, uses_in

    click.echo("\n".join(table_of(uses_in(results))))
