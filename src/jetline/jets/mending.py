"""The very line of NumPy that mends an array which breaks the format.

Each remedy is written for arrays `X` and `y` as the file has them, loaded by ``np.load`` as
`archive`; after it, both are saved again.
"""

from __future__ import annotations

import numpy as np

from jetline.jets.constituents import PT

AGAIN = "then save X and y again by `np.savez_compressed`"

_NUMBERS = "fiub"
_QUARKS = {"u", "d", "s", "c", "b", "uds", "ud", "light"}


def keep(condition: str) -> str:
    """Give the line that leaves out jets for which `condition`, of (n_jets,), is false."""
    return f"`keep = {condition}; X, y = X[keep], y[keep]` leaves them out, {AGAIN}"


def objects(name: str, shape: tuple[int, ...]) -> str:
    """Tell what to do with an array of Python objects, such as jets of different lengths."""
    load = "load the file by `np.load(..., allow_pickle=True)` if it is your own, mend it by "
    if name != "X" or len(shape) != 1:
        dtype = ", np.float64" if name == "X" else ""
        return f"{load}`{name} = np.array({name}.tolist(){dtype})`, {AGAIN}"
    return (
        load
        + "`X = np.array([np.pad(jet, ((0, max(map(len, X)) - len(jet)), (0, 0))) for jet in X]"
        f", np.float64)`, which pads each jet with rows of zeros, {AGAIN}"
    )


def shape(shape: tuple[int, ...], dtype: np.dtype) -> str:
    """Tell how constituents of another shape become (n_jets, M, 4)."""
    if dtype.names and len(shape) == 2 and len(dtype.names) >= 4:
        names = ", ".join(map(repr, dtype.names[:4]))
        return (
            f"`X = np.stack([X[name] for name in ({names})], axis=-1, dtype=np.float64)`, with the "
            f"names of pT, rapidity, azimuth and PDG id in this order, {AGAIN}"
        )
    if 0 in shape:
        return "save the file with one jet and one constituent or more"
    if len(shape) == 3 and shape[1] == 4:
        return f"`X = np.transpose(X, (0, 2, 1))`, {AGAIN} (`reshape` would mix the quantities)"
    if len(shape) == 3 and shape[0] == 4:
        return (
            f"`X = np.transpose(X, (1, 2, 0))` if it is (4, n_jets, M), "
            f"`X = np.transpose(X, (2, 1, 0))` if it is (4, M, n_jets), {AGAIN}"
        )
    if len(shape) == 3 and shape[2] > 4:
        return (
            "`X = X[..., [0, 1, 2, 3]]`, with the places, counted from 0, of pT, rapidity, azimuth "
            f"and PDG id, {AGAIN}"
        )
    if len(shape) == 4 and 1 in shape[1:] and 4 in shape[-2:]:
        return f"`X = np.squeeze(X, axis={shape.index(1, 1)})`, {AGAIN}"
    if len(shape) == 2 and shape[1] > 4 and shape[1] % 4 == 0:
        return (
            "`X = X.reshape(len(X), -1, 4)` if each row holds one constituent after another, "
            "`X = X.reshape(len(X), 4, -1).transpose(0, 2, 1)` if it holds all pT, then all "
            f"rapidities and so on, {AGAIN}"
        )
    return (
        "make an array of one row of pT, rapidity, azimuth and PDG id for each constituent, pad "
        "each jet with rows of zeros, and save it again"
    )


def fewer_constituents(most: int) -> str:
    """Give the line that keeps each jet's hardest constituents, and less padding."""
    return (
        f"`X = np.take_along_axis(X, np.argsort(-X[..., 0], axis=1)[:, :{most}, None], axis=1)`, "
        f"which keeps the {most} hardest of each jet, {AGAIN}"
    )


def numbers(dtype: np.dtype) -> str:
    """Tell how constituents of another dtype become float32 or float64."""
    if dtype.kind not in _NUMBERS + "US":
        return "convert the array to float32 or float64 and save it again"
    # A float16 holds every PDG id of the format, and float32 all that float16 does.
    wanted = "float32" if dtype.kind == "f" and dtype.itemsize <= 4 else "float64"
    return f"`X = X.astype(np.{wanted})`, {AGAIN}"


def padding(constituents: np.ndarray, bad: np.ndarray) -> str | None:
    """Tell how a number that stands for padding becomes rows of zeros; None if none does.

    Parameters
    ----------
    constituents : (n_jets, M, 4) float array
        Jets, some of which break the format.
    bad : (n_jets, M) bool array
        The constituents whose pT is NaN, or negative.
    """
    values = np.unique(constituents[bad, PT])
    # Padding goes on to the end of each jet.
    if len(values) != 1 or (bad[:, :-1] & ~bad[:, 1:]).any() or not np.any(bad[:, -1]):
        return None
    if np.isnan(values[0]):
        marked = "np.isnan(X[..., 0])"
    else:
        marked = (
            f"X[..., 0] == {values[0]:.0f}" if values[0] == round(values[0]) else "X[..., 0] < 0"
        )
    return f"padding is rows of zeros: `X[{marked}] = 0`, {AGAIN}"


