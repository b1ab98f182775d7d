"""Jets that were misunderstood are told with their likely cause; right ones are not."""

import numpy as np
import pytest

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.jets.understood import Understood


@pytest.fixture(scope="module")
def jets(root) -> tuple[np.ndarray, np.ndarray]:
    with np.load(root / "resources/sample/QG_jets_0.npz") as archive:
        return archive["X"][:1000].astype(np.float64), archive["y"][:1000]


def understood(constituents: np.ndarray) -> Understood:
    made = Understood()
    for start in range(0, len(constituents), 300):
        made.add(constituents[start : start + 300])
    return made


def changed(constituents: np.ndarray, column: int, change) -> np.ndarray:
    """Constituents with a column changed, padding left as it is."""
    result = constituents.copy()
    present = constituents[..., 0] > 0
    result[..., column] = np.where(present, change(constituents[..., column]), 0)
    return result


def test_right_jets_are_told_and_not_warned_of(root, jets):
    for number in range(4):
        with np.load(root / f"resources/sample/QG_jets_{number}.npz") as archive:
            found = understood(archive["X"])
        found.require_sense("jets", layout=False)
        assert not found.warnings(layout=False)
        assert found.told().startswith(f"{found.ranges['multiplicity'][0]} to ")
        assert "PDG ids -2212" in found.told()


def test_jets_in_mev_are_refused(jets):
    found = understood(changed(jets[0], 0, lambda pt: 1000 * pt))
    with pytest.raises(JetlineError, match="in MeV") as caught:
        found.require_sense("jets", layout=False)
    assert "`X[..., 0] /= 1000`" in caught.value.remedy
    with pytest.raises(JetlineError, match="`units: MeV`"):
        found.require_sense("jets", layout=True)


def test_azimuths_in_degrees_are_refused(jets):
    found = understood(changed(jets[0], 2, np.rad2deg))
    with pytest.raises(JetlineError, match="in degrees") as caught:
        found.require_sense("jets", layout=False)
    assert "np.deg2rad" in caught.value.remedy


def test_swapped_angles_are_warned_of(jets):
    constituents = changed(jets[0], 2, lambda phi: np.mod(phi + np.pi, 2 * np.pi) - np.pi)
    (warning, *_) = understood(constituents[..., [0, 2, 1, 3]]).warnings(layout=False)
    assert "are they swapped?" in warning


def test_jets_torn_in_two_are_warned_of(jets):
    # Wrapped into half a turn.
    torn = changed(jets[0], 2, lambda phi: np.mod(phi, np.pi))
    found = understood(torn).warnings(layout=False)
    assert any("torn in two" in warning for warning in found)


def test_constituents_far_from_their_jet_are_warned_of(jets):
    far = jets[0].copy()
    far[:7, 1, 1] += 5
    (warning,) = understood(far).warnings(layout=False)
    assert warning.startswith("7 of 1000 jets have constituents farther than pi")


def test_jets_above_the_energy_of_a_beam_are_warned_of(jets):
    found = understood(changed(jets[0], 0, lambda pt: 50 * pt)).warnings(layout=True)
    assert any("more energy than a beam" in one and "`units: MeV`" in one for one in found)


def test_shares_taken_for_momenta_are_warned_of(jets):
    total = jets[0][..., 0].sum(axis=1)[:, None]
    (warning,) = understood(changed(jets[0], 0, lambda pt: pt / total)).warnings(layout=True)
    assert "shares" not in warning or "relative: true" in warning


def test_check_refuses_them_before_it_writes_an_index(tmp_path, capsys, jets):
    np.savez(tmp_path / "jets.npz", X=changed(jets[0], 0, lambda pt: 1000 * pt), y=jets[1])
    told = ["check", tmp_path / "jets.npz", "--name", "jets", "--output", tmp_path / "index.npz"]
    assert main(list(map(str, told))) == 1
    assert "in MeV" in capsys.readouterr().err
    assert not (tmp_path / "index.npz").exists()


def test_check_tells_of_jets_without_species(tmp_path, capsys, jets):
    np.savez(tmp_path / "jets.npz", X=changed(jets[0], 3, np.zeros_like), y=jets[1])
    assert main(["check", str(tmp_path / "jets.npz")]) == 0
    assert "; no species" in capsys.readouterr().out
