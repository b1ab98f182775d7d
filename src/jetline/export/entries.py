"""What an exported tagger takes: raw jets, wherever the graph can go on from there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.export.clouds import cloud_of
from jetline.export.graph import Graph
from jetline.export.jet_images import can_be_made, images_of
from jetline.export.layers.exporter import Scope
from jetline.export.networks import exported
from jetline.export.trees import exported_trees
from jetline.inputs.kinds.images.built_in import read_recipe
from jetline.observables.table import OBSERVABLES
from jetline.training.fitting import view_of

if TYPE_CHECKING:
    from jetline.export.graph import Tensor
    from jetline.inputs.view import ParticleView
    from jetline.records.training import TaggerRecord

#: How raw jets are given.
_JETS: dict[str, Any] = {
    "name": "jets",
    "columns": ["pT", "rapidity", "azimuth", "PDG id"],
    "units": ["GeV", "", "rad", ""],
    "padding": "rows with a pT of 0, wherever they stand; constituents in any order",
}

_LAID_OUT = ("jets", "constituents", 4)


@dataclass(frozen=True)
class Entry:
    """What a tagger takes, and what is known of it in its graph.

    Parameters
    ----------
    scope : Scope
        With the graph, in which the input and what is made of it are.
    inputs : dict of str to Tensor
        What the model takes, by name.
    valid : (n,) bool tensor
        Whether a jet can be scored.
    precision : str
        Of the network.
    described : dict
        The input's `name`, `columns`, `units` and what else has to be known to fill it.
    shape : tuple
        Of the images, where the graph makes some.
    """

    scope: Scope
    inputs: dict[str, Tensor]
    valid: Tensor
    precision: str
    described: dict[str, Any]
    shape: tuple[int, ...] = field(default=())

    def scores(self, model: Any) -> Tensor:
        """Export a model: probabilities (n, n_classes)."""
        if "observables" in self.inputs:
            return exported_trees(model, self.inputs["observables"])
        return exported(self.scope, model, self.inputs)

    def checks(self) -> dict[str, tuple[Tensor, list[int | str]]]:
        """Give what tells that a jet is on the edge of being scored otherwise, with its shape.

        ``margin`` (n,): the least of `Scope.margins`; ``images``, those that the graph makes, in
        the order of axes of a shard.
        """
        found: dict[str, tuple[Tensor, list[int | str]]] = {}
        if self.scope.margins:
            least, *others = self.scope.margins
            found["margin"] = (least.op("Min", *others), ["jets"])
        if self.shape:
            images = self.inputs["images"].transpose(0, 2, 3, 1)
            found["images"] = (images, ["jets", *self.shape])
        return found


def entry_of(model: Any, record: TaggerRecord, precision: str) -> Entry:
    """Make the input of a tagger's graph, and of it what the model takes.

    Raises
    ------
    JetlineError
        If the graph cannot make it, or the model is damaged.
    """
    if view := view_of(record):
        return _of_particles(record, view, precision)
    if record.inputs == "observables":
        return _of_observables(model, record, precision)
    return _of_images(model, record, precision)


def _of_particles(record: TaggerRecord, view: ParticleView, precision: str) -> Entry:
    if view.pair_mass == "weaver":
        raise JetlineError(
            f"tagger {record.label}",
            found="pair_mass: weaver, whose rounding errors onnxruntime would not repeat",
            expected="pair_mass: exact",
            remedy="train with `pair_mass: exact`; `jetline to-weaver` gives the weights to weaver",
        )
    graph = Graph(np.dtype(precision))
    shape = (*_LAID_OUT[:2], _LAID_OUT[2] + len(view.further))
    cloud, valid = cloud_of(graph.input("jets", graph.dtype, shape), view)
    tensors = {"features": cloud.features, "pt": cloud.pt}
    described = _JETS | {
        "columns": [*_JETS["columns"], *view.further],
        "units": [*_JETS["units"], *["as in the files of the training"] * len(view.further)],
    }
    return Entry(Scope(graph, cloud), tensors, valid, precision, described)


def _of_images(model: Any, record: TaggerRecord, precision: str) -> Entry:
    # onnxruntime has no convolution in double precision.
    graph = Graph(np.dtype(np.float32))
    recipe = read_recipe("", record.recipe) if record.recipe else None
    if recipe and can_be_made(recipe):
        images, valid = images_of(graph.input("jets", precision, _LAID_OUT), recipe)
        described = dict(_JETS)
        if recipe.padding_as_particles:
            described["padding"] = (
                "rows of zeros, as many as in the files of the training, which count as particles"
            )
        return Entry(Scope(graph), {"images": images}, valid, "float32", described, recipe.shape)
    shape = [int(length) for length in model.inputs[0].shape[1:]]
    given = graph.input("images", np.float32, ["jets", *shape])
    # An infinite number, and one that is none, are below no other.
    valid = (given.reshape(0, -1).op("Abs") < np.inf).all(1)
    described = {
        "name": "images",
        "columns": [f"channel {number}" for number in range(shape[-1])],
        "units": [""] * shape[-1],
        "recipe": record.recipe,
    }
    return Entry(Scope(graph), {"images": given.transpose(0, 3, 1, 2)}, valid, "float32", described)


def _of_observables(model: Any, record: TaggerRecord, precision: str) -> Entry:
    columns = record.columns or []
    flaw = model.flaw(len(columns)) if hasattr(model, "flaw") else "no trees"
    if flaw:
        raise JetlineError(
            f"tagger {record.label}", found=flaw, expected="boosted trees", remedy=record.remedy
        )
    if precision != "float32":
        raise JetlineError(
            f"tagger {record.label}, --precision",
            found=precision,
            expected="float32, in which trees compare observables with thresholds",
            remedy="leave --precision out",
        )
    graph = Graph(np.dtype(np.float32))
    table = graph.input("observables", np.float32, ["jets", len(columns)])
    # As measured observables are.
    valid = (table.op("Abs") < np.inf).all(1)
    units = [OBSERVABLES[column].unit for column in columns]
    described = {"name": "observables", "columns": columns, "units": units}
    return Entry(Scope(graph), {"observables": table}, valid, "float32", described)
