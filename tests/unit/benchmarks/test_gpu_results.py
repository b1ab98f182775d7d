"""What the benchmark of a GPU keeps, goes on with, and tells in tables."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import replace

import pytest

NO_MEASUREMENT = "No GPU: a test of the command on the CPU, not a measurement"


def written(setting) -> dict:
    return json.loads(setting.results.path.read_text())


def test_a_second_call_goes_on_and_another_card_is_refused(parts, setting, tmp_path):
    from gpu_results import Results

    asked = {"part": "feed", "network": "pfn", "precision": "", "form": "made on the host, jax"}
    gone = {**asked, "form": "gathered on the device, jax"}
    absent = {**asked, "form": "made on the host, tensorflow"}
    setting.measure(asked, lambda _limit: {"jets_per_second": 1.0})
    setting.results.leave_out(gone, "it took more than 480 s")
    setting.results.leave_out(absent, "tensorflow is not installed")
    again = Results(setting.results.path, {"card": NO_MEASUREMENT})
    assert again.has(asked)
    assert again.has(gone)
    # It may have been installed since.
    assert not again.has(absent)
    with pytest.raises(ValueError, match=r"another card: No GPU.*here it is NVIDIA H200"):
        Results(setting.results.path, {"card": "NVIDIA H200"})


def test_nothing_is_begun_when_the_time_is_up(parts, setting):
    from gpu_setting import TimeIsUpError

    late = replace(setting, ends_at=time.monotonic())
    with pytest.raises(TimeIsUpError):
        parts.networks(late)
    assert not setting.results.path.exists()


def test_what_a_whole_call_is_too_short_for_is_left_out_and_nothing_else(setting):
    from gpu_setting import TimeIsUpError
    from side_by_side import NotPreparedError

    brief = replace(setting, ends_at=time.monotonic() + 0.05)

    def late(limit):
        time.sleep(limit + 0.01)
        raise NotPreparedError("it took more than 0 s")

    asked = {"part": "demo", "network": "ladder", "precision": "", "form": "gpu"}
    brief.measure(asked, late)
    assert written(setting)["left_out"] == [{**asked, "why": "it took more than 0 s"}]
    brief = replace(setting, ends_at=time.monotonic() + 0.05)
    with pytest.raises(TimeIsUpError):
        brief.measure({**asked, "network": "demo"}, late)
    assert len(written(setting)["left_out"]) == 1


def test_tables_compare_with_the_fastest_of_ours_one_training_and_the_cpu(parts):
    from gpu_results import table

    def network(form, speed, **more):
        kinds = {"jets_per_second": speed, **more}
        key = {"part": "networks", "network": "pfn", "precision": "tf32", "form": form}
        return {**key, "device_memory": 1234.5, "training": kinds, "inference": kinds}

    def other(part, network, form, **more):
        return {"part": part, "network": network, "precision": "", "form": form, **more}

    shares = {"arithmetic_share": 0.125, "bandwidth_share": 0.5}
    measured = [
        network("ours, jax", 3e6, **shares),
        network("ours, tensorflow", 1e6),
        network("weaver", 2e6),
        other("sharing", "pfn", "1 training", trainings=1, jets_per_second=1e6),
        other("sharing", "pfn", "4 trainings", trainings=4, jets_per_second=3e6),
        other("demo", "demo", "gpu", seconds=61.2),
        other("demo", "demo", "cpu", seconds=183.6),
    ]
    told = {"about": {"card": "NVIDIA H200", "jets": 9}, "measured": measured, "left_out": []}
    lines = table(told).splitlines()
    assert lines[0] == "## NVIDIA H200"
    assert "Left out" not in table(told)
    kinds = "3,000,000 | 1.0 | 12.5% | 50.0% | " * 2
    assert f"| pfn | tf32 | ours, jax | {kinds}1,234 MB |" in lines
    assert any(line.startswith("| pfn | tf32 | weaver | 2,000,000 | 1.5 |") for line in lines)
    assert "| pfn | 4 trainings | 3,000,000 | 3.00 | 750,000 |" in lines
    assert "| demo | gpu | 1 min 1 s | 3.0 |" in lines
    heads = [line for line, below in itertools.pairwise(lines) if below.startswith("|--")]
    for head in heads:
        rows = lines[lines.index(head) :]
        first = rows.index("") if "" in rows else len(rows)
        assert {row.count("|") for row in rows[:first]} == {head.count("|")}


def test_shares_are_of_the_precision_that_is_multiplied_in(parts):
    from gpu_cards import shares

    found = {
        precision: shares("NVIDIA H200", precision, 1e6, 6.7e6, 2.4e6)
        for precision in ("float32", "bfloat16")
    }
    assert found["float32"]["arithmetic_share"] == pytest.approx(0.1)
    assert found["bfloat16"]["arithmetic_share"] == pytest.approx(6.7 / 989)
    assert found["float32"]["bandwidth_share"] == pytest.approx(0.5)
    assert shares("a card of next year", "float32", 1e6, 6.7e6, 2.4e6) == {}
    assert shares("NVIDIA H200", "float32", 1e6, None, None) == {}
