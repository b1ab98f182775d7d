"""Reading the weights of jets from their file."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.limits import limit_of
from jetline.jets.archive import DAMAGE, array_member
from jetline.jets.foreign import refused

if TYPE_CHECKING:
    from pathlib import Path


def read_weights(path: Path, name: str, n_jets: int) -> np.ndarray:
    """Read the weight of each jet from an array of a jet file.

    Negative weights are taken: generators at next-to-leading order make them.

    Parameters
    ----------
    path : Path
        The jet file.
    name : str
        Of the array.
    n_jets : int
        Jets in the file.

    Returns
    -------
    (n_jets,) float32 array

    Raises
    ------
    JetlineError
        If there is no such array, or its numbers are not one finite weight for each jet.
    """
    where = f"{path}, array {name}"
    try:
        with zipfile.ZipFile(path) as archive:
            names = [one.removesuffix(".npy") for one in archive.namelist()]
            # As an import writes the name of a dataset within groups.
            name = name if name in names else name.replace("/", "_")
            if name not in names:
                raise JetlineError(
                    where,
                    found=f"no such array (the file has {', '.join(sorted(names))})",
                    expected=f"{name} (n_jets,): the weight of each jet",
                    remedy="save the weights in each file under this name, or correct or remove "
                    "`weights` of the dataset",
                )
            member = array_member(archive, path, name)
            if member.shape != (n_jets,) or member.dtype.kind not in "fiu":
                raise JetlineError(
                    where,
                    found=f"shape {member.shape} of {member.dtype}",
                    expected=f"({n_jets},) numbers, one weight for each jet",
                    remedy="save one weight for each jet; of several name one, such as w[:, 0]",
                )
            weights = member.read().astype(np.float32)
    except OSError as error:
        raise (limit_of(error, path) or refused(path, error)) from None
    except DAMAGE as error:
        if not zipfile.is_zipfile(path):
            raise JetlineError(
                where,
                found="a file that is no .npz archive",
                expected="weights in an .npz",
                remedy=f"import it: jetline import-jets --weights {name} --output jets.npz {path}",
            ) from None
        raise JetlineError(
            where,
            found=f"a damaged array ({error})",
            expected="the weight of each jet",
            remedy="fetch or make the file again",
        ) from None
    bad = ~np.isfinite(weights)
    if bad.any():
        jet = int(bad.argmax())
        raise JetlineError(
            f"{where}, jet {jet} (counted from 0)",
            found=f"{weights[jet]:g} ({np.count_nonzero(bad)} of {n_jets} jets have such)",
            expected="a finite number",
            remedy="leave these jets out, or give them the weight 0",
        )
    return weights
