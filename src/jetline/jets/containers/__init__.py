"""Containers of columns: files that hold named arrays, a module for each kind of file."""

from __future__ import annotations

from jetline.core.registry import Registry
from jetline.jets.containers.container import Container

#: Every container by its name.
CONTAINERS: Registry[type[Container]] = Registry(__name__, Container, "container")
