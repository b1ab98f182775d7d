"""What parts of records have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of a record: it has the keys that it says and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)
