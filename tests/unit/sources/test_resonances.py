"""Jets of W, Z, Higgs and top are the jets of their decays, and are counted as what they are."""

import importlib.util
import math

import numpy as np
import pytest

from jetline.cli.main import main
from jetline.core.files import read_json
from jetline.observables.table import measure_jets
from jetline.sources.pythia.ancestry import distance, heaviest_flavour
from jetline.sources.pythia.events import VETO_MARGIN, JetStream
from jetline.sources.pythia.generation import generate_jets, padded, write_generated
from jetline.sources.pythia.kinds import KINDS
from jetline.sources.pythia.settings import GeneratorSettings

needs_pythia = pytest.mark.skipif(
    not importlib.util.find_spec("pythia8mc"),
    reason="pythia8mc is not installed (pip install -e '.[generate]')",
)

RESONANCES = {kind: made.resonance for kind, made in KINDS.items() if made.resonance}
#: Masses of PDG's review [GeV].
MASSES = {"w": 80.4, "z": 91.2, "higgs": 125.1, "top": 172.6}
WIDE = GeneratorSettings(classes=tuple(KINDS), pt_window=(500, 1500), radius=0.8)


def stream(kind: str, physics: GeneratorSettings = WIDE, **options) -> JetStream:
    return JetStream(kind, physics, physics.lines(kind, 1), **options)


def axis_of(jet: np.ndarray) -> tuple[float, float]:
    """Rapidity and azimuth of the sum of massless constituents."""
    pt, rapidity, phi, _ = jet.astype(float).T
    px, py = (pt * np.cos(phi)).sum(), (pt * np.sin(phi)).sum()
    pz, energy = (pt * np.sinh(rapidity)).sum(), (pt * np.cosh(rapidity)).sum()
    return float(np.arctanh(pz / energy)), float(np.arctan2(py, px))


@needs_pythia
@pytest.mark.parametrize("kind", RESONANCES)
def test_a_jet_has_the_mass_of_its_resonance_and_lies_at_it(kind):
    whole, masses = [], []
    made = stream(kind)
    for _ in range(20):
        jet = next(made)
        masses.append(made.decay.mass)
        assert len(made.decay.quarks) == KINDS[kind].quarks_of_one
        # The axis is that of massless constituents here.
        assert distance(axis_of(jet), made.decay.direction) < 0.81
        if made.counts["whole"] > len(whole):
            whole.append(jet)
    assert np.median(masses) == pytest.approx(MASSES[kind], rel=0.02)
    groomed = measure_jets(padded(whole), ["sd_mass"])["sd_mass"]
    assert np.median(groomed) == pytest.approx(MASSES[kind], rel=0.1)


@needs_pythia
@pytest.mark.parametrize("kind", ["w", "higgs", "top"])
def test_what_is_counted_is_what_the_whole_event_says(kind):
    import pythia8mc

    # A small radius, so that some jets do not hold their decay and others are not of a resonance.
    physics = WIDE.model_copy(update={"radius": 0.3, "pt_window": (250, 1500)})
    lines = [*physics.lines(kind, 1), "PhaseSpace:pTHatMin = 350"]
    ours = JetStream(kind, physics, lines, veto_margin=math.inf)
    plain = pythia8mc.Pythia("", False)
    for line in lines:
        assert plain.readString(line)
    assert plain.init()
    clustered = pythia8mc.SlowJet(-1, 0.3, 250, 25, 2, 2)
    expected = dict.fromkeys(("b", "c", "whole", "elsewhere"), 0)
    for _ in range(25):
        assert plain.next()
        jet = ours.try_event()
        event = plain.event
        clustered.analyze(event)
        if not clustered.sizeJet() or abs(clustered.y(0)) >= 1.7 or clustered.pT(0) > 1500:
            assert jet is None
            continue
        axis = clustered.y(0), clustered.phi(0)
        # Every entry whose daughters are quarks of a decay, found from below.
        last = [
            i
            for i in range(event.size())
            if event[i].idAbs() == RESONANCES[kind] and event[i].statusAbs() == 62
        ]
        last = [i for i in last if _near((event[i].y(), event[i].phi()), axis, 0.3)]
        assert (jet is not None) == bool(last)
        if not last:
            expected["elsewhere"] += 1
            continue
        quarks = [
            event[i]
            for i in range(event.size())
            if event[i].statusAbs() == 23
            and event[i].idAbs() <= 5
            and any(event[i].isAncestor(top) for top in last)
        ]
        near = [_near((quark.y(), quark.phi()), axis, 0.3) for quark in quarks]
        assert len(near) == KINDS[kind].quarks_of_one * len(last)
        expected["whole"] += sum(near) == KINDS[kind].quarks_of_one
        members = list(clustered.constituents(0))
        for name, digit in (("b", "5"), ("c", "4")):
            hadrons = [
                i
                for i in range(event.size())
                if event[i].isHadron() and digit in str(event[i].idAbs())[-4:-1]
            ]
            if any(event[one].isAncestor(other) for one in members for other in hadrons):
                expected[name] += 1
                break
    assert {name: ours.counts[name] for name in expected} == expected
    assert expected["whole"] < sum(expected.values())


