"""Export a tagger: one graph from raw jets to scores, with all that has to be known of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline import __version__
from jetline.core.errors import JetlineError
from jetline.core.files import atomic
from jetline.export.entries import entry_of
from jetline.export.graph import Misfit
from jetline.records.training import TrainingRecord, read_tagger, single_taggers
from jetline.training.prediction import load_training

if TYPE_CHECKING:
    from pathlib import Path

    from jetline.export.entries import Entry
    from jetline.records.training import ForeignTagger

    Tagger = TrainingRecord | ForeignTagger


def export_tagger(training: Path, output: Path, precision: str = "float32") -> list[str]:
    """Write a tagger as an ONNX model; of a training in folds, the mean of their scores.

    Parameters
    ----------
    training : Path
        Folder of the training.
    output : Path
        File to write.
    precision : "float32" or "float64"
        Of the network, and of what it takes. Features and images are made in float64 in any case.

    Returns
    -------
    list of str
        What the model takes and gives, in words.

    Raises
    ------
    JetlineError
        If the tagger cannot be read, or has what ONNX has not.
    """
    record = read_tagger(training)
    models = [load_training(folder)[0] for folder in single_taggers(training)]
    model = tagger_model(models, record, precision)
    with atomic(output) as temporary:
        temporary.write_bytes(model.SerializeToString())
    return in_words(model)


def in_words(model: Any) -> list[str]:
    """Tell what an exported model takes and gives."""
    told = {one.key: one.value for one in model.metadata_props}
    (given,) = model.graph.input
    axes = [axis.dim_param or str(axis.dim_value) for axis in given.type.tensor_type.shape.dim]
    described = json.loads(told["input"])
    what = ", ".join(
        f"{column} [{unit}]" if unit else column
        for column, unit in zip(described["columns"], described["units"], strict=True)
    )
    kind = {1: "float32", 11: "float64"}[given.type.tensor_type.elem_type]
    return [
        f"takes {given.name} ({', '.join(axes)}) {kind}: {what}",
        f"gives scores: {told['scores']}",
    ]


def tagger_model(
    models: list[Any], record: Tagger, precision: str = "float32", *, checked: bool = False
) -> Any:
    """Make the ONNX model of a tagger.

    Parameters
    ----------
    models : list of keras.Model
        The tagger's, one for each fold.
    record : TrainingRecord or ForeignTagger
        What is known of it.
    precision : str
        As `export_tagger` has it.
    checked : bool
        Whether to give out, beside the scores, what tells that a jet is on the edge of being scored
        otherwise: `Entry.checks`.
    """
    entry = entry_of(models[0], record, precision)
    scores = [entry.scores(model) for model in models]
    mean = scores[0] if len(scores) == 1 else scores[0].op("Mean", *scores[1:])
    two = len(record.classes) == 2
    mean = mean.column(1) if two else mean
    scored = (entry.valid if two else entry.valid.expand(-1)).where(mean, np.nan)
    graph = entry.scope.graph
    graph.output("scores", scored, ["jets"] if two else ["jets", len(record.classes)])
    if checked:
        for name, (tensor, shape) in entry.checks().items():
            graph.output(name, tensor, shape)
    try:
        return graph.model(record.label, _metadata(record, entry))
    except Misfit as error:
        raise JetlineError(
            f"tagger {record.label}",
            found=f"a model that does not take what its training.json says ({error})",
            expected=record.what,
            remedy=record.remedy,
        ) from None


def _metadata(record: Tagger, entry: Entry) -> dict[str, str]:
    """Tell all that has to be known to use the model, and where it comes from."""
    two = len(record.classes) == 2
    scores = (
        f"probability of {record.classes[1]}, NaN for what is no jet"
        if two
        else "probability of each class, NaN for what is no jet"
    )
    told = {
        "jetline": __version__,
        "tagger": record.label,
        "architecture": record.architecture,
        "seed": record.seed,
        "training": record.key,
        "identity": record.identity,
        "classes": list(record.classes),
        "precision": entry.precision,
        "input": entry.described,
        "scores": scores,
        "settings": record.settings,
    }
    if isinstance(record, TrainingRecord):
        told |= {
            "run": record.run,
            "dataset": record.dataset,
            "training_jets": record.jets["train"],
            "commit": record.commit or "",
        }
    return {key: one if isinstance(one, str) else json.dumps(one) for key, one in told.items()}
