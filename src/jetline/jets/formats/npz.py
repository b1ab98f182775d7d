"""The benchmark's jet files: NumPy archives.

An ``.npz`` archive with ``X`` (n_jets, M, 4), the constituents' transverse momentum [GeV],
rapidity, azimuth [rad] and PDG id, padded with zero rows to the largest multiplicity M, and ``y``
(n_jets,), 1 for a quark jet and 0 for a gluon jet (Zenodo records 3164691 and 3066475).
"""

from __future__ import annotations

import contextlib
import math
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from jetline.core.classes import QUARK_GLUON
from jetline.core.errors import JetlineError
from jetline.core.files import write_arrays
from jetline.core.limits import limit_of
from jetline.jets.archive import DAMAGE, array_member
from jetline.jets.archived_features import features_of
from jetline.jets.foreign import foreign, refused
from jetline.jets.formats.jet_format import JetFormat, OpenedJets
from jetline.jets.further import ARRAYS
from jetline.jets.mending import missing_constituents
from jetline.jets.validity import require_labels, require_valid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np

    from jetline.jets.archive import Member

#: Of an archive; X and y are two.
_MOST_MEMBERS = 1000

#: Of the label of one jet: among others, one number of eight bytes for each of 16 classes.
_LABEL_BYTES = 128


class NpzFormat(JetFormat):
    """NumPy archives with the arrays X and, unless the jets are unlabelled, y.

    They may have `jetline.jets.further.ARRAYS` beside them.
    """

    endings: ClassVar = (".npz",)
    beginnings: ClassVar = (b"PK\x03\x04", b"PK\x05\x06")  # a ZIP archive, and an empty one

    @classmethod
    @contextlib.contextmanager
    def opened(cls, path: Path) -> Iterator[OpenedJets]:
        """Open an archive: X is not read yet, y is; nothing in it is unpickled.

        Raises
        ------
        JetlineError
            If there is no such file, no array X, or what goes wrong with the archive in the block.
        """
        try:
            with zipfile.ZipFile(path) as archive:
                members = _members(archive, path)
                if "X.npy" not in members:
                    raise _error(
                        f"{path}, array X",
                        f"no array X (the file has {_names(members)})",
                        "X (n_jets, M, 4)",
                        missing_constituents(_shapes(archive, path, members)),
                    )
                constituents = array_member(archive, path, "X")
                labels = None
                if "y.npy" in members:
                    labels = _labels(archive, path, constituents)
                names, features = features_of(archive, path, constituents)
                read = {"X.npy", "y.npy"} | {f"{name}.npy" for name in ARRAYS if names}
                unread = _shapes(archive, path, members - read)
                yield OpenedJets(
                    constituents, labels, unread, feature_names=names, features=features
                )
        except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
            raise refused(path, error) from None
        except DAMAGE as error:
            if limit := limit_of(error, path):
                raise limit from None
            told = foreign(path, "an .npz archive with X and y")
            if told and not zipfile.is_zipfile(path):
                raise told from None
            size = path.stat().st_size
            raise _error(
                str(path),
                f"{size} bytes that are no whole .npz archive ({error})",
                "an .npz archive with X and y",
                "the file is empty or cut off, or something else: fetch or make it again",
            ) from None


def write_jets(
    path: Path,
    constituents: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str] = QUARK_GLUON,
) -> None:
    """Write a jet file atomically, compressed, after validating its content.

    Parameters
    ----------
    path : Path
        The ``.npz`` file.
    constituents : (n_jets, M, 4) float32 or float64 array
        pT [GeV], rapidity, azimuth [rad] and PDG id, padded with rows of zeros.
    labels : (n_jets,) array
        Number of each jet's class.
    classes : sequence of str
        Names of the classes by number.

    Raises
    ------
    JetlineError
        If the jets break the format.
    """
    require_valid(str(path), constituents, None)
    require_labels(f"{path}, array y", labels, len(constituents), classes)
    write_arrays(Path(path), X=constituents, y=labels)


def _members(archive: zipfile.ZipFile, path: Path) -> set[str]:
    """Give the members' names; none of them is ever a path to write to."""
    names = archive.namelist()
    twice = [name for name in ("X.npy", "y.npy") if names.count(name) > 1]
    if twice:
        found = f"{names.count(twice[0])} arrays {twice[0].removesuffix('.npy')}"
    elif len(names) > _MOST_MEMBERS:
        found = f"{len(names):,} arrays"
    else:
        return set(names)
    raise _error(
        str(path),
        found,
        f"one X and one y, and at most {_MOST_MEMBERS:,} arrays",
        "save X and y again by `np.savez_compressed`",
    )


def _labels(archive: zipfile.ZipFile, path: Path, constituents: Member) -> np.ndarray | None:
    """Read y, unless it is larger than labels of the jets can be; None where X holds no jets."""
    if len(constituents.shape) != 3 or not constituents.nbytes:
        return None
    labels = array_member(archive, path, "y")
    n_jets = max(constituents.shape)  # whichever axis it is: of X it is told first
    if labels.nbytes > _LABEL_BYTES * n_jets or math.prod(labels.shape) > _LABEL_BYTES * n_jets:
        raise _error(
            f"{path}, array y",
            f"shape {labels.shape} of {labels.dtype}, for {n_jets} jets",
            f"({n_jets},), one label a jet",
            "save the labels of these very jets, one a jet, beside X",
        )
    return labels.read()


def _shapes(archive: zipfile.ZipFile, path: Path, members: set[str]) -> dict[str, tuple[int, ...]]:
    """Give the shape of each array, by its name; () for what is no array that can be read."""
    shapes: dict[str, tuple[int, ...]] = {}
    for member in sorted(members):
        name = member.removesuffix(".npy")
        shapes[name] = ()
        if member != name:
            with contextlib.suppress(JetlineError, *DAMAGE):
                shapes[name] = array_member(archive, path, name).shape
    return shapes


def _names(members: set[str]) -> str:
    return ", ".join(sorted(name.removesuffix(".npy") for name in members)) or "none"


def _error(where: str, found: str, expected: str, remedy: str) -> JetlineError:
    return JetlineError(where, found=found, expected=expected, remedy=remedy)
