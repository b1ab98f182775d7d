"""Mistakes in an entry's `training`, and in its steps of augmentation, are told where they are."""

from __future__ import annotations

import pytest

from configurations import changed, mistake, mistakes, pasted
from jetline.configuration.reading import read_configuration
from jetline.configuration.schema import Configuration
from jetline.inputs.augmentation import AUGMENTATION_STEPS

AUGMENTATION = ("architectures", "pfn", "training", "augmentation")


def trained(**keys):
    return changed("architectures", "pfn", "training", value=keys)


def augmented(*steps):
    return changed(*AUGMENTATION, value=list(steps))


@pytest.mark.parametrize(
    ("keys", "place", "expected"),
    [
        ({"clip": -1}, ".clip", "more than 0 (largest norm"),
        ({"weight_decay": "a"}, ".weight_decay", "a number (share of each weight"),
        ({"double_batch_after": [3, 2]}, ".double_batch_after", "rising numbers"),
        ({"class_weights": "balancd"}, ".class_weights", "equal or balanced"),
        ({"class_weights": {"gluon": "a", "quark": 1}}, ".class_weights.gluon", "a number"),
        ({"augmentation": {"step": "rotate"}}, ".augmentation", "a list in square brackets"),
        ({"augmentation": "rotate"}, ".augmentation", "a list in square brackets"),
    ],
)
def test_a_wrong_value_is_told_by_the_description_of_its_own_key(keys, place, expected):
    values = trained(**keys)
    error = mistake(values)
    assert error.where == f"configuration, architectures.pfn.training{place}"
    assert error.expected.startswith(expected)
    # `up` has to go, and what is pasted comes beside it.
    if error.remedy.startswith("paste") and not place.endswith(".up"):
        read_configuration(pasted(error, values))


def test_a_recipe_that_is_none_is_told_the_published_one():
    values = changed("architectures", "pfn", "training", value="publishd")
    error = mistake(values)
    assert "`published`" in error.expected
    assert pasted(error, values)["architectures"]["pfn"]["training"] == "published"


@pytest.mark.parametrize(
    ("values", "remedy"),
    [
        (trained(optimizer="lion"), "did you mean optimiser?"),
        (trained(epochs=3), "move it to an entry of architectures"),
        (
            changed("architectures", "pfn", "optimiser", value="lion"),
            "move it to an entry's training",
        ),
        (augmented({"step": "smear", "angl": 0.1}), "did you mean angle?"),
        (augmented({"step": "reflect", "pixels": 1}), "remove the key; it belongs to translate"),
    ],
)
def test_an_unknown_key_is_told_where_it_belongs(values, remedy):
    error = mistake(values)
    assert error.found.startswith("unknown key")
    assert error.remedy.startswith(remedy)


@pytest.mark.parametrize(
    ("step", "found", "paste"),
    [
        ({"step": "rotat"}, 'step "rotat"', None),
        ({}, "no key `step`", [{"step": "rotate"}]),
        ("smear", '"smear"', [{"step": "smear"}]),
        ({"step": "smear", "pt": -1, "angle": 0.1}, "-1", None),
        ({"step": "drop", "z": "soft"}, '"soft"', None),
    ],
)
def test_a_wrong_step_is_told_what_to_write(step, found, paste):
    values = augmented({"step": "rotate"}, step)
    error = mistake(values)
    assert error.where.startswith("configuration, architectures.pfn.training.augmentation[1]")
    assert error.found == found
    if step == {"step": "rotat"}:
        assert error.remedy == "did you mean rotate?"
        return
    corrected = pasted(error, values)
    read_configuration(corrected)
    if paste:
        assert corrected["architectures"]["pfn"]["training"]["augmentation"] == paste


def test_a_wrong_strength_is_answered_by_the_same_steps_with_its_default():
    values = augmented({"step": "rotate"}, {"step": "smear", "pt": -1, "angle": 0.1})
    error = mistake(values)
    assert error.where.endswith(".augmentation[1].pt")
    assert pasted(error, values) == augmented(
        {"step": "rotate"}, {"step": "smear", "pt": 0.02, "angle": 0.1}
    )


