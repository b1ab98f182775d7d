"""Learning rates follow the curves that their papers draw."""

from __future__ import annotations

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from jetline.models.training_recipe import TrainingRecipe
from jetline.training.optimisers import make_optimiser
from jetline.training.schedules import plateau_rate, schedule_of

STEPS = 1000


def rates(schedule, peak=3e-3, steps=STEPS, **recipe):
    """The rate of each step of a training, and the one after the last."""
    rate = schedule_of(TrainingRecipe(schedule=schedule, **recipe), peak, steps)
    if isinstance(rate, float):
        return np.full(steps + 1, rate)
    return np.array([float(rate(step)) for step in range(steps + 1)])


#: Of each schedule, (step, share of the largest rate) between which it is a straight line.
CORNERS = {
    "constant": [(0, 1), (1000, 1)],
    "plateau": [(0, 1), (1000, 1)],
    "warm-up": [(0, 1 / 50), (50, 1), (1000, 1)],
    "one-cycle": [(0, 0.1), (400, 1), (800, 0.1), (1000, 5e-7 / 3e-3)],
}


@pytest.mark.parametrize("schedule", list(CORNERS))
def test_rates_are_straight_lines_from_corner_to_corner(schedule):
    steps, shares = zip(*CORNERS[schedule], strict=True)
    expected = 3e-3 * np.interp(np.arange(STEPS + 1), steps, shares)
    np.testing.assert_allclose(rates(schedule), expected, rtol=2e-4)


def test_a_cosine_rises_over_its_warm_up_and_falls_to_nothing():
    found = rates("cosine", warm_up=0.1)
    fall = np.arange(STEPS - 100 + 1) / (STEPS - 100)
    np.testing.assert_allclose(found[:101], 3e-3 * np.interp(range(101), [0, 100], [0.01, 1]), 1e-5)
    np.testing.assert_allclose(found[100:], 1.5e-3 * (1 + np.cos(np.pi * fall)), atol=1e-9)


def test_a_flat_rate_stays_for_70_percent_and_falls_exponentially_to_1_percent():
    found = rates("flat-exponential")
    np.testing.assert_allclose(found[:701], 3e-3, rtol=1e-6)
    np.testing.assert_allclose(found[700:], 3e-3 * 0.01 ** (np.arange(301) / 300), rtol=1e-5)


@pytest.mark.parametrize("schedule", ["warm-up", "cosine", "one-cycle", "flat-exponential"])
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_the_shortest_trainings_have_finite_rates_and_a_first_step_that_teaches(schedule, steps):
    found = rates(schedule, steps=steps)
    assert np.isfinite(found).all()
    assert 0 < found[0] <= 3.001e-3
    assert (found <= 3.001e-3).all()


def history(*values, column="validation_loss"):
    return [{column: value} for value in values]


PLATEAU = TrainingRecipe(schedule="plateau")


@pytest.mark.parametrize(
    ("losses", "divisions"),
    [
        ([], 0),
        ([1, 0.9, 0.8], 0),
        ([0.8, 0.9], 0),
        ([0.8, 0.9, 0.8], 1),
        ([0.8, 0.9, 0.9, 0.9], 1),
        ([0.8, 0.9, 0.9, 0.9, 0.9], 2),
        ([0.8, 0.9, 0.7, 0.9], 0),
        ([0.8, 0.9, 0.9, 0.7, 0.9, 0.9], 2),
    ],
)
def test_a_plateau_divides_the_rate_after_each_half_of_the_patience_without_gain(losses, divisions):
    found = plateau_rate(PLATEAU, 1e-3, 5, history(*losses), "validation_loss")
    assert found == pytest.approx(1e-3 / 5**divisions)


def test_the_plateau_of_an_auc_is_where_it_does_not_rise():
    recipe = TrainingRecipe(schedule="plateau", early_stopping="auc")
    for aucs, expected in (([0.7, 0.8, 0.9], 1e-3), ([0.9, 0.8, 0.7], 2e-4)):
        rows = history(*aucs, column="validation_auc")
        assert plateau_rate(recipe, 1e-3, 4, rows, "validation_auc") == pytest.approx(expected)


def test_a_plateau_of_no_patience_waits_for_one_epoch():
    assert plateau_rate(PLATEAU, 1.0, 1, history(1, 2), "validation_loss") == pytest.approx(0.2)


def test_other_schedules_know_no_plateau():
    assert plateau_rate(TrainingRecipe(), 1.0, 1, history(1, 2, 3), "validation_loss") == 1.0


@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_the_rate_of_an_optimiser_is_that_of_its_next_step(precision):
    """As `history.csv` has it."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    recipe = TrainingRecipe(schedule="one-cycle")
    rate = schedule_of(recipe, 3e-3, 10)
    optimiser = make_optimiser(recipe, rate, model)
    if precision == "float16":
        optimiser = keras.optimizers.LossScaleOptimizer(optimiser)
    for step in range(4):
        assert float(optimiser.learning_rate) == pytest.approx(float(rate(step)))
        optimiser.apply([np.ones(v.shape) for v in model.trainable_variables], model.weights)
    assert float(rate(4)) > 2 * float(rate(0))


@pytest.mark.slow
def test_schedules_are_the_same_on_jax():
    code = """
import jax
from jetline.models.training_recipe import TrainingRecipe
from jetline.training.schedules import schedule_of
for name in ("warm-up", "cosine", "one-cycle", "flat-exponential"):
    rate = schedule_of(TrainingRecipe(schedule=name), 3e-3, 10)
    print(*(float(jax.jit(rate)(step)) for step in range(11)))
"""
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    )
    found = np.array([line.split() for line in run.stdout.splitlines()], float)
    names = ("warm-up", "cosine", "one-cycle", "flat-exponential")
    np.testing.assert_allclose(found, [rates(n, steps=10) for n in names], rtol=1e-5, atol=1e-9)
