"""`flatten` in the configuration: what it does not go together with."""

from __future__ import annotations

from configurations import LEAST, changed, mistake


def test_flattening_and_folds_are_refused():
    base = changed("flatten", value=["pt"])
    error = mistake(changed("folds", value=5, base=base))
    assert error.where == "configuration, flatten"
    assert error.found == "pt, beside folds: 5"


def test_an_observable_that_cannot_be_flattened_is_told_with_those_that_can():
    error = mistake(changed("flatten", value=["mass"]))
    assert error.where.startswith("configuration, flatten")
    assert "pt or rapidity" in error.expected


def test_pictures_have_no_spectrum():
    datasets = {"jets": {"source": "digits"}}
    values = LEAST | {
        "datasets": datasets,
        "flatten": ["pt"],
        "classes": list(map(str, range(10))),
        "architectures": {"cnn": {"inputs": "pictures"}},
    }
    assert mistake(values).found == "pt, of pictures"
