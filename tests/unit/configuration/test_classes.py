"""The classes of a configuration, and what does not go together with them."""

import pytest

from configurations import changed, mistake, pasted
from jetline.configuration.reading import read_configuration

FIVE = ["gluon", "quark", "w", "z", "top"]


def test_a_dataset_whose_jets_are_of_other_classes_is_refused(tmp_path):
    values = changed("classes", value=FIVE)
    values["datasets"] = {"jets": {"source": "sample"}}
    error = mistake(values)
    assert error.where == "configuration, datasets.jets"
    assert error.found == "jets of gluon, quark, beside classes: [gluon, quark, w, z, top]"
    read_configuration(pasted(error, values))


@pytest.mark.parametrize("classes", [["a"], ["a", "a"], ["a", "rest"], ["A", "b"], ["a,b", "c"]])
def test_names_of_classes_are_two_or_more_and_plain(classes):
    values = changed("classes", value=classes)
    values["datasets"] = {"jets": {"source": "files", "paths": ["jets.npz"]}}
    assert mistake(values).where.startswith("configuration, classes")


def test_class_weights_name_every_class():
    values = changed(
        "architectures", "pfn", "training", value={"class_weights": {"gluon": 1, "down": 2}}
    )
    error = mistake(values)
    assert error.where == "configuration, architectures.pfn.training.class_weights"
    assert error.found == "weights of gluon, down"
    assert "class_weights: {gluon: 1.0, quark: 1.0}" in error.remedy
