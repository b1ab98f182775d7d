"""What further features of particles may be called, in files and by networks."""

from __future__ import annotations

#: Form of a name, and its length.
NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
LONGEST = 60

#: Of a file.
MOST_FEATURES = 64
