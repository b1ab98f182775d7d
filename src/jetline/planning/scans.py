"""What the scans of a configuration are made of, and what their rules are told.

Every trial is known before the first one is trained, only its values are not: those of a grid are
arguments, those of a study stand in the file of its round. So the whole DAG stands when the
workflow starts, and no job decides which others follow.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import shlex
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from jetline.configuration.scans import space_of
from jetline.core.errors import JetlineError
from jetline.planning import paths
from jetline.planning.code_version import code_version
from jetline.scans.points import grid_points, name_of_trial, value_at
from jetline.scans.settings import Grid, Study, read_scan
from jetline.scans.study import missing

if TYPE_CHECKING:
    from jetline.models.architecture import Architecture
    from jetline.planning.plan import Plan


@dataclass(frozen=True)
class _Scan:
    """The scan of an entry."""

    label: str
    architecture: Architecture
    settings: Grid | Study

    @functools.cached_property
    def space(self) -> dict[str, Any]:
        return space_of(self.label, self.architecture)

    @functools.cached_property
    def points(self) -> list[dict[str, Any]]:
        """Values of each trial of a grid."""
        return grid_points(self.space)

    @property
    def trials(self) -> range:
        """Numbers of the trials."""
        study = self.settings
        return range(1, 1 + (study.trials if isinstance(study, Study) else len(self.points)))

    def as_written(self) -> dict[str, Any] | None:
        """Give the entry's own values of what is scanned, or None if one is not of the space."""
        settings = self.architecture.model_dump(mode="json")
        own = {key: value_at(settings, key) for key in self.space}
        for key, one in self.space.items():
            value = own[key]
            if isinstance(one, list) and value not in one:
                return None
            if isinstance(one, dict) and not (
                isinstance(value, int | float) and one["low"] <= value <= one["high"]
            ):
                return None
        return own


