"""Make files of generated jets: as many of each class, shuffled, with all settings beside."""

from __future__ import annotations

import importlib.metadata
import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import jetline
from jetline.core.classes import numbered
from jetline.core.errors import JetlineError
from jetline.core.files import write_json
from jetline.core.progress import progress_bar
from jetline.core.randomness import generator, small_seed
from jetline.jets.formats.npz import write_jets
from jetline.sources.pythia.events import MAX_ABS_RAPIDITY, JetStream
from jetline.sources.pythia.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jetline.sources.pythia.settings import GeneratorSettings


def generate_jets(
    settings: GeneratorSettings,
    n_jets: int,
    *,
    seed: int,
    file: int,
    progress: Callable[[], object] | None = None,
) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Make the jets of one file, as many of each class, in random order.

    The jets depend on `settings`, `seed`, `file` and Pythia's version alone: fewer jets of a kind
    are the first of more.

    Parameters
    ----------
    settings : GeneratorSettings
        Their physics.
    n_jets : int
        Number of jets, a multiple of the number of classes.
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
        Number of each jet's class in ``settings.classes``.
    made : dict
        All that is needed to make the same jets again, and how many events they took.

    Raises
    ------
    JetlineError
        If `n_jets` cannot be shared out or is not positive, a number is negative, Pythia is missing
        or refuses.
    """
    classes = settings.classes
    _check_request(n_jets, classes, seed, file)
    of_each = n_jets // len(classes)
    jets: list[np.ndarray] = []
    made: dict[str, Any] = {}
    for kind in classes:
        # Pythia's seed ends at 900,000,000, and below 1 it would take one of its own.
        lines = settings.lines(kind, 1 + small_seed(seed, "pythia", file, kind) % 900_000_000)
        stream = JetStream(kind, settings, lines)
        for jet in itertools.islice(stream, of_each):
            jets.append(jet)
            if progress is not None:
                progress()
        made[kind] = {
            "jets": of_each,
            "events_tried": stream.events_tried,
            "accepted_fraction": of_each / stream.events_tried,
            **_counted(stream.counts, settings, kind),
            "pythia": lines,
        }
    labels = np.repeat(np.arange(len(classes), dtype=np.uint8), of_each)
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
    write_jets(path, constituents, labels, settings.classes)
    write_json(beside, made)


def _counted(counts: Mapping[str, int], settings: GeneratorSettings, kind: str) -> dict[str, int]:
    """Name what was counted of one kind of jets, as it stands beside them."""
    found = {}
    if settings.hadronisation:
        found["jets_with_b_hadrons"] = counts["b"]
        found["jets_with_c_hadrons_alone"] = counts["c"]
    if KINDS[kind].resonance:
        found["jets_that_hold_the_whole_decay"] = counts["whole"]
        found["hardest_jets_elsewhere"] = counts["elsewhere"]
    return found


def _check_request(n_jets: int, classes: Sequence[str], seed: int, file: int) -> None:
    each = len(classes)
    if n_jets < each or n_jets % each:
        raise JetlineError(
            "number of jets to generate",
            found=str(n_jets),
            expected=f"a multiple of {each}: as many of each class, {numbered(classes)}",
            remedy=f"ask for {max(each, n_jets + -n_jets % each)}",
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
