"""What a scan of settings tries, and what came of it."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from jetline.records.record import Record

#: Values of settings by their keys, such as ``{"training.clip": 1.0}``.
Values = dict[str, Any]


class ChosenValues(Record):
    """Values that a scan has chosen, by the label of the training that gets them.

    Attributes
    ----------
    values : dict
        Put over the settings of the entry: of a trial, by its label; of the best, by the entry's.
    """

    what: ClassVar[str] = "values that a scan has chosen"
    remedy: ClassVar[str] = "remove the folder of the scan and run the workflow again"

    values: dict[str, Values]


class Trial(Record):
    """One training of a scan: ``trial.json``.

    Attributes
    ----------
    number : int
        From 1 on.
    values : dict
        Of the settings that are scanned.
    key : str or None
        Hash of all that decides the training; None if it failed.
    measure : str
        Column of the history that decides, of the validation part.
    value : float or None
        Its value in the best epoch; None if the training failed.
    failure : str or None
        Why it failed.
    epochs, best_epoch : int or None
        Epochs done, and the best of them, from 1.
    seconds : float or None
        Wall time [s].
    parameters : int or None
        Trainable parameters.
    mlflow_run_id : str or None
        Its run in MLflow, if it was tracked.
    """

    what: ClassVar[str] = "the record of a trial of a scan"
    remedy: ClassVar[str] = "remove it and run the workflow again"

    number: int = Field(ge=1)
    values: Values
    key: str | None = None
    measure: Literal["validation_loss", "validation_auc"]
    value: float | None = None
    failure: str | None = None
    epochs: int | None = None
    best_epoch: int | None = None
    seconds: float | None = None
    parameters: int | None = None
    mlflow_run_id: str | None = None

    @property
    def loss(self) -> float | None:
        """What is lowest for the best trial."""
        highest = self.measure == "validation_auc"
        return -self.value if self.value is not None and highest else self.value


class Round(ChosenValues):
    """Trials that a study proposes at once: ``round-<number>.json``.

    Attributes
    ----------
    round : int
        From 1 on.
    told : list of Trial
        All trials of the rounds before, from which these were proposed.
    """

    what: ClassVar[str] = "the proposals of a study"

    round: int = Field(ge=1)
    told: list[Trial]


class ScanRecord(Record):
    """What came of a scan: ``scan.json``.

    Attributes
    ----------
    label : str
        Name of the entry that was scanned.
    method : str
        ``grid`` or ``study``.
    space : dict
        Of each key the list of values, or for a range ``low``, ``high``, ``log`` and ``whole``.
    trials : list of Trial
        All of them, in the order of their numbers.
    best : int
        Number of the best.
    importances : dict
        Of each key, its share in what all keys explain of the variance of the deciding value;
        empty if too few trials tell.
    text : str
        The best configuration, YAML to paste.
    """

    what: ClassVar[str] = "the result of a scan"
    remedy: ClassVar[str] = "remove it and run the workflow again"

    label: str
    method: Literal["grid", "study"]
    space: dict[str, list[Any] | dict[str, Any]]
    trials: list[Trial]
    best: int
    importances: dict[str, float]
    text: str

    @property
    def best_trial(self) -> Trial:
        """The best of the trials."""
        return next(trial for trial in self.trials if trial.number == self.best)

    @property
    def ranked(self) -> list[Trial]:
        """All trials, the best first, those that failed last."""

        def rank(trial: Trial) -> tuple[bool, float, int]:
            return trial.loss is None, trial.loss or 0.0, trial.number

        return sorted(self.trials, key=rank)
