"""Further features of constituents in an archive: beside X, padded as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.core.errors import JetlineError
from jetline.jets.archive import array_member
from jetline.jets.further import ARRAYS, require_names

if TYPE_CHECKING:
    import zipfile
    from pathlib import Path

    from jetline.jets.archive import Member

#: Of the array of names: 64 of 60 letters have 15 kB.
_NAMES_BYTES = 2**16


def features_of(
    archive: zipfile.ZipFile, path: Path, constituents: Member
) -> tuple[tuple[str, ...], Member | None]:
    """Find the features of an archive, which are not read yet, and their names.

    Without names an array `features` is one of those that nothing reads.

    Parameters
    ----------
    archive : zipfile.ZipFile
        The archive.
    path : Path
        Its file.
    constituents : Member
        X.

    Returns
    -------
    names : tuple of str
        None if it has no features.
    features : Member or None
        Numbers (n_jets, M, n_features).

    Raises
    ------
    JetlineError
        If they are no numbers of these constituents, or the names are none.
    """
    features_name, names_name = ARRAYS
    there = all(f"{name}.npy" in archive.namelist() for name in ARRAYS)
    # Of another form, of which X is refused.
    if not there or len(constituents.shape) != 3:
        return (), None
    features, told = (array_member(archive, path, name) for name in ARRAYS)
    where = f"{path}, array {names_name}"
    if told.dtype.kind != "U" or len(told.shape) != 1 or told.nbytes > _NAMES_BYTES:
        raise JetlineError(
            where,
            found=f"shape {told.shape} of {told.dtype}",
            expected="(n_features,) text, the names of the features",
            remedy='save them so: `feature_names=np.array(["d0", "dz"])`',
        )
    names = tuple(map(str, told.read())) if told.nbytes else ()
    require_names(where, names)
    expected = (*constituents.shape[:2], len(names))
    if features.shape != expected or features.dtype.kind not in "fiub":
        raise JetlineError(
            f"{path}, array {features_name}",
            found=f"shape {features.shape} of {features.dtype}",
            expected=f"{expected} numbers: {', '.join(names)} of each constituent of X, padded as "
            "it is",
            remedy="save both from the same jets, in the same order",
        )
    return names, features
