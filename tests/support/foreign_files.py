"""The same jets as files of every layout, written by the tools that write such files."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import awkward as ak
import h5py
import hdf5plugin
import numpy as np
import uproot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CHARGED = (211, 321, 2212)
NEUTRAL = (130, 2112, -2112)


def lists(values: np.ndarray, constituents: np.ndarray) -> ak.Array:
    """Constituents' values as lists, padding left out."""
    present = constituents[..., 0] > 0
    return ak.unflatten(values[present], present.sum(axis=1))


def cartesian(constituents: np.ndarray, unit: float = 1.0) -> dict[str, np.ndarray]:
    """Momenta and energies of massless constituents, zero for padding."""
    pt, rapidity, phi = (constituents[..., n].astype(np.float64) for n in range(3))
    return {
        "px": unit * pt * np.cos(phi),
        "py": unit * pt * np.sin(phi),
        "pz": unit * pt * np.sinh(rapidity),
        "energy": unit * pt * np.cosh(rapidity),
    }


def flags(pdg_ids: np.ndarray) -> dict[str, np.ndarray]:
    """Charge and flags, as JetClass has them."""
    charged = np.isin(np.abs(pdg_ids), CHARGED)
    leptons = np.isin(np.abs(pdg_ids), (11, 13))
    charge = np.sign(pdg_ids) * (charged * 1.0 - leptons)
    return {
        "part_charge": charge.astype(np.float32),
        "part_isChargedHadron": charged.astype(np.int32),
        "part_isNeutralHadron": np.isin(pdg_ids, NEUTRAL).astype(np.int32),
        "part_isPhoton": (pdg_ids == 22).astype(np.int32),
        "part_isElectron": (np.abs(pdg_ids) == 11).astype(np.int32),
        "part_isMuon": (np.abs(pdg_ids) == 13).astype(np.int32),
    }


def write_tree(path: Path, branches: dict[str, Any], name: str = "tree") -> None:
    """A TTree of lists and numbers, in several baskets."""
    jets = len(next(iter(branches.values())))
    with uproot.recreate(path) as file:
        types = {
            key: f"var * {ak.type(values).content.content}"
            if isinstance(values, ak.Array)
            else str(values.dtype)
            for key, values in branches.items()
        }
        tree = file.mktree(name, types)
        for start in range(0, jets, 100):
            tree.extend({key: values[start : start + 100] for key, values in branches.items()})


