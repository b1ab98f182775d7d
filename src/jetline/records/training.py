"""What is known of a trained tagger: ``training.json``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from jetline.core.classes import QUARK_GLUON
from jetline.core.files import read_json
from jetline.records.record import Record

#: File of the record in the folder of a tagger.
TRAINING = "training.json"

#: Jets by the name of their class, the signal first.
ClassCounts = dict[str, int]


class TaggerRecord(Record):
    """What scoring jets with a tagger needs to know of it, whoever trained it.

    Attributes
    ----------
    label : str
        Name of the tagger: the configuration's entry, or its architecture.
    seed : int
        Seed of its training; 0 where that is not ours.
    architecture, inputs : str
        Name of the architecture; `images/<recipe>`, `particles` or another kind of inputs.
    identity : str
        What the inputs tell of the particles' species: none, experimental or full.
    settings : dict
        Settings of the architecture.
    view : dict or None
        For particles: the fields of `jetline.inputs.view.ParticleView`.
    recipe : dict or None
        For images: settings of the recipe.
    columns : list of str or None
        For a table of observables: its columns.
    classes : tuple of str
        Names of the classes by number: the scores of a jet are in this order.
    """

    what: ClassVar[str] = "the description of a tagger"
    remedy: ClassVar[str] = "run the training again, or make the tagger again from its weights"

    label: str
    seed: int = 0
    architecture: str
    inputs: str
    identity: Literal["none", "experimental", "full"]
    settings: dict[str, Any]
    view: dict[str, Any] | None = None
    recipe: dict[str, Any] | None = None
    columns: list[str] | None = None
    classes: tuple[str, ...] = QUARK_GLUON

    @property
    def precision(self) -> str:
        """Precision that the settings ask for; empty for what is no network."""
        recipe = self.settings.get("training")
        return str(recipe.get("precision", "float32")) if isinstance(recipe, dict) else ""


class Weights(Record):
    """A file of weights, and the SHA-256 of its content."""

    file: str
    sha256: str


class ForeignTagger(TaggerRecord):
    """A tagger whose weights come from elsewhere."""

    weights: Weights

    @property
    def key(self) -> str:
        """What tells it from all other taggers: the SHA-256 of its weights."""
        return self.weights.sha256


class Data(Record):
    """SHA-256 of each jet file, XXH3 of each shard's arrays, SHA-256 of the split.

    Files and shards are in the order of `jetline.inputs.parts.Parts.by_content`.
    """

    jets: list[str]
    shards: list[dict[str, str]]
    parts: str


class StartedTraining(TaggerRecord):
    """What is known of a training before its first epoch.

    Attributes
    ----------
    run, dataset : str
        Names of the run, and of the dataset that is trained on.
    fold : int or None
        Which fold it is of, from 0, where there are folds.
    data : Data
        Hashes of all that is trained on.
    code : str
        Version of the code that trains.
    key : str
        Hash of all that decides the training.
    jets : dict
        Jets of each class that train and that validate; the former are fewer than the training
        part has where the settings say so by `training_jets`.
    start : Weights or None
        The weights that it started from, if not from random ones.
    device, host : str
        What it runs on.
    slurm_job : str or None
        Number of the SLURM job.
    versions : dict
        Versions of Python and of the packages that decide.
    numerics : dict
        What else decides numbers: Keras' backend, precision, epsilon and format of images,
        variables of the environment that change the order of sums, and of a network in what
        matrices are multiplied (`products`); empty in earlier records.
    commit : str or None
        Commit of the checkout, ``+`` behind it if changed since.
    """

    run: str
    dataset: str
    fold: int | None = None
    data: Data
    code: str
    key: str
    jets: dict[Literal["train", "validation"], ClassCounts]
    start: Weights | None = None
    device: str
    host: str
    slurm_job: str | None
    versions: dict[str, str]
    numerics: dict[str, str] = Field(default_factory=dict)
    commit: str | None

    @property
    def products(self) -> str:
        """In what a network's matrices were multiplied; empty for trees, as asked if not told."""
        return self.numerics.get("products", self.precision)

    @property
    def training_jets(self) -> int:
        """Jets trained on, those of the validation not counted."""
        return sum(self.jets["train"].values())


class FoldRecord(Record):
    """What the record of a training in folds tells of one of them.

    Attributes
    ----------
    key : str
        Hash of all that decides the training of this fold.
    epochs, best_epoch : int
        Epochs done, and the best one, from 1.
    best_validation_loss : float
        At that epoch.
    mlflow_run_id : str or None
        Its run in MLflow, if it was tracked.
    """

    key: str
    epochs: int = Field(ge=1)
    best_epoch: int = Field(ge=1)
    best_validation_loss: float
    mlflow_run_id: str | None = None


class TrainingRecord(StartedTraining):
    """A finished training: ``training.json``.

    With folds there is one of each, and one of all together: its jets and parameters are means over
    the folds, its time is the sum, its epochs are those of the longest.

    Attributes
    ----------
    parameters : int
        Trainable parameters.
    epochs, best_epoch : int
        Epochs done, and that of the lowest validation loss, from 1.
    seconds, jets_per_second : float
        Wall time, and training jets seen in a second of it.
    waiting_share : float
        Share of the time in which a step waited for its batch.
    mlflow_run_id : str or None
        Its run in MLflow, if it was tracked.
    folds : list of FoldRecord
        The folds that it joins, in their order; none if it is the training of a single tagger.
    """

    what: ClassVar[str] = "the record of a finished training"
    remedy: ClassVar[str] = "run the training again"

    parameters: int
    epochs: int = Field(ge=1)
    best_epoch: int = Field(ge=1)
    seconds: float
    jets_per_second: float
    waiting_share: float = 0.0
    mlflow_run_id: str | None = None
    folds: list[FoldRecord] = Field(default_factory=list)

    @property
    def cut_off(self) -> bool:
        """Whether the limit of epochs ended it while it may still have gained.

        Trees stop by themselves once they have gained nothing for their `patience`; a network at a
        constant rate has ended too early if its last epoch is the best. Where the rate falls to
        the end, the last epoch is meant to be the best.
        """
        if self.epochs < self.settings.get("epochs", 0) or "epochs" not in self.settings:
            return False
        recipe = self.settings.get("training")
        if recipe is None:
            return self.architecture == "observables"
        falling = recipe["schedule"] not in ("constant", "warm-up", "plateau")
        return not falling and self.best_epoch == self.epochs


def single_taggers(folder: Path) -> list[Path]:
    """Find the folders of the single taggers: the folder itself, or that of each of its folds.

    Raises
    ------
    JetlineError
        As `read_tagger`.
    """
    record = read_tagger(folder)
    folds = record.folds if isinstance(record, TrainingRecord) else ()
    return [Path(folder) / f"fold-{number}" for number in range(len(folds))] or [Path(folder)]


def read_tagger(folder: Path) -> TrainingRecord | ForeignTagger:
    """Read the record of a tagger from its folder, whoever trained it.

    Raises
    ------
    JetlineError
        If there is none, or it is none of this version.
    """
    path = Path(folder) / TRAINING
    content = read_json(path)
    foreign = isinstance(content, dict) and "weights" in content
    return (ForeignTagger if foreign else TrainingRecord).read(path)
