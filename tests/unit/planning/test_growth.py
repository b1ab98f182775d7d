"""A step that is tried again asks for more."""

from __future__ import annotations

import re

from jetline.planning.growth import growing


def test_an_attempt_asks_for_more_up_to_three_times_as_much():
    asked = growing(2000)
    assert [asked(None, attempt) for attempt in range(1, 6)] == [2000, 4000, 6000, 6000, 6000]


def test_every_step_of_a_cluster_grows(root):
    fixed = {}
    for path in (root / "workflow/rules").glob("*.smk"):
        for rule in re.split(r"^rule ", path.read_text(), flags=re.MULTILINE)[1:]:
            name = rule.partition(":")[0]
            fixed[name] = set(re.findall(r"(mem_mb|runtime)=[\d\"]", rule))
    assert {name: keys for name, keys in fixed.items() if keys} == {
        "download_jets": {"mem_mb", "runtime"},
    }
