"""Make jets with Pythia 8, clustered by the core of FastJet that Pythia carries.

Proton collisions at 14 TeV make a Z boson, which decays to neutrinos, and one parton: a quark
(``q g -> Z q``) or a gluon (``q qbar -> Z g``); or heavy particles that decay to quarks
(`jetline.sources.pythia.kinds`). All visible final-state particles are clustered by
anti-kT [1]_ and the hardest jet is kept if it lies in the window of the settings, whose
defaults are the benchmark's [2]_, and if its axis is within its radius of the heavy particle.

Most events have no jet in the window, and most of an event's time goes into soft radiation,
multi-parton interactions and hadronisation. So an event is judged when its
evolution has come down to 10 GeV, at a small part of its cost: if it has no jet of partons near the
window then, it is given up. docs/generation.md shows that this changes no jet.

.. [1] M. Cacciari, G. P. Salam, G. Soyez, JHEP 04 (2008) 063, arXiv:0802.1189.
.. [2] P. T. Komiske, E. M. Metodiev, J. Thaler, JHEP 01 (2019) 121, arXiv:1810.05165.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.jets.species import PARTON_IDS, PDG_IDS
from jetline.sources.pythia.ancestry import decays_to_quarks, distance, heaviest_flavour
from jetline.sources.pythia.kinds import KINDS

if TYPE_CHECKING:
    from types import ModuleType

    from jetline.sources.pythia.ancestry import Decay
    from jetline.sources.pythia.settings import GeneratorSettings

#: Bound on the absolute rapidity of a kept jet, not included.
MAX_ABS_RAPIDITY = 1.7
# docs/decisions.md: Events are given up at 10 GeV of the evolution, by a lower bound alone
#: Transverse momentum of the evolution [GeV] at which an event is judged.
VETO_SCALE = 10.0
#: Radius of the jets of partons then, in radii of a kept jet: what comes together later is seen.
VETO_RADIUS = 1.5
#: How far below the window the hardest of them may lie [GeV], for a radius of 0.4.
VETO_MARGIN = 40.0

#: Status of an outgoing particle of the hardest process in Pythia's event record.
_OUTGOING = 23
#: PDG id of the heaviest quark that is one of these.
_BOTTOM = 5
#: Pythia gives up single events; this many at once are a fault.
_FAILURES_IN_A_ROW = 10
#: Events given up before one is whole; settings that need more can make no jets.
_HOPELESS_IN_A_ROW = 200_000


class JetStream:
    """The jets of one kind that one run of Pythia makes, in order and without end.

    Parameters
    ----------
    kind : str
        What makes the jet, one of `KINDS`.
    settings : GeneratorSettings
        Which partons and which jets count.
    lines : list of str
        Pythia's settings, from `GeneratorSettings.lines`.
    veto_margin : float
        How far below the window the hardest jet of partons may lie [GeV], for a radius of 0.4;
        infinite to make every event whole.

    Raises
    ------
    JetlineError
        If Pythia is missing, refuses a setting or cannot start.
    """

    def __init__(
        self,
        kind: str,
        settings: GeneratorSettings,
        lines: list[str],
        *,
        veto_margin: float = VETO_MARGIN,
    ) -> None:
        pythia8 = _pythia()
        self._kind = KINDS[kind]
        self._window, self._radius = settings.pt_window, settings.radius
        self._hadronised = settings.hadronisation
        self._species = set(PDG_IDS) if settings.hadronisation else {*PDG_IDS, *PARTON_IDS}
        self._jets = _anti_kt(pythia8, settings.radius, settings.pt_window[0])
        self._judge = _judge(pythia8, settings, kind, veto_margin)
        #: Jets in the window so far: those with hadrons of ``b`` or else ``c``, those that hold all
        #: quarks of their resonance (``whole``), and those that were not its (``elsewhere``).
        self.counts: Counter[str] = Counter()
        #: The decay that made the last jet; None for jets of a parton.
        self.decay: Decay | None = None
        self._pythia = pythia8.Pythia("", False)  # its own settings; no banner
        for line in lines:
            if not self._pythia.readString(line):
                raise _refused(line, "a setting that Pythia knows, with a value that it takes")
        self._pythia.setUserHooksPtr(self._judge)
        if not self._pythia.init():
            raise _refused("; ".join(lines), "settings that Pythia can start with")

    def __iter__(self) -> JetStream:
        return self

    def __next__(self) -> np.ndarray:
        """Make the next jet in the window, as `try_event` gives it."""
        while (jet := self.try_event()) is None:
            pass
        return jet

    @property
    def events_tried(self) -> int:
        """Number of events begun so far, those given up included."""
        return self._judge.events

    @property
    def parton_jet_pt(self) -> float:
        """Transverse momentum of the hardest jet of partons in the last event [GeV]."""
        return self._judge.parton_jet_pt

    @property
    def pthat(self) -> float:
        """Transverse momentum of the hard process of the last event [GeV]."""
        return self._pythia.infoPython().pTHat()

    @property
    def cross_section(self) -> float:
        """Cross-section of the whole events made so far, as Pythia estimates it [mb]."""
        return self._pythia.infoPython().sigmaGen()

    def try_event(self) -> np.ndarray | None:
        """Make one whole event; give its hardest jet if that is one to keep, else None.

        Returns
        -------
        (multiplicity, 4) float32 array or None
            pT [GeV], rapidity, azimuth [rad] and PDG id of each constituent, in FastJet's order.
            The azimuth lies within pi of the jet's, which is in [0, 2 pi): it may lie outside.

        Raises
        ------
        JetlineError
            If Pythia fails ten times in a row, no event at all comes near the window, or a
            species is new to the benchmark.
        """
        self._judge.given_up = 0
        for _ in range(_FAILURES_IN_A_ROW):
            if self._pythia.next():
                return self._hardest_jet()
        raise _refused(f"{_FAILURES_IN_A_ROW} failed events in a row", "most to succeed")

    def _hardest_jet(self) -> np.ndarray | None:
        """Return the constituents of the event's hardest jet, if that is one to keep."""
        event, jets = self._pythia.event, self._jets
        jets.analyze(event)
        if not jets.sizeJet() or jets.pT(0) > self._window[1] or abs(jets.y(0)) >= MAX_ABS_RAPIDITY:
            return None
        if self._kind.resonance and not self._is_of_resonance((jets.y(0), jets.phi(0))):
            return None
        members = jets.constituents(0)
        particles = [event[index] for index in members]
        pt, rapidity, phi, pdg_id = np.array(
            [(p.pT(), p.y(), p.phi(), p.id()) for p in particles]
        ).T
        if strange := set(pdg_id.astype(int).tolist()) - self._species:
            raise _refused(f"PDG ids {sorted(strange)}", "the benchmark's 14 species")
        if self._hadronised and (flavour := heaviest_flavour(event, members)):
            self.counts[flavour] += 1
        jet_phi = jets.phi(0) % (2 * np.pi)
        phi = jet_phi + (phi - jet_phi + np.pi) % (2 * np.pi) - np.pi
        return np.stack([pt, rapidity, phi, pdg_id], axis=1).astype(np.float32)

    def _is_of_resonance(self, axis: tuple[float, float]) -> bool:
        """Find the resonance whose jet it is, and count whether the jet holds its whole decay."""
        kind, event, n_hard = self._kind, self._pythia.event, self._pythia.process.size()
        decays = decays_to_quarks(event, n_hard, kind.resonance)
        self.decay = min(decays, key=lambda one: distance(one.direction, axis), default=None)
        if self.decay is None or distance(self.decay.direction, axis) >= self._radius:
            self.counts["elsewhere"] += 1
            return False
        near = [quark for quark in self.decay.quarks if distance(quark, axis) < self._radius]
        self.counts["whole"] += len(near) == kind.quarks_of_one
        return True


