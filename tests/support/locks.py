"""Read the files that lock the packages."""

from __future__ import annotations

import re

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

#: By name, a lock's entries (one for each platform or Python), with their hashes.
Entries = dict[str, list[tuple[Requirement, list[str]]]]


def entries_of(text: str) -> Entries:
    """A lock's entries by name (one for each platform or Python), with their hashes."""
    entries: Entries = {}
    lines = [line for line in text.splitlines() if not line.strip().startswith("#")]
    for entry in "\n".join(lines).replace("\\\n", " ").splitlines():
        if entry.strip():
            requirement, *hashes = re.split(r"\s--hash=", entry)
            parsed = Requirement(requirement)
            found = [digest.strip() for digest in hashes]
            entries.setdefault(canonicalize_name(parsed.name), []).append((parsed, found))
    return entries