class Scans:
    """The scans of a plan; methods take Snakemake's `wildcards`, as those of `Plan` do.

    Parameters
    ----------
    plan : Plan
        What is to be made.

    Raises
    ------
    JetlineError
        If there is a study and Optuna is not installed.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan, self._paths = plan, plan.paths
        # Of every trial a job asks for the same versions.
        self._code_version = functools.cache(code_version)
        self._scans = {
            label: _Scan(label, architecture, read_scan(architecture.scan))
            for label, architecture in plan.configuration.architectures.items()
            if architecture.scan is not None
        }
        studies = [one for one in self._scans.values() if isinstance(one.settings, Study)]
        if studies and importlib.util.find_spec("optuna") is None:
            raise missing("no package optuna in this environment")

    @property
    def labels(self) -> list[str]:
        """Names of the entries that are scanned."""
        return list(self._scans)

    def of_all(self, pattern: str) -> list[str]:
        """Fill in a pattern for each scan."""
        return [pattern.replace("{label}", label) for label in self._scans]

    # What is read

    def rounds_before(self, wildcards: Any) -> list[str]:
        """Give the proposals of the round before; none for the first."""
        before = int(wildcards.round) - 1
        return [_filled(self._paths.round, wildcards.label, round=before)] if before else []

    def trials_before(self, wildcards: Any) -> list[str]:
        """Give the records of the trials of the round before."""
        study = self._study(wildcards)
        last = (int(wildcards.round) - 1) * study.at_once
        numbers = range(last - study.at_once + 1, last + 1) if last else ()
        return [_filled(self._paths.trial, wildcards.label, trial=number) for number in numbers]

    def round_of(self, wildcards: Any) -> list[str]:
        """Give the proposals that a trial is one of; none for a grid, whose points are known."""
        scan = self._scan(wildcards)
        if isinstance(scan.settings, Grid):
            return []
        number = (int(wildcards.trial) - 1) // scan.settings.at_once + 1
        return [_filled(self._paths.round, wildcards.label, round=number)]

    def trials(self, wildcards: Any) -> list[str]:
        """Give the records of all trials of a scan."""
        numbers = self._scan(wildcards).trials
        return [_filled(self._paths.trial, wildcards.label, trial=number) for number in numbers]

    def best(self, wildcards: Any) -> list[str]:
        """Give the best values that a training gets, if its entry is scanned."""
        found = wildcards.label in self._scans
        return [_filled(self._paths.scan_best, wildcards.label)] if found else []

    # What is told

    def chosen(self, wildcards: Any, input: Any) -> str:  # noqa: ARG002
        """Give the argument with the values that a training gets, if its entry is scanned."""
        return _option("--chosen", f"@{input.chosen[0]}") if input.chosen else ""

    def values(self, wildcards: Any, input: Any) -> str:
        """Give the argument with the values of a trial."""
        if input.chosen:
            return _option("--chosen", f"@{input.chosen[0]}")
        number = int(wildcards.trial)
        points = self._scan(wildcards).points
        if number > len(points):
            raise _no_trial(wildcards.label, number)
        values = {name_of_trial(wildcards.label, number): points[number - 1]}
        return _option("--chosen", json.dumps({"values": values}))

    def seed(self, wildcards: Any) -> int:
        """Give the seed of all trials of a scan: the first of its entry."""
        own = self._scan(wildcards).architecture.seeds
        return (own or self._plan.configuration.seeds)[0]

    def training_of(self, wildcards: Any) -> SimpleNamespace:
        """Give label and seed of the training whose place a trial takes."""
        return SimpleNamespace(label=wildcards.label, seed=self.seed(wildcards))

    def study(self, wildcards: Any) -> str:
        """Give what decides the proposals of a study, as JSON.

        How many trials there are is no part of it: more of them go on with the study.
        """
        study, scan = self._study(wildcards), self._scan(wildcards)
        told = {"space": scan.space, "seed": study.seed, "at_once": study.at_once}
        return json.dumps(told | {"first": scan.as_written()})

    def scan(self, wildcards: Any) -> str:
        """Give what a scan is of, as JSON."""
        scan = self._scan(wildcards)
        told = {"method": "grid", "space": scan.space, "seed": 0}
        told["seeds"] = scan.architecture.seeds
        if isinstance(scan.settings, Study):
            told |= {"method": "study", "seed": scan.settings.seed}
        return json.dumps(told)

    def before(self, wildcards: Any, input: Any) -> str:  # noqa: ARG002
        """Give the argument that names the round before, if there is one."""
        return _option("--before", input.before[0]) if input.before else ""

    def checkpoints(self, wildcards: Any, output: Any) -> str:  # noqa: ARG002
        """Give the folder of a trial's checkpoints."""
        return paths.trial_checkpoints_of(output.record)

    def trial_code(self, wildcards: Any) -> str:
        """Give the version of the code that trains a trial."""
        architecture = self._scan(wildcards).architecture
        inputs = self._plan.inputs[architecture.inputs].modules
        return self._code_version("training.trial", *architecture.modules, *inputs)

    def _scan(self, wildcards: Any) -> _Scan:
        if wildcards.label not in self._scans:
            raise _no_scan(wildcards.label)
        return self._scans[wildcards.label]

    def _study(self, wildcards: Any) -> Study:
        settings = self._scan(wildcards).settings
        if not isinstance(settings, Study):
            raise _no_scan(wildcards.label)
        return settings


def _filled(pattern: str, label: str, **numbers: int) -> str:
    for name, number in numbers.items():
        pattern = pattern.replace(f"{{{name}}}", str(number))
    return pattern.replace("{label}", label)


def _option(name: str, value: str) -> str:
    return f"{name} {shlex.quote(value)}"


def _no_scan(label: str) -> JetlineError:
    return JetlineError(
        f"target that needs a scan of {label}",
        found="none in the configuration",
        expected="an entry with `scan`",
        remedy="name a target of this configuration, or give the configuration that has it",
    )


def _no_trial(label: str, number: int) -> JetlineError:
    return JetlineError(
        f"target that needs trial {number} of {label}",
        found="fewer points in the grid",
        expected="the number of one of its points",
        remedy="name a trial of this configuration",
    )
