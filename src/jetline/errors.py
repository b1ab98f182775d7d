"""The one exception that a user's mistake raises."""

from __future__ import annotations


class JetlineError(Exception):
    """A mistake in what the user gave, told so that it can be put right.

    Parameters
    ----------
    where : str
        File and place in it: array, jet, configuration key.
    found : str
        What stands there.
    expected : str
        What should stand there.
    remedy : str
        What to do next.
    """

    def __init__(self, where: str, *, found: str, expected: str, remedy: str) -> None:
        self.where, self.found, self.expected, self.remedy = where, found, expected, remedy
        super().__init__(
            f"{where}\n  found:    {found}\n  expected: {expected}\n  to do:    {remedy}"
        )
