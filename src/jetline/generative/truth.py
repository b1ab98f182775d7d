"""Which jets drawn ones are compared with: the test part, other true jets, the training part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.classes import UNLABELLED, count_by_class
from jetline.core.errors import JetlineError
from jetline.core.files import sha256_of
from jetline.generative.judged_jets import Measured, invariants_of_file, measure_file
from jetline.inputs.parts import TEST, TRAIN, VALIDATION, Parts
from jetline.jets.reading import open_jets
from jetline.records.judgement import JetNumbers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: Jets of a class that are judged at most: JetNet's recommendation for its distances.
MOST = 50_000

#: Jets of a class below which nothing is judged.
FEWEST = 20


@dataclass(frozen=True)
class JudgedJets:
    """Drawn jets, and the true ones that they are held against.

    Attributes
    ----------
    classes : tuple of str
        Names by number.
    numbers : JetNumbers
        How many jets of each class there are.
    drawn, reference, bar : Measured
        The drawn jets, the test part, and as many other true jets as drawn ones of each class.
    bar_trained : (n,) bool array
        Which of the bar are of the training part.
    training : (n, 15) float32 array
        Invariants of the training part.
    """

    classes: tuple[str, ...]
    numbers: JetNumbers
    drawn: Measured
    reference: Measured
    bar: Measured
    bar_trained: np.ndarray
    training: np.ndarray


def read_judged(
    drawn: Sequence[Path], truth: Sequence[Path], split: Path, classes: Sequence[str]
) -> JudgedJets:
    """Read and measure drawn jets and the true ones to compare them with.

    Parameters
    ----------
    drawn : sequence of Path
        Files of drawn jets.
    truth : sequence of Path
        Jet files of the dataset that the generative model was trained on, in the split's order.
    split : Path
        The split of that dataset.
    classes : sequence of str
        Names by number.

    Raises
    ------
    JetlineError
        If a file breaks the format, drawn jets have no labels, the true files are not those of the
        split or have weights, or no class has enough jets.
    """
    parts = _read_split(split, truth)
    of_drawn = [_labels(path, classes) for path in drawn]
    of_truth = [_labels(path, classes) for path in truth]
    order = parts.by_content

    def in_part(part: int) -> list[np.ndarray]:
        return [of == part for of in parts.parts]

    def counts(chosen: Sequence[np.ndarray], labels: Sequence[np.ndarray]) -> np.ndarray:
        found = [label[one] for label, one in zip(labels, chosen, strict=True)]
        return np.bincount(np.concatenate(found), minlength=len(classes))[: len(classes)]

    there = counts([np.ones(len(one), bool) for one in of_drawn], of_drawn)
    test, other = in_part(TEST), in_part(VALIDATION)
    trained = in_part(TRAIN)
    number_of_test = np.minimum(counts(test, of_truth), MOST)
    others = counts(other, of_truth)
    judged = np.minimum(np.minimum(there, MOST), others + counts(trained, of_truth))
    few = (number_of_test < FEWEST) | (judged < FEWEST)
    _require_some(few, there, counts(test, of_truth), others, classes, split)
    judged, number_of_test = np.where(few, 0, judged), np.where(few, 0, number_of_test)

    test = _first(test, of_truth, number_of_test, order)
    other = _first(other, of_truth, np.minimum(judged, others), order)
    more = _first(trained, of_truth, judged - np.minimum(judged, others), order)
    chosen = _first([one < UNLABELLED for one in of_drawn], of_drawn, judged, range(len(drawn)))
    found: dict[str, list[Measured]] = {"test": [], "other": [], "more": []}
    seen = []
    for place in order:
        for name, roles in (("test", test), ("other", other), ("more", more)):
            found[name] += measure_file(truth[place], classes, roles[place])
        seen.append(invariants_of_file(truth[place], classes, trained[place]))
    bar = Measured.together([*found["other"], *found["more"]])
    n_trained = sum(map(len, found["more"]))
    pairs = zip(drawn, chosen, strict=True)
    measured = [one for path, rows in pairs for one in measure_file(path, classes, rows)]
    of_training = np.concatenate([one[rows] for one, rows in zip(of_truth, trained, strict=True)])
    return JudgedJets(
        tuple(classes),
        JetNumbers(
            drawn=_by_name(there, classes),
            judged=_by_name(judged, classes),
            reference=_by_name(number_of_test, classes),
            training=count_by_class(of_training, classes),
        ),
        Measured.together(measured),
        Measured.together(found["test"]),
        bar,
        np.arange(len(bar)) >= len(bar) - n_trained,
        np.concatenate(seen),
    )


def _by_name(counts: np.ndarray, classes: Sequence[str]) -> dict[str, int]:
    return {classes[place]: int(counts[place]) for place in reversed(range(len(classes)))}


def _first(
    chosen: Sequence[np.ndarray],
    labels: Sequence[np.ndarray],
    numbers: np.ndarray,
    order: Sequence[int],
) -> list[np.ndarray]:
    """Keep the first `numbers` of each class among the chosen jets, going through files in order.

    Jets of a file are independent of each other, so that the first are as good as any.
    """
    kept = [np.zeros(len(one), bool) for one in chosen]
    for kind, number in enumerate(numbers):
        left = int(number)
        for place in order:
            rows = np.flatnonzero(chosen[place] & (labels[place] == kind))[:left]
            kept[place][rows] = True
            left -= len(rows)
    return kept


def _labels(path: Path, classes: Sequence[str]) -> np.ndarray:
    labels = open_jets(path, classes).labels
    if (labels == UNLABELLED).any():
        raise JetlineError(
            f"{path}, array y",
            found="no array y",
            expected="the class of each jet, since jets are judged class by class",
            remedy="draw the jets again with jetline draw, or add the labels to the file",
        )
    return labels


def _read_split(path: Path, truth: Sequence[Path]) -> Parts:
    """Read the split, and hold the jet files against it."""
    parts = Parts.read(path)
    found = [sha256_of(file) for file in truth]
    if found != parts.sha256:
        pairs = zip(truth, found, parts.sha256, strict=False)
        other = next((f"; {file} is not the file" for file, one, two in pairs if one != two), "")
        raise JetlineError(
            "--truth",
            found=f"{len(truth)} files for a split of {len(parts.files)}{other}",
            expected=f"the jet files that {path} was made of, in its order",
            remedy="give all files of the dataset that the generative model was trained on, in the "
            "order of the configuration",
        )
    if parts.weights is not None:
        raise JetlineError(
            str(path),
            found="jets with weights",
            expected="true jets that all count the same, as drawn ones do",
            remedy="draw from a model that was trained on jets without weights",
        )
    return parts


def _require_some(
    few: np.ndarray,
    drawn: np.ndarray,
    test: np.ndarray,
    other: np.ndarray,
    classes: Sequence[str],
    split: Path,
) -> None:
    """Refuse jets of which no class can be judged."""
    if not few.all():
        return
    told = ", ".join(
        f"{name}: {drawn[place]} drawn, {test[place]} of the test part, {other[place]} of the "
        "validation part"
        for place, name in enumerate(classes)
    )
    raise JetlineError(
        f"drawn jets, and the split {split}",
        found=told,
        expected=f"of one class at least {FEWEST} drawn jets, {FEWEST} true ones in the test part, "
        "and as many outside it",
        remedy="draw more jets, or give the test part more of the jets",
    )
