"""What ends before its time is tried again, with more."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.long

#: More than the shipped ones, since it is not known how busy the machine is.
OFTEN = ("--retries", "9")


def test_a_step_that_is_killed_for_its_memory_is_tried_again_with_more(checkout, first_step):
    rules = checkout.folder / "workflow/rules/jets.smk"
    rules.write_text(rules.read_text().replace("mem_mb=growing(2000)", "mem_mb=growing(200)"))
    run = checkout.snakemake(*first_step, *OFTEN)
    assert run.returncode == 0, run.stdout
    asked = re.findall(r"more memory than it asked for, (\d+) MB", run.stdout)
    assert asked
    assert asked == [str(200 * attempt) for attempt in range(1, len(asked) + 1)]
    assert run.stdout.rstrip().splitlines()[-1].startswith("[1/1] check few_0")