def _anti_kt(
    pythia8: ModuleType, radius: float, least_pt: float, *, invisible: bool = False
) -> Any:
    """Set up anti-kT clustering of the final particles, with masses, to |eta| < 25."""
    # docs/decisions.md: FastJet's core inside Pythia clusters generated jets
    particles, with_masses = 1 if invisible else 2, 2
    return pythia8.SlowJet(-1, radius, least_pt, 25.0, particles, with_masses)


def _judge(pythia8: Any, settings: GeneratorSettings, kind: str, margin: float) -> Any:
    """Make Pythia's user hook that gives up events with other partons, and hopeless ones."""
    partons, n_quarks = settings.partons(kind), KINDS[kind].quarks
    # Resonances decay only after the question is answered. Until then Pythia takes W and top for
    # visible, Z and Higgs not: all count, so that an event is given up only if none is near.
    resonant = KINDS[kind].resonance > 0
    wide = _anti_kt(pythia8, VETO_RADIUS * settings.radius, 0.0, invisible=resonant)
    # What a jet picks up later grows with its area.
    least_pt = settings.pt_window[0] - margin * max(1.0, (settings.radius / 0.4) ** 2)

    class Judge(pythia8.UserHooks):
        events = given_up = 0
        parton_jet_pt = 0.0

        def canVetoProcessLevel(self) -> bool:
            return True

        def doVetoProcessLevel(self, process: Any) -> bool:
            self.events += 1
            outgoing = [p.id() for p in process if p.statusAbs() == _OUTGOING]
            if resonant:
                return sum(abs(pdg_id) <= _BOTTOM for pdg_id in outgoing) != n_quarks
            return partons.isdisjoint(outgoing)

        def canVetoPT(self) -> bool:
            return True

        def scaleVetoPT(self) -> float:
            return VETO_SCALE

        def doVetoPT(self, place: int, event: Any) -> bool:
            if place > 4:  # the decays' own showers, after this question was answered
                return False
            wide.analyze(event)
            self.parton_jet_pt = wide.pT(0) if wide.sizeJet() else 0.0
            if self.parton_jet_pt >= least_pt:
                return False
            self.given_up += 1
            if self.given_up == _HOPELESS_IN_A_ROW:
                raise _refused(
                    f"{_HOPELESS_IN_A_ROW:,} events in a row without a jet above {least_pt:g} GeV",
                    f"settings that make jets of {settings.pt_window[0]:g} GeV",
                )
            return True

    return Judge()


def _pythia() -> ModuleType:
    """Import pythia8mc, which is heavy, optional and imported nowhere else."""
    try:
        import pythia8mc
    except ImportError as error:
        raise JetlineError(
            "jet generation",
            found=str(error),
            expected="the package pythia8mc",
            remedy="in the checkout: pip install -e '.[generate]' (Linux on x86-64 only)",
        ) from None
    return pythia8mc


def _refused(found: str, expected: str) -> JetlineError:
    remedy = (
        "correct the settings; if they are right, install the Pythia that jetline pins: "
        "in the checkout, pip install -e '.[generate]'"
    )
    return JetlineError("Pythia", found=found, expected=expected, remedy=remedy)
