"""A problem as pydantic tells it, and where in the configuration it lies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from jetline.configuration.schema import Configuration
from jetline.configuration.split import NamedSplit, Split
from jetline.inputs.augmentation import AUGMENTATION_STEPS
from jetline.inputs.kinds.images.recipe import ImageChannel, ImageRecipe
from jetline.jets.layouts.layout import ColumnNames, IndexTable
from jetline.jets.layouts.own import OwnLayout
from jetline.models.starting_point import StartFrom
from jetline.models.training_recipe import TrainingRecipe
from jetline.sources import SOURCES

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo


class Place(NamedTuple):
    """Where a problem lies.

    Parameters
    ----------
    settings : pydantic model class
        Of the section.
    path : tuple
        Keys from the top, pydantic's marks left out; an integer is the index of a list's entry.
    depth : int
        How many keys lead to the section.
    """

    settings: type[BaseModel]
    path: tuple[str | int, ...]
    depth: int


@dataclass(frozen=True)
class Problem:
    """One problem as pydantic tells it, and where it lies in our terms.

    Parameters
    ----------
    raw : dict
        As from `ValidationError.errors`; that of an architecture has its class as `settings`.
    values : dict
        The whole configuration.
    place : Place
        Where it lies.
    """

    raw: dict[str, Any]
    values: dict[str, Any]
    place: Place

    @property
    def settings(self) -> type[BaseModel]:
        """Class of the section in which the problem lies."""
        return self.place.settings

    @property
    def path(self) -> tuple[str | int, ...]:
        """Keys from the top; an integer is the index of a list's entry."""
        return self.place.path

    @property
    def found(self) -> Any:
        """The value that stands there."""
        return self.raw["input"]

    @property
    def field(self) -> FieldInfo | None:
        """The field of the key that is wrong, if it is a known one."""
        known, depth = self.settings.model_fields, self.place.depth
        return known.get(str(self.path[depth])) if len(self.path) > depth else None

    @property
    def choices(self) -> list[str]:
        """The values that a `literal_error` offers."""
        told = re.findall(r"'([^']*)'|(\d+)", self.raw["ctx"]["expected"])
        offered = [word or number for word, number in told]
        if self.settings is Split and self.path[-1] == "by":
            offered.append("name")  # the other form of the split has its own class
        return offered


def place_of(raw: dict[str, Any]) -> Place:
    """Find the place of a problem, as `ValidationError.errors` has it."""
    location = raw["loc"]
    if "settings" in raw:
        return _in_architecture(raw["settings"], location)
    path = [key for key in location if key != "[key]"]
    settings: type[BaseModel] = Configuration
    depth = 0
    if path[0] == "split" and len(path) > 2:
        settings, depth = (NamedSplit if path[1] == "names" else Split), 1
    elif path[0] == "datasets" and len(path) > 2 and path[2] in SOURCES:
        settings, depth = SOURCES[path[2]], 2
    elif path[0] == "recipes" and len(path) > 2:
        settings, depth = (ImageChannel, 4) if len(path) > 4 else (ImageRecipe, 2)
    if path[0] == "datasets" and path[3:4] == ["layout"] and len(path) > 5:
        # Behind the key stands which of its forms a layout has.
        blocks: dict[Any, type[BaseModel]] = {"columns": ColumnNames, "index": IndexTable}
        inner = blocks.get(path[5]) if len(path) > 6 else None
        settings, depth = (inner, 4) if inner else (OwnLayout, 3)
    if path[0] == "datasets" and path[3:4] == ["layout"]:
        del path[4:5]
    mark = {"datasets": 2, "split": 1}.get(path[0], len(path))
    if path[mark:] and (path[0] == "split" or path[mark] in SOURCES):
        del path[mark]
    return Place(settings, _named(path), depth)


def _in_architecture(settings: type[BaseModel], location: tuple[Any, ...]) -> Place:
    """Find a place in an entry that is trained, or further in, in a block of its."""
    path = list(location)
    if len(path) > 3 and path[2] == "start_from":
        return Place(StartFrom, _named(path), 3)
    if len(path) < 4 or path[2] != "training":
        return Place(settings, _named(path), 2)
    # The form of a value that may have several, such as `literal['equal','balanced']`.
    path = [key for key in path if "[" not in str(key) or key == path[1]]
    if path[3] == "augmentation" and len(path) > 5:
        return Place(AUGMENTATION_STEPS[path.pop(5)], _named(path), 5)
    return Place(TrainingRecipe, _named(path), 3)


def _named(path: list[Any]) -> tuple[str | int, ...]:
    # An entry may have a number for a name; only further in does a number count.
    names = 2 if path[0] in ("datasets", "recipes", "architectures", "generative") else 1
    return (*map(str, path[:names]), *path[names:])
