"""How large batches are in each epoch, how many steps there are, and what each class weighs."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from jetline.models import read_settings
from jetline.training.method import batch_size_of, class_weights_of, method_of, steps_of


def pfn(**training):
    return read_settings("pfn", {"epochs": 5, "batch_size": 100, "training": training})


def jets_of(labels, weights=None):
    """Give jets of such labels, as far as their weights are asked for."""
    return SimpleNamespace(labels=labels, weights=weights)


def test_batches_double_after_the_named_epochs_and_steps_are_counted_so():
    network = pfn(double_batch_after=[2, 4])
    assert [batch_size_of(network, epoch) for epoch in range(1, 6)] == [100, 100, 200, 200, 400]
    assert steps_of(network, 1050) == 11 + 11 + 6 + 6 + 3


@pytest.mark.parametrize(
    ("asked", "ratio"), [("balanced", 3.0), ({"gluon": 1.0, "quark": 2.5}, 2.5)]
)
def test_weights_of_classes_have_the_ratio_asked_for_and_a_mean_of_one(asked, ratio):
    labels = np.array([0] * 300 + [1] * 100)
    weights = class_weights_of(pfn(class_weights=asked), jets_of(labels), {})
    assert weights[1] / weights[0] == pytest.approx(ratio)
    assert weights[labels].mean() == pytest.approx(1)


def test_equal_weights_are_none():
    assert class_weights_of(pfn(), jets_of(np.array([0, 0, 1])), {}) is None


def test_the_recipe_decides_what_is_best_and_the_loss():
    by_loss, by_auc = method_of(pfn()).task, method_of(pfn(early_stopping="auc")).task
    assert (by_loss.decisive, by_loss.highest) == ("validation_loss", False)
    assert (by_auc.decisive, by_auc.highest) == ("validation_auc", True)
    assert method_of(pfn(label_smoothing=0.1)).task.loss.share == 0.1
    assert method_of(pfn()).rate is None
    assert method_of(pfn(schedule="plateau")).rate is not None
