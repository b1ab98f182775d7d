"""Write report and gallery of a synthetic run of any size, in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.core.files import write_json
from jetline.evaluation.cuts import figures_of_merit
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.input_kind import Images
from jetline.inputs.making import make_shard
from jetline.jets.formats.npz import write_jets
from jetline.observables.table import OBSERVABLES
from jetline.report.examination_plots import draw_examinations
from jetline.report.figure_data import FigureData
from jetline.report.images_page import write_gallery
from jetline.report.run_page import write_report
from synthetic_run import write_configuration, write_drawn_comparison, write_run
from toy_taggers import write_examinations
from validated import write_validated

if TYPE_CHECKING:
    from pathlib import Path

_INPUTS = (
    ("images/notebook", "none"),
    ("images/color", "none"),
    ("particles", "none"),
    ("particles", "experimental"),
    ("particles", "full"),
    ("observables", "none"),
)
#: Fourteen taggers, the third the best, two of them equally good.
FOURTEEN = {
    label: {"noise": noise, "inputs": inputs, "identity": identity}
    for label, noise, (inputs, identity) in (
        ("cnn", 1.6, _INPUTS[0]),
        ("cnn-color", 1.3, _INPUTS[1]),
        ("particle-transformer-species", 0.2, _INPUTS[4]),
        ("particle-transformer", 0.5, _INPUTS[2]),
        ("particlenet", 0.5, _INPUTS[2]),
        ("particlenet-species", 0.25, _INPUTS[4]),
        ("pfn", 0.8, _INPUTS[2]),
        ("pfn-charges", 0.7, _INPUTS[3]),
        ("pfn-species", 0.45, _INPUTS[4]),
        ("efn", 1.0, _INPUTS[2]),
        ("set-transformer", 0.75, _INPUTS[2]),
        ("boosted-trees", 0.9, _INPUTS[5]),
        ("dense", 1.1, _INPUTS[5]),
        ("resnet", 1.4, _INPUTS[1]),
    )
}
TWO = {label: FOURTEEN[label] for label in ("cnn", "pfn-species")}


def write_reported_run(
    root: Path,
    described: dict[str, dict],
    seeds: tuple[int, ...],
    datasets: tuple[str, ...],
    n_jets: int,
) -> Path:
    """Write a run, its `images.html` and its `report.html`; give the report's path."""
    trainings, evaluations = write_run(root, described, seeds, datasets, n_jets)
    examinations = write_examinations(root, trainings, *datasets)
    write_drawn_comparison(trainings, evaluations, root / "comparison")
    labels = FigureData.read(root / "comparison/figures.npz").labels
    draw_examinations(examinations, root / "comparison", labels)
    write_configuration(root / "configuration.json", described, seeds, datasets)
    validations = write_validated(
        root / "validation", **{name: place for place, name in enumerate(datasets)}
    )
    cuts = [_write_cuts(root / "cuts" / f"{name}.json", name) for name in datasets]
    write_gallery(_image_shards(root), root / "images.html", seed=1, figures=root / "images")
    write_report(
        root / "comparison",
        root / "configuration.json",
        validations,
        root / "report.html",
        cuts=cuts,
        examinations=examinations,
        pages={"images": root / "images.html"},
    )
    return root / "report.html"


def _write_cuts(path: Path, dataset: str) -> Path:
    def figure(value: float) -> dict[str, float]:
        return {"value": value, "low": value - 0.01, "high": value + 0.01, "error": 0.01}

    rows = [
        {
            "observable": name,
            "below": True,
            "threshold": 41.5,
            "figures": dict.fromkeys(figures_of_merit(), figure(0.84 - 0.01 * place)),
        }
        for place, name in enumerate(list(OBSERVABLES)[:6])
    ]
    write_json(path, {"dataset": dataset, "jets": {"quark": 1, "gluon": 1}, "rows": rows})
    return path


def _image_shards(root: Path) -> list[Path]:
    """Shards of a few jets by two recipes, one of them of several channels."""
    numbers = np.random.default_rng(5)
    jets = np.zeros((80, 30, 4))
    jets[..., 0] = np.sort(numbers.exponential(10, (80, 30)), axis=1)[:, ::-1]
    jets[..., 1:3] = np.add(numbers.normal(0, 0.15, (80, 30, 2)), [0.5, 2.0])
    jets[..., 3] = numbers.choice([211, -211, 22, 130], (80, 30))
    path = root / "jets.npz"
    write_jets(path, jets, np.arange(80) % 2)
    for name in ("pt", "color"):
        make_shard(Images(name, RECIPES[name]), path, root / "shards" / name)
    return [root / "shards" / name for name in ("pt", "color")]