def test_every_mistake_is_told():
    values = augmented({"step": "smear", "pt": -1}, {"step": "turn"}, {"step": "drop", "z": 2})
    assert [error.where.rpartition("augmentation")[2] for error in mistakes(values)] == [
        "[0].pt",
        "[1]",
        "[2].z",
    ]


# Steps that inputs cannot take


def with_images(recipe, *steps):
    entry = {"inputs": f"images/{recipe}", "training": {"augmentation": list(steps)}}
    values = changed("architectures", value={"resnet": entry})
    values["recipes"] = {
        "turned": {"rotate": True},
        "mirrored": {"flip": True},
        "aside": {"rapidity": [0, 0.8]},
        "detector": {"centring": "none", "rapidity": [-1, 1], "azimuth": [0, 6.2]},
        "counts": {"channels": [{"weight": "count"}]},
    }
    return values


REFUSED = [
    ("pt", {"step": "split"}, "split for images"),
    ("notebook", {"step": "rotate"}, "rotate for images that are not centred"),
    ("turned", {"step": "rotate"}, "rotate for images with rotate, which turn"),
    ("mirrored", {"step": "rotate"}, "rotate for images with flip, which turn"),
    ("mirrored", {"step": "reflect"}, "reflect for images with flip, which mirror"),
    ("aside", {"step": "reflect"}, "reflect for images whose window in rapidity"),
    ("pt", {"step": "smear", "angle": 0.01}, "smear for images with an `angle`"),
    ("counts", {"step": "smear"}, "smear for images that count"),
    ("pt", {"step": "drop", "pt": 1}, "drop for images with a `pt`"),
    ("counts", {"step": "drop"}, "drop for images that count"),
]


@pytest.mark.parametrize(("recipe", "step", "found"), REFUSED)
def test_a_step_that_images_cannot_take_is_refused_before_anything_runs(recipe, step, found):
    values = with_images(recipe, {"step": "translate"}, step)
    error = mistake(values)
    assert error.where == "configuration, architectures.resnet.training.augmentation[1]"
    assert error.found.startswith(found)
    assert f"images/{recipe} can take: " in error.expected
    corrected = pasted(error, values)
    read_configuration(corrected)
    steps = corrected["architectures"]["resnet"]["training"]["augmentation"]
    assert steps[0] == {"step": "translate"}
    # What is wrong is one strength: the step stays without it.
    assert steps[1:] == ([{"step": step["step"]}] if len(step) > 1 else [])


@pytest.mark.parametrize(
    ("recipe", "step"),
    [
        ("turned", {"step": "reflect"}),
        ("detector", {"step": "reflect"}),
        ("aside", {"step": "reflect", "direction": "azimuth"}),
        ("aside", {"step": "rotate"}),
        ("notebook", {"step": "translate"}),
        ("color", {"step": "drop"}),
    ],
)
def test_a_step_that_images_can_take_is_none_of_these(recipe, step):
    read_configuration(with_images(recipe, step))


def test_particles_are_not_shifted_and_told_what_they_can_take():
    values = augmented({"step": "rotate"}, {"step": "translate"})
    error = mistake(values)
    assert error.found == "translate for particles"
    assert error.expected == "steps that particles can take: drop, reflect, rotate, smear, split"
    assert pasted(error, values) == augmented({"step": "rotate"})


def test_observables_take_no_step():
    for name, one in AUGMENTATION_STEPS.items():
        assert one(step=name).unsuited("observables", None) == "observables"
    # The trees that take them have no `training` at all.
    error = mistake(changed("architectures", value={"observables": {"training": {}}}))
    assert error.found.startswith("unknown key")


def test_no_step_has_the_name_of_another_definition_of_the_schema():
    others = set(Configuration.model_json_schema()["$defs"])
    assert not others & {step.__name__ for step in AUGMENTATION_STEPS.values()}
