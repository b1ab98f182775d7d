"""Formats of jet files: one module each, found by its name."""

from __future__ import annotations

from jetline.core.registry import Registry
from jetline.jets.formats.jet_format import JetFormat

#: Every format by its name. Parquet, HDF5 or ROOT would be a module of its own beside `npz`.
JET_FORMATS: Registry[type[JetFormat]] = Registry(__name__, JetFormat, "jet file format")
