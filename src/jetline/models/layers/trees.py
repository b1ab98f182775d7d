"""Boosted decision trees as a Keras layer, so that they are saved and scored as networks are."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("jetline")
class Trees(keras.layers.Layer):
    """Sum of decision trees, as a probability.

    The nodes of all trees are numbered together: first the roots, then the two children of each
    split side by side. There are as many parameters as nodes: a split's threshold, a leaf's value.

    Parameters
    ----------
    trees, nodes : int
        Numbers of them, of all trees together.
    depth : int
        Splits above the deepest leaf.
    """

    def __init__(self, trees: int, nodes: int, depth: int, **keywords) -> None:
        super().__init__(**keywords)
        self.trees, self.nodes, self.depth = trees, nodes, depth

    def get_config(self):
        """Numbers of trees and nodes, and the depth."""
        numbers = {"trees": self.trees, "nodes": self.nodes, "depth": self.depth}
        return super().get_config() | numbers

    def build(self, shape):
        """Make the weights, which `grow` fills."""

        def one_a_node(name: str, **kind):
            return self.add_weight((self.nodes,), "zeros", name=name, **kind)

        self.columns = one_a_node("columns", dtype="int32", trainable=False)
        self.children = one_a_node("children", dtype="int32", trainable=False)
        self.thresholds = one_a_node("thresholds", trainable=False)
        self.values = one_a_node("values")
        self.start = self.add_weight((), "zeros", trainable=False, name="start")

    def call(self, table):
        """Score.

        Parameters
        ----------
        table : (n_jets, n_columns) float tensor
            What the splits ask for, by column.

        Returns
        -------
        (n_jets, 2) float tensor
            Probabilities of gluon and quark.
        """
        place = ops.broadcast_to(ops.arange(self.trees)[None], (ops.shape(table)[0], self.trees))
        for _ in range(self.depth):
            asked = ops.take_along_axis(table, ops.take(self.columns, place), axis=1)
            # A leaf's threshold is infinite and it is its own child, so that a jet stays there.
            upper = ops.cast(asked > ops.take(self.thresholds, place), "int32")
            place = ops.take(self.children, place) + upper
        logit = self.start + ops.sum(ops.take(self.values, place), axis=1)
        quark = ops.sigmoid(logit)
        return ops.stack([1 - quark, quark], axis=1)

    def compute_output_shape(self, shape):
        """Shape of the probabilities."""
        return (shape[0], 2)


def grow(start: float, trees: list[np.ndarray], columns: list[int], width: int) -> keras.Model:
    """Build a model of trees that scikit-learn has grown.

    Parameters
    ----------
    start : float
        Logit before the first tree.
    trees : list of structured arrays
        Nodes of each tree, as scikit-learn's histogram gradient boosting has them.
    columns : list of int
        Column of the model's input for each feature that the trees know.
    width : int
        Columns of the model's input.

    Returns
    -------
    keras.Model
        Takes float32 tables (n_jets, `width`). Every jet comes to the leaves to which
        scikit-learn's own prediction brings it; their sum is in single precision.
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

    def by_number(of_splits: np.ndarray, of_leaves: np.ndarray | float) -> np.ndarray:
        values = np.empty(len(nodes))
        values[number[~is_leaf]], values[number[is_leaf]] = of_splits, of_leaves
        return values

    thresholds = splits["num_threshold"].astype(np.float32)
    # What single precision puts above a threshold must not be taken for what lies below it.
    above = thresholds > splits["num_threshold"]
    thresholds[above] = np.nextafter(thresholds[above], np.float32(-np.inf))

    table = keras.Input((width,), name="observables")
    layer = Trees(len(trees), len(nodes), int(nodes["depth"].max()))
    model = keras.Model(table, layer(table), name="observables")
    layer.columns.assign(by_number(np.array(columns)[splits["feature_idx"]], 0))
    layer.children.assign(by_number(children, number[is_leaf]))
    layer.thresholds.assign(by_number(thresholds, np.inf))
    layer.values.assign(by_number(0, nodes["value"][is_leaf]))
    layer.start.assign(start)
    return model
