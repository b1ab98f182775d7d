"""What each layer of a network becomes: functions, found by the name of the layer's class.

Each module has such functions, marked by `exports`; they are imported when a network is exported.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from jetline.export.layers.exporter import EXPORTERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jetline.export.layers.exporter import Exporter


def exporters() -> Mapping[str, Exporter]:
    """Give the exporter of each class of layers by its name."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return EXPORTERS
