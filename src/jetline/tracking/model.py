"""A tagger as a model of MLflow: logged with its run, and registered if it is the best."""

from __future__ import annotations

import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path
from shutil import copyfile
from typing import TYPE_CHECKING

import numpy as np
from mlflow.entities import LoggedModelOutput, LoggedModelStatus
from mlflow.models import Model, ModelSignature
from mlflow.types import Schema, TensorSpec

from jetline.core.files import sha256_of, short_hash
from jetline.records.training import TRAINING, read_tagger, single_taggers

if TYPE_CHECKING:
    from collections.abc import Callable

    import mlflow
    from mlflow.entities import Run

#: Tag of a model with the hash of its file, or of those of its folds.
_SHA256 = "jetline.sha256"

#: Two jets as an example of what a tagger takes: three constituents, and one that is padding.
_EXAMPLE = np.array(
    [
        [[412.0, 0.31, 1.20, 211], [98.5, 0.35, 1.17, 22], [20.1, 0.22, 1.31, 130], [0, 0, 0, 0]],
        [[230.0, -0.88, 4.02, 22], [180.7, -0.93, 4.10, -211], [105.2, -0.71, 3.97, 2212], [0] * 4],
    ]
)

#: What loads a tagger; without a list MLflow loads it in a process of its own to find out.
_PACKAGES = ("jetline", "keras", "tensorflow", "numpy", "numba")

#: Parameters of the run that the model shows.
_PARAMETERS = ("architecture", "inputs", "identity", "label", "seed", "dataset")


def log_tagger(client: mlflow.MlflowClient, run: Run, training: Path) -> str:
    """Log a tagger as the model ``model`` of its run, unless it is there, and give the model's id.

    ``mlflow.pyfunc.load_model("runs:/<run id>/model").predict(jets)`` takes raw jets,
    (n_jets, n_constituents, 4), and gives their scores. Nothing is pickled. That of a training in
    folds is all its taggers, whose mean it gives.

    Parameters
    ----------
    client : MlflowClient
        Of the tracking server or database.
    run : Run
        The run of the training.
    training : Path
        The training's folder.
    """
    taggers = single_taggers(training)
    hashes = [sha256_of(tagger / "model.keras") for tagger in taggers]
    sha256 = hashes[0] if len(hashes) == 1 else short_hash(hashes)
    models = client.search_logged_models(
        [run.info.experiment_id], filter_string=f"source_run_id = '{run.info.run_id}'"
    )
    for model in models:
        if model.tags.get(_SHA256) == sha256:
            return model.model_id
        client.delete_logged_model(model.model_id)
    # Not by `mlflow.pyfunc.log_model`, which loads the tagger to try the example: that takes longer
    # than all else here, and the tests do.
    model = client.create_logged_model(
        run.info.experiment_id,
        name="model",
        source_run_id=run.info.run_id,
        tags={_SHA256: sha256},
        params={name: run.data.params[name] for name in _PARAMETERS},
    )
    # Further features of particles are more columns of them.
    columns = 4 + len((read_tagger(training).view or {}).get("further", ()))
    with tempfile.TemporaryDirectory(prefix="jetline-") as temporary:
        tagger, saved = Path(temporary) / "tagger", Path(temporary) / "model"
        copies = {folder / name for folder in taggers for name in ("model.keras", TRAINING)}
        for original in copies | {training / TRAINING}:
            copied = tagger / original.relative_to(training)
            copied.parent.mkdir(parents=True, exist_ok=True)
            copyfile(original, copied)
        _save_model()(
            saved,
            mlflow_model=Model(
                artifact_path=model.artifact_location,
                model_uuid=model.model_id,
                run_id=run.info.run_id,
                model_id=model.model_id,
            ),
            loader_module="jetline.training.raw_jets",
            data_path=str(tagger),
            signature=_signature(columns),
            input_example=np.pad(_EXAMPLE, ((0, 0), (0, 0), (0, columns - 4))),
            pip_requirements=[f"{name}=={version(name)}" for name in _PACKAGES],
        )
        client.log_model_artifacts(model.model_id, str(saved))
    client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
    client.log_outputs(run.info.run_id, [LoggedModelOutput(model.model_id, step=0)])
    return model.model_id


def _signature(columns: int) -> ModelSignature:
    """Tell what a tagger takes and gives."""
    return ModelSignature(
        inputs=Schema([TensorSpec(np.dtype(np.float64), (-1, -1, columns))]),
        outputs=Schema([TensorSpec(np.dtype(np.float32), (-1,))]),
    )


def _save_model() -> Callable[..., None]:
    """Import what saves models: only here, as it takes seconds."""
    with warnings.catch_warnings():
        # MLflow warns of the types of its own messages.
        warnings.simplefilter("ignore", UserWarning)
        from mlflow.pyfunc import save_model
    return save_model
