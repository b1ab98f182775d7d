"""Jets made by the benchmark's recipe with Pythia 8 and FastJet.

Proton collisions at 14 TeV make a Z boson, which decays to neutrinos, and one parton: a light quark
(``q g -> Z q``) or a gluon (``q qbar -> Z g``). All visible final-state particles are clustered by
anti-kT [1]_ and the hardest jet is kept if it lies in the window of the benchmark [2]_.

.. [1] M. Cacciari, G. P. Salam, G. Soyez, JHEP 04 (2008) 063, arXiv:0802.1189.
.. [2] P. T. Komiske, E. M. Metodiev, J. Thaler, JHEP 01 (2019) 121, arXiv:1810.05165.
"""

from __future__ import annotations

import importlib.metadata
import itertools
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from tqdm import tqdm

import jetline
from jetline.errors import JetlineError
from jetline.files import write_json
from jetline.jets.format import PDG_IDS, write_jets
from jetline.randomness import generator, small_seed

RADIUS = 0.4
#: Transverse momentum of a kept jet [GeV], both ends included.
PT_WINDOW = (500.0, 550.0)
#: Bound on the absolute rapidity of a kept jet, not included.
MAX_ABS_RAPIDITY = 1.7
#: Least transverse momentum of the hard process [GeV]: docs/generation.md shows that few jets
#: in the window come from below.
PTHAT_MINIMUM = 350.0

#: Label of each kind of jet.
LABELS = {"gluon": 0, "quark": 1}
_PROCESSES = {"gluon": "WeakBosonAndParton:qqbar2gmZg", "quark": "WeakBosonAndParton:qg2gmZq"}
#: PDG ids that the outgoing parton of the hard process may have.
_PARTONS = {"gluon": (21,), "quark": (1, 2, 3, -1, -2, -3)}
#: Status of an outgoing particle of the hardest process in Pythia's event record.
_OUTGOING = 23
#: Pythia gives up single events; this many at once are a fault.
_FAILURES_IN_A_ROW = 10


def pythia_lines(parton: str, pythia_seed: int) -> list[str]:
    """Every setting of Pythia that departs from its defaults, as lines Pythia reads.

    Parameters
    ----------
    parton : {"quark", "gluon"}
        What starts the jet.
    pythia_seed : int
        Pythia's ``Random:seed``, 1 to 900,000,000.
    """
    return [
        "Beams:idA = 2212",
        "Beams:idB = 2212",
        "Beams:eCM = 14000.",
        f"{_PROCESSES[parton]} = on",
        "WeakZ0:gmZmode = 2",
        "23:onMode = off",
        "23:onIfAny = 12 14 16",
        "PDFinProcess:nQuarkIn = 3",
        f"PhaseSpace:pTHatMin = {PTHAT_MINIMUM:g}",
        "Random:setSeed = on",
        f"Random:seed = {pythia_seed}",
        "Print:quiet = on",
    ]


class JetStream:
    """The jets of one kind that one run of Pythia makes, in order and without end.

    Parameters
    ----------
    parton : {"quark", "gluon"}
        What the hard process must send out beside the Z.
    lines : list of str
        Pythia's settings, from `pythia_lines`.

    Attributes
    ----------
    events_tried : int
        Events made so far, those that Pythia gave up included.

    Raises
    ------
    JetlineError
        If Pythia or FastJet is missing, or Pythia refuses a setting.
    """

    def __init__(self, parton: str, lines: list[str]) -> None:
        pythia8, self._fastjet = _generators()
        self._partons = _PARTONS[parton]
        self._jet_definition = self._fastjet.JetDefinition(self._fastjet.antikt_algorithm, RADIUS)
        self._pythia = pythia8.Pythia("", False)  # its own settings; no banner
        for line in lines:
            if not self._pythia.readString(line):
                raise _refused(line, "a setting that Pythia knows")
        if not self._pythia.init():
            raise _refused("; ".join(lines), "settings that Pythia can start with")
        self.events_tried = 0

    def __iter__(self) -> JetStream:
        return self

    def __next__(self) -> np.ndarray:
        """The next jet in the window, as `try_event` gives it."""
        while (jet := self.try_event()) is None:
            pass
        return jet

    @property
    def pthat(self) -> float:
        """Transverse momentum of the hard process of the last event [GeV]."""
        return self._pythia.infoPython().pTHat()

    @property
    def cross_section(self) -> float:
        """Pythia's estimate, from the events so far, of the cross-section of the process [mb]."""
        return self._pythia.infoPython().sigmaGen()

    def try_event(self) -> np.ndarray | None:
        """Make one event; give its hardest jet if that lies in the window, else None.

        Returns
        -------
        (multiplicity, 4) float32 array or None
            pT [GeV], rapidity, azimuth [rad] and PDG id of each constituent, in FastJet's order.
            The azimuth lies within pi of the jet's, and so may lie outside [0, 2 pi).

        Raises
        ------
        JetlineError
            If Pythia fails ten times in a row, or a species is new to the benchmark.
        """
        for _ in range(_FAILURES_IN_A_ROW):
            self.events_tried += 1
            if self._pythia.next():
                break
        else:
            raise _refused(f"{_FAILURES_IN_A_ROW} failed events in a row", "most to succeed")
        outgoing = {p.id() for p in self._pythia.process if p.statusAbs() == _OUTGOING}
        if outgoing.isdisjoint(self._partons):
            return None
        return self._hardest_jet([p for p in self._pythia.event if p.isFinal() and p.isVisible()])

    def _hardest_jet(self, particles: list[Any]) -> np.ndarray | None:
        """Constituents of the hardest anti-kT jet of Pythia's `particles`, if in the window."""
        pseudojet = self._fastjet.PseudoJet
        clusters = self._fastjet.ClusterSequence(
            [pseudojet(p.px(), p.py(), p.pz(), p.e()) for p in particles], self._jet_definition
        )
        jet = max(clusters.inclusive_jets(PT_WINDOW[0]), key=lambda jet: jet.pt(), default=None)
        if jet is None or jet.pt() > PT_WINDOW[1] or abs(jet.rap()) >= MAX_ABS_RAPIDITY:
            return None
        # FastJet's history begins with its input, so the index there is the particle's.
        pt, rapidity, phi, pdg_id = np.array(
            [
                (c.pt(), c.rap(), c.phi(), particles[c.cluster_hist_index()].id())
                for c in jet.constituents()
            ]
        ).T
        if strange := set(pdg_id.astype(int).tolist()) - set(PDG_IDS):
            raise _refused(f"PDG ids {sorted(strange)}", "the benchmark's 14 species")
        phi = jet.phi() + (phi - jet.phi() + np.pi) % (2 * np.pi) - np.pi
        return np.stack([pt, rapidity, phi, pdg_id], axis=1).astype(np.float32)


