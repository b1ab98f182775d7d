"""Measure jets of every kind that `source: pythia` makes: masses, multiplicities and what is lost.

For each kind, jets in a window of transverse momentum are made as `jetline generate` makes them.
Compared are the masses of the generated resonances with those of Pythia's particle data, and the
peaks of the jets' soft-drop masses with these. Counted are jets that do not hold their whole decay,
and jets of b and of c hadrons. What the cut on pT-hat loses is measured just below it, weighted
by the cross-sections, and what giving up events early loses by the least momentum at which a jet in
the window was judged. Run it with::

    python benchmarks/resonances.py docs/images/kinds.png results/kinds.csv
"""

from __future__ import annotations

import argparse
import csv
import itertools
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from scipy.stats import gaussian_kde
from tqdm import tqdm

from jetline.core.files import atomic
from jetline.core.randomness import small_seed
from jetline.observables.table import measure_jets
from jetline.sources.pythia.events import VETO_MARGIN, JetStream
from jetline.sources.pythia.generation import padded
from jetline.sources.pythia.kinds import KINDS
from jetline.sources.pythia.settings import GeneratorSettings

matplotlib.use("Agg")
import matplotlib.pyplot as plt

#: Beyond the margin at which events are given up [GeV, for R = 0.4]: there lost jets would be seen.
WIDE_MARGIN = 1.5 * VETO_MARGIN
RESAMPLES = 200
#: Where the events below the cut on pT-hat begin, as a share of it.
BELOW = 0.8
#: Okabe and Ito's colours, which differ in every kind of colour vision.
COLOURS = ("#D55E00", "#0072B2", "#009E73", "#E69F00", "#CC79A7", "#000000")


def peak(masses: np.ndarray) -> float:
    """Find the mode of the logarithms of masses [GeV], smoothed by a Gaussian kernel of 4 %."""
    logs = np.log(masses[masses > 0])
    density = gaussian_kde(logs, bw_method=0.04 / logs.std())
    grid = np.log(np.arange(5.0, 400.0, 0.25))
    return float(np.exp(grid[np.argmax(density(grid))]))


def of_kind(kind: str, settings: GeneratorSettings, n_jets: int, n_below: int) -> dict[str, Any]:
    """Make and measure the jets of one kind.

    Parameters
    ----------
    n_jets : int
        Number of jets.
    n_below : int
        Number of events tried just below the least pT-hat.
    """
    seed = 1 + small_seed(1, "kinds", kind) % 900_000_000
    lines = settings.lines(kind, seed)
    start = time.process_time()
    stream = JetStream(kind, settings, lines, veto_margin=WIDE_MARGIN)
    jets, resonances, judged, pthats, whole = [], [], [], [], 0
    while len(jets) < n_jets:
        jet = stream.try_event()
        whole += 1
        if jet is not None:
            jets.append(jet)
            judged.append(stream.parton_jet_pt)
            pthats.append(stream.pthat)
            resonances.append(stream.decay.mass if stream.decay else np.nan)
    seconds = time.process_time() - start
    per_event = stream.cross_section / whole
    cut = settings.pthat_minimum
    ends = [f"PhaseSpace:pTHatMin = {BELOW * cut:g}", f"PhaseSpace:pTHatMax = {cut:g}"]
    low = JetStream(kind, settings, [*lines, *ends])
    found = whole_below = 0
    while low.events_tried < n_below:
        found += low.try_event() is not None
        whole_below += 1
    # Three at 95 % confidence where none was found.
    below = low.cross_section / whole_below / (per_event * n_jets)
    measured = measure_jets(padded(jets), ("multiplicity", "mass", "sd_mass"))
    draw = np.random.default_rng(1)
    peaks = [
        peak(draw.choice(measured["sd_mass"], n_jets)) if KINDS[kind].resonance else np.nan
        for _ in range(RESAMPLES)
    ]
    multiplicity = measured["multiplicity"]
    return {
        "kind": kind,
        "jets": n_jets,
        "seconds": seconds,
        "resonance_mass": float(np.median(resonances)),
        "particle_data_mass": particle_mass(KINDS[kind].resonance),
        "soft_drop_peak": peak(measured["sd_mass"]) if KINDS[kind].resonance else np.nan,
        "soft_drop_peak_error": float(np.std(peaks)),
        "multiplicity": float(multiplicity.mean()),
        "multiplicity_error": float(multiplicity.std() / np.sqrt(n_jets)),
        "without_whole_decay": n_jets - stream.counts["whole"] if KINDS[kind].resonance else "",
        "elsewhere": stream.counts["elsewhere"],
        "b": stream.counts["b"],
        "c": stream.counts["c"],
        "least_judged": min(judged),
        "least_pthat": min(pthats),
        "share_below_1.2_pthat": float(np.mean(np.array(pthats) < 1.2 * cut)),
        "below_pthat": found,
        "lost_below_pthat": (found or 3) * below,
        "sd_mass": measured["sd_mass"],
    }