def _near(one: tuple[float, float], other: tuple[float, float], radius: float) -> bool:
    across = abs(one[1] - other[1])
    return math.hypot(one[0] - other[0], min(across, 2 * math.pi - across)) < radius


@needs_pythia
@pytest.mark.parametrize("kind", RESONANCES)
def test_no_event_with_a_jet_of_a_resonance_is_hopeless(kind):
    physics = WIDE.model_copy(update={"pt_window": (500.0, 600.0)})
    lines = [*physics.lines(kind, 1), "PhaseSpace:pTHatMin = 400"]
    whole = JetStream(kind, physics, lines, veto_margin=1.5 * VETO_MARGIN)
    near = []
    while len(near) < 12:
        if whole.try_event() is not None:
            near.append(whole.parton_jet_pt)
    # Far above where events are given up: 4 times 40 GeV below the window.
    assert min(near) > 400


@needs_pythia
def test_of_two_z_one_alone_decays_to_quarks():
    made = stream("z", veto_margin=math.inf)
    for _ in range(20):
        made.try_event()
    # Some 7 of 10 decays, of those that are allowed, are to quarks.
    assert made.events_tried > 30
    next(made)
    assert len(made.decay.quarks) == 2


@needs_pythia
def test_every_jet_of_a_higgs_has_b_hadrons_and_some_of_a_w_have_none():
    higgs, w = stream("higgs"), stream("w")
    for _ in range(10):
        next(higgs)
        next(w)
    assert higgs.counts["b"] >= 9
    assert w.counts["b"] + w.counts["c"] < 10


@needs_pythia
def test_a_file_has_as_many_jets_of_each_kind_and_says_what_they_hold(tmp_path):
    physics = GeneratorSettings(classes=("quark", "w", "top"), pt_window=(400, 1500), radius=0.8)
    write_generated(physics, tmp_path / "jets.npz", 9, seed=1, file=0)
    made = read_json(tmp_path / "jets.json")
    with np.load(tmp_path / "jets.npz", allow_pickle=False) as file:
        constituents, labels = file["X"], file["y"]
    assert np.bincount(labels).tolist() == [3, 3, 3]
    assert made["recipe"]["classes"] == ["quark", "w", "top"]
    assert "jets_that_hold_the_whole_decay" not in made["quark"]
    assert 0 <= made["top"]["jets_that_hold_the_whole_decay"] <= 3
    assert made["top"]["jets_with_b_hadrons"] == 3
    assert made["w"]["hardest_jets_elsewhere"] >= 0
    again = JetStream("w", physics, made["w"]["pythia"])
    w_jets = constituents[labels == 1]
    assert {next(again).tobytes() for _ in range(3)} == {
        jet[jet[:, 0] > 0].tobytes() for jet in w_jets
    }
    told = ["--name", "jets", "--classes", "quark,w,top", "--output", str(tmp_path / "index.npz")]
    assert main(["check", str(tmp_path / "jets.npz"), *told]) == 0


@needs_pythia
def test_partons_are_of_no_hadron():
    physics = WIDE.model_copy(update={"hadronisation": False})
    _, _, made = generate_jets(
        physics.model_copy(update={"classes": ("w", "top")}), 4, seed=1, file=0
    )
    assert "jets_with_b_hadrons" not in made["top"]
    assert "jets_that_hold_the_whole_decay" in made["top"]


@needs_pythia
@pytest.mark.slow
def test_the_antenna_shower_makes_jets_of_resonances_too():
    made = stream("top", WIDE.model_copy(update={"shower": "vincia"}))
    for _ in range(3):
        next(made)
        assert made.decay.mass == pytest.approx(173, abs=15)


def test_directions_are_compared_the_short_way_round():
    assert distance((0.3, 3.1), (0.3, -3.1)) == pytest.approx(2 * math.pi - 6.2)
    assert distance((0.3, 0.0), (-0.1, 0.3)) == pytest.approx(0.5)


class Particle:
    """An entry of an event record, as far as ancestry asks for it."""

    def __init__(self, pdg_id: int, status: int, mother: int) -> None:
        self.idAbs, self.statusAbs, self.mother1 = (
            (lambda value=value: value) for value in (abs(pdg_id), status, mother)
        )


@pytest.mark.parametrize(
    ("chain", "flavour"),
    [
        ([(5, 71), (511, 83), (-411, 91), (321, 91)], "b"),
        ([(4, 71), (10411, 83), (421, 91), (-321, 91)], "c"),
        ([(4, 71), (4122, 83), (2212, 91)], "c"),
        ([(21, 71), (443, 83), (13, 91)], "c"),
        ([(21, 71), (553, 83), (11, 91)], "b"),
        ([(1, 71), (111, 83), (22, 91)], None),
        # A quark or a diquark is no hadron.
        ([(5, 71), (211, 83)], None),
        ([(5103, 71), (2212, 83)], None),
        ([(5, 62)], None),
    ],
)
def test_a_constituent_has_the_flavour_of_the_hadrons_it_descends_from(chain, flavour):
    event = [Particle(pdg_id, status, place - 1) for place, (pdg_id, status) in enumerate(chain)]
    assert heaviest_flavour(event, [len(chain) - 1]) == flavour
