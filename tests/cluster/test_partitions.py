"""Jobs go where the marked lines of the profile send them."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.long


@pytest.fixture
def facts_of(checkout, cluster, first_step):
    """Submit the first step with some options, and give what SLURM knows of its job."""

    def submit(*options: str) -> dict[str, str]:
        run = checkout.snakemake(*first_step, "--force", *options)
        assert run.returncode == 0, run.stdout
        assert "Auto-selected" not in run.stdout
        (job,) = re.findall(r"SLURM job (\d+)", run.stdout)
        shown = cluster.run("scontrol", "show", "job", job).stdout
        return dict(fact.split("=", 1) for fact in shown.split() if "=" in fact)

    return submit


def test_steps_on_a_gpu_go_to_its_partition_and_others_to_the_other(checkout, facts_of):
    checkout.edit_profile(
        default_resources="default-resources: {constraint: ib}",
        slurm_partition_config="slurm-partition-config: profiles/slurm/partitions.yaml",
        slurm_qos="slurm-qos: normal",
    )
    facts = facts_of()
    assert (facts["Partition"], facts["Features"]) == ("cpu", "ib")
    facts = facts_of("--set-resources", "check_jets:gpu=1")
    assert (facts["Partition"], facts["TresPerJob"]) == ("gpu", "gres:gpu:1")


def test_a_gpu_can_be_asked_for_without_gpus(facts_of):
    facts = facts_of(
        *("--set-resources", "check_jets:gpu=0", "check_jets:gres=gpu:1"),
        *("--default-resources", "slurm_partition=gpu"),
    )
    assert facts["Partition"] == "gpu"
    assert facts["TresPerNode"] == "gres:gpu:1"
    assert "TresPerJob" not in facts
