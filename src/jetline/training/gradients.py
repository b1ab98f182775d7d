"""What a network decides, as a difference of two classes' logits, and its gradients."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from jetline.models.layers.pairs import PairFeatures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jetline.inputs.sample import Tensors


#: What pairs of particles have in common, where it is told apart from particles.
PAIR_FEATURES = "pair_features"


class Decisions:
    """Weighted sums of a network's logits, and their gradients by its tensors.

    Logits, and not probabilities: where a softmax is sure its gradient is zero, whatever made it
    sure.

    Parameters
    ----------
    model : keras.Model
        A network whose last layer ends in a softmax over the classes.
    """

    def __init__(self, model: keras.Model) -> None:
        self.model = model
        #: Whether each new shape of a tensor costs a compilation.
        self.compiled = keras.backend.backend() == "jax"
        self._gradients = _of_jax(model) if self.compiled else _of_tensorflow(model)

    def values(self, tensors: Tensors, weights: np.ndarray) -> np.ndarray:
        """Compute the decision on each jet.

        Parameters
        ----------
        tensors : dict of str to array
            What the network is given of the jets.
        weights : (n_jets, n_classes) float32 array
            Of the logits: 1 for the class that is decided for, -1 for the one against.

        Returns
        -------
        (n_jets,) float64 array
        """
        with _logits(self.model):
            logits = ops.convert_to_numpy(self.model(tensors, training=False))
        return np.asarray((logits.astype(np.float64) * weights).sum(axis=1))

    def gradients(self, tensors: Tensors, weights: np.ndarray) -> Tensors:
        """Compute the derivative of each jet's decision by all that is no whole number.

        Parameters are those of `values`.

        Returns
        -------
        dict of str to array
            Of each floating-point tensor, in its shape. No jet decides of another, so that the
            derivatives of the sum over jets are those of each.
        """
        with _logits(self.model):
            found = self._gradients(tensors, weights)
        return {name: np.asarray(ops.convert_to_numpy(one)) for name, one in found.items()}

    def with_pairs(self, tensors: Tensors) -> Tensors:
        """Add what the network makes of pairs of particles, if it does, as a tensor of its own.

        It makes logarithms of them, through which no gradient flows, and which on a straight line
        between two jets' particles would run through poles. `gradients` takes them as given.
        """
        layers = _pairs_of(self.model)
        if not layers:
            return tensors
        points, mass = tensors["features"][:, -2:], tensors.get("pair_mass")
        made = layers[0](tensors["pt"], points, tensors["pairs"], mass)
        return tensors | {PAIR_FEATURES: np.asarray(ops.convert_to_numpy(made), np.float32)}

    @contextlib.contextmanager
    def shuffled(self, numbers: np.random.Generator) -> Iterator[None]:
        """Shuffle the values of each array of weights, until the block ends.

        What the network has learned is lost, and the sizes of its weights are kept.
        """
        kept = self.model.get_weights()
        try:
            self.model.set_weights(
                [numbers.permutation(one.ravel()).reshape(one.shape) for one in kept]
            )
            yield
        finally:
            self.model.set_weights(kept)


@contextlib.contextmanager
def _logits(model: keras.Model) -> Iterator[None]:
    """Let a network give logits, until the block ends."""
    last = model.layers[-1]
    softmax = last.activation
    if softmax is not keras.activations.softmax:
        raise ValueError(f"a network that ends in {softmax}, and not in a softmax")
    last.activation = keras.activations.linear
    try:
        yield
    finally:
        last.activation = softmax


def _pairs_of(model: keras.Model) -> list[PairFeatures]:
    return [layer for layer in model.layers if isinstance(layer, PairFeatures)]


@contextlib.contextmanager
def _given_pairs(model: keras.Model, floating: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Let a network take what pairs have in common from the tensors, until the block ends.

    Gives the other tensors.
    """
    others = {name: one for name, one in floating.items() if name != PAIR_FEATURES}
    layers = _pairs_of(model) if PAIR_FEATURES in floating else []
    for layer in layers:
        layer.call = lambda *_, **__: floating[PAIR_FEATURES]  # type: ignore[method-assign]
    try:
        yield others
    finally:
        for layer in layers:
            del layer.call


def _floating(tensors: Tensors) -> Tensors:
    return {name: one for name, one in tensors.items() if np.issubdtype(one.dtype, np.floating)}


def _of_tensorflow(model: keras.Model) -> Any:
    import tensorflow as tf

    # One graph for all numbers of particles.
    @tf.function(reduce_retracing=True)
    def derived(floating: Any, whole: Any, weights: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(floating)
            with _given_pairs(model, floating) as others:
                logits = tf.cast(model({**others, **whole}, training=False), weights.dtype)
            decided = tf.reduce_sum(logits * weights)
        return tape.gradient(decided, floating, unconnected_gradients="zero")

    def gradients(tensors: Tensors, weights: np.ndarray) -> Any:
        floating = {name: tf.constant(one) for name, one in _floating(tensors).items()}
        whole = {name: tf.constant(one) for name, one in tensors.items() if name not in floating}
        return derived(floating, whole, tf.constant(weights))

    return gradients


def _of_jax(model: keras.Model) -> Any:
    import jax

    def decided(floating: Any, whole: Any, weights: Any, trained: Any, held: Any) -> Any:
        with _given_pairs(model, floating) as others:
            given = {**others, **whole}
            logits, _ = model.stateless_call(trained, held, given, training=False)
        return (logits * weights).sum()

    derived = jax.jit(jax.grad(decided))

    def gradients(tensors: Tensors, weights: np.ndarray) -> Any:
        floating = _floating(tensors)
        whole = {name: one for name, one in tensors.items() if name not in floating}
        trained = [variable.value for variable in model.trainable_variables]
        held = [variable.value for variable in model.non_trainable_variables]
        return derived(floating, whole, weights, trained, held)

    return gradients
