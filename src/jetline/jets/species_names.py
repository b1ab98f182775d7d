"""What tables call the species that jets are made of."""

from __future__ import annotations

#: By PDG id, in the order of `jetline.jets.species.PDG_IDS`.
SPECIES_NAMES = {
    22: "photons",
    211: "π⁺",
    -211: "π⁻",
    321: "K⁺",
    -321: "K⁻",
    130: "K_L",
    2112: "neutrons",
    -2112: "antineutrons",
    2212: "protons",
    -2212: "antiprotons",
    11: "electrons",
    -11: "positrons",
    13: "μ⁻",
    -13: "μ⁺",
}
