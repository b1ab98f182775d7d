"""What every source of jets has: settings, a key, jet files, and what its rule is told."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field

from jetline.core.classes import QUARK_GLUON
from jetline.core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Bytes of a jet in a file that lies there: fewer than in any of ours.
_BYTES = 400


class Source(Settings):
    """The settings of one entry under `datasets`, and the jet files that follow from them.

    A source that makes its files (`jet_files` gives None for them) also has a rule in
    ``workflow/rules/jets.smk``, which takes `key_pattern` as the constraint of its wildcard
    ``source`` and is told what `arguments` gives.
    """

    #: Regular expression of all keys that a source of this class can have. No two classes' keys
    #: may be alike.
    key_pattern: ClassVar[str]

    #: What its files hold: ``jets``, or ``pictures``, of which nothing is measured.
    holds: ClassVar[str] = "jets"

    #: Whether nothing is known of the jets' constituents before the files are read.
    species_unknown: ClassVar[bool] = False

    #: Whether nothing can be trained on its jets, so that all of them test.
    tests_alone: ClassVar[bool] = False

    #: Names that its setting `classes` may have; none where it has no such setting.
    classes_offered: ClassVar[frozenset[str]] = frozenset()

    source: str = Field(description="name of the source, which decides the other keys")

    @property
    def key(self) -> str:
        """Name of the source's folder below ``results/jets``.

        The same jets have the same key in every run and version, or all that was made of them is
        made again. So neither the dataset's name nor the number of files enters, nor settings that
        are at their defaults.
        """
        # docs/decisions.md: Keys of jets
        return self.source

    @property
    def parton_level(self) -> str | None:
        """The setting that makes jets of partons instead of hadrons, as it is written, or None."""
        return None

    @property
    def classes_made(self) -> tuple[str, ...] | None:
        """Names of the classes of its jets by number; None where the files' labels decide."""
        return QUARK_GLUON

    @property
    def weights_array(self) -> str | None:
        """Name of the array of its files with the weight of each jet; None if all count alike."""
        return None

    @abstractmethod
    def jet_files(self, bundled: Path, /) -> dict[str, str | None]:
        """List the jet files, in the order of the dataset.

        Parameters
        ----------
        bundled : Path
            Folder of the jets that come with the checkout.

        Returns
        -------
        dict
            Name of each file within the source, of letters, digits, ``_`` and ``-``; and the path
            where it lies, or None if the workflow makes it as ``results/jets/<key>/<name>.npz``.

        Raises
        ------
        JetlineError
            If a file that has to lie there does not.
        """

    def belong_to(self, run: str) -> None:
        """Take the name of the run, where jets are of a run alone."""

    def imported(self) -> dict[str, str]:
        """List the files that are imported before anything else reads them: path by name.

        `jet_files` has None for them, as for those that the workflow makes.
        """
        return {}

    def jets_in(self, files: Mapping[str, str | None], /) -> int:
        """Estimate, before the files are read or made, how many jets they have: rather too many.

        Parameters
        ----------
        files : mapping
            What `jet_files` gives.
        """
        return sum(Path(path).stat().st_size for path in files.values() if path) // _BYTES

    @classmethod
    def arguments(cls, _sources: Sequence[Self], /) -> list[str]:
        """List the arguments of the command that makes a file, beside the file itself.

        Parameters
        ----------
        _sources : sequence of sources of this class
            The configuration's sources with the key of the file. They may differ in what does not
            enter the key.
        """
        return []

    def sha256(self, _name: str, /) -> str | None:
        """Return the hexadecimal sha256 that the file of this name must have, if it is known."""
        return None
