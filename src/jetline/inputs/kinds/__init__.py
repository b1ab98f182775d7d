"""Kinds of model inputs: one module or package each, found by its name."""

from __future__ import annotations

from jetline.core.registry import Registry
from jetline.inputs.kinds.input_kind import InputKind

#: Every kind by its name, which is the first part of an architecture's `inputs`.
INPUT_KINDS: Registry[type[InputKind]] = Registry(__name__, InputKind, "kind of inputs")
