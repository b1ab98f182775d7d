"""Where everything lies under ``results/``: the only module that knows.

A path says its stage and every wildcard of Snakemake's, in braces.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

RESULTS = "results"
#: Folder of the logs of stages that all runs share.
LOGS = f"{RESULTS}/logs"

# Shared by all runs: a new configuration neither downloads nor makes shards again.
JET_FILE = f"{RESULTS}/jets/{{source}}/{{file}}.npz"
GENERATED = f"{RESULTS}/jets/{{source}}/jets_{{number}}.npz"
GENERATOR_SETTINGS = f"{RESULTS}/jets/{{source}}/jets_{{number}}.json"
INDEX = f"{RESULTS}/jets/{{source}}/{{file}}.index.npz"
OBSERVABLES = f"{RESULTS}/jets/{{source}}/{{file}}.observables.npz"
SHARD = f"{RESULTS}/shards/{{source}}/{{inputs}}/{{file}}"

#: What tells a training of a run, with its folds together, and an evaluation of it, in a path.
TRAINING = "{label}/seed-{seed}"
EVALUATION = f"{TRAINING}/{{dataset}}"
#: What tells a jet file, and a shard of it.
FILE = "{source}/{file}"
GENERATED_FILE = "{source}/jets_{number}"
SHARD_OF_FILE = "{source}/{inputs}/{file}"


def log(stage: str, job: str) -> str:
    """Give the path of a job's log, for a stage that all runs share."""
    return f"{LOGS}/{stage}/{job}.log"


def benchmark(stage: str, job: str) -> str:
    """Give the path of a job's time and memory, for a stage that all runs share."""
    return f"{RESULTS}/benchmarks/{stage}/{job}.tsv"


def of_fold(path: str, wildcards: Any) -> str:
    """Fill in the fold of a job, where a path has one; `wildcards` are Snakemake's."""
    return path.replace("{fold}", wildcards.fold) if "{fold}" in path else path


class RunPaths:
    """Paths of one run.

    Parameters
    ----------
    run : str
        Name of the run.
    dealt : str
        Dataset that is dealt into folds; empty if there are none.
    """

    def __init__(self, run: str, dealt: str = "") -> None:
        self._folder = f"{RESULTS}/runs/{run}"
        self._fold = "fold-{fold}/" if dealt else ""
        self._dealt = dealt

        self.logs = self._in("logs")
        self.configuration = self._in("configuration.json")
        self.parts = self._in("split/{dataset}.npz")
        self.statistics = self._in(f"statistics/{self.fold_of('{inputs}')}.json")

        self.model = self._in(f"trainings/{self.single}/model.keras")
        self.history = self._in(f"trainings/{self.single}/history.csv")
        self.training = self._in(f"trainings/{self.single}/training.json")
        self.predictions = self._in(f"predictions/{EVALUATION}.npz")
        self.validation_predictions = self._in(f"predictions/{TRAINING}/validation/scores.npz")

        self.metrics = self._in(f"evaluation/{EVALUATION}/metrics.json")
        self.curves = self._in(f"evaluation/{EVALUATION}/curves.npz")
        self.cuts = self._in("cuts/{dataset}.json")
        self.examination = self._in("examination/{dataset}/examination.json")
        self.classes = self._in("examination/{dataset}/classes.json")
        self.comparison = self._in("comparison/comparison.json")
        self.comparison_table = self._in("comparison/comparison.csv")
        self.comparison_latex = self._in("comparison/comparison.tex")
        self.figure_data = self._in("comparison/figures.npz")
        self.validation = self._in("validation/{dataset}/validation.json")
        self.validation_table = self._in("validation/{dataset}/validation.csv")
        self.distributions = self._in("validation/{dataset}/distributions.png")
        self.explanation = self._in(f"explanation/{self.single}/explanation.json")
        self.exported = self._in(f"export/{self.single}/tagger.onnx")
        self.compared = self._in(f"export/{self.single}/comparison.json")
        self.packed = self._in(f"taggers/{TRAINING}/model.keras")
        self.packed_training = self._in(f"taggers/{TRAINING}/training.json")
        self.card = self._in(f"taggers/{TRAINING}/card.json")
        self.judgements_page = self._in("drawn.html")
        self.judgement = self._in("judgement/{dataset}/judgement.json")
        self.judged_distributions = self._in("judgement/{dataset}/distributions.npz")
        self.roc = self._in("comparison/roc-{dataset}.png")
        self.auc = self._in("comparison/auc-{dataset}.png")
        self.scores = self._in("comparison/scores-{dataset}.png")
        self.improvement = self._in("comparison/improvement-{dataset}.png")
        self.bins = self._in("comparison/bins-{dataset}.png")
        self.correlations = self._in("comparison/correlations-{dataset}.png")
        self.calibration = self._in("comparison/calibration-{dataset}.png")
        self.confusion = self._in("comparison/confusion-{dataset}.png")
        self.reliability = self._in("comparison/reliability-{dataset}.png")
        self.learning_curves = self._in("comparison/learning-curves.png")
        self.mean_images = self._in("images/{recipe}.png")
        self.confused = self._in("confused/{label}/confused-{dataset}.png")
        self.confused_pdf = _as_pdf(self.confused)
        self.confused_data = f"{self.confused.removesuffix('.png')}.npz"
        self.images_page = self._in("images.html")
        self.lund_planes = self._in("explanation/lund-planes.json")
        self.explanations_page = self._in("explanations.html")
        self.report = self._in("report.html")
        # What is drawn as PNG for pages lies as PDF beside it, for papers.
        self.distributions_pdf = _as_pdf(self.distributions)
        self.roc_pdf = _as_pdf(self.roc)
        self.auc_pdf = _as_pdf(self.auc)
        self.scores_pdf = _as_pdf(self.scores)
        self.improvement_pdf = _as_pdf(self.improvement)
        self.bins_pdf = _as_pdf(self.bins)
        self.correlations_pdf = _as_pdf(self.correlations)
        self.calibration_pdf = _as_pdf(self.calibration)
        self.confusion_pdf = _as_pdf(self.confusion)
        self.reliability_pdf = _as_pdf(self.reliability)
        self.learning_curves_pdf = _as_pdf(self.learning_curves)
        # A trial of a scan keeps its record alone.
        self.round = self._in("scans/{label}/round-{round}.json")
        self.journal = self._in("scans/{label}/round-{round}.journal")
        self.trial = self._in("scans/{label}/trials/{trial}/trial.json")
        self.scan = self._in("scans/{label}/scan.json")
        self.scan_best = self._in("scans/{label}/best.json")
        self.scan_text = self._in("scans/{label}/best.yaml")
        self.scan_table = self._in("scans/{label}/trials.csv")
        self.scan_picture = self._in("scans/{label}/scan-{label}.png")
        self.scan_picture_pdf = _as_pdf(self.scan_picture)
        self.tracked_scan = self._in("scans/{label}/tracked.json")
        self.tracked = self._in(f"tracking/{TRAINING}.json")
        self.tracked_comparison = self._in("tracking/comparison.json")

    # Of a single tagger, and of the folds of a training together: without folds the same.

    @property
    def single(self) -> str:
        """What tells the training of a single tagger in a path."""
        return f"{TRAINING}/{self._fold}".removesuffix("/")

    def fold_of(self, name: str) -> str:
        """Give the name of what there is for each fold, where there are folds."""
        return f"{self._fold}{name}"

    @property
    def fold_parts(self) -> str:
        """Split by which a single tagger trains, and tests on that dataset."""
        return self._in(f"split/{self.fold_of(self._dealt or '{dataset}')}.npz")

    @property
    def single_predictions(self) -> str:
        """What a single tagger says of the test part of a dataset."""
        return self._in(f"predictions/{self.single}/{{dataset}}.npz")

    @property
    def single_validation_predictions(self) -> str:
        """What a single tagger says of its validation part."""
        return self._in(f"predictions/{self.single}/validation/scores.npz")

    @property
    def joint_training(self) -> str:
        """Record of a training that is evaluated."""
        return self._in(f"trainings/{TRAINING}/training.json")

    @property
    def joint_history(self) -> str:
        """Its history."""
        return self._in(f"trainings/{TRAINING}/history.csv")

    def log(self, stage: str, job: str = "") -> str:
        """Give the path of a job's log; of a stage that has one job only if `job` is empty."""
        return self._in(f"logs/{stage}{job and '/'}{job}.log")

    def benchmark(self, stage: str, job: str = "") -> str:
        """Give the path of a job's time and memory, likewise."""
        return self._in(f"benchmarks/{stage}{job and '/'}{job}.tsv")

    def _in(self, path: str) -> str:
        return f"{self._folder}/{path}"


