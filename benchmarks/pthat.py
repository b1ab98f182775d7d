"""Measure which pT-hat the jets of the window come from, and which jets a cut on it loses.

pT-hat is the transverse momentum of the hard process. Jets in a narrow window of pT come from a
range of it: radiation takes energy out of the jet, and the hardest jet may be initial-state
radiation. A low cut wastes events, a high one loses jets of a particular sort. This script
generates each slice of pT-hat separately and weights it by its cross-section, which measures the
tail with small errors. Run it with::

    python benchmarks/pthat.py docs/images/pthat.png results/pthat.csv
"""

from __future__ import annotations

import argparse
import csv
import itertools
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import matplotlib
import numpy as np
from tqdm import tqdm

from jetline.core.classes import QUARK_GLUON
from jetline.core.files import atomic
from jetline.core.randomness import small_seed
from jetline.sources.pythia.events import JetStream
from jetline.sources.pythia.settings import GeneratorSettings

matplotlib.use("Agg")
import matplotlib.pyplot as plt

DEFAULT = GeneratorSettings()
#: Slices of pT-hat [GeV]; the last has no upper end. Pythia starts initial-state radiation at the
#: factorisation scale, here pT-hat, so its recoil hardly lifts a jet from below 200 to 500 GeV.
EDGES = (200.0, 250.0, 300.0, 350.0, 400.0, 450.0, np.inf)
#: Events of each slice in units of `--events`: most where jets decide on the cut.
SHARES = (16, 12, 8, 4, 2, 2)
BINS = np.arange(200.0, 801.0, 25.0)
#: Okabe and Ito's blue and vermilion, which differ in every kind of colour vision.
COLOURS = {"quark": "#0072B2", "gluon": "#D55E00"}


def generate_slice(parton: str, low: float, high: float, n_events: int) -> tuple[np.ndarray, float]:
    """Try `n_events` events of one slice of pT-hat.

    Returns
    -------
    jets : (n_accepted, 3) float array
        pT-hat [GeV], multiplicity and weight [fb] of each jet in the window.
    weight : float
        The weight of each jet [fb].
    """
    seed = 1 + small_seed(1, "pthat", parton, int(low)) % 900_000_000
    lines = DEFAULT.lines(parton, seed)
    lines.append(f"PhaseSpace:pTHatMin = {low:g}")  # later lines take precedence
    if np.isfinite(high):
        lines.append(f"PhaseSpace:pTHatMax = {high:g}")
    stream = JetStream(parton, DEFAULT, lines)
    accepted, whole = [], 0
    while stream.events_tried < n_events:
        jet = stream.try_event()
        whole += 1
        if jet is not None:
            accepted.append((stream.pthat, len(jet)))
    weight = stream.cross_section * 1e12 / whole  # 1 mb is 1e12 fb
    jets = np.array(accepted).reshape(-1, 2)
    return np.column_stack([jets, np.full(len(jets), weight)]), weight


