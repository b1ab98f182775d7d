"""Figures of merit: one file each; a file in this folder that defines one is registered.

Files and tables name a figure of merit as its file is named.
"""

from __future__ import annotations

from jetline.core.registry import Registry
from jetline.evaluation.figures_of_merit.figure_of_merit import FigureOfMerit

FIGURES_OF_MERIT: Registry[FigureOfMerit] = Registry(
    __name__, FigureOfMerit, "figure of merit", without=("rejection", "macro"), hyphens=False
)


def in_order(classes: int | None = 2) -> dict[str, FigureOfMerit]:
    """Give the figures of merit of that many classes by name, in the order of tables.

    Parameters
    ----------
    classes : int or None
        Number of classes; None for the figures of merit of any number.
    """
    chosen = {
        name: one for name, one in FIGURES_OF_MERIT.items() if classes is None or one.is_of(classes)
    }
    return dict(sorted(chosen.items(), key=lambda item: (item[1].place, item[0])))
