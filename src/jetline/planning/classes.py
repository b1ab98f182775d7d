"""What a run makes of its taggers and jets, by how many classes there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.core.classes import QUARK_GLUON

if TYPE_CHECKING:
    from jetline.planning.plan import Plan


class Classes:
    """What depends on the number of classes of a plan.

    With more than two the taggers are examined by class; a curve of one score, a cut on one
    observable and the published quark and gluon jets have nothing to say there.

    Parameters
    ----------
    plan : Plan
        What is to be made.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._two = len(plan.configuration.classes) == 2

    def of_two(self, *patterns: str) -> list[str]:
        """Paths for every test dataset of a run of two classes; otherwise none."""
        return self._plan.tests(*patterns) if self._two else []

    def of_more(self, *patterns: str) -> list[str]:
        """Paths for every test dataset of a run of more classes; otherwise none."""
        return [] if self._two else self._plan.tests(*patterns)

    def examinations(self) -> list[str]:
        """Give the examination of each test dataset, of two classes or by class."""
        paths = self._plan.paths
        return self._plan.tests(paths.examination if self._two else paths.classes)

    def datasets(self, pattern: str) -> list[str]:
        """Paths for each dataset whose jets are set beside published quark and gluon jets."""
        published = self._plan.configuration.classes == QUARK_GLUON
        names = self._plan.configuration.jet_datasets if published else []
        return [pattern.replace("{dataset}", name) for name in names]
