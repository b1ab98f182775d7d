"""PDG ids of what jets are made of."""

from __future__ import annotations

#: The species that reach a detector, as the benchmark has them.
PDG_IDS = (22, 211, -211, 321, -321, 130, 2112, -2112, 2212, -2212, 11, -11, 13, -13)

#: What jets are made of if hadronisation is left out: quarks and gluons.
PARTON_IDS = (1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 21)
