"""The published results beside those of a run, by what the inputs tell of particles' species."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from jetline.evaluation import display
from jetline.evaluation.figures_of_merit import in_order
from jetline.report.figures_of_merit import printed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from jetline.evaluation.figures_of_merit.figure_of_merit import FigureOfMerit
    from jetline.records.comparison import Row
    from jetline.records.training import TrainingRecord
    from jetline.report.cuts_table import ShownCut

IDENTITY_CLASSES = {
    "none": "Without particle identity",
    "experimental": "With experimental particle identity (charge and detector classes)",
    "full": "With full particle identity (every species told apart)",
}

_OWN_SPECIES = "the species numbers are ours: those of PFN-Ex are not public"

_ALL_JETS = {"duplicates": "refuse"}
_BENCHMARK_SPLIT = _ALL_JETS | {"by": "file", "train": 0.8, "validation": 0.1, "test": 0.1}


@dataclass(frozen=True)
class Line:
    """One line of the table, ours or theirs.

    Attributes
    ----------
    ours : bool
        Whether it is of this run.
    method : str
        What was used.
    arxiv : str or None
        Number of the paper.
    where : str
        Where it was published, or on what it was tested.
    inputs : str
        What it takes.
    train_jets, parameters : int or None
        Size of the training and of the model, where they are known.
    cells : list of str
        Figures of merit as printed, in the order of the columns.
    status : str
        How well they are established, and what else is to be known of them.
    pretraining : str
        The jets that it was trained on before those, if any.
    """

    ours: bool
    method: str
    arxiv: str | None
    where: str
    inputs: str
    train_jets: int | None
    parameters: int | None
    cells: list[str]
    status: str
    pretraining: str = ""


def published() -> list[dict[str, str]]:
    """Read the published results, every number as it was printed; empty where none was."""
    import pandas as pd

    with resources.files("jetline.report").joinpath("published.csv").open(encoding="utf-8") as text:
        table = pd.read_csv(text, dtype=str, keep_default_na=False)
    return [
        {str(key): str(value) for key, value in row.items()}
        for row in table.to_dict(orient="records")
    ]


def published_figures_of_merit() -> dict[str, FigureOfMerit]:
    """Give the figures of merit that are published: columns of the table, in their order."""
    columns = published()[0]
    return {name: one for name, one in in_order().items() if name in columns}


def own_species_numbers(trainings: Iterable[TrainingRecord]) -> set[str]:
    """Tell the taggers that are given species numbers of ours, where the paper's are not public."""
    return {
        one.label
        for one in trainings
        if one.identity == "experimental" and one.view and one.view["features"] == "energy_flow"
    }


def groups(
    rows: Sequence[Row],
    datasets: dict[str, Any],
    cuts: Mapping[str, Sequence[ShownCut]],
    own_species: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Group our lines and theirs by identity class, so that like stands beside like.

    Parameters
    ----------
    rows : sequence of Row
        Ours.
    datasets : dict
        The configuration's datasets.
    cuts : mapping
        Cuts on single observables, by dataset.
    own_species : collection of str
        Labels of the taggers with species numbers of ours.

    Returns
    -------
    list of dict
        ``title`` and ``rows``, each a `Line`.
    """
    columns = list(published_figures_of_merit())
    found = []
    for identity, title in IDENTITY_CLASSES.items():
        ours = [
            _ours(row, columns, datasets, row.label in own_species)
            for row in rows
            if row.identity == identity
        ]
        theirs = [_theirs(entry, columns) for entry in published() if entry["pid"] == identity]
        if identity == "none":
            methods = {line.method for line in theirs}
            ours += [
                _cut(cut, columns, _where(dataset, datasets))
                for dataset, of_dataset in cuts.items()
                for cut in of_dataset
                if cut.name in methods
            ]
        found.append({"title": title, "rows": ours + theirs})
    return found


def _ours(row: Row, columns: list[str], datasets: dict[str, Any], own_species: bool) -> Line:
    several = len(row.seeds) > 1
    status = (
        f"{len(row.seeds)} seeds, ± test sample ± seeds" if several else "1 seed, ± test sample"
    )
    return Line(
        ours=True,
        method=row.label,
        arxiv=None,
        where=_where(row.dataset, datasets),
        inputs=row.inputs,
        train_jets=row.training_jets,
        parameters=row.parameters,
        cells=[printed(name, row.figures[name]) for name in columns],
        status=f"{status}; {_OWN_SPECIES}" if own_species else status,
    )


def _cut(cut: ShownCut, columns: list[str], where: str) -> Line:
    return Line(
        ours=True,
        method=cut.name,
        arxiv=None,
        where=where,
        inputs="observable",
        train_jets=None,
        parameters=1,
        cells=[cut.cells.get(name, display.MISSING) for name in columns],
        status="a cut, ± test sample",
    )


def _theirs(entry: dict[str, str], columns: list[str]) -> Line:
    def told(name: str) -> str:
        error = entry.get(f"{name}_err")
        return (entry[name] or display.MISSING) + (f" ± {error}" if error else "")

    is_paper = entry["arxiv"][:1].isdigit()
    return Line(
        ours=False,
        method=entry["method"],
        arxiv=entry["arxiv"] if is_paper else None,
        where=f"{entry['arxiv']} ({entry['year']})",
        inputs=entry["inputs"],
        train_jets=int(entry["train_jets"]) if entry["train_jets"] else None,
        parameters=int(entry["parameters"]) if entry["parameters"] else None,
        cells=[told(name) for name in columns],
        status="; ".join(filter(None, (entry["figure_status"], entry["note"]))),
        pretraining=entry["pretraining"],
    )


def _where(dataset: str, datasets: dict[str, Any]) -> str:
    entry = datasets.get(dataset, {"source": "not configured"})
    return f"this run, on {dataset} ({_origin(entry)})"


def _origin(entry: dict[str, Any]) -> str:
    """Name a dataset's source, and which of its samples."""
    return " ".join([entry["source"], *([entry["sample"]] if "sample" in entry else [])])


def benchmark(settings: dict[str, Any]) -> dict[str, Any]:
    """Tell which tested datasets the published figures of merit belong to, and if split alike."""
    of_it = {
        name: entry
        for name, entry in settings["datasets"].items()
        if name in settings["test_on"] and _origin(entry) == "zenodo pythia"
    }
    alike = _ALL_JETS | settings["split"] == _BENCHMARK_SPLIT
    split = alike and settings.get("folds", 1) == 1
    return {
        "names": list(of_it),
        "split": split and all(entry["files"] == 20 for entry in of_it.values()),
    }
