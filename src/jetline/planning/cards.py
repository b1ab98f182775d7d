"""Folders of taggers to take away, if the configuration asks for them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jetline.planning.exports import jets_of_split

if TYPE_CHECKING:
    from jetline.planning.plan import Plan


class Cards:
    """Model cards; methods take Snakemake's `wildcards`, as those of `Plan` do.

    Parameters
    ----------
    plan : Plan
        What is to be made.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def of_all(self) -> list[str]:
        """Give the card of every tagger: none unless they are asked for."""
        asked = self._plan.configuration.cards
        return self._plan.trainings(self._plan.paths.card) if asked else []

    def evaluations(self) -> list[str]:
        """Give the figures of merit of a tagger on each dataset."""
        return self._plan.tests(self._plan.paths.metrics)

    def examinations(self) -> list[str]:
        """Give the examinations of the run, which there are of two classes."""
        two = len(self._plan.configuration.classes) == 2
        return self._plan.tests(self._plan.paths.examination) if two else []

    @property
    def parts(self) -> str:
        """Split of the dataset trained on."""
        return self._plan.paths.parts.replace("{dataset}", self._plan.trained_on)

    def jets(self) -> list[str]:
        """Give the jet files of that split; of pictures, none."""
        return jets_of_split(self._plan, self._plan.trained_on)

    def datasets(self, wildcards: Any) -> str:  # noqa: ARG002
        """Give the settings of each dataset's source as JSON, without the user's paths."""
        named = self._plan.configuration.datasets
        return json.dumps(
            {
                name: named[name].model_dump(mode="json", exclude={"paths"})
                for name in self._plan.datasets
            }
        )