def generate_jets(
    n_jets: int, *, seed: int, file: int, progress: Callable[[], object] | None = None
) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Make the jets of one file, half from quarks and half from gluons, in random order.

    The jets depend on `seed`, `file` and the versions of Pythia and FastJet alone: fewer jets of
    a kind are the first of more.

    Parameters
    ----------
    n_jets : int
        Number of jets, even.
    seed : int
        The sample's seed, non-negative.
    file : int
        Number of the file in the sample, non-negative.
    progress : callable, optional
        Called without arguments after each jet.

    Returns
    -------
    constituents : (n_jets, M, 4) float32 array
        As in a jet file; M is the largest multiplicity.
    labels : (n_jets,) uint8 array
        1 quark, 0 gluon.
    settings : dict
        All that is needed to make the same jets again, and how many events they took.

    Raises
    ------
    JetlineError
        If `n_jets` is odd or not positive, a number is negative, or a generator is missing.
    """
    _check_request(n_jets, seed, file)
    jets, settings = [], {}
    for parton in LABELS:
        # Pythia's seed ends at 900,000,000, and below 1 it would take one of its own.
        pythia_seed = 1 + small_seed(seed, "pythia", file, parton) % 900_000_000
        lines = pythia_lines(parton, pythia_seed)
        stream = JetStream(parton, lines)
        for jet in itertools.islice(stream, n_jets // 2):
            jets.append(jet)
            if progress is not None:
                progress()
        settings[parton] = {
            "jets": n_jets // 2,
            "events_tried": stream.events_tried,
            "accepted_fraction": n_jets / 2 / stream.events_tried,
            "pythia": lines,
        }
    labels = np.repeat(np.array(list(LABELS.values()), dtype=np.uint8), n_jets // 2)
    order = generator(seed, "pythia", file, "order").permutation(n_jets)
    packages = ("fastjet", "numpy", "pythia8mc")
    settings |= {
        "seed": seed,
        "file": file,
        "jets": n_jets,
        "versions": {name: importlib.metadata.version(name) for name in packages}
        | {"jetline": jetline.__version__},
        "algorithm": "anti-kT",
        "radius": RADIUS,
        "jet_pt_window_gev": list(PT_WINDOW),
        "jet_max_abs_rapidity": MAX_ABS_RAPIDITY,
        "pthat_minimum_gev": PTHAT_MINIMUM,
    }
    return _padded(jets)[order], labels[order], settings


def write_generated(path: Path, n_jets: int, *, seed: int, file: int) -> None:
    """Make the jets of one file and write them, with their settings beside as ``<stem>.json``.

    A terminal shows a progress bar. Parameters and errors are those of `generate_jets`.
    """
    path = Path(path)
    with tqdm(total=n_jets, unit="jet", desc=path.name, disable=None) as bar:
        constituents, labels, settings = generate_jets(
            n_jets, seed=seed, file=file, progress=bar.update
        )
    write_jets(path, constituents, labels)
    write_json(path.with_suffix(".json"), settings)


def _generators() -> tuple[ModuleType, ModuleType]:
    """The modules pythia8mc and fastjet: heavy, optional, and imported nowhere else."""
    try:
        import fastjet
        import pythia8mc
    except ImportError as error:
        raise JetlineError(
            "jet generation",
            found=str(error),
            expected="the packages pythia8mc and fastjet",
            remedy="pip install 'jetline[generate]' (Linux on x86-64 only)",
        ) from None
    return pythia8mc, fastjet


def _refused(found: str, expected: str) -> JetlineError:
    remedy = "install the version that jetline pins: pip install 'jetline[generate]'"
    return JetlineError("Pythia", found=found, expected=expected, remedy=remedy)


def _check_request(n_jets: int, seed: int, file: int) -> None:
    if n_jets < 2 or n_jets % 2:
        raise JetlineError(
            "number of jets to generate",
            found=str(n_jets),
            expected="an even number, 2 or more: half quark jets, half gluon jets",
            remedy=f"ask for {max(2, n_jets + 1)}",
        )
    if min(seed, file) < 0:
        raise JetlineError(
            "seed and file of the jets to generate",
            found=f"{seed} and {file}",
            expected="0 or more",
            remedy="ask for others",
        )


def _padded(jets: list[np.ndarray]) -> np.ndarray:
    """Stack jets, with rows of zeros up to the largest multiplicity."""
    stacked = np.zeros((len(jets), max(map(len, jets)), 4), dtype=np.float32)
    for row, jet in zip(stacked, jets, strict=True):
        row[: len(jet)] = jet
    return stacked
