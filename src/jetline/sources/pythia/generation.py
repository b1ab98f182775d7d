"""Make files of generated jets: half quark, half gluon, shuffled, with all settings beside."""

from __future__ import annotations

import importlib.metadata
import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import jetline
from jetline.core.errors import JetlineError
from jetline.core.files import write_json
from jetline.core.progress import progress_bar
from jetline.core.randomness import generator, small_seed
from jetline.jets.formats.npz import write_jets
from jetline.sources.pythia.events import MAX_ABS_RAPIDITY, JetStream

if TYPE_CHECKING:
    from collections.abc import Callable

    from jetline.sources.pythia.settings import GeneratorSettings, Kind

#: Label of each kind of jet.
LABELS: dict[Kind, int] = {"gluon": 0, "quark": 1}


def generate_jets(
    settings: GeneratorSettings,
    n_jets: int,
    *,
    seed: int,
    file: int,
    progress: Callable[[], object] | None = None,
) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Make the jets of one file, half from quarks and half from gluons, in random order.

    The jets depend on `settings`, `seed`, `file` and Pythia's version alone: fewer jets of a kind
    are the first of more.

    Parameters
    ----------
    settings : GeneratorSettings
        Their physics.
    n_jets : int
        Number of jets, even.
    seed : int
        The sample's seed, non-negative.
    file : int
        Number of the file in the sample, non-negative.
    progress : callable, optional
        Called without arguments after each jet.

    Returns
    -------
    constituents : (n_jets, M, 4) float32 array
        As in a jet file; M is the largest multiplicity.
    labels : (n_jets,) uint8 array
        1 quark, 0 gluon.
    made : dict
        All that is needed to make the same jets again, and how many events they took.

    Raises
    ------
    JetlineError
        If `n_jets` is odd or not positive, a number is negative, Pythia is missing or refuses.
    """
    _check_request(n_jets, seed, file)
    jets: list[np.ndarray] = []
    made: dict[str, Any] = {}
    for kind in LABELS:
        # Pythia's seed ends at 900,000,000, and below 1 it would take one of its own.
        lines = settings.lines(kind, 1 + small_seed(seed, "pythia", file, kind) % 900_000_000)
        stream = JetStream(kind, settings, lines)
        for jet in itertools.islice(stream, n_jets // 2):
            jets.append(jet)
            if progress is not None:
                progress()
        made[kind] = {
            "jets": n_jets // 2,
            "events_tried": stream.events_tried,
            "accepted_fraction": n_jets / 2 / stream.events_tried,
            "pythia": lines,
        }
    labels = np.repeat(np.array(list(LABELS.values()), dtype=np.uint8), n_jets // 2)
    order = generator(seed, "pythia", file, "order").permutation(n_jets)
    made |= {
        "recipe": settings.model_dump(mode="json"),
        "seed": seed,
        "file": file,
        "jets": n_jets,
        "versions": {name: importlib.metadata.version(name) for name in ("numpy", "pythia8mc")}
        | {"jetline": jetline.__version__},
        "algorithm": "anti-kT",
        "jet_max_abs_rapidity": MAX_ABS_RAPIDITY,
    }
    return padded(jets)[order], labels[order], made


def write_generated(
    settings: GeneratorSettings, path: Path, n_jets: int, *, seed: int, file: int
) -> None:
    """Make the jets of one file and write them, with their settings beside as ``<stem>.json``.

    Tells its progress. Parameters and errors are those of `generate_jets`.
    """
    path = Path(path)
    beside = path.with_suffix(".json")
    if beside == path:
        raise JetlineError(
            f"--output {path}",
            found="the name of the file with the settings",
            expected="another name than that of the settings, which are written beside the jets",
            remedy=f"name the jet file {path.with_suffix('.npz')}",
        )
    with progress_bar(path.name, n_jets, "jets") as bar:
        constituents, labels, made = generate_jets(
            settings, n_jets, seed=seed, file=file, progress=bar.update
        )
    write_jets(path, constituents, labels)
    write_json(beside, made)


def _check_request(n_jets: int, seed: int, file: int) -> None:
    if n_jets < 2 or n_jets % 2:
        raise JetlineError(
            "number of jets to generate",
            found=str(n_jets),
            expected="an even number, 2 or more: half quark jets, half gluon jets",
            remedy=f"ask for {max(2, n_jets + 1)}",
        )
    if min(seed, file) < 0:
        raise JetlineError(
            "seed and file of the jets to generate",
            found=f"{seed} and {file}",
            expected="0 or more",
            remedy="ask for others",
        )


def padded(jets: list[np.ndarray]) -> np.ndarray:
    """Stack jets, with rows of zeros up to the largest multiplicity."""
    stacked = np.zeros((len(jets), max(map(len, jets)), 4), dtype=np.float32)
    for row, jet in zip(stacked, jets, strict=True):
        row[: len(jet)] = jet
    return stacked
