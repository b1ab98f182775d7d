"""Compare generation with a plain event loop: its speed, and whether the jets are the same.

The plain loop generates every event completely and passes its particles one by one through Python
to FastJet. It starts at a pT-hat of 350 GeV, which is fast and loses about two jets in a hundred
(benchmarks/pthat.py). Ours runs at the same pT-hat, to compare, and at that of the settings. All
run alternately, with one process for quark and one for gluon jets. A last part counts the accepted
jets that giving up events would lose: it computes the criterion, but continues with the events
that are not far below the cut. Run it with::

    python benchmarks/generation.py docs/images/veto.png results/generation.csv
"""

from __future__ import annotations

import argparse
import csv
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import matplotlib
import numpy as np
from scipy.stats import ks_2samp
from tqdm import tqdm

from jetline.core.classes import QUARK_GLUON
from jetline.core.files import atomic
from jetline.core.randomness import small_seed
from jetline.observables.table import OBSERVABLES, measure_jets
from jetline.sources.pythia.events import MAX_ABS_RAPIDITY, VETO_MARGIN, JetStream
from jetline.sources.pythia.generation import padded
from jetline.sources.pythia.settings import GeneratorSettings, read_generator_settings
from jetline.validation.measurement import MEASURED

matplotlib.use("Agg")
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Where the plain loop starts [GeV].
PLAIN_PTHAT = 350.0
#: Margin below the window of the last part [GeV].
WIDE_MARGIN = 150.0
COMPARED = ("multiplicity", "pt", "rapidity", "mass", "girth", "ptd", "z_max")
#: Okabe and Ito's blue and vermilion, which differ in every kind of colour vision.
COLOURS = {"quark": "#0072B2", "gluon": "#D55E00"}


def lines(settings: GeneratorSettings, kind: str, name: str, pthat: float) -> list[str]:
    """List Pythia's settings for one part, with a seed of its own; later lines take precedence."""
    seed = 1 + small_seed(1, "generation", kind, name) % 900_000_000
    return [*settings.lines(kind, seed), f"PhaseSpace:pTHatMin = {pthat:g}"]


def plain_loop(settings: GeneratorSettings, kind: str) -> Iterator[np.ndarray]:
    """Generate jets in the simplest way: constituents' pT, rapidity, azimuth and PDG id."""
    import fastjet
    import pythia8mc

    pythia = pythia8mc.Pythia("", False)
    for line in lines(settings, kind, "plain", PLAIN_PTHAT):
        pythia.readString(line)
    pythia.init()
    definition = fastjet.JetDefinition(fastjet.antikt_algorithm, settings.radius)
    partons = settings.partons(kind)
    while True:
        if not pythia.next():
            continue
        if partons.isdisjoint(p.id() for p in pythia.process if p.statusAbs() == 23):
            continue
        particles = [p for p in pythia.event if p.isFinal() and p.isVisible()]
        clusters = fastjet.ClusterSequence(
            [fastjet.PseudoJet(p.px(), p.py(), p.pz(), p.e()) for p in particles], definition
        )
        jets = clusters.inclusive_jets(settings.pt_window[0])
        jet = max(jets, key=lambda jet: jet.pt(), default=None)
        if jet is None or jet.pt() > settings.pt_window[1] or abs(jet.rap()) >= MAX_ABS_RAPIDITY:
            continue
        yield np.array(
            [
                (c.pt(), c.rap(), c.phi(), particles[c.cluster_hist_index()].id())
                for c in jet.constituents()
            ],
            np.float32,
        )


