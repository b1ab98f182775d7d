"""What is wrong with the generative models of a configuration, and with jets drawn from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from jetline.configuration.words import nearest, paste, place
from jetline.core.errors import JetlineError
from jetline.sources.drawn import DrawnSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jetline.configuration.schema import Configuration
    from jetline.models.generative.generative_model import GenerativeModel


def wrong_generative(configuration: Configuration) -> list[JetlineError]:
    """List what does not go together, as errors."""
    return [*_of_models(configuration), *_of_drawn_jets(configuration)]


def _of_models(configuration: Configuration) -> Iterator[JetlineError]:
    """Refuse a name that a tagger has too, inputs that do not suit, and folds."""
    for label, model in configuration.generative.items():
        if label in configuration.architectures:
            yield JetlineError(
                place("generative", label),
                found="the name of a tagger",
                expected="a name that no entry of `architectures` has",
                remedy="rename one of them",
            )
        if model.kind not in model.kinds:
            yield JetlineError(
                place("generative", label, "inputs"),
                found=model.inputs,
                expected=f"what {model.architecture} can take: {', '.join(model.kinds)}",
                remedy=paste("generative", label, "inputs", value=model.kinds[0]),
            )
        for keys in _refused(cast("GenerativeModel", model)):
            where = ("generative", label, *keys)
            yield JetlineError(
                place(*where),
                found="a key that generative models do not have",
                expected="a model that is trained from random weights, by its loss",
                remedy="remove the key",
            )
    if configuration.generative and configuration.folds > 1:
        yield JetlineError(
            place("folds"),
            found=f"{configuration.folds}, beside generative models",
            expected="one split, of whose training part they draw",
            remedy="write `folds: 1`, or a configuration of their own for the models",
        )
    if isinstance(configuration.datasets.get(configuration.train_on), DrawnSource):
        yield JetlineError(
            place("train_on"),
            found=f"{configuration.train_on}, of jets that a model draws once it is trained",
            expected="a dataset of true jets, on which models and taggers train",
            remedy="to train taggers on drawn jets, give their files (results/jets) to a "
            "configuration of its own as `source: files`",
        )


def _refused(model: GenerativeModel) -> list[tuple[str, ...]]:
    """List what only trainings that tell classes can do, and is asked for."""
    recipe = model.training
    asked = {
        ("scan",): model.scan is not None,
        ("start_from",): model.start_from is not None,
        ("gpus",): model.gpus > 1,
        ("training", "label_smoothing"): recipe.label_smoothing > 0,
        ("training", "early_stopping"): recipe.early_stopping != "loss",
    }
    return [keys for keys, is_asked in asked.items() if is_asked]


def _of_drawn_jets(configuration: Configuration) -> Iterator[JetlineError]:
    """Refuse a model, a training or a class that there is not."""
    for name, source in configuration.datasets.items():
        if not isinstance(source, DrawnSource):
            continue
        where, models = ("datasets", name), configuration.generative
        if source.model not in models:
            near = nearest(source.model, models)
            suggested = paste("generative", source.model, value={"architecture": "flow-matching"})
            yield JetlineError(
                place(*where, "model"),
                found=source.model,
                expected=f"an entry of `generative`: {', '.join(models) or 'there is none'}",
                remedy=f"did you mean {near}?" if near else suggested,
            )
            continue
        seeds = configuration.seeds_of(source.model)
        if source.training_seed is not None and source.training_seed not in seeds:
            yield JetlineError(
                place(*where, "training_seed"),
                found=str(source.training_seed),
                expected=f"a seed of {source.model}: {', '.join(map(str, seeds))}",
                remedy=paste(*where, "training_seed", value=seeds[0]),
            )
        for drawn in source.classes or ():
            if drawn not in configuration.classes:
                yield JetlineError(
                    place(*where, "classes"),
                    found=drawn,
                    expected=f"one of the classes: {', '.join(configuration.classes)}",
                    remedy=paste(*where, "classes", value=list(configuration.classes)),
                )
        for key in ("pt_window", "multiplicity"):
            window = getattr(source, key)
            if window and not 0 < window[0] <= window[1]:
                yield JetlineError(
                    place(*where, key),
                    found=str(list(window)),
                    expected="two rising numbers above 0",
                    remedy=paste(*where, key, value=sorted(map(abs, window))),
                )
