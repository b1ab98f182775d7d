"""Small steps are one job of the cluster together."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.long


def test_steps_of_a_jet_file_are_one_job_and_the_one_that_fails_is_told(checkout, first_step):
    index, *options = first_step
    rules = checkout.folder / "workflow/rules/validation.smk"
    sound = rules.read_text()
    rules.write_text(sound.replace("jetline measure --index", "jetline measure --wrong --index"))
    observables = index.replace(".index.", ".observables.")
    run = checkout.snakemake(observables, *options)
    assert run.returncode == 1, run.stdout
    _, _, failed = run.stdout.partition("[0/2] failed: measure few_0 (files) (")
    took, *lines = failed.partition("\n\n")[0].splitlines()
    assert took.endswith(", one job of 2 steps)"), run.stdout
    assert "    Error: No such option '--wrong'." in lines
    assert any(line.startswith("  its log: results/logs/measure/files/few_0") for line in lines)
    assert lines[-1] == "  in the same job, to be run again: check few_0 (files)"
    assert "1 of 2 steps failed, 0 done, 1 not begun:" in run.stdout

    rules.write_text(sound)
    run = checkout.snakemake(observables, *options)
    assert run.returncode == 0, run.stdout
    assert run.stdout.count("  submitted: ") == 1
    assert run.stdout.count(", one job of 2 steps)") == 2
    assert (checkout.folder / observables).is_file()
