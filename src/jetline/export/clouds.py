"""Raw jets as a network of particles sees them: sorted, with features, padding told apart.

A network is trained on flat particles without padding. ONNX knows no segments: here the jets of a
batch are padded to the largest of them, and no sum, mean, softmax or search of neighbours takes in
what is padding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.export.functions import arcsinh, arctan2, cosh, sinh, wrapped
from jetline.export.graph import joined, stacked
from jetline.inputs.features import (
    CLOUD_SCALES,
    CLOUD_SHIFTS,
    EXPERIMENTAL_CODES,
    EXPERIMENTAL_FLAGS,
    FULL_CODES,
    FULL_FLAGS,
)
from jetline.jets.constituents import PDG_ID, PHI, PT, RAPIDITY

if TYPE_CHECKING:
    from jetline.export.graph import Tensor
    from jetline.inputs.view import ParticleView

#: Least number of places in a jet: more than the 16 neighbours that a particle has at most.
_LEAST = 18

#: Beyond it no rapidity or azimuth is one.
_LARGEST_ANGLE = 1e4

_SPECIES: dict[str, dict[str, dict[int, Any]]] = {
    "energy_flow": {"experimental": EXPERIMENTAL_CODES, "full": FULL_CODES},
    "particle_cloud": {"experimental": EXPERIMENTAL_FLAGS, "full": FULL_FLAGS},
}


@dataclass(frozen=True)
class Cloud:
    """The particles of jets, (n, m), each jet's by falling pT, then padding.

    Parameters
    ----------
    features : (n, m, n_features) tensor
        0 for padding.
    pt : (n, m) tensor
        Transverse momenta [GeV], 1 for padding.
    real : (n, m) bool tensor
        False for padding.
    counts : (n,) int64 tensor
        Particles of each jet.
    """

    features: Tensor
    pt: Tensor
    real: Tensor
    counts: Tensor


def cloud_of(jets: Tensor, view: ParticleView) -> tuple[Cloud, Tensor]:
    """Make a network's view of raw jets.

    Parameters
    ----------
    jets : (n, M, 4 + n_further) float tensor
        pT [GeV], rapidity, azimuth [rad] and PDG id, then further features of the view in their
        order; a pT of 0 is padding, wherever it stands.
    view : ParticleView
        What the network is given.

    Returns
    -------
    cloud : Cloud
    valid : (n,) bool tensor
        False for jets that have no score: see `valid_jets`, and particles of unknown species.
    """
    valid = valid_jets(jets, len(view.further))
    # What is no number must not reach what looks things up by it.
    ordered = _ordered(valid.expand(1, 2).where(jets, 0))
    # As shards keep particles, and features are computed of them.
    columns = ordered.cast(np.float32).cast(np.float64)
    pt = columns.column(PT)
    real = pt > 0
    # From the hardest, about which azimuths are wrapped, none of another jet is far.
    phi = columns.column(PHI)
    phi = real.where(wrapped(phi - phi.cut(1, 0, 1)), 0)
    rapidity = real.where(columns.column(RAPIDITY), 0)
    species, known = _species(columns.column(PDG_ID), view)
    valid = valid & (known.op("Or", ~real)).all(1)

    make = {"energy_flow": _energy_flow, "particle_cloud": _particle_cloud}[view.features]
    features = make(real.where(pt, 0), rapidity, phi, species)
    if view.further:
        features = joined([columns.cut(2, PDG_ID + 1, None), features], -1)
    features = features.cast(np.float32)
    counts = real.cast(np.int64).sum(1, keep=False)
    if view.most:
        # What the features say of a jet depends on all of its particles.
        features, pt, real = (one.cut(1, 0, view.most) for one in (features, pt, real))
        counts = counts.op("Min", view.most)
    dtype = jets.graph.dtype
    features = real.expand(-1).where(features.cast(dtype), 0)
    return Cloud(features, real.where(pt.cast(dtype), 1), real, counts), valid


def valid_jets(jets: Tensor, further: int = 0) -> Tensor:
    """Tell jets (n,) with a particle, no negative pT, numbers for angles and further features."""
    pt = jets.column(PT)
    y, phi = (jets.column(one).op("Abs") < _LARGEST_ANGLE for one in (RAPIDITY, PHI))
    numbers = y & phi
    if further:
        numbers = numbers & (jets.cut(2, PDG_ID + 1, None).op("Abs") < np.inf).all(2)
    sound = (pt >= 0) & (pt < np.inf) & (~(pt > 0)).op("Or", numbers)
    return sound.all(1) & (pt.reduce("Max", 1, keep=False) > 0)


def _ordered(jets: Tensor) -> Tensor:
    """Sort each jet's constituents by falling pT, to as many places as the largest jet needs."""
    graph = jets.graph
    padded = jets.op("Pad", graph.integers(0, 0, 0, 0, _LEAST, 0))
    pt = padded.column(PT)
    largest = (pt > 0).cast(np.int64).sum(1, keep=False).reduce("Max", 0)
    places = largest.op("Max", graph.integers(_LEAST))
    order = graph.ops("TopK", pt, places, dtypes=(None, np.int64), axis=1)[1]
    return padded.taken(order)


def _species(ids: Tensor, view: ParticleView) -> tuple[Tensor | None, Tensor]:
    """Look up what is told of each species, (n, m, ...), and which particles have a known one."""
    if view.identity == "none":
        return None, ids.equals(ids)
    codes = _SPECIES[view.features][view.identity]
    table = np.array([np.atleast_1d(code) for code in codes.values()], np.float64)
    among = ids.expand(-1).equals(ids.graph.constant(list(codes), np.float64)).cast(np.float64)
    known = among.sum(-1, keep=False) > 0
    return among.op("MatMul", ids.graph.constant(table, np.float64)), known


def _energy_flow(pt: Tensor, rapidity: Tensor, phi: Tensor, species: Tensor | None) -> Tensor:
    """Compute `jetline.inputs.features.pfn_features`."""
    z = pt / pt.sum(1)
    centred = [angle - (z * angle).sum(1) for angle in (rapidity, phi)]
    return joined([stacked([z, *centred]), *([species] if species else [])], -1)


def _particle_cloud(pt: Tensor, eta: Tensor, phi: Tensor, species: Tensor | None) -> Tensor:
    """Compute `jetline.inputs.features.cloud_features`."""
    energy = pt * cosh(eta)
    x, y = (pt * phi.op("Cos")).sum(1), (pt * phi.op("Sin")).sum(1)
    z, jet_energy = (pt * sinh(eta)).sum(1), energy.sum(1)
    jet_pt = (x * x + y * y).op("Sqrt")
    jet_eta = arcsinh(z / jet_pt)
    d_eta = eta - jet_eta
    d_eta = (jet_eta >= 0).where(d_eta, -d_eta)
    d_phi = wrapped(phi - arctan2(y, x))
    shares = [pt, energy, pt / jet_pt, energy / jet_energy]
    logarithms = [(share > 0).where(share, 1).op("Log") for share in shares]
    scaled = stacked([*logarithms, (d_eta * d_eta + d_phi * d_phi).op("Sqrt")])
    graph = pt.graph
    shifts, scales = (graph.constant(one, np.float64) for one in (CLOUD_SHIFTS, CLOUD_SCALES))
    clipped = ((scaled - shifts) * scales).op("Clip", -5, 5)
    return joined([clipped, *([species] if species else []), stacked([d_eta, d_phi])], -1)
