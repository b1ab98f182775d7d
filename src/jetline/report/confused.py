"""Pictures that a tagger takes for another class: those that it is surest of, drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.files import read_arrays, write_arrays
from jetline.inputs.shards import open_shard
from jetline.report import plots, style

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.figure import Figure

    from jetline.records.predictions import Predictions

#: Pictures that are shown, and in a row.
_SHOWN, _COLUMNS = 40, 10

#: Of the largest ones in words.
_TOLD = 5

#: An array that only such a file has.
_SIGN = "predicted"


@dataclass(frozen=True)
class Confused:
    """The misclassified test pictures to which a tagger gives the largest wrong probability.

    Attributes
    ----------
    label, dataset : unicode arrays of no axis
        The tagger, and the test dataset.
    seed, wrong, tested : integer arrays of no axis
        Seed of its training; misclassified pictures in all, and tested ones.
    classes : (n_classes,) unicode array
        Names by number.
    images : (n, n_y, n_x, channels) float32 array
        The pictures, the surest mistake first.
    true, predicted : (n,) integer arrays
        Class of each, and the most probable one by the tagger.
    probabilities : (n,) float array
        Of the predicted class.
    files : (n,) unicode array
        Name of each picture's file within its source.
    numbers : (n,) integer array
        Its number there, from 0.
    """

    label: np.ndarray
    dataset: np.ndarray
    seed: np.ndarray
    wrong: np.ndarray
    tested: np.ndarray
    classes: np.ndarray
    images: np.ndarray
    true: np.ndarray
    predicted: np.ndarray
    probabilities: np.ndarray
    files: np.ndarray
    numbers: np.ndarray

    @classmethod
    def of(
        cls, predictions: Predictions, shards: Sequence[Path], label: str, seed: int, dataset: str
    ) -> Confused:
        """Find them.

        Parameters
        ----------
        predictions : Predictions
            On the test dataset.
        shards : sequence of Path
            Shards of pictures of all its files, in the order of its split.
        label, seed, dataset
            As the attributes.

        Raises
        ------
        JetlineError
            If the shards are not those that were tested.
        """
        scores = predictions.scores.astype(np.float64)
        if scores.ndim == 1:
            scores = np.stack([1 - scores, scores], axis=1)
        predicted, labels = scores.argmax(axis=1), predictions.labels
        wrong = np.flatnonzero(predicted != labels)
        # Stable: of equal ones those of the first file, in its order.
        chosen = wrong[np.argsort(-scores[wrong, predicted[wrong]], kind="stable")][:_SHOWN]
        opened = [open_shard(Path(folder)) for folder in shards]
        _require_tested(predictions, [shard.labels for shard in opened])
        images = [
            opened[predictions.files[row]].arrays["images"][predictions.jets[row]] for row in chosen
        ]
        return cls(
            label=np.array(label),
            dataset=np.array(dataset),
            seed=np.array(seed),
            wrong=np.array(len(wrong)),
            tested=np.array(len(predictions)),
            classes=np.array(predictions.classes),
            images=np.array(images, np.float32).reshape(
                len(chosen), *opened[0].arrays["images"].shape[1:]
            ),
            true=labels[chosen],
            predicted=predicted[chosen],
            probabilities=scores[chosen, predicted[chosen]],
            files=predictions.names[chosen],
            numbers=predictions.jets[chosen],
        )

    def write(self, path: Path) -> None:
        """Write all that the figure shows, whole or not at all."""
        write_arrays(path, **{one.name: getattr(self, one.name) for one in fields(self)})

    @classmethod
    def read(cls, path: Path) -> Confused:
        """Read what `write` wrote.

        Raises
        ------
        JetlineError
            If the file is missing, broken, or of another version.
        """
        return cls(**read_arrays(path, *(one.name for one in fields(cls))))

    @staticmethod
    def are_in(path: Path) -> bool:
        """Tell whether a file holds confused pictures, and not another figure's data.

        Raises
        ------
        JetlineError
            If it is no archive of arrays.
        """
        return _SIGN in read_arrays(path)

    def drawn(self) -> Figure:
        """Draw them in rows: true and predicted class, and the predicted one's probability."""
        if not len(self.images):
            return plots.in_place(f"{self.label}: no picture of {self.dataset} is misclassified")
        return _draw(self)

    def in_words(self) -> str:
        """Tell how many there are, and the surest mistakes."""
        told = [
            f"{self.classes[true]} taken for {self.classes[predicted]} ({probability:.3f})"
            for true, predicted, probability in zip(
                self.true[:_TOLD], self.predicted[:_TOLD], self.probabilities[:_TOLD], strict=True
            )
        ]
        surest = f"; the surest: {', '.join(told)}" if told else ""
        return (
            f"{self.wrong} of {self.tested} test pictures of {self.dataset} misclassified by "
            f"{self.label}{surest}."
        )


def write_confused(found: Confused, picture: Path) -> None:
    """Write the figure as a PNG, and a PDF and the data beside it."""
    found.write(picture.with_suffix(".npz"))
    style.save_both(found.drawn(), picture)


def content(data: Sequence[Path], embedded: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    """Collect what the template `confused.html.j2` shows.

    Parameters
    ----------
    data : sequence of Path
        What `write_confused` wrote, the picture beside it.
    embedded : callable
        Gives a picture as the page holds it.
    """
    read = [(Path(path), Confused.read(path)) for path in data]
    return {
        "confused": [
            {
                "label": str(one.label),
                "dataset": str(one.dataset),
                "seed": int(one.seed),
                "wrong": int(one.wrong),
                "tested": int(one.tested),
                "shown": len(one.images),
                "image": embedded(path.with_suffix(".png")),
                "alt": one.in_words(),
            }
            for path, one in read
        ]
    }


@style.styled
def _draw(found: Confused) -> Figure:
    count, columns = len(found.images), _COLUMNS
    rows = math.ceil(count / columns)
    figure = style.new_figure(style.WIDTH, 1.4 * rows + 0.4)
    grid = figure.subplots(rows, columns, squeeze=False)
    for place, axes in enumerate(grid.flat):
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_color("0.8")
        if place >= count:
            axes.remove()
    for place, axes in zip(range(count), grid.flat, strict=False):
        image = found.images[place]
        if image.shape[-1] not in (1, 3):
            image = image.mean(axis=-1, keepdims=True)
        axes.imshow(image.squeeze(-1) if image.shape[-1] == 1 else image, cmap="gray_r", vmin=0)
        names = (found.classes[number[place]] for number in (found.true, found.predicted))
        told = f"{' → '.join(names)}\n{found.probabilities[place]:.3f}"
        axes.set_title(style.literal(told.split("\n")[0]) + "\n" + told.split("\n")[1], fontsize=8)
    told = f"{found.label} on {found.dataset}: true class → predicted class, and its probability"
    figure.suptitle(style.literal(told), fontsize="medium")
    return figure


def _require_tested(predictions: Predictions, labels: Sequence[np.ndarray]) -> None:
    """Refuse shards of other pictures than were tested."""
    for number, name in enumerate(predictions.file_names):
        chosen = predictions.files == number
        rows = predictions.jets[chosen]
        fits = number < len(labels) and (not len(rows) or rows.max() < len(labels[number]))
        if not fits or not np.array_equal(labels[number][rows], predictions.labels[chosen]):
            raise JetlineError(
                f"shards of pictures, that of {name}",
                found="other pictures than those that were tested",
                expected="the shards of all files of the dataset, in the order of its split",
                remedy="give them in that order, or predict again",
            )
