"""What every jet file has to keep to, whatever its format."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.core.classes import QUARK_GLUON, UNLABELLED, numbered, without_class
from jetline.core.errors import JetlineError
from jetline.jets import mending
from jetline.jets.constituents import PDG_ID, PT
from jetline.jets.species import PARTON_IDS, PDG_IDS

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Most constituents that a jet may have; those of the benchmark have up to 139.
MOST_CONSTITUENTS = 4096


def _broken(where: str, found: str, expected: str, remedy: str) -> JetlineError:
    return JetlineError(where, found=found, expected=expected, remedy=remedy)


def require_shape(name: str, shape: tuple[int, ...], dtype: np.dtype) -> None:
    """Refuse constituents that are no (n_jets, M, 4) of floating-point numbers, or M too large.

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
            mending.shape(shape, dtype),
        )
    if shape[1] > MOST_CONSTITUENTS:
        raise _broken(
            where,
            f"shape {shape}",
            f"at most {MOST_CONSTITUENTS} constituents a jet, padding counted",
            mending.fewer_constituents(MOST_CONSTITUENTS),
        )
    if dtype not in (np.float32, np.float64):
        raise _broken(where, f"dtype {dtype}", "float32 or float64", mending.numbers(dtype))


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

    def make_again(condition: str) -> str:
        return "correct the program that made the file, or leave these jets out: " + mending.keep(
            condition
        )

    pt = constituents[..., PT]
    nan, negative = np.isnan(pt), pt < 0
    finite = make_again("np.isfinite(X).all(axis=(1, 2))")
    for column, quantity in enumerate(("pT", "rapidity", "azimuth", "PDG id")):
        forbid(
            ~np.isfinite(constituents[..., column]),
            column,
            quantity,
            "a finite number",
            (nan.any() and mending.padding(constituents, nan)) or finite,
        )
    forbid(
        negative,
        PT,
        "pT",
        "pT >= 0 GeV",
        (negative.any() and mending.padding(constituents, negative))
        or make_again("(X[..., 0] >= 0).all(axis=1)"),
    )
    padding = pt == 0
    forbid(
        padding & constituents[..., 1:].any(axis=2),
        PT,
        "rapidity, azimuth or PDG id beside pT",
        "pT > 0 for a constituent, zeros alone for padding",
        f"`X[X[..., 0] == 0] = 0` if that is padding, {mending.AGAIN}; or "
        + make_again("((X[..., 0] != 0) | ~X.any(axis=2)).all(axis=1)"),
    )
    forbid(
        padding[:, :-1] & ~padding[:, 1:],
        PT,
        "padding before a constituent, pT",
        "padding only after the last constituent",
        "move the rows of zeros to the end of each jet: `X = np.take_along_axis(X, "
        f"np.argsort(X[..., 0] == 0, axis=1, kind='stable')[..., None], axis=1)`, {mending.AGAIN}",
    )
    forbid(
        padding[:, :1],
        PT,
        "a jet without constituents, pT",
        "one constituent or more",
        make_again("(X[..., 0] > 0).any(axis=1)"),
    )
    # Zero throughout: the species are not known, and no tagger is told of them.
    ids = constituents[..., PDG_ID]
    forbid(
        ~padding & ~np.isin(ids, PDG_IDS + PARTON_IDS) & ids.any(),
        PDG_ID,
        "PDG id",
        "one of " + ", ".join(map(str, PDG_IDS)) + ", or a quark or gluon; or 0 throughout, where "
        "species are not known",
        "drop neutrinos and decay unstable particles before clustering",
    )
    if labels is not None:
        require_labels(f"{name}, array y", labels, len(constituents))


def require_labels(
    where: str, labels: np.ndarray, n_jets: int, classes: Sequence[str] | None = QUARK_GLUON
) -> None:
    """Refuse labels that are not the number of a class, or not one a jet.

    Parameters
    ----------
    where : str
        The place, for the error.
    labels : array
        What ought to be (n_jets,) numbers.
    n_jets : int
        Jets that they belong to.
    classes : sequence of str or None
        Names of the classes by number; None where they are not known, so that any number will do.

    Raises
    ------
    JetlineError
        Names the place, `where`, and the first bad jet.
    """
    if labels.shape != (n_jets,):
        raise _broken(
            where,
            f"shape {labels.shape}",
            f"({n_jets},), one label a jet",
            mending.labels(labels, n_jets),
        )
    expected = label_words(classes)
    two = tuple(classes or ()) == QUARK_GLUON
    if labels.dtype.kind not in "fiub":
        raise _broken(
            where,
            f"dtype {labels.dtype}, such as {labels[0]!s}",
            f"numbers: {expected}",
            mending.labels(labels, n_jets) if two else mending.class_numbers(labels),
        )
    bad = without_class(labels, classes)
    if bad.any():
        jet = bad.argmax()
        raise _broken(
            f"{where}, jet {jet} (counted from 0)",
            f"label {labels[jet]:g} ({np.count_nonzero(bad)} of {n_jets} jets have such)",
            expected,
            mending.labels(labels, n_jets) if two else mending.class_numbers(labels),
        )


def label_words(classes: Sequence[str] | None) -> str:
    """Tell what labels ought to be; `classes` as in `require_labels`."""
    if classes is None:
        return f"whole numbers from 0 to {UNLABELLED - 1}, one for each class"
    if tuple(classes) == QUARK_GLUON:
        return "1 for a quark jet, 0 for a gluon jet"
    return numbered(classes)
