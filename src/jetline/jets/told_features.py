"""What jet files tell of constituents beside momenta and species, without reading any jet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jetline.core.errors import JetlineError
from jetline.jets.formats import JET_FORMATS
from jetline.jets.reading import format_by_name, open_jets

if TYPE_CHECKING:
    from collections.abc import Sequence


def features_in(path: Path, layout: Any = None) -> tuple[str, ...]:
    """Name the further features of a jet file's constituents.

    Parameters
    ----------
    path : Path
        The file.
    layout : Layout or str, optional
        As `jetline.jets.reading.open_jets` takes it.

    Raises
    ------
    JetlineError
        If it is no valid jet file.
    """
    path = Path(path)
    if layout is not None or format_by_name(path) not in (None, "npz"):
        laid_out: Any = JET_FORMATS["laid-out"]
        with laid_out.columns_of(path, layout) as (_, resolved, _):
            return tuple(resolved.further)
    return open_jets(path).feature_names


def layout_chosen_in(path: Path) -> str | None:
    """Name the layout that the columns of a foreign file tell; None of an archive.

    Raises
    ------
    JetlineError
        If no layout fits, or it is no valid file.
    """
    if format_by_name(path) in (None, "npz"):
        return None
    laid_out: Any = JET_FORMATS["laid-out"]
    with laid_out.columns_of(path, None) as (_, resolved, _):
        return str(resolved.name)


def require_features(where: str, there: Sequence[str], wanted: Sequence[str]) -> None:
    """Refuse jets without features that a tagger takes.

    Parameters
    ----------
    where : str
        The file or shard, for the error.
    there, wanted : sequence of str
        Names of the features that the jets have, and that the tagger takes.

    Raises
    ------
    JetlineError
        Names those that are missing, and how a file tells them.
    """
    missing = [name for name in wanted if name not in there]
    if missing:
        columns = ", ".join(f'"{name}": "column of {name}"' for name in wanted)
        raise JetlineError(
            where,
            found=f"jets without {', '.join(missing)} of their constituents; "
            f"{'they have ' + ', '.join(there) if there else 'they have no further features'}",
            expected=f"the further features that the tagger takes: {', '.join(wanted)}",
            remedy=f"name the columns by `features` of the layout, {{{columns}}}, also beside "
            "`base`; in an .npz save arrays `features` and `feature_names`; or train without "
            "(docs/formats.md)",
        )
