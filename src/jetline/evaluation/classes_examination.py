"""What taggers of more than two classes reach by class: computed and written as data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.files import write_text
from jetline.evaluation.calibration import calibrations
from jetline.evaluation.confusions import confusions
from jetline.evaluation.examination import table
from jetline.evaluation.separations import separations
from jetline.records.classes_examination import ClassCalibration, ClassesExamination

if TYPE_CHECKING:
    from pathlib import Path

    from jetline.evaluation.shared_jets import SharedJets, TaggerScores

CLASSES = "classes.json"


def examine_classes(tested: SharedJets, seed: int) -> ClassesExamination:
    """Examine all taggers by class on the test jets of one dataset.

    Parameters
    ----------
    tested : SharedJets
        Jets of more than two classes.
    seed : int
        The configuration's seed, from which bootstrap and toys draw.
    """
    told, differences = separations(tested, seed)
    return ClassesExamination(
        dataset=tested.dataset,
        classes=tested.classes,
        jets=tested.by_class,
        labels=[tagger.label for tagger in tested.taggers],
        seeds={tagger.label: tagger.seeds for tagger in tested.taggers},
        separations=told,
        differences=differences,
        confusions=[
            one
            for tagger in tested.taggers
            for one in confusions(tested.labels, tagger, tested.weights)
        ],
        calibrations=[
            one for tagger in tested.taggers for one in _calibrations(tested, tagger, seed)
        ],
    )


def _calibrations(tested: SharedJets, tagger: TaggerScores, seed: int) -> list[ClassCalibration]:
    """Judge the probability of each class, its jets against all others."""
    found = []
    for number, kind in enumerate(tested.classes):
        own = tested.labels == number
        if not own.any() or own.all():
            continue
        of_class = replace(
            tagger,
            scores=tagger.scores[:, :, number].astype(np.float64),
            validated=[
                ((labels == number).astype(np.int64), scores[:, number].astype(np.float64), weights)
                for labels, scores, weights in tagger.validated
            ],
        )
        by_seed, mean = calibrations(
            own.astype(np.int64), of_class, tested.dataset, seed, tested.weights
        )
        found.append(ClassCalibration(kind=kind, mean=mean, by_seed=by_seed))
    return found


def write_classes_examination(record: ClassesExamination, output: Path) -> None:
    """Write an examination by class into a folder.

    Writes `classes.json`, and as CSV what tells two classes apart, differences in it, confusion
    matrices and calibrations.
    """
    write_text(output / "separations.csv", table(record.separations))
    write_text(output / "separation-differences.csv", table(record.differences))
    write_text(output / "confusions.csv", _long(record))
    write_text(output / "class-calibrations.csv", _judged(record))
    record.write(output / CLASSES)


def _long(record: ClassesExamination) -> str:
    """Write confusion matrices with a line for each entry."""
    import pandas as pd

    lines = [
        {"label": one.label, "asked": one.asked, "true": true, "taken_for": other}
        | {f"share_{key}".removesuffix("_value"): of for key, of in share.model_dump().items()}
        for one in record.confusions
        for true, row in zip(record.classes, one.shares, strict=True)
        for other, share in zip(record.classes, row, strict=True)
    ]
    return pd.DataFrame(lines, dtype=object).to_csv(index=False, lineterminator="\n")


def _judged(record: ClassesExamination) -> str:
    """Write the calibration errors of every class and training, as they are."""
    import pandas as pd

    lines = [
        {"label": one.label, "seed": one.seed, "class": of_class.kind} | one.before.model_dump()
        for of_class in record.calibrations
        for one in of_class.by_seed
    ]
    return pd.DataFrame(lines, dtype=object).to_csv(index=False, lineterminator="\n")
