"""Trainers: one module each, which architectures name by their `trainer`."""

from __future__ import annotations

from jetline.core.registry import Registry
from jetline.training.trainers.trainer import Trainer

TRAINERS: Registry[type[Trainer]] = Registry(__name__, Trainer, "trainer")
