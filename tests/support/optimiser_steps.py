"""Steps of optimisers along given gradients, by Keras and by plain NumPy from the papers.

Run as a program it writes what the backend's optimisers do; the tests hold that to `expected`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

import numpy as np

from jetline.models.training_recipe import TrainingRecipe

STEPS = 20


@dataclass(frozen=True)
class Case:
    """An optimiser to try: how it is made, and which of the gradients are not finite."""

    recipe: TrainingRecipe
    multipliers: dict[str, float] = field(default_factory=dict)
    precision: str = "float32"
    overflows: tuple[int, ...] = ()


def _case(optimiser: str, **more) -> Case:
    mine = {
        name: more.pop(name) for name in ("multipliers", "precision", "overflows") & more.keys()
    }
    return Case(TrainingRecipe(optimiser=optimiser, **more), **mine)


_ALL = {
    "weight_decay": 0.1,
    "clip": 1.5,
    "lookahead": True,
    "averaging": 0.8,
    "schedule": "flat-exponential",
    "multipliers": {"two": 0.3, "two/bias": 0.0, "one/bias": 4.0},
}

CASES = {
    **{name: _case(name) for name in ("adam", "adamw", "lion", "radam")},
    **{f"{name}, all": _case(name, **_ALL) for name in ("adam", "adamw", "lion", "radam")},
    "decay": _case("adam", weight_decay=0.1),
    "clip": _case("radam", clip=1.5),
    "lookahead": _case("adam", lookahead=True),
    "averaging": _case("adam", averaging=0.8),
    "multipliers": _case("lion", weight_decay=0.1, multipliers={"one": 0.2}),
    "scaled": _case("radam", **_ALL, precision="float16", overflows=(0, 3, 4, 11)),
}

RATE = 0.05
NAMES = ("one/kernel", "one/bias", "two/kernel", "two/bias")
SHAPES = ((4, 3), (3,), (3, 2), (2,))


def start() -> list[np.ndarray]:
    """Weights at the start."""
    random = np.random.default_rng(1)
    return [random.normal(size=shape) for shape in SHAPES]


def gradients(case: Case) -> list[list[np.ndarray]]:
    """Give the gradients of each step."""
    random = np.random.default_rng(2)
    steps = [[random.normal(0.1, size=shape) for shape in SHAPES] for _ in range(STEPS)]
    for step in case.overflows:
        steps[step][2][1, 1] = np.inf
    return steps


def found(case: Case) -> np.ndarray:
    """Weights after each step, then their averages, by the backend: (2, STEPS, n_weights)."""
    import keras

    from jetline.training.losses import cross_entropy
    from jetline.training.optimisers import averaged, make_optimiser
    from jetline.training.schedules import schedule_of
    from jetline.training.steps import keras_step

    def build():
        inputs = keras.Input((4,))
        one = keras.layers.Dense(3, name="one")(inputs)
        model = keras.Model(inputs, keras.layers.Dense(2, name="two")(one))
        model.set_weights(start())
        return model

    rate = schedule_of(case.recipe, RATE, STEPS)
    model = keras_step(
        build,
        lambda model: make_optimiser(case.recipe, rate, model, case.multipliers),
        cross_entropy,
        (),
        None,
        precision=case.precision,
    )
    apply, weights, averages = _apply(model), [], []
    for step in gradients(case):
        apply([np.float32(gradient) * _scale(model.optimizer) for gradient in step])
        weights.append(_flat(model.get_weights()))
        with averaged(model):
            averages.append(_flat(model.get_weights()))
        assert np.array_equal(weights[-1], _flat(model.get_weights()))
    return np.array([weights, averages])


def _scale(optimiser) -> np.float32:
    """By what the loss of the next step is multiplied."""
    return np.float32(optimiser.scale_loss(np.float32(1)))


def _apply(model):
    """A compiled function of gradients that steps, as Keras' own `fit` does on each backend."""
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.function(lambda grads: model.optimizer.apply(grads, model.trainable_variables))
    import jax

    step = jax.jit(model.optimizer.stateless_apply)

    def apply(grads):
        variables = model.optimizer.variables, model.trainable_variables
        own, weights = ([variable.value for variable in some] for some in variables)
        weights, own = step(own, grads, weights)
        for some, values in zip(variables, (own, weights), strict=True):
            for variable, value in zip(some, values, strict=True):
                variable.assign(value)

    return apply


