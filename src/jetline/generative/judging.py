"""Judging drawn jets: from files to a record, and distributions to draw."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.files import write_arrays
from jetline.core.randomness import generator
from jetline.generative.distributions import distributions
from jetline.generative.neighbours import nearest_distances
from jetline.generative.rows import Sample, judge_samples, species_shares
from jetline.generative.truth import FEWEST, JudgedJets, read_judged
from jetline.generative.verdicts import summary
from jetline.records.judgement import Judgement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.generative.judged_jets import Measured

#: Files of a judgement, in its folder.
JUDGEMENT, DISTRIBUTIONS = "judgement.json", "distributions.npz"

#: What all classes together are called.
ALL = "all"


def judge_drawn(
    drawn: Sequence[Path],
    truth: Sequence[Path],
    split: Path,
    classes: Sequence[str],
    seed: int,
    output: Path,
) -> Judgement:
    """Judge drawn jets, and write ``judgement.json`` and ``distributions.npz``.

    Parameters
    ----------
    drawn, truth, split, classes
        As `jetline.generative.truth.read_judged` takes them.
    seed : int
        The configuration's.
    output : Path
        Folder to write to.

    Raises
    ------
    JetlineError
        As `read_judged` raises it.
    """
    read = read_judged(drawn, truth, split, classes)
    samples = _samples(read)
    rows, shares = [], []
    for of, chosen in samples.items():
        random = generator(seed, "judge", of)
        rows += judge_samples(of, *chosen, random)
        shares += species_shares(of, *chosen[:2])
    record = Judgement(
        drawn=[path.name for path in drawn],
        truth=[path.name for path in truth],
        classes=tuple(classes),
        jets=read.numbers,
        seed=seed,
        rows=rows,
        shares=shares,
        warnings=_warnings(read),
        summary=summary(rows),
    )
    pairs = {of: (chosen[0].jets, chosen[1].jets) for of, chosen in samples.items()}
    write_arrays(Path(output) / DISTRIBUTIONS, **distributions(pairs))
    record.write(Path(output) / JUDGEMENT)
    return record


def _samples(read: JudgedJets) -> dict[str, tuple[Sample, Sample, Sample]]:
    """Give drawn jets, the test part and the bar of each class, and of all together."""
    true = read.reference.invariants.astype(np.float64)
    size = true.std(axis=0)
    size[size == 0] = 1

    def sample(jets: Measured, trained: np.ndarray | None = None) -> Sample:
        points = jets.invariants / size
        nearest = np.full(len(jets), np.inf)
        if len(read.training):
            nearest = nearest_distances(points, read.training / size)
        if trained is not None:
            nearest[trained] = np.nan
        return Sample(jets, points, nearest)

    roles = (sample(read.drawn), sample(read.reference), sample(read.bar, read.bar_trained))
    found = {}
    for number, name in enumerate(read.classes):
        if read.numbers.judged[name]:
            chosen = [one[np.flatnonzero(one.jets.labels == number)] for one in roles]
            found[name] = (chosen[0], chosen[1], chosen[2])
    if len(found) > 1:
        found[ALL] = (roles[0], roles[1][_in_proportion(roles[1], roles[0])], roles[2])
    return found


def _in_proportion(reference: Sample, drawn: Sample) -> np.ndarray:
    """Choose test jets so that classes have the shares that they have among the drawn jets."""
    numbers = np.bincount(drawn.jets.labels)
    there = np.bincount(reference.jets.labels, minlength=len(numbers))[: len(numbers)]
    judged = numbers > 0
    times = (there[judged] / numbers[judged]).min()
    wanted = np.floor(times * numbers + 1e-9).astype(np.int64)
    rows = [
        np.flatnonzero(reference.jets.labels == kind)[:number] for kind, number in enumerate(wanted)
    ]
    return np.sort(np.concatenate(rows))


def _warnings(read: JudgedJets) -> list[str]:
    """Tell what could not be judged, and what makes drawn jets doubtful."""
    told = []
    for name, judged in read.numbers.judged.items():
        there = read.numbers.drawn[name]
        if not judged:
            told.append(
                f"{name} jets are not judged: there are {there} drawn ones, and fewer than "
                f"{FEWEST} of them, of the test part or of other true jets."
            )
        elif judged < there:
            told.append(
                f"{judged} of {there} drawn {name} jets are judged, since there are no more other "
                "true jets to set beside them, or it is enough."
            )
    if not read.drawn.knows_species:
        told.append("Species of drawn jets are not known, and are not judged.")
    if not read.reference.knows_species:
        told.append("Species of true jets are not known, and are not judged.")
    if not len(read.training):
        told.append("There is no training part: copies of its jets are not looked for.")
    same = np.isin(
        _rows_as_one(read.drawn.invariants), _rows_as_one(read.reference.invariants)
    ).sum()
    if same:
        told.append(
            f"{same} drawn jets are jets of the test part: what they have in common with the truth "
            "says nothing."
        )
    return told


def _rows_as_one(values: np.ndarray) -> np.ndarray:
    """Give each row as one value that can be compared, (n_rows,)."""
    rows = np.ascontiguousarray(values)
    return rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