def particle_mass(pdg_id: int) -> float:
    """Give the mass of Pythia's particle data [GeV]."""
    import pythia8mc

    return float(pythia8mc.Pythia("", False).particleData.m0(pdg_id)) if pdg_id else np.nan


def draw_masses(path: Path, rows: list[dict[str, Any]], settings: GeneratorSettings) -> None:
    """Draw the soft-drop masses of all kinds beside the masses of their resonances."""
    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    for row, colour in zip(rows, itertools.cycle(COLOURS), strict=False):
        bins = np.arange(0.0, 261.0, 5.0)
        axes.hist(
            row["sd_mass"], bins, histtype="step", density=True, color=colour, label=row["kind"]
        )
        if np.isfinite(row["particle_data_mass"]):
            axes.axvline(row["particle_data_mass"], color=colour, linestyle=":", linewidth=1)
    low, high = settings.pt_window
    axes.set(
        xlabel="soft-drop mass [GeV]",
        ylabel="jets / GeV (normalised)",
        title=f"{low:g} to {high:g} GeV, R = {settings.radius:g}; dotted: mass of the resonance",
        xlim=(0, 260),
    )
    axes.legend()
    with atomic(path) as temporary:
        figure.savefig(temporary, dpi=150)
    plt.close(figure)


def told(value: Any) -> str:
    """Write a number with four digits, and of an array its length."""
    if isinstance(value, np.ndarray):
        return f"({len(value)} values)"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def main() -> None:
    """Make the jets, write the figure and the table, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("png", type=Path)
    parser.add_argument("table", type=Path)
    parser.add_argument("--jets", type=int, default=500, help="jets of each kind")
    parser.add_argument("--below", type=int, default=20_000, help="events below the cut on pT-hat")
    parser.add_argument("--window", type=float, nargs=2, default=(1000.0, 1100.0), help="[GeV]")
    parser.add_argument("--radius", type=float, default=0.8)
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    settings = GeneratorSettings(
        classes=tuple(KINDS), pt_window=tuple(arguments.window), radius=arguments.radius
    )
    with ProcessPoolExecutor(arguments.processes) as pool:
        jobs = [
            pool.submit(of_kind, kind, settings, arguments.jets, arguments.below) for kind in KINDS
        ]
        rows = []
        for job in tqdm(jobs, unit="kind", disable=None):
            rows.append(job.result())
            print(
                ", ".join(f"{name} {told(value)}" for name, value in rows[-1].items()), flush=True
            )
    columns = [name for name in rows[0] if name != "sd_mass"]
    with atomic(arguments.table) as temporary, temporary.open("w", newline="") as stream:
        table = csv.DictWriter(stream, columns, extrasaction="ignore")
        table.writeheader()
        table.writerows(rows)
    draw_masses(arguments.png, rows, settings)


if __name__ == "__main__":
    main()
