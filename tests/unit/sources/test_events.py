"""Pythia's events become the right jets, and giving up events early loses none of them."""

import importlib.util
import math

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.jets.species import PARTON_IDS
from jetline.sources.pythia import events as pythia
from jetline.sources.pythia.events import JetStream
from jetline.sources.pythia.settings import GeneratorSettings

pytestmark = pytest.mark.skipif(
    not importlib.util.find_spec("pythia8mc"),
    reason="pythia8mc is not installed (pip install -e '.[generate]')",
)

DEFAULT = GeneratorSettings()
#: Many events of this one have a jet in the window: tests that need jets, not these jets, use it.
WIDE = GeneratorSettings(pt_window=(100, 900))


def stream(kind: str, physics: GeneratorSettings = DEFAULT, **options) -> JetStream:
    return JetStream(kind, physics, physics.lines(kind, 1), **options)


def test_jets_are_those_that_fastjet_finds_in_the_whole_event():
    fastjet = pytest.importorskip("fastjet")
    import pythia8mc

    # Events are judged by ours, and not by the other: it must not change them.
    ours = stream("gluon", WIDE, veto_margin=math.inf)
    plain = pythia8mc.Pythia("", False)
    for line in WIDE.lines("gluon", 1):
        assert plain.readString(line)
    assert plain.init()
    definition = fastjet.JetDefinition(fastjet.antikt_algorithm, WIDE.radius)
    found = 0
    for _ in range(150):
        assert plain.next()
        constituents = ours.try_event()
        particles = [p for p in plain.event if p.isFinal() and p.isVisible()]
        clusters = fastjet.ClusterSequence(
            [fastjet.PseudoJet(p.px(), p.py(), p.pz(), p.e()) for p in particles], definition
        )
        jet = max(clusters.inclusive_jets(), key=lambda jet: jet.pt())
        kept = 100 <= jet.pt() <= 900 and abs(jet.rap()) < 1.7
        assert (constituents is not None) == kept
        if kept:
            found += 1
            expected = np.array(
                [(c.pt(), c.rap(), jet.phi() + jet.delta_phi_to(c)) for c in jet.constituents()]
            )
            ids = [particles[c.cluster_hist_index()].id() for c in jet.constituents()]
            order, ours_order = np.argsort(expected[:, 0]), np.argsort(constituents[:, 0])
            np.testing.assert_array_equal(np.array(ids)[order], constituents[ours_order, 3])
            np.testing.assert_allclose(
                constituents[ours_order, :2], expected[order, :2], rtol=1e-5, atol=1e-6
            )
            turns = (constituents[ours_order, 2] - expected[order, 2]) / (2 * np.pi)
            np.testing.assert_allclose(turns, np.round(turns), atol=1e-6)
    assert found > 5


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["quark", "gluon"])
def test_no_event_with_a_jet_in_the_window_is_hopeless(kind):
    whole = stream(kind, veto_margin=150)
    near = []
    while len(near) < 25:
        if whole.try_event() is not None:
            near.append(whole.parton_jet_pt)
    # Far above where events are given up, 460 GeV, though down to 350 GeV they were all made.
    assert min(near) > 480


def test_hopeless_events_are_given_up():
    judged, whole = stream("quark"), stream("quark", veto_margin=math.inf)
    for _ in range(10):
        judged.try_event()
        whole.try_event()
        assert judged.parton_jet_pt >= 460
    assert judged.events_tried > 3 * whole.events_tried


def test_events_with_another_parton_are_given_up():
    physics = GeneratorSettings(pt_window=(100, 900), heavy_flavours=True)
    heavy = JetStream("quark", physics, physics.lines("quark", 1), veto_margin=math.inf)
    light = JetStream("quark", WIDE, physics.lines("quark", 1), veto_margin=math.inf)
    for _ in range(80):
        heavy.try_event()
        light.try_event()
    assert heavy.events_tried == 80
    assert light.events_tried > 80


def test_settings_that_make_no_jets_in_the_window_end_with_an_error(monkeypatch):
    monkeypatch.setattr(pythia, "_HOPELESS_IN_A_ROW", 300)
    lines = [*DEFAULT.lines("quark", 1), "PhaseSpace:pTHatMax = 260"]
    with pytest.raises(JetlineError, match="300 events in a row") as caught:
        next(JetStream("quark", DEFAULT, lines))
    assert "jets of 500 GeV" in caught.value.expected


def test_no_event_lies_below_the_least_pthat():
    jets = stream("gluon")
    for _ in range(20):
        jets.try_event()
        assert jets.pthat >= DEFAULT.pthat_minimum
    assert jets.cross_section > 0


def test_a_setting_that_pythia_does_not_know_is_refused(capfd):
    with pytest.raises(JetlineError, match="Beams:eCMS = 14000"):
        JetStream("quark", DEFAULT, ["Print:quiet = on", "Beams:eCMS = 14000."])


@pytest.mark.parametrize(
    "settings",
    [
        {"tune": 5},
        {"final_state_alpha_s": 0.12},
        {"colour_reconnection": False},
        {"multiparton_interactions": False},
        {"heavy_flavours": True},
        {"pythia": ["SpaceShower:alphaSvalue = 0.13"]},
        pytest.param({"shower": "vincia"}, marks=pytest.mark.slow),
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_every_variation_makes_jets(settings):
    physics = GeneratorSettings(pt_window=(100, 900), **settings)
    for kind in ("quark", "gluon"):
        jet = next(stream(kind, physics))
        assert 90 < jet[:, 0].sum() < 1000


def test_without_hadronisation_jets_are_made_of_partons():
    physics = GeneratorSettings(pt_window=(100, 900), hadronisation=False)
    jets = [next(stream(kind, physics)) for kind in ("quark", "gluon") for _ in range(3)]
    species = set(np.concatenate(jets)[:, 3].astype(int).tolist())
    assert 21 in species
    assert species <= {*PARTON_IDS, 22, 11, -11, 13, -13}


def test_a_smaller_radius_and_another_window_are_kept_to():
    physics = GeneratorSettings(pt_window=(200, 220), radius=0.2)
    jets = stream("gluon", physics)
    for _ in range(5):
        jet = next(jets)
        px, py = (jet[:, 0] * turn(jet[:, 2]) for turn in (np.cos, np.sin))
        np.testing.assert_allclose(np.hypot(px.sum(), py.sum()), 210, atol=10.1)
        spread = np.hypot(jet[:, 1] - jet[0, 1], jet[:, 2] - jet[0, 2])
        assert spread.max() < 0.8
