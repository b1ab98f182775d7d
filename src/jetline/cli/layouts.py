"""The option by which commands are told what the columns of jet files are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from jetline.cli.command import json_object
from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from jetline.jets.layouts.layout import Layout


def layout_of_files(function: Any) -> Any:
    """Define the option, which becomes a `Layout`, the name of one, or None."""
    return click.option(
        "--layout",
        callback=_read,
        help="what the columns of the files are: the name of a layout, or one of your own as JSON, "
        "with the keys of `layout` of a dataset, `base` among them; chosen by the columns if left "
        "out",
    )(function)


def _read(ctx: click.Context, _option: click.Parameter, text: str | None) -> Layout | str | None:
    if text is None or ctx.resilient_parsing:
        return None
    from pydantic import ValidationError

    from jetline.jets.layouts.choosing import layout_by_name
    from jetline.jets.layouts.own import OwnLayout

    if not text.startswith(("{", "@")):
        layout_by_name(text, "--layout")
        return text
    try:
        return OwnLayout.model_validate(json_object("layout", text))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        message = first["msg"].removeprefix("Value error, ")
        raise JetlineError(
            f"--layout{f', {key}' if key else ''}",
            found=message[:1].lower() + message[1:],
            expected="keys of a layout as JSON, such as "
            '{"columns": {"pt": "part_pt", "eta": "part_eta", "phi": "part_phi"}}',
            remedy="docs/formats.md and config/README.md list the keys; beside `base`, null takes "
            "one away",
        ) from None
