"""What a step of the workflow is called in a line that somebody reads."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Rules that do nothing themselves: what they ask for is made by the others.
TARGETS = ("all", "images")

#: Rules that train, whose logs tell epochs.
TRAININGS = ("train", "train_together", "train_trial")

#: By rule, the words for one of its steps; wildcards stand in braces.
_WORDS = {
    "download_jets": "download {file} ({source})",
    "make_pictures": "make the pictures of {source}",
    "generate_jets": "generate jets_{number} ({source})",
    "draw_jets": "draw jets_{number} ({source})",
    "judge_drawn": "judge the jets of {dataset}",
    "show_judgements": "show the drawn jets on a page",
    "import_jets": "import {file} ({source})",
    "check_jets": "check {file} ({source})",
    "measure_jets": "measure {file} ({source})",
    "shard_jets": "make {inputs} of {file} ({source})",
    "split_jets": "split {dataset}",
    "split_into_folds": "deal the jets into folds",
    "training_statistics": "statistics of {inputs}",
    "validate_dataset": "compare the jets of {dataset} with the benchmark",
    "propose_trials": "propose round {round} of trials of {label}",
    "train_trial": "train {label}, trial {trial}",
    "conclude_scan": "choose the best trial of {label}",
    "draw_scan": "draw the scan of {label}",
    "track_scan": "track the scan of {label} in MLflow",
    "train": "train {label}, seed {seed}",
    "train_together": "train {label}, all seeds",
    "predict": "score the test jets with {label}, seed {seed}",
    "explain": "explain {label}, seed {seed}",
    "export_tagger": "export {label}, seed {seed}",
    "write_card": "write the card of {label}, seed {seed}",
    "compare_export": "compare the exported {label}, seed {seed}, with Keras",
    "join_folds": "join the folds of {label}, seed {seed}",
    "evaluate": "evaluate {label}, seed {seed}, on {dataset}",
    "cut_observables": "cut on single observables of {dataset}",
    "examine_taggers": "examine the taggers on {dataset}",
    "examine_classes": "examine the taggers on {dataset} by class",
    "compare": "compare the taggers",
    "draw_comparison": "draw the comparison",
    "draw_confused": "draw what {label} confuses in {dataset}",
    "lund_planes": "measure the Lund planes of the jets",
    "show_explanations": "show on a page what the taggers decide on",
    "show_images": "show the images on a page",
    "configuration": "write the configuration",
    "html_report": "write the report",
    "track": "track {label}, seed {seed}, in MLflow",
    "track_comparison": "track the comparison in MLflow",
}

#: The hash behind the name of a source, a file or a recipe, which tells a reader nothing.
_HASH = re.compile(r"-[0-9a-f]{8,}$")


def known(rule: str) -> str:
    """Give the name of a rule of ours, also where another workflow has put its own before it."""
    fitting = [name for name in (*_WORDS, *TARGETS) if rule == name or rule.endswith(f"_{name}")]
    return max(fitting, key=len, default=rule)


def words_of(rule: str, wildcards: Mapping[str, object]) -> str:
    """Say what one step does, in words.

    Parameters
    ----------
    rule : str
        Name of its rule.
    wildcards : mapping
        Its wildcards by name.
    """
    plain = {name: _HASH.sub("", str(value)) for name, value in wildcards.items()}
    pattern = _WORDS.get(known(rule))
    if pattern is None or not set(re.findall(r"\{(\w+)\}", pattern)) <= set(plain):
        return " ".join([rule.replace("_", " "), *plain.values()])
    fold = f", fold {plain['fold']}" if "fold" in plain else ""
    return pattern.format(**plain) + fold


def steps_of(stats: dict[str, int]) -> Counter[str]:
    """Count the steps of each rule, without those that only ask for others."""
    return Counter(
        {
            rule: number
            for rule, number in stats.items()
            if rule != "total" and known(rule) not in TARGETS
        }
    )


def counted(number: int, one: str, many: str = "") -> str:
    """Write a number of things."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """Write a time with the two units that matter."""
    whole = round(seconds)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


#: How Snakemake says why a step is run, and how we do; the first that fits counts.
_CAUSES = {
    "forced": "asked for",
    "missing output": "missing",
    "incomplete output": "not finished last time",
    "params have changed": "settings or code changed",
    "updated input files": "its inputs are newer",
    "set of input files": "other inputs",
    "code has changed": "the rule changed",
    "software environment": "other software",
    "software stack": "other software",
    "input files updated by another job": "its inputs are made anew",
}


def cause_of(reason: str) -> str:
    """Say shortly why a step is run.

    Parameters
    ----------
    reason : str
        As Snakemake tells it, with all the paths.
    """
    lower = reason.lower()
    for theirs, ours in _CAUSES.items():
        if theirs in lower:
            return ours
    return lower.partition(":")[0]
