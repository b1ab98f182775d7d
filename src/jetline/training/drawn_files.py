"""Files of drawn jets: from the folder of a trained model to a jet file."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, cast

import numpy as np

import jetline
from jetline.core.errors import JetlineError
from jetline.core.files import sha256_of, write_json
from jetline.core.progress import progress_bar
from jetline.core.randomness import generator
from jetline.jets.formats.npz import write_jets
from jetline.models import register_layers
from jetline.models.generative import GENERATIVE_MODELS
from jetline.records.training import TRAINING, TrainingRecord
from jetline.training.drawing import draw_particles
from jetline.training.safe_loading import Refused, load_safely

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import keras

    from jetline.models.layers.spectra import Spectra
    from jetline.training.drawing import Way, Window

register_layers()


def write_drawn(
    training: Path,
    output: Path,
    n_jets: int,
    *,
    seed: int,
    file: int,
    way: Way,
    window: Window,
    classes: Sequence[str] | None = None,
) -> None:
    """Draw the jets of one file, as many of each class, and write how they were drawn beside it.

    The jets depend on the model and on all that is given here. Tells its progress.

    Parameters
    ----------
    training : Path
        Folder of the training.
    output : Path
        Jet file; ``<stem>.json`` is written beside it.
    n_jets : int
        Number of jets, of all classes.
    seed, file : int
        Seed of the sample, and number of the file in it.
    way : Way
        How noise is taken to particles.
    window : Window
        Which jets are drawn.
    classes : sequence of str, optional
        Names of the classes to draw; all if left out.

    Raises
    ------
    JetlineError
        If the training is none of a model that draws particles, a class or a window is not among
        what it was trained on, or what is drawn is no jet.
    """
    model, record = load_drawing(training)
    labels = _labels(record, classes, n_jets)
    _require_known(training, model, record, labels, window)
    random = generator(seed, "drawn", file)
    random.shuffle(labels)
    began = time.perf_counter()
    with progress_bar(output.name, n_jets, "jets") as bar:
        particles, counts = draw_particles(model, labels, random, way, window, bar.update)
    seconds = time.perf_counter() - began
    if not np.isfinite(particles).all():
        raise JetlineError(
            str(training),
            found="particles drawn that are no finite numbers",
            expected="jets",
            remedy="draw with more steps, or train the model longer",
        )
    constituents = np.zeros((n_jets, counts.max(), 4), np.float32)
    constituents[np.arange(counts.max()) < counts[:, None]] = particles
    write_jets(output, constituents, labels.astype(np.uint8), record.classes)
    settings = {
        "model": {"label": record.label, "seed": record.seed, "key": record.key},
        "weights": sha256_of(training / "model.keras"),
        "trained_on": {"dataset": record.dataset, "jets": record.jets["train"]},
        "way": asdict(way),
        "window": asdict(window),
        "seed": seed,
        "file": file,
        "jets": n_jets,
        "jetline": jetline.__version__,
        "jets_per_second": n_jets / seconds,
    }
    write_json(output.with_suffix(".json"), settings)


def load_drawing(training: Path) -> tuple[keras.Model, TrainingRecord]:
    """Load a model that draws particles, and the record of its training.

    Raises
    ------
    JetlineError
        If the folder holds another model, or one that is not loaded.
    """
    record = TrainingRecord.read(training / TRAINING)
    if record.architecture not in GENERATIVE_MODELS:
        raise JetlineError(
            str(training / TRAINING),
            found=f"a training of {record.architecture}, which draws nothing",
            expected=f"one of {', '.join(GENERATIVE_MODELS)}",
            remedy="give the folder of a training of an entry of `generative`",
        )
    try:
        return load_safely(training / "model.keras"), record
    except Refused as error:
        raise JetlineError(
            str(training / "model.keras"),
            found=str(error),
            expected="a generative model saved by `jetline train` of this version",
            remedy="run the training again",
        ) from None


def _labels(record: TrainingRecord, classes: Sequence[str] | None, n_jets: int) -> np.ndarray:
    """Give the numbers of the classes, (n_jets,), as many of each as can be."""
    for name in classes or ():
        if name not in record.classes:
            raise JetlineError(
                "--classes",
                found=name,
                expected=f"classes that the model was trained on: {', '.join(record.classes)}",
                remedy="name some of these, or leave the option out",
            )
    numbers = [record.classes.index(name) for name in classes or record.classes]
    return np.resize(np.array(numbers), n_jets)


def _require_known(
    training: Path, model: keras.Model, record: TrainingRecord, labels: np.ndarray, window: Window
) -> None:
    """Refuse a window that reaches beyond the jets that the model was trained on."""
    spectra = cast("Spectra", model.get_layer("spectra"))
    for label in np.unique(labels):
        reach = spectra.reach(int(label))
        pt = tuple(float(np.exp(value)) for value in reach["ln_pt"])
        for option, asked, (lowest, highest) in (
            ("--pt-window", window.pt, pt),
            ("--multiplicity", window.multiplicity, reach["multiplicity"]),
        ):
            # Tables are in single precision.
            if asked and not (lowest * 0.9999 <= asked[0] and asked[1] <= highest * 1.0001):
                raise JetlineError(
                    option,
                    found=f"{asked[0]:g} to {asked[1]:g}",
                    expected=f"within {lowest:g} to {highest:g}, where {training} was trained on "
                    f"{record.classes[int(label)]} jets",
                    remedy="choose a window within these, or train on jets of the other",
                )
