"""What jets are before their particles: momentum, rapidity and multiplicity by class."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

#: Probabilities at which distributions are tabulated, and parts of equal numbers of jets by pT.
QUANTILES, BINS = 129, 8

#: Fewer jets of a class than these make no table.
FEWEST = 2 * BINS


def tabulate(
    labels: np.ndarray, ln_pt: np.ndarray, rapidity: np.ndarray, counts: np.ndarray, classes: int
) -> dict[str, np.ndarray]:
    """Tabulate the joint distribution of jets by class, for `Spectra`.

    The momentum by its quantiles; in each of `BINS` bins of the momentum, with as many jets each,
    rapidity and multiplicity by theirs, as if they were independent there.

    Parameters
    ----------
    labels, ln_pt, rapidity, counts : (n_jets,) arrays
        Class, logarithm of the scalar sum of pT [GeV], rapidity and number of constituents; at
        least `FEWEST` jets of each class.
    classes : int
        Number of classes.

    Returns
    -------
    dict of str to array
        ``ln_pt`` (classes, QUANTILES); ``rapidity``, ``multiplicity`` (classes, BINS, QUANTILES).
    """
    levels = np.linspace(0, 1, QUANTILES)
    tables: dict[str, list[Any]] = {"ln_pt": [], "rapidity": [], "multiplicity": []}
    for label in range(classes):
        own = np.flatnonzero(labels == label)
        own = own[np.argsort(ln_pt[own], kind="stable")]
        tables["ln_pt"].append(np.quantile(ln_pt[own], levels))
        parts = np.array_split(own, BINS)
        tables["rapidity"].append([np.quantile(rapidity[part], levels) for part in parts])
        # A multiplicity is half a particle wide on both sides: no number is rarer than it is.
        tables["multiplicity"].append([_of_integers(counts[part], levels) for part in parts])
    return {name: np.array(table) for name, table in tables.items()}


def _of_integers(values: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Give quantiles of integers as if each were spread evenly from half below to half above."""
    numbers, each = np.unique(values, return_counts=True)
    edges = np.stack([numbers - 0.5, numbers + 0.5], axis=1).ravel()
    reached = np.cumsum(each) / len(values)
    probabilities = np.stack([np.concatenate([[0], reached[:-1]]), reached], axis=1).ravel()
    quantiles: np.ndarray = np.interp(levels, probabilities, edges)
    return quantiles


@keras.saving.register_keras_serializable("jetline")
class Spectra(keras.layers.Layer):
    """Tables of `tabulate`, by which jets are drawn, and conditions of jets in their units.

    Its table ``bounds``, (2, 3), has the lowest and the highest kinematics of any particle that was
    trained on, beyond which none is drawn.

    Parameters
    ----------
    classes : int
        Number of classes.
    """

    def __init__(self, classes: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.classes = classes
        binned = (classes, BINS, QUANTILES)
        shapes = {
            "ln_pt": (classes, QUANTILES),
            "rapidity": binned,
            "multiplicity": binned,
            "bounds": (2, 3),
        }
        self.tables = {
            name: self.add_weight(shape=shape, initializer="zeros", trainable=False, name=name)
            for name, shape in shapes.items()
        }

    def fill(self, tables: dict[str, np.ndarray]) -> None:
        """Take the tables."""
        for name, table in tables.items():
            self.tables[name].assign(table)

    def call(self, classes: Any, jets: Any, counts: Any) -> Any:
        """Give the conditions of jets.

        Parameters
        ----------
        classes : (n_jets,) int32 tensor
            Numbers of the classes.
        jets : (n_jets, 2) float tensor
            Logarithm of the scalar sum of pT [GeV], and rapidity.
        counts : (n_jets,) float tensor
            Number of constituents.

        Returns
        -------
        (n_jets, classes + 3) float tensor
            One for the class; momentum and multiplicity in the tables' widths; the rapidity's size.
        """
        own = ops.one_hot(classes, self.classes, dtype=self.compute_dtype)
        columns = [
            _in_widths(jets[:, 0], self.tables["ln_pt"]),
            _in_widths(counts, self.tables["multiplicity"]),
            ops.abs(jets[:, 1]),
        ]
        return ops.concatenate([own, ops.stack(columns, axis=1)], axis=1)

    def compute_output_shape(self, classes_shape: Any, jets_shape: Any, counts_shape: Any) -> Any:
        """Give the shape of the conditions."""
        return (classes_shape[0], self.classes + 3)

    def reach(self, label: int) -> dict[str, tuple[float, float]]:
        """Give lowest and highest ``ln_pt`` and ``multiplicity`` of the jets of a class."""
        found = {}
        for name in ("ln_pt", "multiplicity"):
            table = ops.convert_to_numpy(self.tables[name])[label]
            found[name] = float(table.min()), float(table.max())
        # A number of particles stands for what is half a particle below and above.
        fewest, most = found["multiplicity"]
        return {"ln_pt": found["ln_pt"], "multiplicity": (fewest + 0.5, most - 0.5)}

    def draw(
        self, classes: np.ndarray, random: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Draw jets of given classes, (n_jets,): logarithm of pT, rapidity, multiplicity."""
        tables = {name: ops.convert_to_numpy(table) for name, table in self.tables.items()}
        levels = np.linspace(0, 1, QUANTILES)
        shares = random.random((3, len(classes)))
        drawn = np.empty((3, len(classes)))
        bins = np.minimum((shares[0] * BINS).astype(int), BINS - 1)
        for label in np.unique(classes):
            own = classes == label
            drawn[0, own] = np.interp(shares[0, own], levels, tables["ln_pt"][label])
            for number in range(BINS):
                here = own & (bins == number)
                for row, name in ((1, "rapidity"), (2, "multiplicity")):
                    table = tables[name][label, number]
                    drawn[row, here] = np.interp(shares[row, here], levels, table)
        multiplicity = np.maximum(np.rint(drawn[2]), 1).astype(np.int64)
        return drawn[0], drawn[1], multiplicity

    def get_config(self) -> dict[str, Any]:
        """Give the layer's options."""
        return super().get_config() | {"classes": self.classes}


def _in_widths(values: Any, table: Any) -> Any:
    """Bring values to a mean of 0 and a width of about 1, as the table has them."""
    mean, width = ops.mean(table), ops.std(table)
    return (values - mean) / ops.maximum(width, 1e-6)
