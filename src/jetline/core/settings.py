"""What all settings of a user's have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Unknown keys are errors; settings do not change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
