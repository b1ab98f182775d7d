"""A request that no node can give is refused with the line to change."""

from __future__ import annotations

import pytest

from jetline.cluster.offer import read_nodes
from jetline.cluster.requests import Request, impossible, request_of

NODES = read_nodes(
    """\
cpu*|up|2-00:00:00|4|20000|(null)|(null)
gpu|up|1-00:00:00|64|515000|gpu:a100:4(S:0-1)|a100,ib
gpu|up|1-00:00:00|32|900000|gpu:v100:2|v100
short|up|30:00|4|20000|(null)|(null)
old|down|infinite|128|2000000|gpu:9|(null)
"""
)


def refusals(*requests: Request, nodes=NODES):
    return impossible(requests, nodes, "profile.yaml")


def test_what_fits_is_not_refused():
    assert not refusals(
        Request("check", cpus=4, memory_mb=20000, minutes=2880),
        Request("train", cpus=8, gpus=4, memory_mb=6000, minutes=1440, partitions=("gpu",)),
        Request("train", cpus=8, gpus=1, partitions=("cpu", "gpu"), constraint="v100"),
        Request("evaluate", minutes=None, memory_mb=None),
    )


@pytest.mark.parametrize(
    ("request_", "found", "expected", "remedy"),
    [
        (
            Request("train", cpus=8),
            "8 processors (threads)",
            "what a node of partition cpu can give: 4",
            "in profile.yaml: set-threads: {train: 4}; or partition gpu, whose nodes can",
        ),
        (
            Request("train", cpus=8, cpus_key="cpus_per_task"),
            "8 processors (cpus_per_task)",
            "what a node of partition cpu can give: 4",
            "in profile.yaml: set-resources: {train: {cpus_per_task: 4}}; or partition gpu, whose "
            "nodes can",
        ),
        (
            Request("train", gpus=1),
            "1 GPU (gpu)",
            "what a node of partition cpu can give: none",
            "in profile.yaml: set-resources: {train: {gpu: 0}}; or partition gpu, whose nodes can",
        ),
        (
            Request("train", minutes=1440, memory_mb=30000, partitions=("short",)),
            "30000 MB of memory (mem_mb), 1440 minutes (runtime)",
            "what a node of partition short can give: 20000 MB, 30 minutes",
            "in profile.yaml: set-resources: {train: {mem_mb: 20000}}, set-resources: "
            "{train: {runtime: 30}}; or partition gpu, whose nodes can",
        ),
        (
            Request("train", gpus=9, partitions=("gpu",)),
            "9 GPUs (gpu)",
            "what a node of partition gpu can give: 4",
            "in profile.yaml: set-resources: {train: {gpu: 4}}",
        ),
        (
            Request("train", cpus=2, gpus=4, memory_mb=800000, partitions=("gpu",)),
            "2 processors (threads), 4 GPUs (gpu), 800000 MB of memory (mem_mb)",
            "what a node of partition gpu can give: not all of it at once",
            "in profile.yaml: ask for less of one of them",
        ),
        (
            Request("train", partitions=("gpus",)),
            "partition gpus",
            "one of cpu, gpu, short, old",
            "in profile.yaml: slurm_partition, or the file of slurm-partition-config",
        ),
        (
            Request("train", partitions=("old",)),
            "partition old is down",
            "a partition that starts jobs",
            "wait for it, or name another one in profile.yaml: cpu, gpu, short, old",
        ),
        (
            Request("train", constraint="h100", partitions=("gpu",)),
            "constraint h100",
            "a feature of the nodes of partition gpu: a100, ib, v100",
            "in profile.yaml: constraint",
        ),
    ],
)
def test_what_never_starts_is_refused_with_the_line_to_change(request_, found, expected, remedy):
    (error,) = refusals(request_)
    assert error.where == "the cluster, rule train"
    assert (error.found, error.expected, error.remedy) == (found, expected, remedy)


def test_without_a_default_partition_one_has_to_be_named():
    (error,) = refusals(Request("train"), nodes=[one for one in NODES if not one.default])
    assert error.found == "no partition"
    assert error.expected == "one of gpu, short, old (there is no default)"


def test_one_mistake_of_many_rules_is_told_once():
    rules = ("check", "check", "compare", "evaluate", "predict", "train")
    (error,) = refusals(*(Request(rule, partitions=("gpus",)) for rule in rules))
    assert error.where == "the cluster, rules check, compare, evaluate and 2 more"


def test_a_step_is_read_as_the_executor_reads_it():
    resources = {"mem_mb": 6000, "mem_mib": 5723, "runtime": 1440, "gpu": 1, "tmpdir": "/tmp"}
    assert request_of("train", 8, resources, {}) == Request(
        "train", cpus=8, gpus=1, memory_mb=6000, minutes=1440
    )
    other = {"mem_mb_per_cpu": 500, "cpus_per_task": 4, "gres": "gpu:a100:2", "runtime": "<TBD>"}
    named = {"slurm_partition": "a,b", "constraint": "a100"}
    assert request_of("train", 8, other | named, {}) == Request(
        "train", 4, 2, 2000, None, ("a", "b"), "a100", "cpus_per_task"
    )
    # Nothing is known of another cluster, or of jobs on many nodes.
    assert request_of("train", 1, {"slurm_cluster": "far"}, {}) is None
    assert request_of("train", 1, {"nodes": 2}, {}) is None
    # Expressions are left to SLURM.
    assert request_of("train", 1, {"constraint": "a100|v100"}, {}).constraint == ""


def test_a_file_of_partitions_deals_by_gpus():
    partitions = {"cpu": None, "gpu": {"max_gpu": 4}}
    assert request_of("train", 1, {"gpu": 1}, partitions).partitions == ("gpu",)
    assert request_of("check", 1, {}, partitions).partitions == ("cpu", "gpu")
    named = {"gpu": 1, "slurm_partition": "cpu"}
    assert request_of("train", 1, named, partitions).partitions == ("cpu",)


def test_a_job_of_several_steps_is_looked_at_as_a_whole():
    steps = ("check", "measure")
    short = {"minutes": 20, "partitions": ("short",)}
    each = [Request(rule, **short) for rule in steps]
    assert not refusals(*each)
    (error,) = refusals(Request("file", minutes=40, partitions=("short",), together=steps), *each)
    assert error.where == "the cluster, group file"
    assert error.found == "40 minutes (runtime)"
    assert error.remedy.startswith(
        "in profile.yaml: take check, measure out of `groups`, to be jobs of their own"
    )


def test_a_job_of_several_steps_is_not_refused_beside_one_of_them():
    check = Request("check", cpus=8)
    (error,) = refusals(Request("file", cpus=8, together=("check", "measure")), check)
    assert error.where == "the cluster, rule check"
