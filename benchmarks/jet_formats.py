"""Measure how fast files of each kind are imported: `python benchmarks/jet_formats.py [JETS]`.

The bundled jets, repeated, are written as each kind of file, in a folder for the time being, and
read and imported, several times in turn; an archive of the benchmark's form is read and validated
alone, for comparison. Parquet's lists are read once more with four further features of each
constituent. Times are of the processor, so that other work on the machine counts little, and each
is held against the archive's beside it.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import awkward as ak
import h5py
import numpy as np
import uproot

from jetline.jets.formats.npz import write_jets
from jetline.jets.importing import import_jets
from jetline.jets.layouts.layout import IndexTable, Layout
from jetline.jets.reading import open_jets

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLE = Path(__file__).parents[1] / "resources/sample/QG_jets_0.npz"
NAMES = ("pt", "y", "phi", "id")
FEATURES = ("d0", "d0err", "dz", "dzerr")
LAYOUT = Layout.model_validate(
    {"columns": {"pt": "pt", "rapidity": "y", "phi": "phi", "pdg_id": "id"}, "label": "label"}
)
TABLE = IndexTable(jets="njets", jet="table_jet", constituent="table_candidate")
#: Of an event.
JETS = 5
ROUNDS = 5


def main() -> None:
    """Print jets/s of each kind of file as a share of the archive's."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    wanted -= wanted % JETS
    with np.load(SAMPLE) as archive:
        times = -(-wanted // len(archive["y"]))
        constituents = np.concatenate([archive["X"]] * times)[:wanted]
        labels = np.concatenate([archive["y"]] * times)[:wanted]
    with tempfile.TemporaryDirectory(prefix="jetline-") as temporary:
        folder = Path(temporary)
        layouts = write_files(folder, constituents, labels)
        shares: dict[str, list[tuple[float, float]]] = {name: [] for name in layouts}
        speeds = []
        for _ in range(ROUNDS):
            archive_s = seconds(lambda: read(folder / "jets.npz", None))
            speeds.append(wanted / archive_s)
            for name, layout in layouts.items():
                path = folder / name.partition(",")[0]
                read_s = seconds(lambda path=path, layout=layout: read(path, layout))
                import_s = seconds(
                    lambda path=path, layout=layout: import_jets(path, folder / "new.npz", layout)
                )
                shares[name].append((archive_s / read_s, archive_s / import_s))
        sizes = [(folder / name).stat().st_size / 1e6 for name in ("jets.npz", "new.npz")]
    print(f"jets.npz, read and validated: {np.median(speeds):,.0f} jets/s of processor time")
    for name, measured in shares.items():
        of_read, of_import = np.median(measured, axis=0)
        print(f"{name}: {of_read:.2f} of that read and validated, {of_import:.2f} imported")
    print(f"jets.npz has {sizes[0]:.1f} MB, what is imported {sizes[1]:.1f} MB")


def write_files(folder: Path, constituents: np.ndarray, labels: np.ndarray) -> dict[str, Layout]:
    """Write the jets as files of each kind, and give the layouts of all but the archive."""
    present = constituents[..., 0] > 0
    counts = present.sum(axis=1)
    flat = {name: constituents[..., place][present] for place, name in enumerate(NAMES)}
    lists = {name: ak.unflatten(values, counts) for name, values in flat.items()}
    drawn = np.random.default_rng(1).standard_t(2, (len(FEATURES), len(flat["pt"])))
    impact = dict(zip(FEATURES, drawn.astype(np.float32), strict=True))
    write_jets(folder / "jets.npz", constituents, labels)
    with h5py.File(folder / "jets.h5", "w") as file:
        for place, name in enumerate(NAMES):
            padded = constituents[..., place]
            file.create_dataset(
                name, data=padded, chunks=(1000, padded.shape[1]), compression="lzf"
            )
        file["label"] = labels
    more = {name: ak.unflatten(values, counts) for name, values in impact.items()}
    ak.to_parquet(ak.Array(lists | more | {"label": labels}), folder / "jets.parquet")
    with uproot.recreate(folder / "jets.root") as file:
        types = dict.fromkeys(NAMES, "var * float32") | {"label": "uint8"}
        file.mktree("tree", types).extend(lists | {"label": labels})

    events = np.full(len(labels) // JETS, JETS)
    of_events = {name: ak.unflatten(values, events) for name, values in lists.items()}
    of_jets = {"label": ak.unflatten(labels, events)}
    ak.to_parquet(ak.Array(of_events | of_jets), folder / "events.parquet")
    candidates = counts.reshape(-1, JETS).sum(axis=1)
    table = {
        "jet": np.repeat(np.arange(len(labels)) % JETS, counts),
        "candidate": np.concatenate([np.arange(number) for number in candidates]),
    }
    branches = {
        **{name: ak.unflatten(values, candidates) for name, values in flat.items()},
        **{f"table_{name}": ak.unflatten(values, candidates) for name, values in table.items()},
        **of_jets,
        "njets": events,
    }
    with uproot.recreate(folder / "events.root") as file:
        types = {
            name: values.type.content if isinstance(values, ak.Array) else values.dtype
            for name, values in branches.items()
        }
        file.mktree("tree", types).extend(branches)
    kinds = dict.fromkeys(("jets.h5", "jets.root", "jets.parquet", "events.parquet"), LAYOUT)
    told = {name: name for name in FEATURES}
    return {
        **kinds,
        "events.root": LAYOUT.model_copy(update={"index": TABLE}),
        "jets.parquet, with features": LAYOUT.model_copy(update={"features": told}),
    }


def read(path: Path, layout: Layout | None) -> None:
    """Read and validate all jets, with their further features if the layout names some."""
    jets = open_jets(path, layout=layout)
    multiplicities = [np.count_nonzero(block[..., 0], axis=1) for block in jets.blocks(2000)]
    if jets.feature_names:
        for _ in jets.features(2000, np.concatenate(multiplicities)):
            pass


def seconds(work: Callable[[], object]) -> float:
    """Measure the time of all processors that something takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