def _flat(arrays) -> np.ndarray:
    return np.concatenate([np.ravel(array) for array in arrays])


def expected(case: Case) -> np.ndarray:
    """The same as `found`, from the papers' formulas in double precision."""
    recipe, weights, t = case.recipe, start(), 0
    factors = [_factor(name, case.multipliers) for name in NAMES]
    slow, average = [w.copy() for w in weights], [w.copy() for w in weights]
    first, second = ([np.zeros(shape) for shape in SHAPES] for _ in range(2))
    after, averages = [], []
    for step in gradients(case):
        if np.isfinite(_flat(step)).all():
            t += 1
            rate = RATE if recipe.schedule == "constant" else RATE * 0.01 ** max(0, (t - 15) / 6)
            norm = np.sqrt(sum(np.sum(g**2) for g in step))
            shrink = min(1, recipe.clip / norm) if recipe.clip else 1
            for n, gradient in enumerate(step):
                here = rate * factors[n]
                if weights[n].ndim > 1:
                    weights[n] = weights[n] * (1 - here * recipe.weight_decay)
                way = _RULES[recipe.optimiser](t, gradient * shrink, first[n], second[n])
                weights[n] = weights[n] - here * way
            if recipe.lookahead and t % 6 == 0:
                slow = [s + 0.5 * (w - s) for s, w in zip(slow, weights, strict=True)]
                weights = [s.copy() for s in slow]
            kept = min(recipe.averaging or 0, t / (9 + t))
            average = [kept * a + (1 - kept) * w for a, w in zip(average, weights, strict=True)]
        after.append(_flat(weights))
        averages.append(_flat(average))
    return np.array([after, averages])


def _factor(name: str, multipliers: dict[str, float]) -> float:
    layer = multipliers.get(name.split("/")[0], 1.0)
    return multipliers.get(name, layer)


def _moments(gradient, first, second, beta_1, beta_2) -> None:
    first += (1 - beta_1) * (gradient - first)
    second += (1 - beta_2) * (gradient**2 - second)


def _adam(t, gradient, first, second):
    """arXiv:1412.6980, algorithm 1, in the order of the end of its section 2, as in Keras."""
    _moments(gradient, first, second, 0.9, 0.999)
    return np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * first / (np.sqrt(second) + 1e-7)


def _lion(t, gradient, first, second):
    """arXiv:2302.06675, algorithm 2."""
    way = np.sign(0.9 * first + 0.1 * gradient)
    first += (1 - 0.99) * (gradient - first)
    return way


def _radam(t, gradient, first, second):
    """arXiv:1908.03265, algorithm 2, with 5 for 4 as in its authors' code."""
    _moments(gradient, first, second, 0.95, 0.999)
    average, longest = first / (1 - 0.95**t), 2 / (1 - 0.999) - 1
    length = longest - 2 * t * 0.999**t / (1 - 0.999**t)
    if length <= 5:
        return average
    shares = (length - 4) * (length - 2) * longest
    rectified = np.sqrt(shares / ((longest - 4) * (longest - 2) * length))
    return rectified * average * np.sqrt(1 - 0.999**t) / (np.sqrt(second) + 1e-5)


_RULES = {"adam": _adam, "adamw": _adam, "lion": _lion, "radam": _radam}

if __name__ == "__main__":
    np.savez(sys.argv[1], **{name: found(case) for name, case in CASES.items()})