def labels(labels: np.ndarray, n_jets: int) -> str:
    """Tell how labels of another shape, or text, become (n_jets,) numbers."""
    if labels.shape == (n_jets,):
        return _of_values(labels)
    if labels.ndim > 1 and labels.size == n_jets:
        return f"`y = y.reshape(-1)`, {AGAIN}"
    if labels.shape == (n_jets, 2) and labels.dtype.kind in _NUMBERS:
        return (
            "`y = np.argmax(y, axis=1)` if the columns are gluon and quark, "
            f"`y = np.argmin(y, axis=1)` if they are quark and gluon, {AGAIN}"
        )
    if labels.ndim == 2 and len(labels) == n_jets and labels.dtype.kind in _NUMBERS:
        return f"`y = y[:, 0]`, with the place, counted from 0, of the column of quarks, {AGAIN}"
    return "save the labels of these very jets, one a jet, beside X"


def _of_values(labels: np.ndarray) -> str:
    if labels.dtype.kind in "US":
        return _of_texts([str(text) for text in np.unique(labels.astype("U"))])
    if labels.dtype.kind not in _NUMBERS:
        return "save labels as numbers, or leave y out if they are not known"
    values = np.unique(labels)
    if set(np.abs(values)) <= {1, 2, 3, 4, 5, 21} and 21 in values and len(values) > 1:
        return f"`y = (y != 21).astype(np.uint8)`, if these are PDG ids, {AGAIN}"
    if len(values) == 2 and np.isfinite(values).all():
        low, high = (value.item() for value in values)
        return (
            f"relabel the jets: `y = (y == {high!r}).astype(np.uint8)` if {high!r} stands for "
            f"quark jets, `y = (y == {low!r}).astype(np.uint8)` if {low!r} does, {AGAIN}"
        )
    if {0, 1} & set(values):
        return f"relabel the jets, or {keep('np.isin(y, (0, 1))')}"
    return "relabel the jets, or leave y out if the labels are not known"


def _of_texts(texts: list[str]) -> str:
    if set(texts) <= {"0", "1", "0.0", "1.0"}:
        return f"`y = y.astype(np.float64)`, {AGAIN}"
    quarks = [text for text in texts if text.lower() in _QUARKS or text[:1] in ("q", "Q")]
    gluons = [text for text in texts if text[:1] in ("g", "G")]
    if len(quarks) + len(gluons) < len(texts):
        quarks = texts[:1]
    names = ", ".join(map(repr, quarks))
    return f"`y = np.isin(y.astype('U'), [{names}]).astype(np.uint8)`, all names of quarks, {AGAIN}"


def class_numbers(labels: np.ndarray) -> str:
    """Tell how labels that are no numbers of classes become such."""
    values = np.unique(labels.astype("U") if labels.dtype.kind in "USO" else labels)
    told = ", ".join(repr(value.item()) for value in values[:12]) + ", ..." * (len(values) > 12)
    return (
        f"name the classes in the configuration by `classes`, in the order of the numbers 0, 1, "
        f"2, ...; where labels are others, here {told}, number them: `y = np.searchsorted(names, "
        f"y)`, with `names` the sorted labels, {AGAIN}"
    )


def missing_constituents(shapes: dict[str, tuple[int, ...]]) -> str:
    """Tell how constituents under another name become X: `shapes` are the arrays of the file."""
    candidates = [name for name, shape in shapes.items() if len(shape) == 3]
    if len(candidates) != 1:
        return "save the constituents under the name X"
    return f"save the constituents under the name X: `X = archive[{candidates[0]!r}]`, {AGAIN}"


def missing_labels(unread: dict[str, tuple[int, ...]], n_jets: int) -> str:
    """Tell how a file gets labels: `unread` are its arrays of other names than X and y."""
    candidates = [
        name
        for name, shape in unread.items()
        if shape[:1] == (n_jets,) and name.lower() in ("y", "label", "labels", "target", "targets")
    ]
    if candidates:
        return f"`y = archive[{candidates[0]!r}]`, {AGAIN}"
    return (
        "add y: `y = np.ones(len(X))` if all are quark jets, `y = np.zeros(len(X))` if all are "
        f"gluon jets, {AGAIN}; or score the jets with a trained tagger by `jetline score`"
    )
