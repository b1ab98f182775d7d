"""The program that is asked for the states of jobs, by what a cluster has."""

from __future__ import annotations

import pytest

from jetline.cluster.preflight import require_possible, status_command
from jetline.cluster.profile import profile_of
from jetline.cluster.slurm import ask
from jetline.core.errors import JetlineError

DISABLED = "echo 'Slurm accounting storage is disabled' >&2; exit 1"


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """SLURM's programs, which say what others have said."""

    def say(**programs: str) -> None:
        for name, script in programs.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
            (tmp_path / name).chmod(0o755)

    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return say


def remembering(seconds: int) -> str:
    return f"printf 'MessageTimeout = 10 sec\\nMinJobAge               = {seconds} sec\\n'"


def test_with_a_database_it_stays_as_asked(programs):
    programs(sacct="echo 12")
    assert status_command("sacct", 40) == ("sacct", "")
    assert status_command("squeue", 40) == ("squeue", "")
    assert status_command(None, 40) == ("sacct", "")


def test_without_a_database_squeue_is_asked_and_that_is_told(programs):
    programs(sacct=DISABLED, scontrol=remembering(300))
    command, told = status_command("sacct", 40)
    assert command == "squeue"
    assert told.endswith("because sacct says: Slurm accounting storage is disabled")
    assert status_command("squeue", 40) == ("squeue", "")


def test_a_first_look_that_would_bring_sacct_back_is_refused_with_the_line(programs):
    programs(sacct=DISABLED, scontrol=remembering(300))
    with pytest.raises(JetlineError) as caught:
        status_command("squeue", 120)
    assert caught.value.found.startswith("120 s")
    assert "`slurm-init-seconds-before-status-checks: 40`" in caught.value.remedy


@pytest.mark.parametrize("asked", ["sacct", "squeue"])
def test_a_cluster_that_forgets_at_once_is_refused(programs, asked):
    programs(sacct=DISABLED, scontrol=remembering(2))
    with pytest.raises(JetlineError) as caught:
        status_command(asked, 40)
    assert caught.value.where == "the cluster, MinJobAge"
    assert caught.value.found.startswith("2 s, and no accounting database")


def test_no_slurm_is_said_in_one_error(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(JetlineError) as caught:
        require_possible([], None, "profile.yaml")
    assert caught.value.found == "no program sinfo"
    assert "snakemake --cores" in caught.value.remedy


def test_a_controller_that_is_down_is_said(programs):
    programs(sinfo="echo 'slurm_load_partitions: Unable to contact slurm controller' >&2; exit 1")
    with pytest.raises(JetlineError) as caught:
        require_possible([], None, "profile.yaml")
    assert caught.value.where == "SLURM, sinfo"
    assert "Unable to contact" in caught.value.found


def test_a_controller_that_hangs_is_not_waited_for_for_ever(programs):
    programs(sinfo="exec sleep 100")
    with pytest.raises(JetlineError) as caught:
        ask("sinfo", patience=0.2)
    assert "no answer" in caught.value.found


def test_a_users_own_formats_do_not_come_in_between(programs, monkeypatch):
    monkeypatch.setenv("SINFO_PARTITION", "other")
    programs(sinfo='echo "${SINFO_PARTITION-none}"')
    assert ask("sinfo").strip() == "none"


def test_steps_are_held_against_what_there_is(programs, tmp_path):
    kinds = ["cpu*|up|30:00|4|20000|(null)|(null)", "gpu|up|30:00|8|20000|gpu:1|(null)"]
    programs(
        sinfo="; ".join(f"echo '{kind}'" for kind in kinds),
        scontrol="echo PartitionName=cpu MaxCPUsPerNode=2; echo PartitionName=gpu",
    )
    few = {"runtime": 30, "mem_mb": 100}
    require_possible([("check", 2, few), ("check", 2, few)], None, "profile.yaml")
    with pytest.raises(JetlineError) as caught:
        require_possible([("train", 1, {"gpu": 1}), ("check", 3, few)], None, "profile.yaml")
    assert caught.value.where == "the cluster, rule check"
    assert [error.where for error in caught.value.others] == ["the cluster, rule train"]
    together = ("file", {"check", "measure"}, 1, few | {"runtime": 40})
    with pytest.raises(JetlineError) as caught:
        require_possible([("check", 1, few)], None, "profile.yaml", [together])
    assert caught.value.where == "the cluster, group file"
    file = tmp_path / "partitions.yaml"
    file.write_text("partitions:\n  cpu: {}\n  gpu: {max_gpu: 1}\n")
    require_possible([("train", 1, {"gpu": 1}), ("check", 3, few)], file, "profile.yaml")


def test_the_profile_is_named_as_the_user_did(root, monkeypatch):
    monkeypatch.chdir(root)
    assert profile_of(["--workflow-profile", "profiles/slurm"]) == "profiles/slurm/profile.yaml"
    assert profile_of(["--workflow-profile=mine"]) == "mine"
    assert profile_of(["--cores", "4"]) == "the profile"


FEW_NODES = {"sinfo": "echo 'cpu*|up|30:00|4|20000|(null)|(null)'", "scontrol": ":"}


def test_an_account_that_is_not_ones_own_is_refused_with_those_that_are(programs):
    programs(**FEW_NODES, sacctmgr="printf '  phys-ML \\n theory\\n'")
    for account in ("phys-ml", "phys-ML", "theory,other", "", None):
        require_possible([("check", 1, {"slurm_account": account})], None, "p.yaml")
    with pytest.raises(JetlineError) as caught:
        require_possible([("check", 1, {"slurm_account": "physics"})], None, "p.yaml")
    assert caught.value.found == "physics"
    assert caught.value.expected == "one of yours: phys-ml, theory"


def test_an_account_where_there_are_none_is_refused(programs):
    programs(**FEW_NODES, sacctmgr=DISABLED, sshare=DISABLED)
    require_possible([("check", 1, {})], None, "p.yaml")
    with pytest.raises(JetlineError) as caught:
        require_possible([("check", 1, {"slurm_account": "physics"})], None, "p.yaml")
    assert caught.value.remedy == "in p.yaml: leave slurm_account out"
    # Where the database is asked and names no account, SLURM itself decides.
    programs(sshare=":")
    require_possible([("check", 1, {"slurm_account": "physics"})], None, "p.yaml")
