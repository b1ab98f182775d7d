"""Proposals of a study, by Optuna: the only module that imports it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jetline.core.errors import JetlineError
from jetline.core.files import atomic
from jetline.core.randomness import small_seed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import optuna

    from jetline.records.scan import Trial, Values

#: Proposals of one trial that the settings refuse, after which the space is too wide.
_REFUSED = 200


def propose(
    space: Mapping[str, Any],
    seed: int,
    number: int,
    told: Sequence[Trial],
    count: int,
    accepts: Callable[[Values], bool],
    first: Values | None = None,
    journal: Path | None = None,
) -> list[Values]:
    """Propose the trials of one round.

    They follow from the arguments alone, whatever was proposed before and by which process.
    `first` is the entry as it is written.

    Parameters
    ----------
    space : mapping
        Of each key the list of its values, or ``low``, ``high``, ``log`` and ``whole``.
    seed : int
        Of the study.
    number : int
        Of the round, from 1.
    told : sequence of Trial
        All trials of the rounds before. One that failed counts as worse than all others.
    count : int
        How many trials to propose.
    accepts : callable
        Tells whether values go together; those that do not are never proposed.
    first : dict, optional
        Values of the first trial of the first round.
    journal : Path, optional
        File to write the study to, in the storage of Optuna's own.

    Raises
    ------
    JetlineError
        If hardly any values of the space go together.
    """
    optuna = _optuna()
    sampler = optuna.samplers.TPESampler(
        seed=small_seed(seed, "scan", str(number)), constant_liar=True
    )
    study = optuna.create_study(sampler=sampler)
    distributions = _distributions(space)
    study.add_trials([_as_told(trial, space) for trial in told])
    if first is not None and number == 1:
        study.enqueue_trial(_as_parameters(first, space))
    proposed: list[Values] = []
    refused = 0
    while len(proposed) < count:
        trial = study.ask(distributions)
        values = _as_values(trial.params, space)
        if accepts(values):
            proposed.append(values)
            refused = 0
        else:
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
            refused += 1
        if refused == _REFUSED:
            raise JetlineError(
                "scan, space",
                found=f"{_REFUSED} proposals one after the other whose values do not go together, "
                f"the last {json.dumps(values)}",
                expected="a space of which most values go together",
                remedy="narrow the space, or write the combinations as a grid",
            )
    if journal:
        _write_journal(study, journal)
    return proposed


def importances(space: Mapping[str, Any], seed: int, trials: Sequence[Trial]) -> dict[str, float]:
    """Tell what mattered: the share of each key in what a random forest explains of the trials.

    That is the mean decrease of the variance where its trees split by the key (L. Breiman et al.,
    "Classification and Regression Trees", 1984, section 5.3); shares add up to 1.

    Returns
    -------
    dict
        By key; empty if fewer than four trials finished, or all gave the same.
    """
    finished = [trial for trial in trials if trial.loss is not None]
    if len({trial.loss for trial in finished}) < 4:
        return {}
    optuna = _optuna()
    study = optuna.create_study()
    study.add_trials([_as_told(trial, space) for trial in finished])
    # By fANOVA, over the whole space, a setting without effect came first in two of six made-up
    # studies of 20 and 40 trials, which lie where the study was led; by this in none.
    evaluator = optuna.importance.MeanDecreaseImpurityImportanceEvaluator(
        seed=small_seed(seed, "importances")
    )
    found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return {key: float(found.get(key, 0.0)) for key in space}


def _optuna() -> Any:
    try:
        import optuna
    except ImportError as error:
        raise missing(str(error)) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def missing(found: str) -> JetlineError:
    """Tell of a study where Optuna is not installed."""
    return JetlineError(
        "configuration, scan with `space`",
        found=found,
        expected="the package optuna, which proposes the trials of a study",
        remedy="in the checkout: pip install -e '.[scan]', or write a `grid`, which needs none",
    )


def _distributions(space: Mapping[str, Any]) -> dict[str, Any]:
    from optuna import distributions as kinds

    found: dict[str, Any] = {}
    for key, one in space.items():
        if isinstance(one, list):
            found[key] = kinds.CategoricalDistribution([json.dumps(value) for value in one])
        elif one["whole"]:
            found[key] = kinds.IntDistribution(int(one["low"]), int(one["high"]), log=one["log"])
        else:
            found[key] = kinds.FloatDistribution(one["low"], one["high"], log=one["log"])
    return found


def _as_parameters(values: Values, space: Mapping[str, Any]) -> dict[str, Any]:
    """Give values as Optuna has them: of a list, the value's JSON, which may be of any kind."""
    return {
        key: json.dumps(values[key]) if isinstance(one, list) else values[key]
        for key, one in space.items()
    }


def _as_values(parameters: Mapping[str, Any], space: Mapping[str, Any]) -> Values:
    return {
        key: json.loads(parameters[key]) if isinstance(one, list) else parameters[key]
        for key, one in space.items()
    }


def _as_told(trial: Trial, space: Mapping[str, Any]) -> optuna.trial.FrozenTrial:
    import optuna

    return optuna.trial.create_trial(
        # Pruned without a value: Optuna takes it for worse than all that have one.
        state=optuna.trial.TrialState.PRUNED
        if trial.loss is None
        else optuna.trial.TrialState.COMPLETE,
        value=trial.loss,
        params=_as_parameters(trial.values, space),
        distributions=_distributions(space),
    )


def _write_journal(study: optuna.Study, path: Path) -> None:
    """Write a study as a journal of Optuna's, whole or not at all."""
    import optuna
    from optuna.storages.journal import JournalFileBackend

    with tempfile.TemporaryDirectory(prefix="jetline-") as folder:
        file = Path(folder) / "journal"
        storage = optuna.storages.JournalStorage(JournalFileBackend(str(file)))
        written = optuna.create_study(storage=storage, study_name=path.parent.name)
        written.add_trials(study.get_trials(deepcopy=False))
        with atomic(path) as temporary:
            temporary.write_bytes(file.read_bytes())
