"""Layouts of files that many people have, by name: the one place that knows them."""

from __future__ import annotations

from jetline.jets.layouts.layout import ColumnNames, IndexTable, Layout

_CARTESIAN = {"px": "part_px", "py": "part_py", "pz": "part_pz", "energy": "part_energy"}


def _columns(**names: str) -> ColumnNames:
    return ColumnNames(**names)


def _candidates(name: str) -> ColumnNames:
    quantities = {"pt": "pt", "eta": "eta", "phi": "phi", "mass": "mass", "pdg_id": "pdgId"}
    return _columns(**{quantity: f"{name}_{column}" for quantity, column in quantities.items()})


#: Numbers of partons in the PDG's scheme that are quark or gluon jets of the benchmark; heavy
#: quarks, and 0 of jets without a parton, are neither.
_PARTONS = {"21": "gluon", **{str(n): "quark" for n in (1, 2, 3, -1, -2, -3)}}

#: In the order in which a file is held against them: the first whose columns it has is taken.
NAMED: dict[str, Layout] = {
    # Zenodo 3164691 and 3066475, as EnergyFlow reads them too; of the same arrays in any container.
    "benchmark": Layout(
        columns=_columns(pt="X[0]", rapidity="X[1]", phi="X[2]", pdg_id="X[3]"), label="y?"
    ),
    # Zenodo 6619768, and the tree's branches as jet-universe/particle_transformer reads them.
    "jetclass": Layout(
        columns=_columns(
            **_CARTESIAN,
            charge="part_charge",
            photon="part_isPhoton",
            electron="part_isElectron",
            muon="part_isMuon",
            charged_hadron="part_isChargedHadron",
            neutral_hadron="part_isNeutralHadron",
        ),
        label=("label_*",),
    ),
    # Lists as particle_transformer's converters write them into Parquet for weaver: of the
    # quark/gluon benchmark with PDG ids, of the top-tagging one without.
    "weaver": Layout(columns=_columns(**_CARTESIAN, pdg_id="part_pid?"), label="label?"),
    # Zenodo 6975117 and 6975118: features eta, phi, pT and mask of each particle, relative to the
    # jet; pT, pseudorapidity, mass and multiplicity of the jet; a file has jets of one kind.
    "jetnet": Layout(
        columns=_columns(
            pt="particle_features[2]",
            eta="particle_features[0]",
            phi="particle_features[1]",
            jet_pt="jet_features[0]",
            jet_eta="jet_features[1]",
        ),
        relative=True,
        mask="particle_features[3]",
        label_of_file={"g": "gluon", "q": "quark", "t": "top", "w": "w", "z": "z"},
    ),
    # Zenodo 2603256: the blocks of a table of pandas, in which 200 times E, px, py, pz and then
    # the top quark's stand side by side, and `ttv` and `is_signal_new`.
    "top-tagging": Layout(
        columns=_columns(
            energy="table/table/values_block_0[0:800:4]",
            px="table/table/values_block_0[1:800:4]",
            py="table/table/values_block_0[2:800:4]",
            pz="table/table/values_block_0[3:800:4]",
        ),
        label="table/table/values_block_1[1]",
    ),
    # The same as a table of 806 columns, as it stands in Parquet.
    "top-tagging-columns": Layout(
        columns=_columns(energy="E_*", px="PX_*", py="PY_*", pz="PZ_*"), label="is_signal_new"
    ),
    # CERN Open Data 15013 and 80030: unified flow objects of ATLAS, padded by zeros, in MeV.
    "atlas-open": Layout(
        columns=_columns(
            pt="fjet_clus_pt",
            eta="fjet_clus_eta",
            phi="fjet_clus_phi",
            energy="fjet_clus_E",
        ),
        units="MeV",
        label="labels?",
        carry=("training_weights?", "weights?", "fjet_pt?"),
    ),
    # MOD files of CMS jets, as EnergyFlow reads them: particles of all jets one after the other.
    "energyflow": Layout(
        columns=_columns(
            pt="pfcs[0]",
            rapidity="pfcs[1]",
            phi="pfcs[2]",
            mass="pfcs[3]",
            pdg_id="pfcs[4]",
        ),
        offsets="pfcs_index",
    ),
    # Events of CMS with PF candidates as cms-jet/PFNano writes them, and their table of AK4 jets.
    "pfnano": Layout(
        columns=_candidates("PFCands"),
        index=IndexTable(jets="nJet", jet="JetPFCands_jetIdx", constituent="JetPFCands_pFCandsIdx"),
        label="Jet_partonFlavour?",
        label_values=_PARTONS,
        other_labels="drop",
        empty_jets="drop",
        carry=("event?", "Jet_pt?", "Jet_eta?"),
        tree="Events",
    ),
    # NanoAOD from version 15 on, which has candidates of AK8 jets alone.
    "nanoaod": Layout(
        columns=_candidates("PFCand"),
        index=IndexTable(
            jets="nFatJet", jet="FatJetPFCand_jetIdx", constituent="FatJetPFCand_pfCandIdx"
        ),
        empty_jets="drop",
        carry=("event?", "FatJet_pt?", "FatJet_eta?"),
        tree="Events",
    ),
}
