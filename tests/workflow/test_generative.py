"""A generative model is trained, draws jets, and taggers are tested on them as on all others."""

from __future__ import annotations

import json

import numpy as np
import pytest

from checkout import Checkout

CONFIGURED = {
    "datasets": {
        "few": {"source": "files", "paths": ["jets/*.npz"]},
        "drawn": {
            "source": "drawn",
            "model": "flow",
            "jets_per_file": 300,
            "steps": 2,
            "species_steps": 2,
        },
    },
    "test_on": ["few", "drawn"],
    "architectures": {
        "multiplicity": {"architecture": "observables", "observables": ["multiplicity"]}
    },
    "generative": {
        "flow": {
            "architecture": "flow-matching",
            "epochs": 1,
            "batch_size": 64,
            "layers": 1,
            "width": 8,
            "jet_width": 4,
            "species_layers": 1,
        }
    },
}


@pytest.mark.slow
def test_drawn_jets_are_a_dataset_as_any_other(root, bundled, tmp_path):
    checkout = Checkout(root, tmp_path / "checkout")
    (checkout.folder / "jets").mkdir()
    with np.load(bundled[0], allow_pickle=False) as archive:
        np.savez(checkout.folder / "jets/few.npz", X=archive["X"][:1500], y=archive["y"][:1500])
    configured = ("--configfile", checkout.configure("tiny", **CONFIGURED))
    result = checkout.snakemake(*configured)
    assert result.returncode == 0, result.stdout
    assert "Taggers on" in result.stdout
    assert "test jets of drawn" in result.stdout
    run = checkout.folder / "results/runs/tiny"
    (settings,) = checkout.folder.glob("results/jets/drawn-*/jets_0.json")
    told = json.loads(settings.read_text())
    trained = json.loads((run / "trainings/flow/seed-1/training.json").read_text())
    assert told["model"] == {"label": "flow", "seed": 1, "key": trained["key"]}
    assert sum(told["trained_on"]["jets"].values()) == sum(trained["jets"]["train"].values())
    assert (run / "evaluation/multiplicity/seed-1/drawn/metrics.json").exists()
    judged = json.loads((run / "judgement/drawn/judgement.json").read_text())
    assert {row["of"] for row in judged["rows"]} == {"gluon", "quark", "all"}
    # What an untrained model draws is told from the truth.
    assert "differs" in {row["verdict"] for row in judged["rows"]}
    assert "Drawn jets beside true ones" in (run / "drawn.html").read_text()
    assert 'href="drawn.html"' in (run / "report.html").read_text()
    # It is no tagger: it scores nothing, and stands in no table.
    assert not (run / "predictions/flow").exists()
    assert "flow" not in (run / "comparison/comparison.csv").read_text()
    # Nothing is made twice, and another way of drawing draws and all behind it, but trains nothing.
    assert not checkout.planned(*configured)
    drawn = CONFIGURED["datasets"]["drawn"] | {"steps": 3}
    changed = CONFIGURED | {"datasets": CONFIGURED["datasets"] | {"drawn": drawn}}
    rules = {
        rule for rule, *_ in checkout.planned("--configfile", checkout.configure("tiny", **changed))
    }
    assert "draw_jets" in rules
    assert "train" not in rules