def generate(n_events: int, processes: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Generate quark and gluon jets of every slice, with the slices' (n_slices,) weights [fb]."""
    slices = list(zip(itertools.pairwise(EDGES), SHARES, strict=True))
    with ProcessPoolExecutor(processes) as pool:
        jobs = {
            kind: [
                pool.submit(generate_slice, kind, *limits, share * n_events)
                for limits, share in slices
            ]
            for kind in QUARK_GLUON
        }
        made = {}
        for kind, parts in jobs.items():
            done = [job.result() for job in tqdm(parts, unit="slice", desc=kind, disable=None)]
            jets, weights = zip(*done, strict=True)
            made[kind] = np.concatenate(jets), np.array(weights)
    return made


def lost_below(jets: np.ndarray, weights: np.ndarray, cut: float) -> dict[str, float]:
    """Compute which jets a cut on pT-hat loses.

    Parameters
    ----------
    jets : (n, 3) float array
        pT-hat [GeV], multiplicity and weight [fb] of each jet.
    weights : (n_slices,) float array
        Weight of each slice [fb].
    cut : float
        Least pT-hat [GeV].

    Returns
    -------
    dict
        Weighted fraction of the jets below the cut with its error and its limit at 95 %
        confidence, and the shift of the mean multiplicity when they are lost, with its error.
        The errors are those of weighted Poisson counts, from the sum of squared weights; if no jet
        is below, the limit is three times the largest weight there.
    """
    pthat, multiplicity, weight = jets.T
    below = pthat < cut
    total, lost = weight.sum(), weight[below].sum()
    fraction = lost / total
    pulls = weight / total
    mean = np.sum(pulls * multiplicity)
    mean_above = np.average(multiplicity[~below], weights=weight[~below])
    # Derivative of each value by the count of each jet, times the jet's weight.
    by_fraction = pulls * (below - fraction)
    by_shift = np.where(below, 0, weight * (multiplicity - mean_above) / (total - lost))
    by_shift = by_shift - pulls * (multiplicity - mean)
    error = float(np.sqrt(np.sum(by_fraction**2)))
    unseen = 3 * weights[np.array(EDGES[1:]) <= cut].max() / total
    return {
        "jets_below": int(below.sum()),
        "fraction": fraction,
        "fraction_error": error,
        "fraction_limit_95": fraction + 1.645 * error if below.any() else unseen,
        "multiplicity_shift": mean_above - mean,
        "multiplicity_shift_error": float(np.sqrt(np.sum(by_shift**2))),
    }


def write_table(path: Path, made: dict[str, tuple[np.ndarray, np.ndarray]]) -> list[dict]:
    """Write as CSV what each cut loses of quark and gluon jets, and return the rows."""
    rows = [
        {"kind": kind, "cut_gev": cut, "jets": len(made[kind][0])} | lost_below(*made[kind], cut)
        for kind in QUARK_GLUON
        for cut in EDGES[1:-1]
    ]
    with atomic(path) as temporary, temporary.open("w", newline="") as stream:
        table = csv.DictWriter(stream, rows[0])
        table.writeheader()
        table.writerows(rows)
    return rows


def draw(path: Path, made: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Draw the distribution of pT-hat and the fraction below, one under the other."""
    figure, (density, below) = plt.subplots(2, 1, sharex=True, figsize=(7, 7), layout="constrained")
    for kind, style in (("quark", "-"), ("gluon", "--")):
        pthat, _, weight = made[kind][0].T
        pulls = weight / weight.sum()
        heights, _ = np.histogram(pthat, BINS, weights=pulls)
        errors = np.sqrt(np.histogram(pthat, BINS, weights=pulls**2)[0])
        width, centres = np.diff(BINS), (BINS[:-1] + BINS[1:]) / 2
        colour = COLOURS[kind]
        density.stairs(heights / width, BINS, color=colour, linestyle=style, label=f"{kind} jets")
        density.errorbar(centres, heights / width, errors / width, fmt="none", ecolor=colour)
        order = np.argsort(pthat)
        below.plot(
            pthat[order],
            np.cumsum(pulls[order]),
            color=colour,
            linestyle=style,
            label=f"{kind} jets",
        )
    for axes in (density, below):
        axes.axvline(DEFAULT.pthat_minimum, color="black", linestyle=":", label="cut of the recipe")
        axes.set_yscale("log")
        axes.grid(alpha=0.3)
    density.set_ylabel(r"accepted jets / GeV (normalised)")
    density.legend()
    below.set(
        xlabel=r"transverse momentum of the hard process $\hat{p}_T$ [GeV]",
        ylabel=r"fraction of accepted jets below $\hat{p}_T$",
        ylim=(1e-5, 1.5),
        xlim=(BINS[0], BINS[-1]),
    )
    figure.suptitle(r"Hardest jet, $500 \leq p_T \leq 550$ GeV, $|y| < 1.7$, Pythia 8.317")
    with atomic(path) as temporary:
        figure.savefig(temporary, dpi=150)
    plt.close(figure)


def main() -> None:
    """Generate, write the figure and the table, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("png", type=Path)
    parser.add_argument("table", type=Path)
    parser.add_argument("--events", type=int, default=20_000, help="events, times each share")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    made = generate(arguments.events, arguments.processes)
    for row in write_table(arguments.table, made):
        print(
            f"{row['kind']:6} below {row['cut_gev']:.0f} GeV: {100 * row['fraction']:.3f} +- "
            f"{100 * row['fraction_error']:.3f} %, at most {100 * row['fraction_limit_95']:.3f} % "
            f"({row['jets_below']} of {row['jets']} jets), "
            f"mean multiplicity {row['multiplicity_shift']:+.3f} +- "
            f"{row['multiplicity_shift_error']:.3f} by the cut"
        )
    draw(arguments.png, made)


if __name__ == "__main__":
    main()
