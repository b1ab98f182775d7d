"""Examples, commands and names in the documentation are correct."""

from __future__ import annotations

import re

import numpy as np

from contributing import example_of


def test_the_architecture_in_contributing_learns(root):
    example = example_of(root, "Add an architecture in one file")
    names = {"__name__": __name__}
    exec(compile(example, "CONTRIBUTING.md", "exec", dont_inherit=True), names)
    network = names["MomentumSum"]()
    assert network.view.features == "energy_flow"
    model = network.build({})
    numbers = np.random.default_rng(1)
    model.set_weights([numbers.normal(size=weight.shape) for weight in model.weights])
    tensors = {
        "counts": np.array([2.0, 1.0], np.float32),
        "features": np.array([[0.4, 0, 0], [0.6, 0, 0], [1.0, 0, 0]], np.float32),
        "segments": np.array([0, 0, 1], np.int32),
    }
    scores = model.predict_on_batch(tensors)
    assert scores.shape == (2, 2)
    assert not np.allclose(scores[0], scores[1])


def test_every_rule_is_in_the_picture_of_the_dag(root):
    rules = set()
    for path in [root / "Snakefile", *(root / "workflow/rules").glob("*.smk")]:
        rules |= set(re.findall(r"^rule (\w+):", path.read_text(), re.MULTILINE))
    drawn = (root / "docs/images/dag.svg").read_text().replace("_\n", "_")
    drawn_names = set(re.findall(r">([a-z_ ]+)<", drawn))
    # No part of the default configuration, whose graph is drawn.
    others = {"generate_jets", "download_jets", "import_jets", "make_pictures", "cut_observables"}
    others |= {
        "draw_jets",
        "judge_drawn",
        "show_judgements",
        "draw_confused",
        "explain",
        "lund_planes",
        "show_explanations",
    }
    others |= {"export_tagger", "compare_export", "write_card"}
    others |= {"propose_trials", "train_trial", "conclude_scan", "draw_scan", "track_scan"}
    others |= {"split_into_folds", "join_folds", "train_together"}
    for rule in rules - {"all", "images"} - others:
        assert any(part in drawn_names for part in (rule, rule.split("_")[0] + "_")), rule


def test_every_command_that_the_documentation_names_exists(root):
    from jetline.cli.main import COMMANDS

    commands = COMMANDS.commands
    for path in [root / "README.md", *root.glob("docs/*.md"), root / "CONTRIBUTING.md"]:
        for name in re.findall(r"`?jetline ([a-z][a-z-]+) ", path.read_text()):
            assert name in commands, (path.name, name)


def test_every_make_target_that_the_documentation_names_exists(root):
    targets = set(re.findall(r"^([a-z]+):", (root / "Makefile").read_text(), re.MULTILINE))
    for path in [root / "README.md", *root.glob("docs/*.md"), root / "CONTRIBUTING.md"]:
        for name in re.findall(r"`make ([a-z]+)", path.read_text()):
            assert name in targets, (path.name, name)


def test_every_decision_has_a_context_a_decision_and_a_consequence(root):
    _, *entries = (root / "docs/decisions.md").read_text().split("\n### ")
    for entry in entries:
        words = re.findall(r"^\*\*(\w+)\.\*\*", entry, re.MULTILINE)
        assert words == ["Context", "Decision", "Consequence"], entry.splitlines()[0]


def test_every_decision_that_the_code_names_is_there(root):
    decisions = re.findall(r"^### (.*)$", (root / "docs/decisions.md").read_text(), re.MULTILINE)
    assert len(set(decisions)) == len(decisions)
    named = {
        name
        for path in (root / "src").rglob("*.py")
        for name in re.findall(r"# docs/decisions\.md: (.*)$", path.read_text(), re.MULTILINE)
    }
    assert named
    assert named <= set(decisions)
