"""The page on what taggers decide on, beside that on images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jetline.core.files import atomic, write_text
from jetline.evaluation import display
from jetline.observables.table import OBSERVABLES
from jetline.report import page, style
from jetline.report.explained_groups import MOST_POINTS
from jetline.report.explained_taggers import ExplainedLabel, Joined, read_explained
from jetline.report.explanation_plots import figures_of
from jetline.report.lund_plots import LundPlanes, attention_told

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.figure import Figure

#: Observables that a table of correlations has, the most correlated ones.
_MOST = 8


def write_explanations(
    files: Sequence[Path],
    output: Path,
    figures: Path | None = None,
    lund_planes: Path | None = None,
) -> None:
    """Write the page on explanations.

    Parameters
    ----------
    files : sequence of Path
        ``explanation.json`` of each training, ``explanation.npz`` beside each.
    output : Path
        The HTML file to write.
    figures : Path, optional
        Folder for the figures too, `<label>-<figure>.png` and `.pdf`.
    lund_planes : Path, optional
        ``lund-planes.json`` of the jets, ``lund-planes.npz`` beside it.

    Raises
    ------
    JetlineError
        If an explanation is missing, damaged or of another version.
    """
    sections = []
    for found in read_explained(files):
        pictures = {}
        for name, figure in figures_of(found).items():
            path = figures / f"{found.label}-{name}.png" if figures else None
            pictures[name] = _embedded(figure, path) | {"alt": _in_words(found, name)}
        sections.append(_section(found, pictures))
    lund = None
    if lund_planes:
        planes = LundPlanes.read(lund_planes)
        # No label of a tagger has a full stop.
        path = figures / "jets.lund-planes.png" if figures else None
        picture = _embedded(planes.drawn(), path) | {"alt": planes.in_words()}
        lund = {"record": planes.record, "picture": picture}
    told = {"sections": sections, "lund": lund}
    write_text(output, page.render("explanation_page.html.j2", {"count": display.count}, **told))


def _embedded(figure: Figure, path: Path | None) -> dict[str, Any]:
    """Give a figure for the page, and write it as PNG and PDF too."""
    picture = style.png(figure)
    if path:
        with atomic(path) as temporary:
            temporary.write_bytes(picture)
        style.save_pdf(figure, path.with_suffix(".pdf"))
    return page.embedded(picture)


def _section(found: ExplainedLabel, pictures: dict[str, Any]) -> dict[str, Any]:
    records = found.records
    checks = [record.check for record in records if record.check]
    return {
        "label": found.label,
        "record": records[0],
        "seeds": len(set(found.seeds)),
        "folds": found.folds,
        "matrix": len(found.classes) > MOST_POINTS,
        "completeness": max(record.completeness.relative for record in records),
        "largest": max(record.completeness.largest for record in records),
        "magnitudes": max((check.magnitudes for check in checks), default=None),
        "signed": max((check.signed for check in checks), key=abs, default=None),
        "survives": found.survives,
        "presence": {kind: found.presence(kind) for kind in found.classes}
        if "jets" in pictures
        else {},
        "filters": [record.filters for record in records if record.filters],
        "attention": attention_told(found),
        "surrogates": _joined(found, "surrogates", "explained"),
        "agreements": _joined(found, "surrogates", "agreement"),
        "correlations": _correlations(found),
        "pictures": pictures,
    }


def _joined(found: ExplainedLabel, parts: str, name: str) -> dict[str, Joined]:
    """Average what trainings have of each class, with the spread over seeds."""
    values: dict[str, list[tuple[float, int]]] = {}
    for record in found.records:
        for one in getattr(record, parts):
            values.setdefault(one.of, []).append((getattr(one, name), record.seed))
    return {of: Joined.spread(*zip(*told, strict=True)) for of, told in values.items()}


def _correlations(found: ExplainedLabel) -> list[tuple[str, dict[str, Joined]]]:
    """Give the observables that decisions are most correlated with: of each class, by name."""
    values: dict[str, dict[str, list[tuple[float, int]]]] = {}
    for record in found.records:
        for one in record.correlations:
            of_all = values.setdefault(OBSERVABLES[one.observable].label, {})
            of_all.setdefault(one.of, []).append((one.value, record.seed))
    joined = [
        (title, {of: Joined.spread(*zip(*told, strict=True)) for of, told in by_class.items()})
        for title, by_class in values.items()
    ]
    joined.sort(key=lambda one: -max(abs(value.value) for value in one[1].values()))
    return joined[:_MOST]


def _in_words(found: ExplainedLabel, picture: str) -> str:
    """Tell in words what a picture shows."""
    if picture == "groups":
        told = []
        for kind in found.classes:
            by = found.ways[0]
            added = found.added(kind, by)
            most, group = max(found.groups(by), key=lambda one: abs(added[one[0]].value))
            told.append(f"on {kind} jets {group} add most, {added[most].value:+.2f}")
        return f"What groups add to the decisions of {found.label}: {'; '.join(told)}."
    what = {
        "importances": "Importance of observables, Shapley values beside permutations",
        "jets": "Particles of single jets, coloured by what they add to the decision",
        "pixels": "What pixels add to the decision, in the mean over each class and for one jet",
        "attention": "Attention of the class token to particles, on the Lund plane of each class",
        "filters": "Filters in the plane of rapidity and azimuth, and their sizes",
    }
    return f"{what[picture]}, of {found.label}."
