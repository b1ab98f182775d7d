"""The generator's settings become the lines that Pythia reads."""

import pytest
from pydantic import ValidationError

from jetline.core.errors import JetlineError
from jetline.sources.pythia.settings import GeneratorSettings, read_generator_settings


def lines(kind: str = "quark", **settings) -> list[str]:
    return GeneratorSettings(**settings).lines(kind, 7)


@pytest.mark.parametrize("kind", ["quark", "gluon"])
def test_the_default_physics_is_the_benchmarks(kind):
    process = {"quark": "qg2gmZq", "gluon": "qqbar2gmZg"}[kind]
    assert lines(kind) == [
        "Beams:idA = 2212",
        "Beams:idB = 2212",
        "Beams:eCM = 14000.",
        f"WeakBosonAndParton:{process} = on",
        "WeakZ0:gmZmode = 2",
        "23:onMode = off",
        "23:onIfAny = 12 14 16",
        "PDFinProcess:nQuarkIn = 3",
        "PhaseSpace:pTHatMin = 250",
        "Random:setSeed = on",
        "Random:seed = 7",
        "Print:quiet = on",
    ]
    assert GeneratorSettings().pt_window == (500, 550)
    assert GeneratorSettings().radius == 0.4


@pytest.mark.parametrize(
    ("kind", "process"),
    [
        ("w", "WeakDoubleBoson:ffbar2ZW"),
        ("z", "WeakDoubleBoson:ffbar2gmZgmZ"),
        ("higgs", "HiggsSM:ffbar2HZ"),
        ("top", "Top:gg2ttbar"),
    ],
)
def test_each_resonance_has_a_process_of_its_own_and_nothing_else_of_the_rest(kind, process):
    made, of_quarks = lines(kind), lines("quark")
    assert f"{process} = on" in made
    assert "WeakBosonAndParton:qg2gmZq = on" not in made
    rest = [line for line in of_quarks if line.startswith(("Beams", "PDF", "Phase", "Random"))]
    assert set(rest) < set(made)
    assert made.index(f"{process} = on") < made.index("PhaseSpace:pTHatMin = 250")


@pytest.mark.parametrize("kind", ["gluon", "top"])
def test_what_else_is_made_does_not_change_the_jets_of_a_class(kind):
    assert lines(kind, classes=("gluon", "w", "top")) == lines(kind)


def test_what_is_passed_on_holds_over_the_lines_of_a_kind():
    made = lines("w", pythia=["SpaceShower:pTmaxMatch = 0"])
    first, last = (made.index(f"SpaceShower:pTmaxMatch = {value}") for value in (1, 0))
    assert first < last
    assert "Vincia:pTmaxMatch = 1" in lines("higgs", shower="vincia")
    assert not any("pTmaxMatch" in line for kind in ("quark", "top") for line in lines(kind))


def test_quark_jets_begin_with_light_quarks_unless_heavy_ones_are_asked_for():
    assert GeneratorSettings().partons("quark") == {1, 2, 3, -1, -2, -3}
    assert GeneratorSettings().partons("gluon") == {21}
    heavy = GeneratorSettings(heavy_flavours=True)
    assert heavy.partons("quark") == {1, 2, 3, 4, 5, -1, -2, -3, -4, -5}
    assert "PDFinProcess:nQuarkIn = 5" in heavy.lines("quark", 1)


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"tune": 5}, "Tune:pp = 5"),
        ({"shower": "vincia"}, "PartonShowers:model = 2"),
        ({"final_state_alpha_s": 0.12}, "TimeShower:alphaSvalue = 0.12"),
        ({"colour_reconnection": False}, "ColourReconnection:reconnect = off"),
        ({"hadronisation": False}, "HadronLevel:all = off"),
        ({"multiparton_interactions": False}, "PartonLevel:MPI = off"),
        ({"pt_window": (100, 120)}, "PhaseSpace:pTHatMin = 50"),
        ({"pythia": ["SpaceShower:alphaSvalue=0.13"]}, "SpaceShower:alphaSvalue = 0.13"),
    ],
)
def test_each_setting_reaches_pythia(settings, line):
    assert line not in lines()
    assert line in lines(**settings)


def test_a_tune_comes_first_and_what_is_passed_on_holds_over_the_rest():
    made = lines(tune=5, final_state_alpha_s=0.12, pythia=["TimeShower:alphaSvalue = 0.1"])
    assert made[0] == "Tune:pp = 5"
    assert made.index("TimeShower:alphaSvalue = 0.12") < made.index("TimeShower:alphaSvalue = 0.1")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"pt_window": (550, 500)}, "lower end first"),
        ({"tune": 11}, "needs no LHAPDF"),
        ({"shower": "dire"}, "simple"),
        ({"shower": "vincia", "tune": 5}, "no tune beside"),
        ({"shower": "vincia", "final_state_alpha_s": 0.12}, "Vincia:alphaSvalue"),
        ({"pythia": ["be quick"]}, "a line such as"),
        ({"pythia": ["Random:seed = 3"]}, "does not decide itself"),
        ({"pythia": ["hadronlevel:all = off"]}, "does not decide itself"),
        ({"pythia": ["23:onMode = on"]}, "does not decide itself"),
        ({"pythia": ["Top:all = on"]}, "does not decide itself"),
        ({"classes": ["quark"]}, "at least 2 items"),
        ({"classes": ["w", "quark", "w"]}, "each class once"),
        ({"classes": ["quark", "tau"]}, "'top'"),
        ({"radius": 4}, "1.5"),
    ],
)
def test_what_cannot_be_or_would_be_silently_lost_is_refused(settings, message):
    with pytest.raises(ValidationError, match=message):
        GeneratorSettings(**settings)


def test_settings_are_read_from_json_and_its_mistakes_are_told():
    assert read_generator_settings('{"tune": 5}') == GeneratorSettings(tune=5)
    for text, message in (
        ('{"tunes": 5}', "one of the keys classes, shower"),
        ('{"tune": 99}', "33"),
        ("[]", "object"),
        ("{", "JSON"),
    ):
        with pytest.raises(JetlineError, match="generator settings") as caught:
            read_generator_settings(text)
        assert message in str(caught.value)
