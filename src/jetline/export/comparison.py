"""An exported tagger beside Keras, on the test part of a dataset."""

from __future__ import annotations

import time
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.export.session import BATCH, Session
from jetline.export.tagger import tagger_model
from jetline.inputs.dataset import sample_of_part
from jetline.inputs.parts import TEST, Parts
from jetline.inputs.sample import JetSample, array_rows
from jetline.jets.constituents import PT
from jetline.jets.reading import open_jets
from jetline.records.export import LISTED, DifferingJet, ExportComparison, Speed
from jetline.records.training import read_tagger, single_taggers
from jetline.training.fitting import further_of, require_fitting, view_of
from jetline.training.precision import network_in
from jetline.training.prediction import load_training
from jetline.training.scores import class_scores

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from jetline.jets.reading import JetFile
    from jetline.records.training import ForeignTagger, TrainingRecord

#: Difference of a score that is allowed.
TOLERANCES = {"float32": 1e-5, "float64": 1e-9}

#: Margin of a tie, in units of the precision's rounding: distances are sums of a few terms.
_ROUNDINGS = 16

#: Share of the largest pixel by which a pixel has another constituent.
_OTHER_PIXEL = 1e-5


def compare_export(
    training: Path,
    exported: Path,
    dataset: str,
    parts: Path,
    shards: Sequence[Path],
    jet_files: Sequence[Path],
    output: Path,
) -> ExportComparison:
    """Compare an exported tagger with Keras on a whole test part, and write what was found.

    Parameters
    ----------
    training : Path
        Folder of the training.
    exported : Path
        The ONNX model.
    dataset : str
        Name of the dataset.
    parts : Path
        Its split.
    shards, jet_files : sequence of Path
        Shards of its files, and the files themselves, in its order.
    output : Path
        File to write.

    Raises
    ------
    JetlineError
        If a file cannot be read or is another one than the others belong to.
    """
    record = read_tagger(training)
    session = Session(exported)
    if session.metadata.get("training") != record.key:
        raise JetlineError(
            str(exported),
            found="a model of another tagger",
            expected=f"that of {training}",
            remedy="export the tagger again",
        )
    precision = session.metadata["precision"]
    split = Parts.read(parts)
    sample = sample_of_part(shards, split, TEST)
    models = [load_training(folder)[0] for folder in single_taggers(training)]
    require_fitting(training, models[0], record, sample)

    def blocks() -> Iterator[np.ndarray]:
        if session.takes == "jets":
            return _test_jets(jet_files, split, further_of(record))
        return _arrays(sample, session.takes)

    scores, speed_of_onnx = _timed(lambda: session.run(blocks(), "scores")[0], len(sample))
    expected, speed = _of_keras(models, record, sample, precision)
    apart = np.abs(scores - expected).reshape(len(sample), -1)
    # What is taken for no jet differs as much as scores can.
    largest = np.where(np.isfinite(apart), apart, 1).max(axis=1, initial=0)
    ties, crossings = _on_edges(models, record, sample, precision, blocks)
    beyond = np.flatnonzero(largest > TOLERANCES[precision])

    def listed(jet: int) -> DifferingJet:
        cause = "tie" if ties[jet] else "crossing" if crossings[jet] else "unknown"
        given = np.ravel(scores[jet]).astype(float)
        return DifferingJet(
            file=split.files[sample.shard[jet]],
            jet=int(sample.row[jet]),
            keras=np.ravel(expected[jet]).astype(float).tolist(),
            onnx=given[np.isfinite(given)].tolist(),
            cause=cause,
        )

    found = ExportComparison(
        label=record.label,
        seed=record.seed,
        training=record.key,
        dataset=dataset,
        precision=precision,
        jets=len(sample),
        tolerance=TOLERANCES[precision],
        largest=float(largest.max(initial=0)),
        beyond=len(beyond),
        ties=int(ties.sum()),
        crossings=int(crossings.sum()),
        listed=[listed(jet) for jet in beyond[:LISTED]],
        speed=Speed(jetline=speed, onnxruntime=speed_of_onnx),
        versions={name: version(name) for name in ("keras", "onnx", "onnxruntime")},
    )
    found.write(output)
    return found


