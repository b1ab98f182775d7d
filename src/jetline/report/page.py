"""Pages of HTML that hold all that they show and need nothing else."""

from __future__ import annotations

import base64
import os
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

import jetline
from jetline.report import style

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SCREEN_DPI = 100


def render(template: str, filters: Mapping[str, Callable[..., Any]], **content: Any) -> str:
    """Fill in a template of this package; what a name says is shown and never obeyed.

    Raises
    ------
    jinja2.UndefinedError
        If the template asks for what the content lacks.
    """
    folder = resources.files("jetline.report").joinpath("templates")
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: folder.joinpath(name).read_text("utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= filters
    return environment.get_template(template).render(jetline_version=jetline.__version__, **content)


def embedded(image: bytes) -> dict[str, Any]:
    """Give a PNG as a data URI, with the width [px] that shows all pictures' text in one size."""
    pixels = int.from_bytes(image[16:20], "big")  # the width, as the PNG's header has it
    return {
        "source": f"data:image/png;base64,{base64.b64encode(image).decode('ascii')}",
        "width": round(pixels * _SCREEN_DPI / style.DPI),
    }


def beside(output: Path, **pages: Path | None) -> dict[str, str | None]:
    """Give the link to each other page from where a page is written; None where there is none."""
    folder = Path(output).parent
    return {name: os.path.relpath(one, folder) if one else None for name, one in pages.items()}
