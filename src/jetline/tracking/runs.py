"""What every run in MLflow has, written so that what is missing can be made up for at any time."""

from __future__ import annotations

import getpass
import os
import re
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import tenacity
from mlflow.entities import Metric, Param
from mlflow.exceptions import MlflowException

from jetline import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import mlflow
    from mlflow.entities import DatasetInput, Run

    from jetline.records.evaluation import Estimate

#: Tag of a run with the hash of all that decides it.
KEY = "jetline.key"
#: Tag that tells what a run is: training, fold, trial, scan, cut or comparison.
KIND = "jetline.kind"
PARENT = "mlflow.parentRunId"
DESCRIPTION = "mlflow.note.content"

#: How databases tell that another process was first, or is at it. MLflow itself does not try again,
#: so of trainings that begin together on a new dataset all but the first would lose it.
_RACE = re.compile(
    r"constraint|duplicate key|locked|deadlock|could not serialize|try again", re.IGNORECASE
)


@dataclass
class Described:
    """What a run is told, whenever it is told it.

    Parameters
    ----------
    name : str
        Name of the run.
    tags, parameters : dict
        Values that are None are left out. Parameters never change.
    datasets : list of DatasetInput
        What it was made of.
    """

    name: str
    tags: dict[str, Any]
    parameters: dict[str, Any]
    datasets: list[DatasetInput] = field(default_factory=list)


def tags_of(kind: str, key: str, run: str, label: str) -> dict[str, Any]:
    """Give the tags that every run of ours has.

    Parameters
    ----------
    kind : str
        training, fold, trial, scan, cut or comparison.
    key : str
        Hash of all that decides it.
    run, label : str
        Name of the comparison, and of the tagger.
    """
    return {
        KIND: kind,
        KEY: key,
        "jetline.run": run,
        "jetline.label": label,
        "mlflow.source.name": f"jetline {__version__}",
        "mlflow.source.type": "JOB",
        "mlflow.user": _user(),
    }


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a number without a name, as in containers
        return str(os.getuid())


def again_after_races(call: Callable[[], Any]) -> Any:
    """Call, and call again where another process was writing the same at the same time."""
    return tenacity.Retrying(
        retry=tenacity.retry_if_exception(
            lambda error: isinstance(error, MlflowException) and bool(_RACE.search(str(error)))
        ),
        stop=tenacity.stop_after_attempt(8),
        wait=tenacity.wait_random_exponential(multiplier=0.2, max=5),
        reraise=True,
    )(call)


def create(client: mlflow.MlflowClient, experiment: str, described: Described) -> Run:
    """Create a run and tell it all."""
    tags = {name: str(value) for name, value in described.tags.items() if value is not None}
    run = again_after_races(
        lambda: client.create_run(experiment, tags=tags, run_name=described.name)
    )
    return fill_in(client, run, described)


def fill_in(client: mlflow.MlflowClient, run: Run, described: Described) -> Run:
    """Tell a run what it lacks of its tags, parameters and datasets, and give it as it is then."""
    run_id = run.info.run_id
    for name, value in described.tags.items():
        if value is not None and run.data.tags.get(name) != str(value):
            again_after_races(partial(client.set_tag, run_id, name, value))
    missing = [
        Param(name, str(value))
        for name, value in described.parameters.items()
        if name not in run.data.params
    ]
    if missing:
        again_after_races(lambda: client.log_batch(run_id, params=missing))
    if described.datasets and not (run.inputs and run.inputs.dataset_inputs):
        again_after_races(lambda: client.log_inputs(run_id, datasets=described.datasets))
    return client.get_run(run_id)


def log_numbers(client: mlflow.MlflowClient, run: Run, numbers: Mapping[str, float]) -> None:
    """Log final metrics, those that are not there yet or have changed."""
    now = int(time.time() * 1000)
    changed = [
        Metric(name, float(value), now, 0)
        for name, value in numbers.items()
        if run.data.metrics.get(name) != float(value)
    ]
    if changed:
        again_after_races(lambda: client.log_batch(run.info.run_id, metrics=changed))


def tested_metrics(dataset: str, estimates: Mapping[str, Estimate]) -> dict[str, float]:
    """Give figures of merit, those that exist, by the names of MLflow's metrics.

    Their errors stand in the description and in the artifacts: MLflow draws a chart for each
    metric, and half of them would show errors.

    Parameters
    ----------
    dataset : str
        Name of the test dataset.
    estimates : mapping
        Figures of merit by name.
    """
    return {
        f"test/{dataset}/{name}": estimate.value
        for name, estimate in estimates.items()
        if estimate.value is not None
    }


def parent_of(client: mlflow.MlflowClient, experiment: str, run: str) -> str | None:
    """Give the id of the run of a comparison, the first one; None if there is none yet."""
    found = client.search_runs(
        [experiment],
        f"tags.`{KIND}` = 'comparison' and tags.`jetline.run` = '{run}'",
        order_by=["attributes.start_time ASC"],
    )
    return found[0].info.run_id if found else None