def _test_jets(files: Sequence[Path], split: Parts, further: Sequence[str]) -> Iterator[np.ndarray]:
    """Give the raw jets of the test part, block by block."""
    for path, part in zip(files, split.parts, strict=True):
        jets = open_jets(path)
        if len(jets) != len(part):
            raise JetlineError(
                str(path),
                found=f"{len(jets)} jets",
                expected=f"the file of {len(part)} jets that was split",
                remedy="name the jet files of the dataset, in its order",
            )
        first = 0
        for block in _with_further(jets, further):
            yield block[part[first : first + len(block)] == TEST]
            first += len(block)


def _with_further(jets: JetFile, further: Sequence[str]) -> Iterator[np.ndarray]:
    """Give blocks of constituents with further features as more columns of them."""
    if not further:
        yield from jets.blocks(1000)
        return
    counts = np.concatenate([(block[..., PT] > 0).sum(axis=1) for block in jets.blocks(1000)])
    columns = [jets.feature_names.index(name) for name in further]
    flat = np.concatenate(list(jets.features(1000, counts)))[:, columns]
    first = 0
    for block in jets.blocks(1000):
        real = block[..., PT] > 0
        beside = np.zeros((*real.shape, len(columns)), np.float32)
        end = first + int(np.count_nonzero(real))
        beside[real], first = flat[first:end], end
        yield np.concatenate([block, beside], axis=2)


def _arrays(sample: JetSample, name: str) -> Iterator[np.ndarray]:
    """Give images or observables of the test part, block by block."""
    for start in range(0, len(sample), 1000):
        yield array_rows(sample, np.arange(start, min(start + 1000, len(sample))), name)


def _timed(score: Any, jets: int) -> tuple[np.ndarray, float]:
    """Give scores, and jets a second of processor time, which what else runs here leaves alone."""
    start = time.process_time()
    scores = score()
    return scores, jets / (time.process_time() - start)


def _of_keras(
    models: list[Any], record: TrainingRecord | ForeignTagger, sample: JetSample, precision: str
) -> tuple[np.ndarray, float]:
    """Score a sample in one precision; give the jets/s as the tagger is."""
    view, size = view_of(record), record.settings["batch_size"]

    def scored(networks: list[Any], of: JetSample) -> np.ndarray:
        scores = np.mean([class_scores(one, of, size, view) for one in networks], axis=0)
        return scores[:, 1] if len(record.classes) == 2 else scores

    # A graph is made at the first batch, and counts no more than onnxruntime's own.
    scored(models, JetSample(sample.shards, sample.shard[:size], sample.row[:size]))
    scores, speed = _timed(lambda: scored(models, sample), len(sample))
    if precision == "float64" or record.precision in ("bfloat16", "float16"):
        scores = scored([network_in(model, precision, view) for model in models], sample)
    return scores, speed


def _on_edges(
    models: list[Any],
    record: TrainingRecord | ForeignTagger,
    sample: JetSample,
    precision: str,
    blocks: Any,
) -> tuple[np.ndarray, np.ndarray]:
    """Tell jets with neighbours equally far, and with a constituent in another pixel."""
    ties, crossings = np.zeros(len(sample), bool), np.zeros(len(sample), bool)
    checked = Session(tagger_model(models, record, precision, checked=True).SerializeToString())
    if "margin" in checked.outputs:
        (margin,) = checked.run(blocks(), "margin")
        ties = margin < _ROUNDINGS * np.finfo(precision).eps
    if "images" in checked.outputs:
        start = 0
        for block in blocks():
            for n in range(0, len(block), BATCH):
                (images,) = checked.run([block[n : n + BATCH]], "images")
                jets = np.arange(start, start + len(images))
                wanted = array_rows(sample, jets, "images")
                most = np.abs(wanted).max(axis=(1, 2, 3))
                crossings[jets] = np.abs(images - wanted).max(axis=(1, 2, 3)) > _OTHER_PIXEL * most
                start += len(images)
    return ties, crossings
