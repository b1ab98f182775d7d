"""Boosted decision trees as a Keras model, so that they are saved and scored as networks are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@keras.saving.register_keras_serializable("jetline")
class Trees(keras.Model):
    """Sums of decision trees, as probabilities.

    Of two classes there is one sum, the logit of the second. Of more there is one for each, the
    trees belonging to the classes in turn, and a softmax over them.

    The nodes of all trees are numbered together: first the roots, then the two children of each
    split side by side. There are as many parameters as nodes: a split's threshold, a leaf's value.
    `call` is the definition in Keras' operations; `predict` gives the same from a compiled loop,
    because the former reads and writes a number of every jet for every tree and depth.

    Parameters
    ----------
    trees, nodes : int
        Numbers of them, of all trees together.
    depth : int
        Splits above the deepest leaf.
    sums : int
        1 for two classes, otherwise as many as classes.
    """

    def __init__(self, trees: int, nodes: int, depth: int, sums: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.trees, self.nodes, self.depth, self.sums = trees, nodes, depth, sums

    def get_config(self) -> dict[str, Any]:
        """Give the numbers of trees, nodes and sums, and the depth."""
        numbers = {name: getattr(self, name) for name in ("trees", "nodes", "depth", "sums")}
        return super().get_config() | numbers

    def build(self, input_shape: Any) -> None:
        """Make the weights, which `grow` fills; `input_shape` decides none of them."""
        del input_shape

        def one_per_node(name: str, **kind: Any) -> Any:
            return self.add_weight((self.nodes,), "zeros", name=name, **kind)

        self.columns = one_per_node("columns", dtype="int32", trainable=False)
        self.children = one_per_node("children", dtype="int32", trainable=False)
        self.thresholds = one_per_node("thresholds", trainable=False)
        self.values = one_per_node("values")
        self.start = self.add_weight((self.sums,), "zeros", trainable=False, name="start")

    def flaw(self, width: int) -> str | None:
        """Tell why these are no trees that end in leaves, or None if they are.

        The compiled loop would read beyond its arrays, or never end.

        Parameters
        ----------
        width : int
            Columns of the table that they are asked about.
        """
        columns, children = map(ops.convert_to_numpy, (self.columns, self.children))
        own = np.arange(self.nodes)
        if not 0 < self.trees <= self.nodes:
            return f"{self.trees} trees of {self.nodes} nodes"
        if self.sums < 1 or self.trees % self.sums:
            return f"{self.trees} trees in {self.sums} sums"
        if ((columns < 0) | (columns >= width)).any():
            return f"trees that ask for another column than the {width} of the table"
        # The children of a split stand side by side behind it; a leaf is its own child.
        if ((children < own) | ((children > own) & (children + 1 >= self.nodes))).any():
            return "trees with a split that leads to no node"
        return None

    def call(self, inputs: Mapping[str, Any]) -> Any:
        """Compute the probabilities of the classes.

        Parameters
        ----------
        inputs : dict of str to tensor
            ``observables`` (n_jets, n_columns) float: what the splits ask for, by column.

        Returns
        -------
        (n_jets, n_classes) float tensor
        """
        table = inputs["observables"]
        place = ops.broadcast_to(ops.arange(self.trees)[None], (ops.shape(table)[0], self.trees))
        for _ in range(self.depth):
            asked = ops.take_along_axis(table, ops.take(self.columns, place), axis=1)
            # A leaf's threshold is infinite and it is its own child, so that a jet stays there.
            upper = ops.cast(asked > ops.take(self.thresholds, place), "int32")
            place = ops.take(self.children, place) + upper
        leaves = ops.reshape(ops.take(self.values, place), (-1, self.trees // self.sums, self.sums))
        logits = self.start + ops.sum(leaves, axis=1)
        if self.sums > 1:
            return ops.softmax(logits, axis=1)
        signal = ops.sigmoid(logits)
        return ops.concatenate([1 - signal, signal], axis=1)

    def predict(self, x: Iterable[Any], **_options: Any) -> np.ndarray:
        """Compute the probabilities of the classes of many jets.

        Parameters
        ----------
        x : iterable of tuples
            Batches, the first entry of each being what `call` takes.

        Returns
        -------
        (n_jets, n_classes) float32 array
        """
        from jetline.models.layers.compiled.trees import sum_of_leaves

        nodes = [self.columns, self.children, self.thresholds, self.values]
        arrays = [ops.convert_to_numpy(weight) for weight in nodes]
        start = ops.convert_to_numpy(self.start).astype(np.float64)
        parts = []
        for inputs, *_ in x:
            table = np.ascontiguousarray(inputs["observables"], np.float32)
            logits = start + sum_of_leaves(table, *arrays, self.trees, self.sums)
            if self.sums > 1:
                odds = np.exp(logits - logits.max(axis=1, keepdims=True))
                scores = odds / odds.sum(axis=1, keepdims=True)
            else:
                signal = 1 / (1 + np.exp(-logits))
                scores = np.concatenate([1 - signal, signal], axis=1)
            parts.append(scores.astype(np.float32))
        return np.concatenate(parts)


def grow(start: np.ndarray, trees: list[np.ndarray], columns: list[int], width: int) -> Trees:
    """Build a model of trees that scikit-learn has grown.

    Parameters
    ----------
    start : (n_sums,) float array
        Logits before the first tree.
    trees : list of structured arrays
        Nodes of each tree, those of the sums in turn, as scikit-learn's histogram gradient boosting
        has them.
    columns : list of int
        Column of the model's input for each feature that the trees know.
    width : int
        Columns of the model's input.

    Returns
    -------
    Trees
        Takes ``observables`` (n_jets, `width`) float32. Every jet reaches the leaves that it
        reaches in scikit-learn's own prediction.
    """
    nodes = np.concatenate(trees)
    lengths = [len(tree) for tree in trees]
    first = np.cumsum([0, *lengths[:-1]])
    is_leaf = nodes["is_leaf"].astype(bool)
    splits, offset = nodes[~is_leaf], np.repeat(first, lengths)[~is_leaf]
    children = len(trees) + 2 * np.arange(len(splits))
    number = np.empty(len(nodes), np.int32)
    number[first] = np.arange(len(trees))
    number[offset + splits["left"]] = children
    number[offset + splits["right"]] = children + 1

    def by_number(of_splits: np.ndarray | float, of_leaves: np.ndarray | float) -> np.ndarray:
        values = np.empty(len(nodes))
        values[number[~is_leaf]], values[number[is_leaf]] = of_splits, of_leaves
        return values

    thresholds = splits["num_threshold"].astype(np.float32)
    # What single precision puts above a threshold must not be taken for what lies below it.
    above = thresholds > splits["num_threshold"]
    thresholds[above] = np.nextafter(thresholds[above], np.float32(-np.inf))

    model = Trees(len(trees), len(nodes), int(nodes["depth"].max()), len(start), name="observables")
    model.build({"observables": (None, width)})
    model.columns.assign(by_number(np.array(columns)[splits["feature_idx"]], 0))
    model.children.assign(by_number(children, number[is_leaf]))
    model.thresholds.assign(by_number(thresholds, np.inf))
    model.values.assign(by_number(0, nodes["value"][is_leaf]))
    model.start.assign(start)
    return model
