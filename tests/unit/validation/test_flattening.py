"""Flattened spectra: the training jets of all classes are alike in them, and nothing else moves."""

from __future__ import annotations

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.inputs.flattening import flattening
from jetline.inputs.parts import TEST, TRAIN, VALIDATION, Parts
from jetline.jets.formats.npz import write_jets
from jetline.validation.measurement import measure
from jetline.validation.spectra import flattened


def spectra(number=20_000, classes=2, seed=1):
    """A split of two files, labels, and (pt, rapidity) that differ by class."""
    numbers = np.random.default_rng(seed)
    labels = numbers.integers(classes, size=number)
    pt = 500 + 50 * numbers.beta(1 + labels, 2)
    rapidity = np.abs(numbers.normal(0, 0.5 + 0.3 * labels))
    parts = numbers.choice([TRAIN, VALIDATION, TEST], size=number, p=[0.6, 0.2, 0.2])
    halves = [np.arange(number // 2), np.arange(number // 2, number)]
    split = Parts(["a", "b"], [parts[h].astype(np.uint8) for h in halves], ["1", "2"])
    observed = np.column_stack([pt, rapidity])
    return split, [labels[h] for h in halves], [observed[h] for h in halves]


def moments(split, labels, observed, weights, part):
    """Weighted mean and deviation of both observables, by class."""
    chosen = np.concatenate(split.parts) == part
    every, values = np.concatenate(labels)[chosen], np.concatenate(observed)[chosen]
    own = np.concatenate(weights)[chosen]
    found = []
    for one in np.unique(every):
        of_class = every == one
        mean = np.average(values[of_class], axis=0, weights=own[of_class])
        square = np.average(values[of_class] ** 2, axis=0, weights=own[of_class])
        found.append([mean, np.sqrt(square - mean**2)])
    return np.array(found)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_spectra_of_all_classes_are_alike(classes):
    split, labels, observed = spectra(classes=classes)
    equal = [np.ones(len(part)) for part in split.parts]
    before = moments(split, labels, observed, equal, TRAIN)
    weights = flattening(split, labels, observed)
    for part, within in ((TRAIN, 0.1), (VALIDATION, 0.2)):
        after = moments(split, labels, observed, weights, part)
        assert np.all(np.ptp(after, axis=0)[0] < within * np.ptp(before, axis=0)[0])
    # The test part has its own weights, of which there are none.
    assert np.all(np.concatenate(weights)[np.concatenate(split.parts) == TEST] == 1)


def test_each_class_keeps_its_sum_and_its_own_weights_count(tmp_path):
    split, labels, observed = spectra()
    own = [np.random.default_rng(3).uniform(0.5, 2, len(part)) for part in split.parts]
    weighted = Parts(split.files, split.parts, split.sha256, weights=own)
    weights = np.concatenate(flattening(weighted, labels, observed))
    training = np.concatenate(split.parts) == TRAIN
    for one in (0, 1):
        chosen = training & (np.concatenate(labels) == one)
        assert weights[chosen].sum() == pytest.approx(np.concatenate(own)[chosen].sum(), rel=1e-5)
    made = Parts(split.files, split.parts, split.sha256, weights=own, training_weights=own)
    made.write(tmp_path / "parts.npz")
    np.testing.assert_array_equal(Parts.read(tmp_path / "parts.npz").training_weights[1], own[1])


def test_jets_without_like_of_another_class_weigh_nothing(capsys):
    split, labels, observed = spectra()
    for values, of_file in zip(observed, labels, strict=True):
        values[(of_file == 1) & (values[:, 0] > 530), 0] = 510
    weights = np.concatenate(flattening(split, labels, [one[:, :1] for one in observed]))
    pt = np.concatenate(observed)[:, 0]
    training = np.concatenate(split.parts) == TRAIN
    beyond = training & (pt > 535)
    assert beyond.any()
    assert not weights[beyond].any()
    assert "without like of another class weigh nothing" in capsys.readouterr().out


def test_validation_jets_do_not_decide():
    split, labels, observed = spectra()
    weights = flattening(split, labels, observed)
    for values, part in zip(observed, split.parts, strict=True):
        values[part != TRAIN] = 501, 0.1
    changed = flattening(split, labels, observed)
    training = np.concatenate(split.parts) == TRAIN
    np.testing.assert_array_equal(
        np.concatenate(weights)[training], np.concatenate(changed)[training]
    )


def test_what_was_measured_is_flattened_and_faults_are_told(jets, tmp_path):
    write_jets(tmp_path / "jets.npz", *jets)
    measure(tmp_path / "jets.npz").write(tmp_path / "measured.npz")
    split = Parts(["jets"], [np.zeros(len(jets[1]), np.uint8)], ["1"])
    made = flattened(split, [tmp_path / "measured.npz"], ["pt"])
    assert made.weights is None
    assert len(made.training_weights[0]) == len(jets[1])
    with pytest.raises(JetlineError) as caught:
        flattened(split, [tmp_path / "measured.npz"], ["pT"])
    assert caught.value.found == "pT"
    with pytest.raises(JetlineError) as caught:
        flattened(split, [], ["pt"])
    assert caught.value.where == "--measured"
    one_class = Parts(["jets"], [np.where(jets[1] == 1, TRAIN, TEST).astype(np.uint8)], ["1"])
    with pytest.raises(JetlineError) as caught:
        flattened(one_class, [tmp_path / "measured.npz"], ["pt"])
    assert caught.value.found == "training jets of one class"
