"""The looks of figures by name: our own, and those of collaborations that mplhep has.

Fonts, ticks and places of labels are a collaboration's. Colours, sizes of figures and what is drawn
stay, and no figure is marked as the collaboration's: that is for it alone.
"""

from __future__ import annotations

import re
from typing import Any

from jetline.core.errors import JetlineError

#: Names of the looks; the first is ours.
STYLES = ("plain", "atlas", "cms")

#: What fits the size of a figure or its layout, and is not a collaboration's to say.
_OURS = re.compile(
    r"(figure|savefig|axes\.(titlesize|autolimit|xmargin|prop_cycle|grid|axisbelow))"
)
#: What is given in points, and shrinks with the text.
_POINTS = re.compile(r"(?!legend)\w+\.(size|linewidth|markersize|\w*pad|\w+\.(size|width|pad))")


def settings(name: str, ours: dict[str, Any]) -> dict[str, Any]:
    """Give matplotlib's settings of a look.

    Parameters
    ----------
    name : str
        One of `STYLES`.
    ours : dict
        Our own settings, which hold where the look says nothing.

    Raises
    ------
    JetlineError
        If the look needs mplhep and it is not installed.
    """
    if name == "plain":
        return ours
    try:
        import mplhep
    except ImportError as error:
        raise JetlineError(
            f"--style {name}",
            found=str(error),
            expected="the package mplhep, which has this style",
            remedy="in the checkout: pip install -e '.[styles]', or draw in the style `plain`",
        ) from None
    theirs: dict[str, Any] = getattr(mplhep.style, name.upper())
    scale = ours["font.size"] / theirs["font.size"]
    taken = {}
    for key, value in theirs.items():
        if _OURS.match(key):
            continue
        points = _POINTS.fullmatch(key) and isinstance(value, int | float)
        taken[key] = value * scale if points else value
    return ours | taken
