"""The taggers that come with the package: whole, documented, and as good as their cards say."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from jetline.cli.main import main
from jetline.configuration.reading import load_yaml
from jetline.core.files import sha256_of
from jetline.models import read_settings
from jetline.records.card import CARD, Card
from jetline.records.training import TRAINING, TrainingRecord
from jetline.taggers import box, card_text

NAMES = box.names()


@pytest.mark.parametrize("name", NAMES)
def test_a_tagger_is_whole_and_small(name):
    folder = box.BOX / name
    card, record = Card.read(folder / CARD), TrainingRecord.read(folder / TRAINING)
    assert card.label == record.label == name
    assert card.training == record.key
    assert card.sha256 == sha256_of(folder / "model.keras")
    assert sum(path.stat().st_size for path in folder.iterdir()) < 500_000
    assert (record.host, record.mlflow_run_id) == ("", None)
    # Its settings are those of this version.
    read_settings(record.architecture, record.settings)


def test_they_are_those_of_the_configuration_and_documented_with_what_they_reach(root):
    configured = load_yaml(root / "config/pretrained.yaml")["architectures"]
    assert {"multiplicity", "observables", "pfn-none", "pfn-experimental", "pfn-full"} <= {*NAMES}
    assert {*NAMES} <= configured.keys()
    text = (root / "docs/taggers.md").read_text(encoding="utf-8")
    for name in NAMES:
        card = Card.read(box.BOX / name / CARD)
        for test in card.tests:
            cells = card_text.row_of(test, card)
            assert f"| {' | '.join(cells)} |" in text, name


@pytest.mark.slow
@pytest.mark.parametrize("name", ["multiplicity", "pfn-experimental"])
def test_a_card_says_what_its_tagger_reaches(name, bundled, tmp_path):
    output = tmp_path / "scores.npz"
    jets = [str(path) for path in bundled]
    assert main(["score", *jets, "--tagger", name, "--output", str(output), "--device", "cpu"]) == 0
    with np.load(output, allow_pickle=False) as scored:
        labels, scores = scored["labels"], scored["scores"]
    card = Card.read(box.BOX / name / CARD)
    (test,) = (one for one in card.tests if one.dataset == "bundled")
    assert sum(test.jets.by_class.values()) == len(labels)
    assert roc_auc_score(labels, scores) == pytest.approx(test.figures["auc"].value, abs=1e-5)
    accuracy = np.mean((scores >= 0.5) == labels)
    assert accuracy == pytest.approx(test.figures["accuracy"].value, abs=2e-4)


def test_the_list_has_every_tagger_with_its_figure(capsys):
    assert main(["taggers"]) == 0
    told = capsys.readouterr().out
    for name in NAMES:
        figure = Card.read(box.BOX / name / CARD).tests[0].figures["auc"].value
        assert f"{figure:.4f}" in next(line for line in told.splitlines() if line.startswith(name))
