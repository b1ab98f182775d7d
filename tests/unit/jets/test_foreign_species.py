"""Species of other files in the PDG ids of the format."""

import numpy as np
import pytest
from particle import Particle

from jetline.core.errors import JetlineError
from jetline.jets.layouts.species import charge_of, from_flags, representatives
from jetline.jets.species import PARTON_IDS, PDG_IDS


def test_charges_are_those_of_the_table_of_particles():
    hadrons = [
        one
        for one in Particle.all()
        if one.charge is not None
        and (one.pdgid.is_hadron or one.pdgid.is_nucleus)
        # What has not three quarks or a quark and an antiquark has a scheme of its own.
        and not one.pdgid.is_pentaquark
        and abs(int(one.pdgid)) < 10_000_000
    ]
    assert len(hadrons) > 200
    wrong = [one for one in hadrons if charge_of(int(one.pdgid)) not in (None, one.charge)]
    assert not wrong
    unknown = {int(one.pdgid) for one in hadrons if charge_of(int(one.pdgid)) is None}
    assert len(unknown) < 10, unknown


@pytest.mark.parametrize(
    ("pdg_id", "stands_as"),
    [
        (310, 130),
        (3122, 130),
        (-3122, 130),
        (111, 22),
        (3222, 211),
        (3112, -211),
        (-3312, 211),
        (411, 211),
        (1000010020, 211),
        (-1000020040, -211),
        (1000000010, 130),
    ],
)
def test_hadrons_and_nuclei_stand_as_what_a_detector_sees(pdg_id, stands_as):
    ids, exact = representatives(np.array([22, pdg_id]), "jets")
    np.testing.assert_array_equal(ids, [22, stands_as])
    assert not exact


def test_species_of_the_format_stay():
    every = np.array(PDG_IDS + PARTON_IDS)
    ids, exact = representatives(every, "jets")
    np.testing.assert_array_equal(ids, every)
    assert exact


@pytest.mark.parametrize("pdg_id", [12, -16, 15, 23, 1000022, 0.5, np.nan, 0])
def test_what_leaves_no_trace_or_is_no_particle_is_refused(pdg_id):
    with pytest.raises(JetlineError, match="neutrinos"):
        representatives(np.array([211, pdg_id]), "jets")


def test_the_first_flag_that_is_set_decides_and_the_charge_without_any():
    given = {
        "charge": np.array([0, 1, -1, 1, -1, 0, 1, 0]),
        "photon": np.array([1, 0, 0, 0, 0, 0, 0, 0]),
        "electron": np.array([0, 1, 1, 0, 0, 0, 0, 0]),
        "muon": np.array([0, 0, 0, 1, 0, 0, 0, 0]),
        "charged_hadron": np.array([0, 0, 0, 0, 1, 0, 0, 0]),
    }
    np.testing.assert_array_equal(from_flags(given, 8), [22, -11, 11, -13, -211, 130, 211, 130])
