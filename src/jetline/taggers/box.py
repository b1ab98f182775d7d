"""Taggers that come with the package, by name."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jetline.core.errors import JetlineError
from jetline.jets.told_species import IDENTITIES, identity_in
from jetline.records.card import CARD, Card
from jetline.taggers.ranges import outside

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Folder of a tagger each. config/pretrained.yaml makes them.
BOX = Path(__file__).parent / "box"


def names() -> list[str]:
    """Name every tagger that comes with the package."""
    return sorted(card.parent.name for card in BOX.glob(f"*/{CARD}"))


def find_tagger(told: Path, jet_files: Sequence[Path] = (), layout: Any = None) -> Path:
    """Find the folder of a tagger by the folder itself or the name of one of the package's.

    Of taggers that differ in what they are told of species, ``pfn`` is the one that is told as much
    as all jet files tell.

    Parameters
    ----------
    told : Path
        Folder or name.
    jet_files : sequence of Path
        The files to score.
    layout : Layout or str, optional
        As `jetline.jets.reading.open_jets` takes it.

    Raises
    ------
    JetlineError
        If there is neither such a folder nor such a tagger, or a jet file cannot be read.
    """
    name = str(told)
    if told.exists():
        return told
    known = names()
    if name in known:
        return BOX / name
    by_identity = {
        identity: f"{name}-{identity}" for identity in IDENTITIES if f"{name}-{identity}" in known
    }
    if not by_identity:
        near = difflib.get_close_matches(name, known, n=1)
        raise JetlineError(
            f"--tagger {told}",
            found="no such folder, and no tagger of the package of this name",
            expected="the folder of a training, or the name of a tagger of the package",
            remedy=f"did you mean {near[0]}?" if near else "`jetline taggers` lists them",
        )
    told_by_all = min(
        (identity_in(path, layout) for path in jet_files), key=IDENTITIES.index, default="full"
    )
    most = IDENTITIES.index(told_by_all)
    fitting = [one for identity, one in by_identity.items() if IDENTITIES.index(identity) <= most]
    # Without one that fits, the least demanding one says what it lacks.
    return BOX / (fitting[-1] if fitting else next(iter(by_identity.values())))


def warnings_of(tagger: Path, path: Path, layout: Any = None) -> list[str]:
    """Warn, if a tagger has a card, of jets of a file that are not like those it was trained on.

    Parameters are those of `outside`, and the tagger's folder.
    """
    if not (tagger / CARD).is_file():
        return []
    card = Card.read(tagger / CARD)
    told = outside(path, card.ranges, layout)
    if not told:
        return []
    name = tagger.name if tagger.parent == BOX else tagger
    return [
        f"warning: {path}: not like the jets that the tagger was trained on: {'; '.join(told)}; "
        f"`jetline taggers {name}` tells what it reaches elsewhere"
    ]
