"""Letters for terminals and logs that cannot show all: ``+-`` where there is no plus-minus sign."""

from __future__ import annotations

import codecs

#: What is written for a letter that cannot be shown; others are escaped, so that a name stays true.
_PLAIN = {"±": "+-", "ε": "eps", "…": "...", "–": "-", "\u202f": " ", "↑": "", "↓": ""}

PLAIN = "jetline-plain"
"""Name of the way, for `errors` of a stream or of `str.encode`, in which this is done."""


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    """Replace the letters that could not be encoded."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    escaped = (_PLAIN.get(one, one).encode("ascii", "backslashreplace") for one in letters)
    return b"".join(escaped).decode("ascii"), error.end


codecs.register_error(PLAIN, _plain)


def shown_in(text: str, encoding: str | None) -> str:
    """Give a text as a stream of an encoding shows it.

    Parameters
    ----------
    text : str
        What is to be written.
    encoding : str or None
        Of the stream; None is taken for UTF-8.
    """
    encoding = encoding or "utf-8"
    return text.encode(encoding, PLAIN).decode(encoding)
