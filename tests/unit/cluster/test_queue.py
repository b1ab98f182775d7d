"""Why jobs wait is asked of squeue and said in words."""

from __future__ import annotations

import pytest

from jetline.cluster.queue import Waiting, waiting


@pytest.mark.parametrize(
    ("reason", "words", "for_ever"),
    [
        ("None", "to be scheduled", False),
        ("Priority", "for their turn", False),
        ("Resources", "for free nodes", False),
        ("QOSMaxJobsPerUserLimit", "at a limit of the account or QOS", False),
        ("AssocGrpCpuLimit", "at a limit of the account or QOS", False),
        ("ReqNodeNotAvail, UnavailableNodes:n1", "for nodes that are down or reserved", False),
        (
            "Nodes required for job are DOWN, DRAINED or reserved for jobs in higher priority "
            "partitions",
            "for nodes that are down or reserved",
            False,
        ),
        ("Dependency", "for other jobs", False),
        ("DependencyNeverSatisfied", "for other jobs", True),
        ("PartitionConfig", "(PartitionConfig)", True),
        ("PartitionTimeLimit", "(PartitionTimeLimit)", True),
        ("BadConstraints", "(BadConstraints)", True),
        ("JobHeldUser", "(JobHeldUser)", True),
        ("launch failed requeued held", "(launch failed requeued held)", True),
        ("QOSMaxWallDurationPerJobLimit", "at a limit of the account or QOS", True),
    ],
)
def test_a_reason_is_said_in_words(reason, words, for_ever):
    assert Waiting(reason).words == words
    assert Waiting(reason).for_ever is for_ever


def test_those_that_wait_are_told_by_their_number(tmp_path, monkeypatch):
    script = tmp_path / "squeue"
    script.write_text("#!/bin/sh\necho \"$*\" >&2\nprintf '14|Resources\\n15|Priority\\n'\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert waiting(["14", "15", "16"]) == {"14": Waiting("Resources"), "15": Waiting("Priority")}


def test_a_cluster_that_does_not_answer_tells_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert waiting(["14"]) is None
