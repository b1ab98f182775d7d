"""Measure how fast files of each kind are imported: `python benchmarks/jet_formats.py [JETS]`.

The bundled jets, repeated, are written as each kind of file, in a folder for the time being, and
imported; an archive of the benchmark's form is read and validated alone, for comparison.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import awkward as ak
import h5py
import numpy as np
import uproot

from jetline.jets.formats.npz import write_jets
from jetline.jets.importing import import_jets
from jetline.jets.layouts.layout import Layout
from jetline.jets.reading import open_jets

SAMPLE = Path(__file__).parents[1] / "resources/sample/QG_jets_0.npz"
NAMES = ("pt", "y", "phi", "id")
LAYOUT = Layout.model_validate(
    {"columns": {"pt": "pt", "rapidity": "y", "phi": "phi", "pdg_id": "id"}, "label": "label"}
)


def main() -> None:
    """Print jets/s of each kind of file."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    with np.load(SAMPLE) as archive:
        times = -(-wanted // len(archive["y"]))
        constituents = np.concatenate([archive["X"]] * times)[:wanted]
        labels = np.concatenate([archive["y"]] * times)[:wanted]
    present = constituents[..., 0] > 0
    lists = {
        name: ak.unflatten(constituents[..., place][present], present.sum(axis=1))
        for place, name in enumerate(NAMES)
    }
    with tempfile.TemporaryDirectory(prefix="jetline-") as temporary:
        folder = Path(temporary)
        write_jets(folder / "jets.npz", constituents, labels)
        with h5py.File(folder / "jets.h5", "w") as file:
            for place, name in enumerate(NAMES):
                padded = constituents[..., place]
                file.create_dataset(
                    name, data=padded, chunks=(1000, padded.shape[1]), compression="lzf"
                )
            file["label"] = labels
        ak.to_parquet(ak.Array(lists | {"label": labels}), folder / "jets.parquet")
        with uproot.recreate(folder / "jets.root") as file:
            types = dict.fromkeys(NAMES, "var * float32") | {"label": "uint8"}
            file.mktree("tree", types).extend(lists | {"label": labels})
        start = time.perf_counter()
        for _ in open_jets(folder / "jets.npz").blocks(2000):
            pass
        print(f"jets.npz, read and validated: {wanted / (time.perf_counter() - start):,.0f} jets/s")
        for ending in ("parquet", "h5", "root"):
            path = folder / f"jets.{ending}"
            start = time.perf_counter()
            for _ in open_jets(path, layout=LAYOUT).blocks(2000):
                pass
            read = wanted / (time.perf_counter() - start)
            start = time.perf_counter()
            import_jets(path, folder / "imported.npz", LAYOUT)
            imported = wanted / (time.perf_counter() - start)
            print(f"{path.name}: {read:,.0f} jets/s read and validated, {imported:,.0f} imported")


if __name__ == "__main__":
    main()
