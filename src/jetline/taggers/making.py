"""The folder of a tagger that is taken away: its weights, its record and its card."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from jetline import __version__
from jetline.core.errors import JetlineError
from jetline.core.files import atomic, sha256_of
from jetline.inputs.parts import TRAIN, Parts
from jetline.records.card import CARD, Card, CardTest
from jetline.records.evaluation import EvaluationRecord
from jetline.records.examination import Examination
from jetline.records.training import TRAINING, TrainingRecord
from jetline.taggers.ranges import ranges_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from jetline.records.calibration import CalibrationError

MODEL = "model.keras"


def write_card(
    training: Path,
    evaluations: Sequence[Path],
    examinations: Sequence[Path],
    parts: Path,
    jet_files: Sequence[Path],
    datasets: Mapping[str, Mapping[str, Any]],
    output: Path,
) -> Card:
    """Make the folder of a tagger, which anybody can score jets with, from a training.

    Parameters
    ----------
    training : Path
        Folder of the training.
    evaluations : sequence of Path
        Its ``metrics.json`` on each dataset.
    examinations : sequence of Path
        The run's ``examination.json`` of datasets of two classes.
    parts : Path
        Split of the dataset trained on.
    jet_files : sequence of Path
        Its jet files, in the order of the split; none of pictures.
    datasets : mapping
        Settings of the source of each dataset.
    output : Path
        The folder.

    Raises
    ------
    JetlineError
        If a file cannot be read, or an evaluation is of another training.
    """
    record = TrainingRecord.read(training / TRAINING)
    examined = [Examination.read(path) for path in examinations]
    tests = [
        _test(record, path, EvaluationRecord.read(path), examined, datasets) for path in evaluations
    ]
    split = Parts.read(parts)
    files = list(zip(jet_files, split.parts, strict=True)) if jet_files else []
    ranges = ranges_of([path for path, _ in files], [part == TRAIN for _, part in files])
    with atomic(output / MODEL) as temporary:
        shutil.copyfile(training / MODEL, temporary)
    # Whoever gets the folder has neither that machine nor its MLflow.
    record.model_copy(update={"host": "", "slurm_job": None, "mlflow_run_id": None}).write(
        output / TRAINING
    )
    card = Card(
        label=record.label,
        seed=record.seed,
        training=record.key,
        sha256=sha256_of(output / MODEL),
        dataset=record.dataset,
        settings=dict(datasets[record.dataset]),
        jets=dict(record.jets),
        ranges=ranges,
        tests=sorted(tests, key=lambda test: test.dataset != record.dataset),
        jetline=__version__,
    )
    card.write(output / CARD)
    return card


def _test(
    record: TrainingRecord,
    path: Path,
    evaluated: EvaluationRecord,
    examined: Sequence[Examination],
    datasets: Mapping[str, Mapping[str, Any]],
) -> CardTest:
    if evaluated.training != record.key:
        raise JetlineError(
            str(path),
            found=f"the figures of merit of training {evaluated.training}",
            expected=f"those of {record.label}, seed {record.seed}, training {record.key}",
            remedy="evaluate again: jetline evaluate",
        )
    return CardTest(
        dataset=evaluated.dataset,
        settings=dict(datasets[evaluated.dataset]),
        jets=evaluated.jets,
        figures=evaluated.figures,
        calibration=_calibration(record, evaluated.dataset, examined),
    )


def _calibration(
    record: TrainingRecord, dataset: str, examined: Sequence[Examination]
) -> CalibrationError | None:
    return next(
        (
            one.before
            for examination in examined
            if examination.dataset == dataset
            for one in examination.calibrations
            if (one.label, one.seed) == (record.label, record.seed)
        ),
        None,
    )
