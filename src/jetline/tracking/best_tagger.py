"""The best tagger of a comparison in MLflow's registry of models."""

from __future__ import annotations

import contextlib
from statistics import mean
from typing import TYPE_CHECKING, Any

from mlflow.exceptions import MlflowException

from jetline.tracking.address import is_server
from jetline.tracking.tables import taggers_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import mlflow
    from mlflow.entities.model_registry import ModelVersion

    from jetline.records.comparison import ComparisonRecord

#: Tag of a version with the id of the model that it is.
_MODEL = "jetline.model"


def register_best(
    client: mlflow.MlflowClient,
    run: str,
    compared: ComparisonRecord,
    trainings: Sequence[dict[str, Any]],
) -> str:
    """Register the best tagger as the model ``jetline-<run>``, alias ``best``; give its version.

    It is of the label with the lowest mean validation loss the seed with the lowest. Test figures
    stand in the description; they do not choose.

    Parameters
    ----------
    client : MlflowClient
        Of the tracking server or database.
    run : str
        Name of the comparison.
    compared : ComparisonRecord
        The comparison.
    trainings : sequence of dict
        What `jetline track` wrote of each training.
    """
    runs = {one["run_id"]: client.get_run(one["run_id"]) for one in trainings}
    losses: dict[str, dict[str, float]] = {}
    for run_id, one in runs.items():
        label = one.data.params["label"]
        losses.setdefault(label, {})[run_id] = one.data.metrics["best_validation_loss"]
    label = min(losses, key=lambda label: mean(losses[label].values()))
    best = min(losses[label], key=losses[label].__getitem__)
    model_id = next(one["model_id"] for one in trainings if one["run_id"] == best)
    name = f"jetline-{run}"
    with contextlib.suppress(MlflowException):  # it is there already
        client.create_registered_model(name)
    known = [
        one
        for one in client.search_model_versions(f"name = '{name}'")
        if one.tags.get(_MODEL) == model_id
    ]
    version = known[0] if known else _new_version(client, name, best, model_id)
    rows = [row for row in compared.rows if row.label == label]
    text = f"{runs[best].info.run_name}: the label with the lowest mean validation loss "
    text += f"({mean(losses[label].values()):.4f}), its best seed. On test "
    text += "jets, which did not choose it:\n\n"
    classes = compared.trainings[0].classes
    tables = [taggers_table(row.dataset, [row], classes) for row in rows]
    client.update_model_version(name, version.version, description=text + "\n\n".join(tables))
    client.set_registered_model_alias(name, "best", version.version)
    return str(version.version)


def _new_version(
    client: mlflow.MlflowClient, name: str, run_id: str, model_id: str
) -> ModelVersion:
    # Where there is no server between, MLflow looks a model's id up in another database: that of
    # its default address.
    source = f"models:/{model_id}"
    if not is_server(client.tracking_uri):
        source = client.get_logged_model(model_id).artifact_location
    return client.create_model_version(
        name, source, run_id=run_id, model_id=model_id, tags={_MODEL: model_id}
    )
