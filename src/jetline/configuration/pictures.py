"""What does not go together with datasets of pictures."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from jetline.configuration.words import paste, place
from jetline.core.errors import JetlineError
from jetline.inputs.kinds import INPUT_KINDS
from jetline.models import ARCHITECTURES
from jetline.pictures.reading import open_pictures
from jetline.sources.made_pictures import SHAPE, MadePictures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jetline.configuration.schema import Configuration
    from jetline.models.architecture import Architecture

#: Of an architecture that takes pictures, for an error.
_EXAMPLE = {"architecture": "cnn", "inputs": "pictures"}


def wrong_pictures(configuration: Configuration) -> list[JetlineError]:
    """List the datasets and the taggers that do not go together: pictures are no jets."""
    datasets = configuration.datasets
    used = [name for name in configuration.used_datasets if name in datasets]
    if not used:
        return []
    of = {name: datasets[name].holds for name in used}
    holds = of[used[0]]
    if other := [name for name in used if of[name] != holds]:
        return [
            JetlineError(
                place("datasets", other[0]),
                found=f"{of[other[0]]}, beside {holds} in {used[0]}",
                expected="jets in all datasets that are trained and tested on, or pictures in all",
                remedy=f"take {other[0]} out of `train_on` and `test_on`, for a run of its own",
            )
        ]
    return [
        error
        for label, architecture in configuration.architectures.items()
        if (error := _unsuitable(label, architecture, holds))
    ]


def _unsuitable(label: str, architecture: Architecture, holds: str) -> JetlineError | None:
    """Refuse a tagger whose inputs are not made of what the datasets hold."""
    suitable = _kinds_of(architecture, holds)
    known = architecture.kind in INPUT_KINDS
    if known and architecture.kind in suitable:
        return None
    if holds == "jets":
        if not known or INPUT_KINDS[architecture.kind].made_of == "jets":
            return None  # told as that of any other inputs
        default = type(architecture).model_fields["inputs"].default
        return JetlineError(
            place("architectures", label, "inputs"),
            found=f"{architecture.inputs}, but the datasets hold jets",
            expected=f"inputs that are made of jets: {', '.join(suitable)}",
            remedy=paste("architectures", label, "inputs", value=default),
        )
    if suitable:
        return JetlineError(
            place("architectures", label, "inputs"),
            found=f"{architecture.inputs}, but the datasets hold pictures",
            expected=f"{' or '.join(suitable)}, for {architecture.architecture}",
            remedy=paste("architectures", label, "inputs", value=suitable[0]),
        )
    names = [name for name, one in ARCHITECTURES.items() if _kinds_of(one, holds)]
    return JetlineError(
        place("architectures", label),
        found=f"{architecture.architecture}, which takes {' or '.join(architecture.kinds)}, but "
        "the datasets hold pictures",
        expected=f"an architecture that takes pictures: {', '.join(names)}",
        remedy=paste("architectures", label, value=_EXAMPLE),
    )


def _kinds_of(architecture: Architecture | type[Architecture], holds: str) -> list[str]:
    """List the kinds of inputs that an architecture takes and that are made of such files."""
    return [kind for kind in architecture.kinds if INPUT_KINDS[kind].made_of == holds]


def require_pictures(configuration: Configuration, files: dict[str, dict[str, str]]) -> None:
    """Make sure that all pictures have one size, and that every network takes it.

    A file that is not valid is let pass: its check, a job of the run, explains it.

    Parameters
    ----------
    configuration : Configuration
        Without contradictions.
    files : dict
        Of each dataset, the name of each file that lies there to its path.

    Raises
    ------
    JetlineError
        Names the two files, or the network.
    """
    shapes = dict(_shapes(configuration, files))
    if not shapes:
        return
    first, shape = next(iter(shapes.items()))
    for name, other in shapes.items():
        if other != shape:
            raise JetlineError(
                name,
                found=f"pictures of {_size(other)}",
                expected=f"{_size(shape)}, as in {first}",
                remedy="bring all pictures of the run to one size and number of channels",
            )
    for label, architecture in configuration.architectures.items():
        if min(shape[:2]) < (least := architecture.least_pixels):
            raise JetlineError(
                place("architectures", label),
                found=f"{architecture.architecture}, for pictures of {_size(shape)} ({first})",
                expected=f"{least} x {least} or more, of which its convolutions and poolings leave "
                "something",
                remedy="choose another architecture, such as resnet, or larger pictures",
            )


def _shapes(
    configuration: Configuration, files: dict[str, dict[str, str]]
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Give the size of the pictures in each file, and of each dataset that is made."""
    for name in configuration.used_datasets:
        source = configuration.datasets[name]
        if isinstance(source, MadePictures):
            yield f"dataset {name}", SHAPE
        elif source.holds == "pictures":
            for path in files[name].values():
                with contextlib.suppress(JetlineError):
                    yield path, open_pictures(Path(path)).shape[1:]


def _size(shape: tuple[int, ...]) -> str:
    rows, columns, channels = shape
    return f"{rows} x {columns} pixels, {channels} channel" + ("s" if channels != 1 else "")
