"""Sources of jets: where the jet files of a dataset come from, a module or package for each.

A file in this folder that defines one subclass of `Source` is registered: nothing else lists them.
"""

from __future__ import annotations

from jetline.core.registry import Registry
from jetline.sources.source import Source

# docs/decisions.md: A source of jets is one file
#: Class of each source, by its name in the configuration.
SOURCES: Registry[type[Source]] = Registry(
    __name__, Source, "source", without=("made_pictures", "own_files")
)
