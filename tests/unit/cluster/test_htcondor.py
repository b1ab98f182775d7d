"""What steps ask of an HTCondor pool, and what is said of its jobs."""

from __future__ import annotations

import sys
import types

import pytest
from snakemake.resources import Resources

from jetline.cluster.ending import said_of
from jetline.cluster.htcondor import asked_of_htcondor, require_access_point, steps_together
from jetline.core.attempts import begin_attempt
from jetline.core.cluster_job import cluster_job
from jetline.core.errors import JetlineError
from jetline.planning.growth import growing


def asked(steps: int = 1, attempt: int = 1, **resources) -> dict[str, object]:
    """What Snakemake makes of a rule's resources in HTCondor's words."""
    rule = Resources.from_mapping(resources)
    given = {"threads": 1, "rulename": "train", "async_run": None, "attempt": attempt}
    return {
        name: function(None, input=[], **given)
        for name, function in asked_of_htcondor(rule, steps).items()
    }


def test_what_a_rule_asks_for_is_said_in_the_words_of_htcondor():
    assert asked(mem_mb=6000, gpu=1, runtime="1h") == {
        "htcondor_request_mem_mb": 6000,
        "request_gpus": 1,
        "classad_MaxRuntime": 3600,
    }
    assert asked(in_turn=1) == {}


def test_what_grows_with_the_attempts_grows_there_too():
    assert asked(attempt=2, mem_mb=growing(900), runtime=growing(10)) == {
        "htcondor_request_mem_mb": 1800,
        "classad_MaxRuntime": 1200,
    }


def test_what_users_say_in_those_words_stays():
    own = {"request_memory": "'8GB'", "request_gpus": 2, "classad_JobFlavour": "tomorrow"}
    assert asked(mem_mb=6000, gpu=1, runtime=60, **own) == {}
    assert asked(runtime=60, classad_MaxRuntime=5) == {}


def test_the_time_of_a_job_is_that_of_all_its_steps():
    groups = {"check": "file", "shard": "file", "compare": "comparison"}
    steps = steps_together(groups, {"file": 10}, kinds=3)
    # Of a file: it is checked once, and three kinds of inputs are made of it.
    assert steps == {"check": 40, "shard": 40, "compare": 3}
    assert asked(steps["check"], runtime=10)["classad_MaxRuntime"] == 40 * 600


@pytest.fixture
def bindings(monkeypatch):
    """HTCondor's package where no pool is."""

    class HTCondorException(Exception):
        pass

    def no_scheduler():
        raise HTCondorException("unable to locate local daemon")

    module = types.SimpleNamespace(HTCondorException=HTCondorException, Schedd=no_scheduler)
    monkeypatch.setitem(sys.modules, "htcondor2", module)
    return module


def test_a_machine_that_is_no_access_point_is_told_of_before_the_first_job(bindings):
    with pytest.raises(JetlineError) as caught:
        require_access_point("/home/me/jets", [])
    assert "no scheduler of jobs (unable to locate local daemon)" in str(caught.value)
    assert "`condor_q` answers" in str(caught.value)
    assert "SLURM" not in str(caught.value)
    bindings.Schedd = object
    require_access_point("/home/me/jets", ["mine.yaml"])


@pytest.mark.parametrize("names", [("/home/me/my jets", "a.yaml"), ("/home/me", "it's.yaml")])
def test_names_that_the_executor_would_break_are_refused(bindings, names):
    bindings.Schedd = object
    with pytest.raises(JetlineError, match="without spaces, quotes"):
        require_access_point(names[0], names[1:])


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "is held: Job has gone over cgroup memory limit of 50 megabytes.",
            "HTCondor holds job 48: Job has gone over cgroup memory limit of 50 megabytes, 50 MB; "
            "in p.yaml: set-resources: {split_jets: {mem_mb: 100}}; `condor_rm 48` ends it",
        ),
        (
            "has been held for 4.1 hours (timeout: 4.0 hours). Hold reason: via condor_hold",
            "HTCondor holds job 48: via condor_hold; `condor_rm 48` ends it",
        ),
        (
            "was removed/aborted.",
            "HTCondor job 48 was removed; if its time was over, 10 minutes; in p.yaml: "
            "set-resources: {split_jets: {runtime: 20}}",
        ),
        ("was terminated by signal 9.", "HTCondor job 48 was terminated by signal 9"),
        ("completed but failed with ExitCode 1.", ""),
    ],
)
def test_why_a_job_ended_stands_in_one_line(said, told):
    # Snakemake adds where more may stand.
    message = f"Job 7 with HTCondor Cluster ID 48 {said}For further error details see the log."
    asked = {"mem_mb": 50, "runtime": 10}
    assert said_of(message, "", "split_jets", asked, "p.yaml") == told


def test_an_attempt_says_which_job_of_a_pool_it_is(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    (tmp_path / ".job.ad").write_text('Cmd = "/bin/python"\nClusterId = 48\nProcId = 0\n')
    monkeypatch.setenv("_CONDOR_JOB_AD", str(tmp_path / ".job.ad"))
    begin_attempt()
    assert capsys.readouterr().out.endswith(", HTCondor job 48\n")
    monkeypatch.delenv("_CONDOR_JOB_AD")
    assert cluster_job() == ""
