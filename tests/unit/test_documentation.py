"""What the documentation shows works."""

from __future__ import annotations

import re

import numpy as np


def test_the_architecture_in_contributing_learns(root):
    text = (root / "CONTRIBUTING.md").read_text()
    section = text[text.index("## Add an architecture") :]
    example = re.search(r"```python\n(.*?)```", section, re.DOTALL)[1]
    names = {"__name__": __name__}
    exec(compile(example, "CONTRIBUTING.md", "exec", dont_inherit=True), names)
    assert names["Settings"]().view.features == "energy_flow"
    model = names["Settings"]().build({})
    numbers = np.random.default_rng(1)
    model.set_weights([numbers.normal(size=weight.shape) for weight in model.weights])
    multiplicities = np.array([2.0, 1.0], np.float32)
    features = np.array([[0.4, 0, 0], [0.6, 0, 0], [1.0, 0, 0]], np.float32)
    scores = model.predict_on_batch([multiplicities, features, np.array([0, 0, 1], np.int32)])
    assert scores.shape == (2, 2)
    assert not np.allclose(scores[0], scores[1])


def test_every_rule_is_in_the_picture_of_the_dag(root):
    rules = set()
    for path in [root / "Snakefile", *(root / "workflow/rules").glob("*.smk")]:
        rules |= set(re.findall(r"^rule (\w+):", path.read_text(), re.MULTILINE))
    drawn = (root / "docs/images/dag.svg").read_text().replace("_\n", "_")
    drawn_names = set(re.findall(r">([a-z_ ]+)<", drawn))
    # No part of the default configuration, whose graph is drawn.
    others = {"generate_jets", "download_jets", "cut_observables", "track_cuts"}
    for rule in rules - {"all", "images"} - others:
        assert any(part in drawn_names for part in (rule, rule.split("_")[0] + "_")), rule


def test_every_command_that_the_documentation_names_exists(root):
    from jetline.cli.main import _parser

    commands = next(a.choices for a in _parser()._actions if getattr(a, "choices", None))
    for path in [root / "README.md", *root.glob("docs/*.md"), root / "CONTRIBUTING.md"]:
        for name in re.findall(r"`?jetline ([a-z][a-z-]+) ", path.read_text()):
            assert name in commands, (path.name, name)


def test_every_make_target_that_the_documentation_names_exists(root):
    targets = set(re.findall(r"^([a-z]+):", (root / "Makefile").read_text(), re.MULTILINE))
    for path in [root / "README.md", *root.glob("docs/*.md"), root / "CONTRIBUTING.md"]:
        for name in re.findall(r"`make ([a-z]+)", path.read_text()):
            assert name in targets, (path.name, name)