def measure(
    settings: GeneratorSettings, kind: str, n_jets: int, blocks: int
) -> tuple[dict, dict, np.ndarray]:
    """Run all parts alternately.

    Returns
    -------
    rates : dict
        Jets per second of processor time of each loop, for each block.
    observables : dict
        Observables of the jets of the two loops that start at the same pT-hat.
    judged : (n_jets,) float array
        Transverse momentum [GeV] of the hardest jet of partons, for jets in the window.
    """
    loops: dict[str, Iterator[np.ndarray]] = {
        "plain": plain_loop(settings, kind),
        "same pT-hat": JetStream(kind, settings, lines(settings, kind, "same", PLAIN_PTHAT)),
        "recipe": JetStream(kind, settings, lines(settings, kind, "ours", settings.pthat_minimum)),
    }
    rates: dict[str, list[float]] = {name: [] for name in loops}
    jets: dict[str, list[np.ndarray]] = {name: [] for name in loops}
    for _ in tqdm(range(blocks), unit="block", desc=kind, disable=None):
        for name, loop in loops.items():
            start = time.process_time()
            jets[name] += [next(loop) for _ in range(n_jets // blocks)]
            rates[name].append(n_jets // blocks / (time.process_time() - start))
    wide = JetStream(
        kind,
        settings,
        lines(settings, kind, "judged", settings.pthat_minimum),
        veto_margin=WIDE_MARGIN,
    )
    judged = []
    while len(judged) < n_jets:
        if wide.try_event() is not None:
            judged.append(wide.parton_jet_pt)
    observables = {
        name: measure_jets(padded(jets[name]), MEASURED) for name in ("plain", "same pT-hat")
    }
    return rates, observables, np.array(judged)


def table(cut: float, made: dict[str, tuple[dict, dict, np.ndarray]]) -> list[dict[str, object]]:
    """List speeds, two-sample tests and losses; events below `cut` [GeV] are given up."""
    rows = []
    for kind, (rates, observables, judged) in made.items():
        plain = np.array(rates["plain"])
        for name, values in rates.items():
            ratio = np.median(np.array(values) / plain)
            rows.append((kind, f"jets/s, {name}", np.median(values), f"{ratio:.2f} times plain"))
        for name in COMPARED:
            test = ks_2samp(observables["plain"][name], observables["same pT-hat"][name])
            rows.append((kind, f"{name}, KS distance", test.statistic, f"p = {test.pvalue:.3f}"))
        lost = np.count_nonzero(judged < cut)
        least = f"of {len(judged)}; the least has {judged.min():.1f} GeV"
        rows.append((kind, f"jets judged below {cut:g} GeV", lost, least))
    return [dict(zip(("kind", "what", "value", "more"), row, strict=True)) for row in rows]


def draw(path: Path, cut: float, made: dict[str, tuple[dict, dict, np.ndarray]]) -> None:
    """Draw the criterion for giving events up, and the jets with and without giving any up."""
    figure, axes = plt.subplots(2, 4, figsize=(15, 7), layout="constrained")
    judge, *others = axes.flat
    for kind, (_, observables, judged) in made.items():
        judge.hist(
            judged,
            np.arange(340, 721, 10),
            histtype="step",
            color=COLOURS[kind],
            linestyle="-" if kind == "quark" else "--",
            label=f"{kind} jets",
        )
        for panel, name in zip(others, COMPARED, strict=True):
            both = np.concatenate([sample[name] for sample in observables.values()])
            edges = np.histogram_bin_edges(both, 30)
            for sample, style in (("plain", "fill"), ("same pT-hat", "points")):
                values = observables[sample][name]
                heights, _ = np.histogram(values, edges)
                if style == "fill":
                    panel.stairs(heights, edges, fill=True, alpha=0.3, color=COLOURS[kind])
                else:
                    centres = (edges[1:] + edges[:-1]) / 2
                    panel.errorbar(
                        centres,
                        heights,
                        np.sqrt(heights),
                        fmt="o" if kind == "quark" else "s",
                        markersize=3,
                        color=COLOURS[kind],
                        label=f"{kind} jets",
                    )
    judge.axvline(cut, color="black", linestyle=":", label="given up below")
    judge.set(
        xlabel="hardest jet of partons at 10 GeV, R = 0.6: $p_T$ [GeV]",
        ylabel="accepted jets / 10 GeV",
        yscale="log",
        ylim=(0.5, None),
    )
    judge.legend(loc="upper left", fontsize="small")
    for panel, name in zip(others, COMPARED, strict=True):
        unit = OBSERVABLES[name].unit
        panel.set(xlabel=OBSERVABLES[name].label + (f" [{unit}]" if unit else ""), ylabel="jets")
    others[0].legend(title="points: given up early\nfilled: all events whole")
    with atomic(path) as temporary:
        figure.savefig(temporary, dpi=120)
    plt.close(figure)


def main() -> None:
    """Measure, draw, write and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("png", type=Path)
    parser.add_argument("table", type=Path)
    parser.add_argument("--jets", type=int, default=2000, help="of each kind and part")
    parser.add_argument("--blocks", type=int, default=20)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument(
        "--settings", type=read_generator_settings, default="{}", help="its physics, as JSON"
    )
    arguments = parser.parse_args()
    settings = arguments.settings
    cut = settings.pt_window[0] - VETO_MARGIN
    with ProcessPoolExecutor(arguments.processes) as pool:
        jobs: dict[str, Callable] = {
            kind: pool.submit(measure, settings, kind, arguments.jets, arguments.blocks)
            for kind in QUARK_GLUON
        }
        made = {kind: job.result() for kind, job in jobs.items()}
    rows = table(cut, made)
    with atomic(arguments.table) as temporary, temporary.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        print(f"{row['kind']:6} {row['what']:32} {row['value']:9.4g}  {row['more']}")
    draw(arguments.png, cut, made)


if __name__ == "__main__":
    main()
