"""Figures of merit: one file each; a file in this folder that defines one is registered.

Files and tables name a figure of merit as its file is named.
"""

from __future__ import annotations

from jetline.core.registry import Registry
from jetline.evaluation.figures_of_merit.figure_of_merit import FigureOfMerit

FIGURES_OF_MERIT: Registry[FigureOfMerit] = Registry(
    __name__, FigureOfMerit, "figure of merit", without=("rejection",), hyphens=False
)


def in_order() -> dict[str, FigureOfMerit]:
    """Give all figures of merit by name, in the order that tables show them in."""
    return dict(sorted(FIGURES_OF_MERIT.items(), key=lambda item: (item[1].place, item[0])))
