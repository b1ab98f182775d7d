"""How a layer becomes nodes of a graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from jetline.export.clouds import Cloud
    from jetline.export.graph import Graph, Tensor

#: Takes the scope, the layer (None for an operation) and its arguments; gives what it computes.
Exporter = Callable[..., Any]

#: By the name of the layer's class.
EXPORTERS: dict[str, Exporter] = {}


def exports(*names: str) -> Callable[[Exporter], Exporter]:
    """Mark the exporter of layers whose classes have these names."""

    def mark(exporter: Exporter) -> Exporter:
        EXPORTERS.update(dict.fromkeys(names, exporter))
        return exporter

    return mark


@dataclass
class Scope:
    """What exporters know beside their arguments.

    Parameters
    ----------
    graph : Graph
    cloud : Cloud or None
        The particles of the jets, for a network of particles. Its tensors of particles are padded,
        (n, m, ...), where those of the layers are flat; those of pairs are (n, m, m, ...). What
        tells the places of flat rows is None.
    margins : list of (n,) tensors
        Of each search of neighbours: how far it is from another choice.
    """

    graph: Graph
    cloud: Cloud | None = None
    margins: list[Tensor] = field(default_factory=list)

    @property
    def particles(self) -> Cloud:
        """The particles, where there have to be some."""
        if self.cloud is None:
            raise TypeError("a layer of particles in a network of something else")
        return self.cloud

    def weight(self, variable: Any) -> np.ndarray:
        """Give a weight, float64: what follows from weights alone is rounded once."""
        return np.asarray(variable.numpy(), np.float64)

    def apply(self, layer: Any, *arguments: Any) -> Any:
        """Export a layer within a layer."""
        return self.exporter(type(layer).__name__, layer.name)(self, layer, *arguments)

    def exporter(self, kind: str, name: str) -> Exporter:
        """Find the exporter of a class of layers.

        Raises
        ------
        JetlineError
            If there is none.
        """
        if kind not in EXPORTERS:
            raise JetlineError(
                f"layer {name} of the network",
                found=f"{kind}, of which Jetline does not know what it is in ONNX",
                expected="layers that src/jetline/export/layers has",
                remedy=f'add a function marked @exports("{kind}") to a module there',
            )
        return EXPORTERS[kind]

    def unknown(self, layer: Any, what: str) -> JetlineError:
        """Tell of an option of a layer that has no counterpart."""
        return JetlineError(
            f"layer {getattr(layer, 'name', layer)} of the network",
            found=f"{what}, which Jetline cannot write as ONNX",
            expected="what the architectures of Jetline are built of",
            remedy="add it to src/jetline/export/layers",
        )
