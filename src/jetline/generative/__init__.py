"""Jets drawn from generative models, and how they are judged."""

from __future__ import annotations
