"""What a layout says: which column of a file is which quantity, and how it is written there."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from jetline.core.feature_names import MOST_FEATURES, NAME
from jetline.core.settings import Settings

#: Forms of a momentum, each by the quantities that it needs; one of them is in every layout.
MOMENTA = (("pt", "rapidity", "phi"), ("pt", "eta", "phi"), ("px", "py", "pz"))

#: Flags of what a detector tells apart, in the order in which a constituent is looked at.
FLAGS = ("photon", "electron", "muon", "charged_hadron", "neutral_hadron")

#: Of the jet: what constituents are relative to.
OF_JET = ("jet_pt", "jet_eta", "jet_rapidity", "jet_phi")


class ColumnNames(Settings):
    """Column of each quantity, as the file names it."""

    pt: str | None = Field(None, description="transverse momentum")
    rapidity: str | None = Field(None, description="rapidity")
    eta: str | None = Field(None, description="pseudorapidity, in place of the rapidity")
    phi: str | None = Field(None, description="azimuth")
    px: str | None = Field(None, description="momentum along x, in place of pt, angle and azimuth")
    py: str | None = Field(None, description="momentum along y")
    pz: str | None = Field(None, description="momentum along the beam")
    energy: str | None = Field(
        None, description="energy, by which a pseudorapidity or pz gives the true rapidity"
    )
    mass: str | None = Field(
        None, description="mass, likewise; without either, constituents count as massless"
    )
    pdg_id: str | None = Field(
        None,
        description="PDG id; other hadrons and nuclei than the benchmark's stand as a pion or a "
        "neutral kaon of their charge",
    )
    charge: str | None = Field(None, description="charge, in place of a PDG id, with flags:")
    photon: str | None = Field(None, description="flag of photons")
    electron: str | None = Field(None, description="flag of electrons and positrons")
    muon: str | None = Field(None, description="flag of muons")
    charged_hadron: str | None = Field(None, description="flag of charged hadrons")
    neutral_hadron: str | None = Field(None, description="flag of neutral hadrons")
    jet_pt: str | None = Field(None, description="transverse momentum of the jet, for `relative`")
    jet_eta: str | None = Field(None, description="pseudorapidity of the jet, likewise")
    jet_rapidity: str | None = Field(None, description="rapidity of the jet, likewise")
    jet_phi: str | None = Field(None, description="azimuth of the jet, likewise")


class IndexTable(Settings):
    """Columns of a table that tells, in a file of events, which constituents a jet has.

    Each event has its jets, its candidates, and the rows of this table: the number of a jet and
    that of a candidate, each counted from 0 in the event. `columns` are of the candidates then,
    the label and what is carried of the jets, or of the event.
    """

    jets: str = Field(description="column of the number of jets of each event", examples=["nJet"])
    jet: str = Field(
        description="column of the numbers of the jets", examples=["JetPFCands_jetIdx"]
    )
    constituent: str = Field(
        description="column of the numbers of their constituents among the candidates",
        examples=["JetPFCands_pFCandsIdx"],
    )


class Layout(Settings):
    """What a layout says, by its name or by keys of the user's own."""

    columns: ColumnNames = Field(
        description="column of each quantity: `pt`, `phi` and `rapidity` or `eta`, or `px`, `py`, "
        "`pz`; with `energy` or `mass` if there is one; `pdg_id`, `charge` and flags, or neither; "
        "beside `base` those alone that differ",
        examples=[{"pt": "part_pt", "eta": "part_eta", "phi": "part_phi"}],
    )
    units: Literal["GeV", "MeV"] = Field("GeV", description="units of momenta, energies and masses")
    angles: Literal["radians", "degrees"] = Field("radians", description="units of azimuths")
    relative: bool = Field(
        False,
        description="pt is a share of `jet_pt`, and angles are relative to those of the jet; one "
        "that is not named counts as 0",
    )
    axes: Literal["constituents-features", "features-constituents"] = Field(
        "constituents-features",
        description="order of the axes of an array (n, M, 4) of several features, or (n, 4, M)",
    )
    padding: str = Field(
        "zeros",
        description="what stands in padded arrays where there is no constituent: `zeros`, `nan` or "
        "a number such as -999, in the first of the momentum's columns",
    )
    mask: str | None = Field(None, description="column that is true where there is a constituent")
    count: str | None = Field(None, description="column of each jet's number of constituents")
    offsets: str | None = Field(
        None,
        description="column of the place of each jet's first constituent, and of the end, where "
        "the constituents of all jets stand one after the other",
    )
    index: IndexTable | None = Field(
        None,
        description="columns by which jets have their constituents, where a row of the file is an "
        "event: `jets`, `jet` and `constituent`",
        examples=[
            {
                "jets": "nJet",
                "jet": "JetPFCands_jetIdx",
                "constituent": "JetPFCands_pFCandsIdx",
            }
        ],
    )
    features: dict[Annotated[str, Field(pattern=NAME)], str] = Field(
        {},
        max_length=MOST_FEATURES,
        description="further columns of constituents, such as impact parameters, by names of your "
        "own, which `features` of a network of particles takes",
        examples=[{"d0": "part_d0val", "dz": "part_dzval"}],
    )
    label: str | tuple[str, ...] | None = Field(
        None,
        description="column of the labels: numbers of the classes, booleans, 1 and -1, or names of "
        "classes; a list of columns, or an array with one column for each class, of which one is 1 "
        "(`label_*` stands for all such columns, in their order); jets are unlabelled if left out",
        examples=["is_quark", ["is_gluon", "is_quark"]],
    )
    label_values: dict[str, str] = Field(
        {},
        description="class of each value of the label's column, or of each of its columns",
        examples=[{"21": "gluon", "1": "quark", "2": "quark"}],
    )
    other_labels: Literal["refuse", "drop"] = Field(
        "refuse",
        description="jets whose label is none of `label_values`: `refuse` stops, `drop` leaves "
        "them out and tells how many there were",
    )
    label_of_file: dict[str, str] = Field(
        {},
        description="class of all jets of a file whose name begins so, where a file has one class",
        examples=[{"g": "gluon", "q": "quark"}],
    )
    empty_jets: Literal["refuse", "drop"] = Field(
        "refuse",
        description="jets without constituents: `refuse` stops at the first, `drop` leaves them "
        "out and tells how many there were",
    )
    carry: tuple[str, ...] = Field(
        (),
        description="further columns, numbers of each jet, that are kept beside the jets",
        examples=[["event_number"]],
    )
    tree: str | None = Field(
        None, description="name of the tree of a ROOT file, needed where there are several"
    )

    @field_validator("padding", mode="before")
    @classmethod
    def _in_words(cls, padding: Any) -> Any:
        """Take a number for its text, and hold a text to be one of those that are known."""
        if isinstance(padding, bool) or not isinstance(padding, str | int | float):
            return padding
        word = str(padding).lower()
        if word not in ("zeros", "nan"):
            try:
                float(word)
            except ValueError:
                raise ValueError("`zeros`, `nan` or a number such as -999") from None
        return word

    @field_validator("label_values", "label_of_file", mode="before")
    @classmethod
    def _keys_in_words(cls, told: Any) -> Any:
        """Take the numbers among the keys for their text."""
        return {str(key): value for key, value in told.items()} if isinstance(told, dict) else told

    @model_validator(mode="after")
    def _is_whole(self) -> Layout:
        """Refuse a layout that names no whole momentum, or mixes the forms of one."""
        named = set(self.quantities)
        if not any(set(form) <= named for form in MOMENTA):
            raise ValueError(
                "columns of `pt`, `phi` and `rapidity` or `eta`, or of `px`, `py` and `pz`"
            )
        if "px" in named and {"pt", "eta", "rapidity", "phi"} & named:
            raise ValueError("either `px`, `py`, `pz` or `pt`, angles and `phi`, not both")
        if {"eta", "rapidity"} <= named:
            raise ValueError("either `rapidity` or `eta`, not both")
        if self.relative and not {"pt", "jet_pt"} <= named:
            raise ValueError("`pt` and `jet_pt` among the columns, because of `relative`")
        if self.mask and self.count:
            raise ValueError("either `mask` or `count`, not both")
        if self.index and (self.mask or self.count or self.offsets):
            raise ValueError("either `index` or `mask`, `count` or `offsets`, not both")
        if self.label_values and self.label is None:
            raise ValueError("`label`, whose values `label_values` explains")
        if self.other_labels == "drop" and not self.label_values:
            raise ValueError("`label_values`, beside which `other_labels` are others")
        return self

    @property
    def quantities(self) -> dict[str, str]:
        """Column of each quantity that has one."""
        return self.columns.model_dump(exclude_none=True)

    @property
    def momentum(self) -> tuple[str, ...]:
        """Quantities of the form of momentum that the layout has."""
        return next(form for form in MOMENTA if set(form) <= set(self.quantities))

    @property
    def called(self) -> str:
        """What messages call it, unless it has a name."""
        return "of your own"
