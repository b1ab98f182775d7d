"""Optimisers step as their papers say, with all that a recipe adds, on both backends."""

from __future__ import annotations

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

import optimiser_steps
from jetline.core.errors import JetlineError
from jetline.models.training_recipe import TrainingRecipe
from jetline.training.optimisers import averaged, make_optimiser
from optimiser_steps import CASES, SHAPES, expected, found


def follows(weights, case):
    # Single precision, and roots of small sums of squares.
    np.testing.assert_allclose(weights, expected(CASES[case]), rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("case", list(CASES))
def test_twenty_steps_are_those_of_the_paper_on_tensorflow(case):
    follows(found(CASES[case]), case)


@pytest.fixture(scope="module")
def on_jax(tmp_path_factory):
    output = tmp_path_factory.mktemp("steps") / "jax.npz"
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, optimiser_steps.__file__, output]
    subprocess.run(command, env=environment, check=True)
    return np.load(output)


@pytest.mark.slow
@pytest.mark.parametrize("case", list(CASES))
def test_twenty_steps_are_those_of_the_paper_on_jax(case, on_jax):
    follows(on_jax[case], case)


def test_the_references_differ_where_the_recipes_do():
    ends = {case: expected(CASES[case])[:, -1] for case in CASES if "adamw" not in case}
    for case, end in ends.items():
        others = [other for name, other in ends.items() if name != case]
        assert min(np.abs(end - other).max() for other in others) > 1e-4, case


def network():
    inputs = keras.Input((4,))
    one = keras.layers.Dense(3, name="one")(inputs)
    return keras.Model(inputs, keras.layers.Dense(2, name="two", activation="softmax")(one))


def test_an_optimiser_has_all_of_its_variables_from_the_start():
    """So that a checkpoint, which has them as plain arrays, can be put into a new one."""
    recipe = TrainingRecipe(optimiser="radam", lookahead=True, averaging=0.99)
    optimiser = make_optimiser(recipe, 1e-3, network())
    paths = [variable.path for variable in optimiser.variables]
    assert len(paths) == len(set(paths)) == 2 + 4 * len(SHAPES)


def test_a_plain_recipe_gives_keras_own_optimiser():
    optimiser = make_optimiser(TrainingRecipe(), 1e-3, network())
    assert type(optimiser) is keras.optimizers.Adam
    assert optimiser.weight_decay is None


def fitted(model, epochs):
    jets = np.random.default_rng(3).normal(size=(96, 4)).astype(np.float32)
    labels = (jets[:, 0] > 0).astype(np.int32)
    for _ in range(epochs):
        model.fit(jets, labels, batch_size=32, verbose=0, shuffle=False)
    return jets


@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_the_average_takes_the_place_of_the_weights_only_as_long_as_asked(precision):
    model = network()
    optimiser = make_optimiser(TrainingRecipe(averaging=0.9), 0.05, model)
    if precision == "float16":
        optimiser = keras.optimizers.LossScaleOptimizer(optimiser)
    model.compile(optimiser, "sparse_categorical_crossentropy")
    jets = fitted(model, 3)
    raw, scores = model.get_weights(), model.predict(jets, verbose=0)
    with averaged(model):
        inside = model.get_weights()
        assert np.abs(model.predict(jets, verbose=0) - scores).max() > 1e-3
    assert all(np.array_equal(a, b) for a, b in zip(raw, model.get_weights(), strict=True))
    assert all(np.any(a != b) for a, b in zip(raw, inside, strict=True))
    # Another epoch goes on from the weights, not from their average.
    other = network()
    own = make_optimiser(TrainingRecipe(), 0.05, other)
    other.set_weights(raw)
    own.iterations.assign(9)
    inner = getattr(optimiser, "inner_optimizer", optimiser)
    for mine, theirs in zip(own.variables[1:], inner.variables[1:], strict=False):
        mine.assign(theirs)
    other.compile(own, "sparse_categorical_crossentropy")
    fitted(model, 1)
    fitted(other, 1)
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_an_error_under_the_average_leaves_the_weights_as_they_were():
    model = network()
    model.compile(make_optimiser(TrainingRecipe(averaging=0.5), 0.05, model), "mse")
    model.trainable_variables[0].assign(np.ones((4, 3)))
    raw = model.get_weights()
    with pytest.raises(ZeroDivisionError), averaged(model):
        1 / 0  # noqa: B018
    assert all(np.array_equal(a, b) for a, b in zip(raw, model.get_weights(), strict=True))


def test_without_an_average_nothing_takes_the_place_of_the_weights():
    model = network()
    model.compile(make_optimiser(TrainingRecipe(), 0.05, model), "sparse_categorical_crossentropy")
    raw = model.get_weights()
    with averaged(model):
        assert all(np.array_equal(a, b) for a, b in zip(raw, model.get_weights(), strict=True))


def test_a_multiplier_of_no_weight_is_told_with_the_names_there_are():
    with pytest.raises(JetlineError, match="one, two") as told:
        make_optimiser(TrainingRecipe(), 1e-3, network(), {"three": 0.1, "two": 1.0})
    assert told.value.found == "three"
