"""Find the part of each jet file of a sample that is split already."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from jetline.configuration.split import NamedSplit
from jetline.configuration.words import nearest, paste, place
from jetline.core.errors import JetlineError
from jetline.inputs.parts import PARTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jetline.configuration.schema import Configuration

#: A jet file of the workflow: key of its source, and its name there.
File = tuple[str, str]


def named_parts(configuration: Configuration, files: dict[str, dict[str, str]]) -> dict[File, str]:
    """Find the part of each file, where the split names them.

    Parameters
    ----------
    configuration : Configuration
        Without contradictions.
    files : dict
        Of each dataset, the name of each jet file to its path.

    Returns
    -------
    dict
        Key of the source and name of each file to its part; empty if files are not named.

    Raises
    ------
    JetlineError
        Tells every name that is of nothing, file that is in two parts or in none, and part whose
        files are not of the datasets that it is made of.
    """
    split = configuration.split
    if not isinstance(split, NamedSplit):
        return {}
    naming = _Naming(configuration, files)
    for part in PARTS:
        for number, written in enumerate(getattr(split, part)):
            naming.add(part, number, written)
    if not naming.errors:
        naming.check()
    if naming.errors:
        first, *first.others = naming.errors
        raise first
    return {file: next(iter(parts)) for file, parts in naming.parts.items()}


class _Naming:
    """Parts by name, collected with all that is wrong with them."""

    def __init__(self, configuration: Configuration, files: dict[str, dict[str, str]]) -> None:
        self._configuration = configuration
        self._paths = {
            name: {(source.key, file): path for file, path in files[name].items()}
            for name, source in configuration.datasets.items()
        }
        self._used = list(dict.fromkeys([configuration.train_on, *configuration.test_on]))
        #: The files that a name may be of, all and by the last word of their paths.
        self._files = [file for name in self._used for file in self._paths[name].items()]
        self._by_end: dict[str, list[tuple[File, str]]] = {}
        for file, path in self._files:
            self._by_end.setdefault(PurePath(path).name, []).append((file, path))
        #: Of each named file its parts, and by which name each.
        self.parts: dict[File, dict[str, str]] = {}
        self.errors: list[JetlineError] = []

    def add(self, part: str, number: int, written: str) -> None:
        """Find what a name stands for."""
        if written in self._paths:
            if part == "test" and written not in self._used:
                self._refuse(
                    ("test_on",),
                    f"no {written}, whose files are in the test part",
                    "the datasets that taggers are tested on",
                    paste("test_on", value=[*self._configuration.test_on, written]),
                )
            found = list(self._paths[written])
        else:
            # Thousands of names of files, each compared with thousands of files, take minutes.
            end = _normal(written).name
            some = self._files if re.search(r"[*?[]", end) else self._by_end.get(end, ())
            found = [file for file, path in some if _matches(path, written)]
            found = found or self._of_dataset(written)
        for file in found:
            self.parts.setdefault(file, {}).setdefault(part, written)
        if not found:
            self._refuse_unknown(("split", part, number), written)

    def _of_dataset(self, written: str) -> list[File]:
        """Find the files of a dataset that are named behind its name."""
        name, _, end = written.partition("/")
        some = self._paths[name] if name in self._used else {}
        return [file for file, path in some.items() if _matches(path, end)]

    def check(self) -> None:
        """Find files of two parts or of none, and parts that are made of the wrong datasets."""
        trained = self._paths[self._configuration.train_on]
        paths = {file: path for files in self._paths.values() for file, path in files.items()}
        for file, parts in self.parts.items():
            if len(parts) > 1:
                names = " and ".join(f"in {part} by {name}" for part, name in parts.items())
                self._refuse(
                    ("split",),
                    f"{paths[file]} is {names}",
                    "each file in one part",
                    "take it out of all but one; patterns must not overlap",
                )
            if "train" in parts and file not in trained:
                self._refuse(
                    ("split", "train"),
                    f"{parts['train']}: {paths[file]} is not a file of "
                    f"`train_on`, {self._configuration.train_on}",
                    "files of the dataset that taggers are trained on",
                    "add the path to that dataset, or name its files alone",
                )
        for name in self._used:
            self._check_dataset(name)

    def _check_dataset(self, name: str) -> None:
        files = self._paths[name]
        left = [path for file, path in files.items() if file not in self.parts]
        tested = any("test" in self.parts.get(file, ()) for file in files)
        if left:
            others = f" and {len(left) - 1} other files" if len(left) > 1 else ""
            self._refuse(
                ("split",),
                f"{left[0]}{others} of dataset {name} in no part",
                "each file of `train_on` and `test_on` in one of train, validation and test",
                "name it in one of the lists, or take it out of the dataset's paths",
            )
        elif name in self._configuration.test_on and not tested:
            self._refuse(
                ("split", "test"),
                f"no file of dataset {name}, which is in `test_on`",
                "some of the files of each dataset that taggers are tested on",
                f"name them in test, or take {name} out of test_on",
            )

    def _refuse_unknown(self, path: tuple[str | int, ...], written: str) -> None:
        paths = [path for name in self._used for path in self._paths[name].values()]
        known = list(dict.fromkeys(Path(path).name for path in paths))
        unused = [
            name
            for name in self._paths
            if name not in self._used
            and any(_matches(p, written) for p in self._paths[name].values())
        ]
        if unused:
            where = f"dataset {unused[0]}, which is in neither train_on nor test_on"
            found = f"{written}, a file of {where}"
            remedy = f"name the dataset, {unused[0]}, or add it to test_on"
        elif near := nearest(written, [*known, *self._paths]):
            found, remedy = written, f"did you mean {near}?"
        else:
            found, remedy = written, "name one of these, or add the path to a dataset"
        files = ", ".join(known[:5]) + (", ..." if len(known) > 5 else "")
        self._refuse(
            path,
            found,
            f"a dataset ({', '.join(self._paths)}) or a file of train_on or test_on ({files})",
            remedy,
        )

    def _refuse(self, path: Iterable[str | int], found: str, expected: str, remedy: str) -> None:
        self.errors.append(
            JetlineError(place(*path), found=found, expected=expected, remedy=remedy)
        )


def _normal(written: str) -> PurePath:
    return PurePath(os.path.normpath(Path(written).expanduser()))


def _matches(path: str, written: str) -> bool:
    """Tell whether a name is the end of a path, as it stands or as a pattern."""
    name = _normal(written)
    end = PurePath(path).parts[-len(name.parts) :] if name.parts else None
    return bool(name.parts) and (end == name.parts or PurePath(path).match(str(name)))