def _as_pdf(picture: str) -> str:
    return f"{picture.removesuffix('.png')}.pdf"


def checkpoints_of(model: str) -> str:
    """Give the folder of a training's checkpoints.

    It lies outside the outputs of the rule, which Snakemake deletes before a job starts.

    Parameters
    ----------
    model : str
        Path of the training's model, as a job has it: below a prefix where the workflow is a
        module of another one.
    """
    training = Path(model).parent
    run = _run_of(training)
    return str(run / "checkpoints" / training.relative_to(run / "trainings"))


def splits_of(training: str) -> str:
    """Give the folder of the splits of the run, or fold, that the folder of a training lies in."""
    folder = Path(training).absolute()
    split = _run_of(folder) / "split"
    return str(split / folder.name if _is_fold(folder) else split)


def label_of(file: str) -> str:
    """Give the label of the training that a file is of."""
    training = Path(file).parent
    return training.parents[1 if _is_fold(training) else 0].name


def _run_of(training: Path) -> Path:
    """Find the folder of the run that the folder of a single tagger's training lies in."""
    return training.parents[3 if _is_fold(training) else 2]


def _is_fold(training: Path) -> bool:
    return re.fullmatch(r"fold-[0-9]+", training.name) is not None


def is_training_of(run: str, file: str) -> bool:
    """Tell whether a path is that of a file of a training of this run."""
    return Path(file).absolute().is_relative_to(Path(f"{RESULTS}/runs/{run}").absolute())


def trial_checkpoints_of(trial: str) -> str:
    """Give the folder of the checkpoints of a trial of a scan, likewise, given its record."""
    folder = Path(trial).parent
    run = folder.parents[3]
    return str(run / "checkpoints" / folder.relative_to(run))


def results_of(path: str) -> str:
    """Give the results folder that a path of a run lies in, likewise below a prefix."""
    before, _, _ = path.rpartition(f"{RESULTS}/runs/")
    return f"{before}{RESULTS}"
