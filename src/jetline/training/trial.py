"""One trial of a scan: a training of which only the record is kept."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from jetline.core.errors import TrainingFailedError
from jetline.records.history import HISTORY, History
from jetline.records.scan import Trial
from jetline.records.training import TRAINING, TrainingRecord
from jetline.scans.points import measure_of
from jetline.training.job import run_training

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from jetline.records.scan import Values
    from jetline.records.training import StartedTraining
    from jetline.training.job import Request, Tracker

#: Record of a trial in its folder.
TRIAL = "trial.json"
#: Folder within it of the files of the training, while it lasts.
_TRAINING = ".training"


def run_trial(
    request: Request,
    values: Values,
    device: str,
    folder: Path,
    checkpoints: Path,
    start_tracking: Callable[[StartedTraining], AbstractContextManager[Tracker]],
) -> None:
    """Train, and write ``trial.json``: what the validation part says, or why the training failed.

    Test jets are never read.

    Parameters
    ----------
    request : Request
        What to train, on what; the label ends in the trial's number.
    values : dict
        Of the settings that are scanned.
    device, folder, checkpoints, start_tracking
        As of `run_training`.
    """
    measure = measure_of(request.architecture.model_dump(mode="json"))
    number = int(request.label.rpartition("--")[2])
    told = {"number": number, "values": values, "measure": measure}
    training = Path(folder) / _TRAINING
    shutil.rmtree(training, ignore_errors=True)  # of a job that was killed
    try:
        run_training(request, device, training, checkpoints, start_tracking)
    except TrainingFailedError as error:
        print(f"this trial failed, which decides against its settings:\n{error}", flush=True)
        trial = Trial(**told, failure=f"{error.where}: {error.found}")
        shutil.rmtree(checkpoints, ignore_errors=True)
    else:
        record = TrainingRecord.read(training / TRAINING)
        best = History.read(training / HISTORY).rows[record.best_epoch - 1]
        shared = ("key", "epochs", "best_epoch", "seconds", "parameters", "mlflow_run_id")
        trial = Trial(
            **told, value=best[measure], **{name: getattr(record, name) for name in shared}
        )
    trial.write(Path(folder) / TRIAL)
    shutil.rmtree(training, ignore_errors=True)