def weaver(constituents: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Columns as particle_transformer's converter writes them, in double precision."""
    columns = {f"part_{name}": one for name, one in cartesian(constituents).items()}
    columns["part_pid"] = constituents[..., 3].astype(np.float64)
    return {"label": labels} | {k: lists(v, constituents) for k, v in columns.items()}


def weaver_parquet(path: Path, constituents: np.ndarray, labels: np.ndarray) -> None:
    columns = weaver(constituents, labels)
    ak.to_parquet(ak.Array(columns), path, compression="LZ4", row_group_size=70)


def weaver_ntuple(path: Path, constituents: np.ndarray, labels: np.ndarray) -> None:
    columns = weaver(constituents, labels)
    with uproot.recreate(path) as file:
        ntuple = file.mkrntuple("jets", columns)
        del ntuple


def jetclass_root(path: Path, constituents: np.ndarray, labels: np.ndarray) -> None:
    columns = {f"part_{k}": v.astype(np.float32) for k, v in cartesian(constituents).items()}
    columns |= flags(constituents[..., 3])
    branches: dict[str, Any] = {k: lists(v, constituents) for k, v in columns.items()}
    branches |= {"label_QCD": (labels == 0).astype(np.float32), "label_Hqql": labels == 1}
    branches["label_Hqql"] = branches["label_Hqql"].astype(np.float32)
    write_tree(path, branches)


def jetnet_hdf5(path: Path, constituents: np.ndarray, labels: np.ndarray) -> None:
    """Relative to the jet: its pT is the scalar sum here, its direction that of the hardest."""
    pt, eta, phi = (constituents[..., n].astype(np.float64) for n in range(3))
    present = pt > 0
    jet_pt, jet_eta, jet_phi = pt.sum(axis=1), eta[:, 0], phi[:, 0]
    features = np.stack(
        [eta - jet_eta[:, None], phi - jet_phi[:, None], pt / jet_pt[:, None], present], axis=-1
    )
    features[~present] = 0
    with h5py.File(path, "w") as file:
        file["particle_features"] = features
        masses = np.zeros(len(pt))
        file["jet_features"] = np.stack([jet_pt, jet_eta, masses, present.sum(1)], axis=1)


def top_tagging_hdf5(
    path: Path, constituents: np.ndarray, labels: np.ndarray, trap: Any = "columns"
) -> None:
    """A table as pandas writes it by PyTables, whose attributes are pickles."""
    momenta = cartesian(constituents)
    block = np.zeros((len(labels), 201, 4), np.float32)
    stacked = np.stack([momenta[k] for k in ("energy", "px", "py", "pz")], axis=-1)
    block[:, : stacked.shape[1]] = stacked[:, :200]
    dtype = [("index", "<i8"), ("values_block_0", "<f4", (804,)), ("values_block_1", "<i8", (2,))]
    table = np.zeros(len(labels), dtype)
    table["values_block_0"] = block.reshape(len(labels), 804)
    table["values_block_1"][:, 1] = labels
    with h5py.File(path, "w") as file:
        group = file.create_group("table")
        group.attrs["pandas_type"] = np.bytes_("frame_table")
        group.attrs["non_index_axes"] = np.bytes_(pickle.dumps(trap, protocol=0))
        dataset = group.create_dataset("table", data=table, chunks=(50,), **hdf5plugin.Blosc())
        dataset.attrs["values_block_0_kind"] = np.bytes_(pickle.dumps(trap, protocol=0))


def atlas_hdf5(path: Path, constituents: np.ndarray, labels: np.ndarray) -> None:
    """Padded by zeros, in MeV, pseudorapidity and energy."""
    pt, eta, phi = (constituents[..., n] for n in range(3))
    with h5py.File(path, "w") as file:
        energy = cartesian(constituents, 1000)["energy"]
        columns = {"pt": 1000 * pt, "eta": eta, "phi": phi, "E": energy}
        for name, values in columns.items():
            file.create_dataset(f"fjet_clus_{name}", data=values.astype(np.float32), chunks=True)
        file["labels"] = labels.astype(np.float32)
        file["training_weights"] = np.linspace(1, 2, len(labels))


def energyflow_hdf5(path: Path, constituents: np.ndarray, labels: np.ndarray) -> None:
    """Particles of all jets one after the other, as MOD files have them."""
    present = constituents[..., 0] > 0
    pfcs = np.zeros((int(present.sum()), 6))
    pfcs[:, [0, 1, 2, 4]] = constituents[present]
    with h5py.File(path, "w") as file:
        file.create_dataset("pfcs", data=pfcs, compression="gzip")
        file["pfcs_index"] = np.concatenate([[0], np.cumsum(present.sum(axis=1))])
        file["filenames"] = np.array([b"a.root", b"b.root"])


def benchmark_hdf5(path: Path, constituents: np.ndarray, labels: np.ndarray) -> None:
    with h5py.File(path, "w") as file:
        file["X"], file["y"] = constituents, labels


#: Each by its name: how it is written, its ending, and the layout that its columns tell.
FILES: dict[str, tuple[Callable[..., None], str, str]] = {
    "benchmark": (benchmark_hdf5, ".h5", "benchmark"),
    "weaver": (weaver_parquet, ".parquet", "weaver"),
    "rntuple": (weaver_ntuple, ".root", "weaver"),
    "jetclass": (jetclass_root, ".root", "jetclass"),
    "jetnet": (jetnet_hdf5, ".hdf5", "jetnet"),
    "top-tagging": (top_tagging_hdf5, ".h5", "top-tagging"),
    "atlas-open": (atlas_hdf5, ".h5", "atlas-open"),
    "energyflow": (energyflow_hdf5, ".h5", "energyflow"),
}
