"""What all settings of a user's have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Settings that a user writes: an unknown key is an error, and no value changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
