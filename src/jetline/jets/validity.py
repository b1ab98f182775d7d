"""What every jet file has to keep to, whatever its format."""

from __future__ import annotations

import numpy as np

from jetline.core.errors import JetlineError
from jetline.jets.constituents import PDG_ID, PT
from jetline.jets.species import PARTON_IDS, PDG_IDS


def _broken(where: str, found: str, expected: str, remedy: str) -> JetlineError:
    return JetlineError(where, found=found, expected=expected, remedy=remedy)


def require_shape(name: str, shape: tuple[int, ...], dtype: np.dtype) -> None:
    """Refuse constituents of another shape than (n_jets, M, 4), or no floating-point numbers.

    Parameters
    ----------
    name : str
        The file's, for the error.
    shape, dtype
        Of the constituents.

    Raises
    ------
    JetlineError
        Names the file.
    """
    where = f"{name}, array X"
    if len(shape) != 3 or shape[2] != 4 or 0 in shape:
        raise _broken(
            where,
            f"shape {shape}",
            "(n_jets, M, 4): pT, rapidity, azimuth, PDG id of each constituent, at least one jet",
            "reshape the array, pad each jet with rows of zeros, and save it again",
        )
    if dtype not in (np.float32, np.float64):
        raise _broken(where, f"dtype {dtype}", "float32 or float64", "convert the array")


def require_valid(
    name: str, constituents: np.ndarray, labels: np.ndarray | None, first: int = 0
) -> None:
    """Refuse jets that break the format.

    Parameters
    ----------
    name : str
        The file's, for the error.
    constituents : (n_jets, M, 4) float array
        pT [GeV], rapidity, azimuth [rad] and PDG id.
    labels : (n_jets,) array or None
        1 quark, 0 gluon; None for labels that are validated elsewhere, or missing.
    first : int
        Number in its file of the first of these jets.

    Raises
    ------
    JetlineError
        Names the file, the array, the first bad jet and constituent, and what to do.
    """
    where = f"{name}, array X"
    require_shape(name, constituents.shape, constituents.dtype)

    def forbid(bad: np.ndarray, column: int, what: str, expected: str, remedy: str) -> None:
        """Name the first constituent that `bad` (n_jets, M) marks."""
        if bad.any():
            jet, constituent = np.unravel_index(bad.argmax(), bad.shape)
            value = constituents[jet, constituent, column]
            count = np.count_nonzero(bad.any(axis=1))
            among = f"{len(bad)} jets" + (f" from jet {first} on" if first else "")
            raise _broken(
                f"{where}, jet {first + jet}, constituent {constituent} (both counted from 0)",
                f"{what} {value:g} ({count} of {among} have such)",
                expected,
                remedy,
            )

    make_again = "correct the program that made the file, or leave these jets out"
    pt = constituents[..., PT]
    for column, quantity in enumerate(("pT", "rapidity", "azimuth", "PDG id")):
        forbid(
            ~np.isfinite(constituents[..., column]), column, quantity, "a finite number", make_again
        )
    forbid(pt < 0, PT, "pT", "pT >= 0 GeV", make_again)
    padding = pt == 0
    forbid(
        padding & constituents[..., 1:].any(axis=2),
        PT,
        "rapidity, azimuth or PDG id beside pT",
        "pT > 0 for a constituent, zeros alone for padding",
        make_again,
    )
    forbid(
        padding[:, :-1] & ~padding[:, 1:],
        PT,
        "padding before a constituent, pT",
        "padding only after the last constituent",
        "move the rows of zeros to the end of each jet",
    )
    forbid(
        padding[:, :1], PT, "a jet without constituents, pT", "one constituent or more", make_again
    )
    forbid(
        ~padding & ~np.isin(constituents[..., PDG_ID], PDG_IDS + PARTON_IDS),
        PDG_ID,
        "PDG id",
        "one of " + ", ".join(map(str, PDG_IDS)) + ", or a quark or gluon",
        "drop neutrinos and decay unstable particles before clustering",
    )
    if labels is not None:
        require_labels(f"{name}, array y", labels, len(constituents))


def require_labels(where: str, labels: np.ndarray, n_jets: int) -> None:
    """Refuse labels other than 0 and 1, or not one a jet.

    Raises
    ------
    JetlineError
        Names the place, `where`, and the first bad jet.
    """
    if labels.shape != (n_jets,):
        raise _broken(
            where, f"shape {labels.shape}", f"({n_jets},), one label a jet", "save X and y together"
        )
    bad = (labels != 0) & (labels != 1)
    if bad.any():
        jet = bad.argmax()
        raise _broken(
            f"{where}, jet {jet} (counted from 0)",
            f"label {labels[jet]:g} ({np.count_nonzero(bad)} of {n_jets} jets have such)",
            "1 for a quark jet, 0 for a gluon jet",
            "relabel the jets, or leave y out if the labels are not known",
        )
