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
        super().__init__(where, found, expected, remedy)
        self.where, self.found, self.expected, self.remedy = where, found, expected, remedy
        #: Further mistakes that were found along with this one.
        self.others: list[JetlineError] = []

    def __str__(self) -> str:
        text = (
            f"{self.where}\n  found:    {self.found}\n"
            f"  expected: {self.expected}\n  to do:    {self.remedy}"
        )
        return "\n".join([text, *map(str, self.others)])


class TrainingFailedError(JetlineError):
    """A training whose settings do not work: its numbers are not finite, or its network died.

    Another training, with other settings, may go on; a scan counts this one as failed.
    """
