"""Hold what a tagger's record says against its model and against the jets that it is to score."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from jetline.core.errors import JetlineError
from jetline.inputs.further import names_in
from jetline.inputs.view import ParticleView
from jetline.jets.told_features import require_features
from jetline.models.layers.trees import Trees
from jetline.records.training import TRAINING, TaggerRecord
from jetline.training.batches import Batches

if TYPE_CHECKING:
    from pathlib import Path

    import keras

    from jetline.inputs.sample import JetSample

#: As the settings of an architecture allow.
_LARGEST_BATCH = 1_000_000

_VIEW = TypeAdapter(ParticleView)


def view_of(record: TaggerRecord) -> ParticleView | None:
    """Give the view of particles that a tagger was trained with; None for other inputs."""
    return None if record.view is None else _VIEW.validate_python(record.view)


def further_of(record: TaggerRecord) -> tuple[str, ...]:
    """Name the further features of particles that a tagger takes."""
    view = view_of(record)
    return view.further if view else ()


def require_scorable(training: Path, record: TaggerRecord) -> None:
    """Refuse a record that does not say how jets are given to its model.

    It needs a batch size, and for particles, and them alone, a view.

    Raises
    ------
    JetlineError
        Names the key.
    """
    size = record.settings.get("batch_size")
    if type(size) is not int or not 1 <= size <= _LARGEST_BATCH:
        found = f"{size!r}, where a number from 1 to {_LARGEST_BATCH:,} is expected"
        raise _wrong(training, record, "settings.batch_size", found)
    particles = record.inputs == "particles"
    if record.view is None:
        if particles:
            raise _wrong(training, record, "view", "none, for inputs `particles`")
        return
    if not particles:
        raise _wrong(training, record, "view", f"a view of particles, for inputs {record.inputs}")
    unknown = sorted(record.view.keys() - {field.name for field in fields(ParticleView)})
    if unknown:
        raise _wrong(training, record, f"view.{unknown[0]}", "a key that no view has")
    try:
        view = view_of(record)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, ("view", *first["loc"])))
        message = first["msg"][:1].lower() + first["msg"][1:]
        raise _wrong(training, record, place, message) from None
    assert view is not None
    if view.most is not None and view.most < 1:
        raise _wrong(training, record, "view.most", f"{view.most} particles of a jet")
    if view.pairs and not view.dense:
        raise _wrong(training, record, "view.pairs", "pairs without the dense form that they need")


def require_fitting(
    training: Path, model: keras.Model, record: TaggerRecord, sample: JetSample
) -> None:
    """Refuse to give a model tensors that it was not built for.

    Raises
    ------
    JetlineError
        If the jets are tables of other observables than the model was trained on, or the model
        takes other tensors than the record says, or gives not a score for each class; or the jets
        have not the further features that it takes.
    """
    if sample.columns != record.columns:
        raise JetlineError(
            f"{training / TRAINING}, columns",
            found=", ".join(record.columns or []) or f"{record.columns}",
            expected=", ".join(sample.columns or []) or f"null, for inputs {record.inputs}",
            remedy="train again: this version of jetline measures other observables",
        )
    view = view_of(record)
    for shard in sample.shards if view else ():
        require_features(shard.manifest.source.file, names_in(shard), further_of(record))
    tensors = Batches(sample, np.arange(min(len(sample), 1)), 1, view)[0][0]
    if found := _misfit(model, record, {name: one.shape for name, one in tensors.items()}):
        raise JetlineError(
            str(training / "model.keras"),
            found=found,
            expected=f"the model that {TRAINING} beside it describes, with a score for each of "
            f"{', '.join(record.classes)}",
            remedy=record.remedy,
        )


def _misfit(
    model: keras.Model, record: TaggerRecord, given: dict[str, tuple[int, ...]]
) -> str | None:
    """Tell why a model cannot take tensors of these shapes and score their jets."""
    if isinstance(model, Trees):
        if given.keys() != {"observables"}:
            return f"trees, which take observables and not {record.inputs}"
        if model.sums != (1 if len(record.classes) == 2 else len(record.classes)):
            return f"trees with {model.sums} sums"
        return model.flaw(given["observables"][1])
    taken = {tensor.name: tuple(tensor.shape) for tensor in model.inputs}
    for name in sorted(given.keys() | taken.keys()):
        if not (name in given and name in taken and _agree(given[name], taken[name])):
            return (
                f"a model that takes {name} {_shape(taken.get(name))}, where {record.inputs} as "
                f"{TRAINING} describes them give {_shape(given.get(name))}"
            )
    if model.output_shape != (None, len(record.classes)):
        return f"a model with scores of shape {model.output_shape}"
    return None


def _agree(given: tuple[int, ...], taken: tuple[int | None, ...]) -> bool:
    """Tell whether shapes agree beyond their first axis, where the model's says anything."""
    return len(given) == len(taken) and all(
        size in (None, there) for there, size in zip(given[1:], taken[1:], strict=True)
    )


def _shape(shape: Any) -> str:
    return "none" if shape is None else f"of shape ({', '.join(map(str, ('n', *shape[1:])))})"


def _wrong(training: Path, record: TaggerRecord, place: str, found: str) -> JetlineError:
    return JetlineError(
        f"{training / TRAINING}, {place}",
        found=found,
        expected=f"{record.what}, of this version of jetline",
        remedy=record.remedy,
    )
