"""Cuts on single observables as a table shows them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jetline.observables.table import OBSERVABLES
from jetline.records.comparison import Summary
from jetline.records.cuts import Cut, CutsRecord
from jetline.report.figures_of_merit import printed


@dataclass(frozen=True)
class ShownCut:
    """One line of the table.

    Attributes
    ----------
    name, label, definition : str
        Of the observable.
    quarks : str
        Which jets are called quarks.
    cells : dict of str
        Figures of merit by name, as printed.
    """

    name: str
    label: str
    definition: str
    quarks: str
    cells: dict[str, str]


def read_cuts(path: Path) -> tuple[str, list[ShownCut]]:
    """Read the cuts on a dataset, the best first.

    Returns
    -------
    dataset : str
        Its name.
    lines : list of ShownCut
        The lines of the table.

    Raises
    ------
    JetlineError
        If the file is missing, broken, or of another version.
    """
    record = CutsRecord.read(Path(path))
    ranked = sorted(record.rows, key=lambda cut: -(cut.figures["auc"].value or 0.0))
    return record.dataset, [_shown(cut) for cut in ranked]


def _shown(cut: Cut) -> ShownCut:
    observable = OBSERVABLES[cut.observable]
    unit = f" {observable.unit}" if observable.unit else ""
    return ShownCut(
        name=cut.observable,
        label=observable.label,
        definition=observable.definition.replace("`", ""),
        quarks=f"{'≤' if cut.below else '≥'} {cut.threshold:.4g}{unit}",
        cells={name: printed(name, Summary.of_one(one)) for name, one in cut.figures.items()},
    )
