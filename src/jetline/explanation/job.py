"""Explain a trained tagger, from files to files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.classes import count_by_class
from jetline.core.files import write_arrays
from jetline.core.randomness import generator
from jetline.explanation.attention import attention_of
from jetline.explanation.boosted_trees import explain_trees
from jetline.explanation.explained_jets import drawn_jets, jets_of_test
from jetline.explanation.filters import (
    LogPolar,
    filters_of,
    measure_filters,
    radius_of,
    sum_up,
)
from jetline.explanation.image_networks import explain_image_network
from jetline.explanation.particle_networks import explain_particle_network
from jetline.explanation.pixels import pixel_distances
from jetline.explanation.surrogates import correlations_with, decisions_of, surrogates_of
from jetline.inputs.kinds.images.recipe import ImageRecipe
from jetline.inputs.sample import JetSample, array_rows
from jetline.inputs.tensors import kept_particles
from jetline.inputs.view import ParticleView
from jetline.models.layers.trees import Trees
from jetline.records.explanation import ExplanationRecord
from jetline.training.attention import blocks_of
from jetline.training.fitting import require_fitting, view_of
from jetline.training.gradients import Decisions
from jetline.training.prediction import load_training
from jetline.training.scores import class_scores

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jetline.explanation.explained import Explained
    from jetline.explanation.settings import Explain
    from jetline.records.explanation import Filters
    from jetline.records.training import TaggerRecord

#: Test jets whose decisions are set beside observables, at most.
_MOST_BESIDE = 20_000

#: Files of an explanation, in its folder.
EXPLANATION, ARRAYS = "explanation.json", "explanation.npz"


def explain_training(
    training: Path,
    dataset: str,
    parts: Path,
    shards: Sequence[Path],
    settings: Explain,
    seed: int,
    output: Path,
    observables: Sequence[Path] = (),
) -> ExplanationRecord:
    """Explain a tagger on test jets of a dataset, and write what was found.

    Parameters
    ----------
    training : Path
        Folder of the training.
    dataset : str
        Name of the dataset.
    parts : Path
        Its split.
    shards : sequence of Path
        Shards of its files, in its order.
    settings : Explain
        How much is explained.
    seed : int
        The configuration's, which draws jets and baselines: the same for all taggers.
    output : Path
        Folder to write to.
    observables : sequence of Path
        Shards of the observables of the same files, to set decisions beside; none if left out.

    Raises
    ------
    JetlineError
        If the tagger or the shards cannot be used, or the test part lacks a class.
    """
    model, record = load_training(training)
    whole = jets_of_test(parts, shards, record.classes)
    sample = drawn_jets(whole, record.classes, settings.jets, seed)
    require_fitting(training, model, record, sample)
    found = explained(model, record, sample, whole, settings, seed)
    view = view_of(record)
    told = ExplanationRecord(
        label=record.label,
        seed=record.seed,
        dataset=dataset,
        inputs=record.inputs,
        architecture=record.architecture,
        classes=record.classes,
        jets=count_by_class(sample.labels, record.classes),
        baselines=settings.baselines,
        steps=settings.steps,
        completeness=found.completeness,
        identity=view.identity if view else None,
        recipe=record.recipe,
        check=found.check,
        sums=found.sums,
        importances=found.importances,
    )
    arrays = dict(found.arrays)
    if record.architecture == "efn":
        filters, of_filters = _filters(model, sample)
        told = told.model_copy(update={"filters": filters})
        arrays |= of_filters
    if view and blocks_of(model):
        attention, of_attention = attention_of(Decisions(model), view, sample, record.classes, seed)
        told = told.model_copy(update={"attention": attention})
        arrays |= of_attention
    if observables:
        told = told.model_copy(update=_beside(observables, parts, model, record, whole, seed))
    write_arrays(output / ARRAYS, **arrays)
    told.write(output / EXPLANATION)
    return told


def _filters(model: Any, sample: JetSample) -> tuple[Filters, dict[str, np.ndarray]]:
    """Measure the filters of an Energy Flow Network within the reach of jets' particles."""
    particles = kept_particles(sample, np.arange(len(sample)), ParticleView("energy_flow", "none"))
    plane = LogPolar(radius_of(np.hypot(*particles[0][:, 1:3].T)))
    filters = filters_of(model, plane)
    distances, areas = measure_filters(filters, plane)
    highest = np.maximum(filters.max(axis=(1, 2), keepdims=True), np.finfo(float).tiny)
    return sum_up(filters, distances, areas), {
        "filters": (filters / highest).astype(np.float16),
        "filter_distances": distances,
        "filter_areas": areas,
        "filter_radius": np.array(plane.radius),
    }


def _beside(
    observables: Sequence[Path],
    parts: Path,
    model: Any,
    record: TaggerRecord,
    whole: JetSample,
    seed: int,
) -> dict[str, Any]:
    """Set the decisions on test jets beside their observables."""
    measured = jets_of_test(parts, observables, record.classes)
    numbers = generator(seed, "explain", "beside")
    jets = np.sort(numbers.permutation(len(whole))[:_MOST_BESIDE])
    table = array_rows(measured, jets, "observables")
    chosen = JetSample(whole.shards, whole.shard[jets], whole.row[jets])
    scores = class_scores(model, chosen, record.settings["batch_size"], view_of(record))
    decisions = decisions_of(scores)
    told = decisions, table, measured.columns or [], record.classes
    return {
        "correlations": correlations_with(*told),
        "surrogates": surrogates_of(decisions, table, record.classes, seed),
    }


def explained(
    model: Any,
    record: TaggerRecord,
    sample: JetSample,
    whole: JetSample,
    settings: Explain,
    seed: int,
) -> Explained:
    """Explain a model on jets of a sample, by what it takes; `whole` are all test jets."""
    told = record.classes, settings, seed
    if isinstance(model, Trees):
        return explain_trees(model, sample, whole, *told)
    decisions = Decisions(model)
    if view := view_of(record):
        return explain_particle_network(decisions, view, sample, *told)
    (array,) = (tensor.name for tensor in model.inputs)
    groups = None
    if record.recipe:
        recipe = ImageRecipe.model_validate(record.recipe)
        # Otherwise the jet is anywhere in the window.
        groups = pixel_distances(recipe) if recipe.centring != "none" else None
    return explain_image_network(decisions, array, sample, *told, groups)
