"""Jobs that SLURM has ended for good are not waited for."""

from __future__ import annotations

import asyncio
import inspect

import pytest
import snakemake_executor_plugin_slurm as executor

from jetline.cluster.preempted import telling_ends

STATES = {"14": "PREEMPTED", "15": "PREEMPTED", "16": "NODE_FAIL", "17": "RUNNING", "18": "FAILED"}


async def query(command: str, logger: object) -> tuple[dict[str, str] | None, float | None]:
    """Answer as the executor's own."""
    return (dict(STATES), 0.1) if command else (None, None)


@pytest.fixture
def queue(tmp_path, monkeypatch):
    """Let squeue say something."""

    def say(script: str) -> None:
        (tmp_path / "squeue").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "squeue").chmod(0o755)

    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return say


def test_what_is_not_queued_again_has_failed(queue):
    queue("printf '15\\n17\\n'")
    states, seconds = asyncio.run(telling_ends(query)("squeue", None))
    assert states == STATES | {"14": "CANCELLED", "16": "BOOT_FAIL"}
    assert seconds == 0.1


@pytest.mark.parametrize("answer", ["exit 1", "printf '14\\n15\\n16\\n'"])
def test_what_is_queued_or_not_known_is_waited_for(queue, answer):
    queue(answer)
    assert asyncio.run(telling_ends(query)("squeue", None)) == (STATES, 0.1)


def test_a_query_without_an_answer_stays_one(queue):
    queue("exit 1")
    assert asyncio.run(telling_ends(query)("", None)) == (None, None)


def test_the_executor_asks_as_this_expects():
    assert inspect.iscoroutinefunction(executor.query_job_status)
    assert list(inspect.signature(executor.query_job_status).parameters) == ["command", "logger"]
