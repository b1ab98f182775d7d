"""What a cluster offers is read from what SLURM's programs print, recorded here."""

from __future__ import annotations

import math

import pytest

from jetline.cluster.offer import gpus_of, limited, minutes_of, read_nodes

#: Of `sinfo --exact`: a small cluster, and lines of others.
SINFO = """\
cpu*|up|2-00:00:00|4|20000|(null)|(null)
gpu|up|1-00:00:00|64|515000+|gpu:a100:4(S:0-1),nvme:1|a100,ib
gpu|up|1-00:00:00|32|190000|gpu:v100:2|v100
short|up|30:00|4|20000|(null)|(null)
old|drain|infinite|16|64000|(null)|(null)
"""

#: Of `scontrol show partition --oneliner`, shortened.
PARTITIONS = """\
PartitionName=cpu AllowGroups=ALL Default=YES MaxCPUsPerNode=2 MaxMemPerNode=UNLIMITED
PartitionName=gpu MaxCPUsPerNode=UNLIMITED MaxMemPerNode=256000
"""


def test_each_kind_of_node_is_read():
    nodes = read_nodes(SINFO)
    assert [one.partition for one in nodes] == ["cpu", "gpu", "gpu", "short", "old"]
    assert [one.default for one in nodes] == [True, False, False, False, False]
    assert [one.up for one in nodes] == [True, True, True, True, False]
    assert [one.gpus for one in nodes] == [0, 4, 2, 0, 0]
    assert [one.minutes for one in nodes] == [2880, 1440, 1440, 30, math.inf]
    assert nodes[1].features == {"a100", "ib"}
    assert nodes[1].memory_mb == 515000
    assert nodes[0].features == frozenset()


def test_a_partition_may_allow_less_than_its_nodes_have():
    nodes = limited(read_nodes(SINFO), PARTITIONS)
    assert [one.cpus for one in nodes] == [2, 64, 32, 4, 16]
    assert [one.memory_mb for one in nodes] == [20000, 256000, 190000, 20000, 64000]


@pytest.mark.parametrize(
    ("time", "minutes"),
    [
        ("30:00", 30),
        ("5:30", 5.5),
        ("1:00:00", 60),
        ("2-00:00:00", 2880),
        ("10-12:30:00", 15150),
        ("infinite", math.inf),
        ("n/a", math.inf),
    ],
)
def test_times_are_read(time, minutes):
    assert minutes_of(time) == minutes


@pytest.mark.parametrize(
    ("others", "gpus"),
    [
        ("(null)", 0),
        ("gpu", 1),
        ("gpu:2", 2),
        ("gpu:tesla", 1),
        ("gpu:a100:4(S:0-1),nvme:1", 4),
        ("gpu:a100:4(S:0,2),gpu:v100:2(S:1)", 6),
        ("nvme:3", 0),
    ],
)
def test_gpus_are_counted(others, gpus):
    assert gpus_of(others) == gpus
