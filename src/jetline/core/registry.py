"""Registries: the members of one kind, each in a module of its own, found by its name."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from jetline.core.errors import JetlineError

Member = TypeVar("Member")


class Registry(Mapping[str, Member], Generic[Member]):
    """The members that the modules of one package define, by name.

    A registry belongs into the package's ``__init__``, which code versions leave out: a further
    member then changes the version of no other. A member's name is that of its module with ``-``
    for ``_``; a member that needs several modules is a package, in which a module of the same
    name as the base's module defines it (`sources/pythia/source.py`). Nothing is imported before
    it is asked for.

    Names that are columns of tables and keys of files keep the ``_`` (`hyphens=False`).

    Parameters
    ----------
    package : str
        The package's ``__name__``.
    base : type
        Members are subclasses of it, or else instances; a module defines exactly one in public.
        The module that defines `base`, if it lies in the package, is no member.
    what : str
        What a member is called in errors, such as ``"architecture"``.
    without : tuple of str
        Further modules of the package that are no members.
    hyphens : bool
        Whether names have ``-`` where those of their modules have ``_``.
    """

    def __init__(
        self,
        package: str,
        base: type,
        what: str,
        *,
        without: tuple[str, ...] = (),
        hyphens: bool = True,
    ) -> None:
        self._package, self._base, self._what = package, base, what
        self._shared = {base.__module__.removeprefix(f"{package}."), *without}
        self._hyphens = hyphens
        self._loaded: dict[str, Member] = {}

    def __iter__(self) -> Iterator[str]:
        names = self._modules()
        return iter(sorted(name.replace("_", "-") if self._hyphens else name for name in names))

    def __len__(self) -> int:
        return len(self._modules())

    def __contains__(self, name: object) -> bool:
        return name in list(self)

    def __getitem__(self, name: str) -> Member:
        """Give the member of this name.

        Raises
        ------
        JetlineError
            If there is none.
        """
        if name not in self._loaded:
            if name not in self:
                near = difflib.get_close_matches(name, list(self), n=1)
                raise JetlineError(
                    f"{self._what} {name}",
                    found=f"no {self._what} of this name",
                    expected="one of " + ", ".join(self),
                    remedy=f"did you mean {near[0]}?" if near else "choose one of these",
                )
            self._loaded[name] = self._member(name)
        return self._loaded[name]

    def module(self, name: str) -> str:
        """Give the name, within jetline, of the module that defines a member, for code versions."""
        return self._path(name).removeprefix("jetline.")

    def _path(self, name: str) -> str:
        path = f"{self._package}.{name.replace('-', '_')}"
        if self._modules()[name.replace("-", "_")]:
            path += "." + self._base.__module__.rpartition(".")[2]
        return path

    def _modules(self) -> dict[str, bool]:
        """Find the names of the members' modules, and whether each is a package."""
        folders = importlib.import_module(self._package).__path__
        return {
            module.name: module.ispkg
            for module in pkgutil.iter_modules([str(Path(folder)) for folder in folders])
            if module.name not in self._shared and not module.name.startswith("_")
        }

    def _member(self, name: str) -> Member:
        module = importlib.import_module(self._path(name))
        found: list[Any] = [
            value
            for key, value in vars(module).items()
            if not key.startswith("_") and self._is_member(value, module.__name__)
        ]
        if len(found) != 1:
            kind = f"one {self._base.__name__}"
            raise TypeError(f"{module.__name__} has to define {kind}, and defines {len(found)}")
        return found[0]

    def _is_member(self, value: object, module: str) -> bool:
        if isinstance(value, type):
            return issubclass(value, self._base) and value.__module__ == module
        return isinstance(value, self._base)
