"""Pages of HTML that hold all that they show and need nothing else."""

from __future__ import annotations

import base64
from collections.abc import Callable
from importlib import resources
from typing import Any

import jinja2

from jetline.report import style

_SCREEN_DPI = 100


def render(template: str, filters: dict[str, Callable[..., Any]], **content: Any) -> str:
    """Fill in a template of this package; what a name says is shown and never obeyed.

    Raises
    ------
    jinja2.UndefinedError
        If the template asks for what the content lacks.
    """
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= filters
    text = resources.files("jetline.report").joinpath("templates", template).read_text("utf-8")
    return environment.from_string(text).render(**content)


def embedded(image: bytes) -> dict[str, Any]:
    """A PNG as a data URI, with the width [px] that shows all figures' text in one size."""
    pixels = int.from_bytes(image[16:20], "big")  # the width, as the PNG's header has it
    return {
        "source": f"data:image/png;base64,{base64.b64encode(image).decode('ascii')}",
        "width": round(pixels * _SCREEN_DPI / style.DPI),
    }
