from __future__ import annotations

import re
from pathlib import Path

import pytest

from snakemake_logger_plugin_jetline.words import (
    _WORDS,
    TARGETS,
    cause_of,
    duration,
    known,
    words_of,
)


def test_every_rule_of_the_workflow_has_words(root):
    files = [root / "Snakefile", *(root / "workflow/rules").glob("*.smk")]
    rules = {
        name
        for path in files
        for name in re.findall(r"^(?:rule|checkpoint) (\w+):", Path(path).read_text(), re.MULTILINE)
    }
    assert rules == {*_WORDS, *TARGETS}


def test_a_step_is_told_without_the_hashes_of_its_paths():
    wildcards = {"source": "pythia-0a1b2c3d4e", "file": "jets_3", "inputs": "images/pt-63e31c3756"}
    assert words_of("shard_jets", wildcards) == "make images/pt of jets_3 (pythia)"
    assert words_of("train", {"label": "pfn-full", "seed": "2"}) == "train pfn-full, seed 2"
    of_fold = {"label": "pfn", "seed": "2", "fold": "0"}
    assert words_of("train", of_fold) == "train pfn, seed 2, fold 0"


def test_rules_of_an_outer_workflow_keep_their_names_and_ours_their_words():
    assert words_of("taggers_train", {"label": "cnn", "seed": 1}) == "train cnn, seed 1"
    assert words_of("train", {"which": "x"}) == "train x"
    assert words_of("plot_limits", {"mass": "125"}) == "plot limits 125"
    assert known("taggers_draw_comparison") == "draw_comparison"
    assert known("jetline_all") == "all"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (9.97, "10 s"), (59.6, "1 min 0 s"), (7325, "2 h 2 min")],
)
def test_a_time_has_the_units_that_matter(seconds, written):
    assert duration(seconds) == written


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("Missing output files: a, b; Input files updated by another job: c", "missing"),
        ("Params have changed since last execution: before: x", "settings or code changed"),
        ("Input files updated by another job: c", "its inputs are made anew"),
        ("Forced execution", "asked for"),
        ("Something new: of Snakemake's", "something new"),
    ],
)
def test_a_reason_is_told_without_its_paths(reason, cause):
    assert cause_of(reason) == cause
