"""The same jets, with impact parameters of their constituents, as files of every container."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import awkward as ak
import h5py
import numpy as np
import uproot

from foreign_files import lists, write_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAMES = ("pt", "y", "phi", "id", "d0val", "dzval")
COLUMNS = {"pt": "pt", "rapidity": "y", "phi": "phi", "pdg_id": "id"}
LAYOUT: dict[str, Any] = {
    "columns": COLUMNS,
    "label": "label",
    "features": {"dz": "dzval", "d0": "d0val"},
}

#: Jets of an event, where there are events.
JETS = 5


def impact_parameters(constituents: np.ndarray, seed: int = 1) -> np.ndarray:
    """d0 and dz of each constituent, (n, M, 2) float32: long tails, and 0 for neutral ones."""
    rng = np.random.default_rng(seed)
    values = (0.01 * rng.standard_t(1.5, (*constituents.shape[:2], 2))).astype(np.float32)
    charged = np.isin(np.abs(constituents[..., 3]), (211, 321, 2212, 11, 13))
    return np.where(charged[..., None], values, 0).astype(np.float32)


def columns_of(constituents: np.ndarray, features: np.ndarray) -> dict[str, np.ndarray]:
    """Padded columns by name."""
    stacked = np.concatenate([constituents, features], axis=-1)
    return dict(zip(NAMES, np.moveaxis(stacked, -1, 0), strict=True))


def layout(**changed: Any) -> dict[str, Any]:
    return LAYOUT | changed


def within(form: str) -> dict[str, Any]:
    """The layout of columns whose names have this form."""
    return {
        "columns": {quantity: form.format(name) for quantity, name in COLUMNS.items()},
        "features": {name: form.format(one) for name, one in LAYOUT["features"].items()},
    }


def padded_hdf5(path: Path, constituents: Any, features: Any, labels: Any) -> dict[str, Any]:
    with h5py.File(path, "w") as file:
        file.update(columns_of(constituents, features) | {"label": labels})
    return layout()


def compound_hdf5(path: Path, constituents: Any, features: Any, labels: Any) -> dict[str, Any]:
    """As salt has them, with what is no number where there is no constituent."""
    columns = columns_of(constituents, features)
    present = columns["pt"] > 0
    tracks = np.zeros(present.shape, [(name, "f8") for name in NAMES] + [("valid", "?")])
    for name, values in columns.items():
        tracks[name] = np.where(present, values, np.nan)
    tracks["valid"] = present
    with h5py.File(path, "w") as file:
        file["tracks"], file["label"] = tracks, labels
    return layout(**within("tracks/{}"), mask="tracks/valid")


def one_after_the_other(path: Path, constituents: Any, features: Any, labels: Any) -> Any:
    present = constituents[..., 0] > 0
    flat = np.concatenate([constituents, features], axis=-1)[present]
    ends = np.concatenate([[0], np.cumsum(present.sum(axis=1))])
    with h5py.File(path, "w") as file:
        file["parts"], file["index"], file["label"] = flat, ends, labels
    places = {name: f"parts[{place}]" for place, name in enumerate(NAMES)}
    columns = {quantity: places[name] for quantity, name in COLUMNS.items()}
    told = {name: places[one] for name, one in LAYOUT["features"].items()}
    return layout(columns=columns, features=told, offsets="index")


def other_archive(path: Path, constituents: Any, features: Any, labels: Any) -> dict[str, Any]:
    """An array of all features, with the axes turned and padding by -999."""
    stacked = np.concatenate([constituents, features], axis=-1)
    stacked[constituents[..., 0] == 0] = -999
    np.savez(path, parts=np.swapaxes(stacked, 1, 2), label=labels)
    places = {name: f"parts[{place}]" for place, name in enumerate(NAMES)}
    columns = {quantity: places[name] for quantity, name in COLUMNS.items()}
    told = {name: places[one] for name, one in LAYOUT["features"].items()}
    return layout(columns=columns, features=told, axes="features-constituents", padding="-999")


def lists_root(path: Path, constituents: Any, features: Any, labels: Any) -> dict[str, Any]:
    columns = columns_of(constituents, features)
    branches: dict[str, Any] = {name: lists(one, constituents) for name, one in columns.items()}
    write_tree(path, branches | {"label": labels.astype(np.int32)})
    return layout()


def lists_parquet(path: Path, constituents: Any, features: Any, labels: Any) -> dict[str, Any]:
    columns = columns_of(constituents, features)
    told = {name: lists(one, constituents) for name, one in columns.items()}
    ak.to_parquet(ak.Array(told | {"label": labels}), path, row_group_size=70)
    return layout()


def events_parquet(path: Path, constituents: Any, features: Any, labels: Any) -> dict[str, Any]:
    events = np.full(len(labels) // JETS, JETS)
    columns = columns_of(constituents, features) | {"label": labels}
    told = {
        name: ak.unflatten(one if name == "label" else lists(one, constituents), events)
        for name, one in columns.items()
    }
    ak.to_parquet(ak.Array(told), path)
    return layout()


def events_root(path: Path, constituents: Any, features: Any, labels: Any) -> dict[str, Any]:
    """Candidates of events, and a table of which jet has which, its rows in another order."""
    present = constituents[..., 0] > 0
    counts = present.sum(axis=1)
    candidates = counts.reshape(-1, JETS).sum(axis=1)
    columns = columns_of(constituents, features)
    branches = {name: ak.unflatten(one[present], candidates) for name, one in columns.items()}
    jet = np.repeat(np.arange(len(labels)) % JETS, counts)
    candidate = np.concatenate([np.arange(number) for number in candidates])
    # By jets from the last on; the constituents of each stay in their order.
    event = np.repeat(np.arange(len(candidates)), candidates)
    order = np.lexsort((-jet, event))
    branches |= {
        "of_jet": ak.unflatten(jet[order], candidates),
        "of_candidate": ak.unflatten(candidate[order], candidates),
        "label": ak.unflatten(labels.astype(np.int32), np.full(len(labels) // JETS, JETS)),
    }
    with uproot.recreate(path) as file:
        types = {name: f"var * {ak.type(one).content.content}" for name, one in branches.items()}
        tree = file.mktree("tree", types | {"njets": "int32"})
        tree.extend(branches | {"njets": np.full(len(candidates), JETS, np.int32)})
    index = {"jets": "njets", "jet": "of_jet", "constituent": "of_candidate"}
    return layout(index=index)


#: How each is written, by the name of the file.
WRITTEN: dict[str, Callable[..., dict[str, Any]]] = {
    "padded.h5": padded_hdf5,
    "compound.h5": compound_hdf5,
    "flat.h5": one_after_the_other,
    "turned.npz": other_archive,
    "lists.root": lists_root,
    "lists.parquet": lists_parquet,
    "events.parquet": events_parquet,
    "events.root": events_root,
}
