"""Settings of the generator, and the lines that Pythia reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator

from jetline.core.classes import QUARK_GLUON
from jetline.core.errors import JetlineError
from jetline.core.settings import Settings
from jetline.sources.pythia.kinds import KINDS

#: Tunes whose parton densities Pythia does not carry itself.
_TUNES_OF_LHAPDF = (11, 16, 17, 22)
#: What these settings of Pythia decide is decided here, or would make two files the same.
_RESERVED = (
    *("beams:", "hadronlevel:", "phasespace:pthat", "random:"),
    *("weakbosonandparton:", "weakdoubleboson:", "higgssm:", "top:"),
    *("6:on", "23:on", "24:on", "25:on"),
)
# docs/decisions.md: Generated jets start at half the least transverse momentum
#: Least transverse momentum of the hard process, as a share of the least of a jet:
#: docs/generation.md shows that no jet in the window comes from below.
_PTHAT_SHARE = 0.5


def _pass_through(line: str) -> str:
    """Refuse what is no setting, or one that these settings decide already."""
    name, equals, value = (part.strip() for part in line.partition("="))
    if not equals or ":" not in name or not value:
        raise ValueError(f"a line such as `SpaceShower:alphaSvalue = 0.13`; found {line!r}")
    if name.lower().startswith(_RESERVED):
        raise ValueError(f"a setting that jetline does not decide itself; {name} is one")
    return f"{name} = {value}"


def _carried(tune: int) -> int:
    if tune in _TUNES_OF_LHAPDF:
        raise ValueError(f"a tune that needs no LHAPDF; {tune} does")
    return tune


def _rising(window: tuple[float, float]) -> tuple[float, float]:
    if window[0] >= window[1]:
        raise ValueError("the lower end first")
    return window


def _each_once(classes: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(classes)) < len(classes):
        raise ValueError("each class once")
    return classes


if TYPE_CHECKING:
    Class = str
else:
    #: What starts a jet.
    Class = Literal[tuple(KINDS)]


class GeneratorSettings(Settings):
    """The physics of generated jets; the defaults are the benchmark's."""

    classes: Annotated[tuple[Class, ...], Field(min_length=2), AfterValidator(_each_once)] = Field(
        QUARK_GLUON,
        description="what the jets come from, as many of each: a `quark` or a `gluon` beside a Z, "
        "or the decay to quarks of a `w`, `z`, `higgs` (to b quarks) or `top`; the same as the "
        "configuration's `classes`, in the same order",
        examples=[["gluon", "quark", "w", "z", "top"]],
    )
    shower: Literal["simple", "vincia"] = Field(
        "simple",
        description="parton shower: `simple` is Pythia's own, `vincia` the antenna shower Vincia, "
        "which is many times slower",
    )
    tune: Annotated[int, Field(ge=1, le=33), AfterValidator(_carried)] | None = Field(
        None,
        description="number of the tune of Pythia (`Tune:pp`); null is the shower's own default, "
        "Monash 2013 (14) for `simple`",
        examples=[5],
    )
    final_state_alpha_s: float | None = Field(
        None,
        ge=0.06,
        le=0.25,
        description="strong coupling alpha_s at the Z mass in the final-state shower "
        "(`TimeShower:alphaSvalue`; 0.1365 in Monash 2013); null is the tune's own",
    )
    colour_reconnection: bool = Field(
        True, description="whether colours are reconnected before hadronisation"
    )
    hadronisation: bool = Field(
        True,
        description="whether partons become hadrons; jets of partons can be given only to taggers "
        "with `identity: none`",
    )
    multiparton_interactions: bool = Field(
        True, description="whether further partons of the same two protons interact"
    )
    heavy_flavours: bool = Field(
        False,
        description="whether c and b quarks are among the quark jets and in the protons, as in the "
        "benchmark's `withbc` files",
    )
    radius: float = Field(0.4, ge=0.1, le=1.5, description="radius R of the anti-kT jets")
    pt_window: Annotated[
        tuple[Annotated[float, Field(ge=20, le=5000)], Annotated[float, Field(le=7000)]],
        AfterValidator(_rising),
    ] = Field(
        (500.0, 550.0), description="least and largest transverse momentum of a kept jet [GeV]"
    )
    pythia: tuple[Annotated[str, AfterValidator(_pass_through)], ...] = Field(
        (),
        description="further settings of Pythia, as lines that it reads; they take precedence over "
        "all other settings here",
        examples=[["SpaceShower:alphaSvalue = 0.13"]],
    )

    @model_validator(mode="after")
    def _hangs_together(self) -> GeneratorSettings:
        if self.shower == "vincia" and self.tune is not None:
            raise ValueError("no tune beside `shower: vincia`: Pythia's belong to its own shower")
        if self.shower == "vincia" and self.final_state_alpha_s is not None:
            raise ValueError(
                "no final_state_alpha_s beside `shower: vincia`, which has one coupling for both "
                'showers; pass on `pythia: ["Vincia:alphaSvalue = 0.12"]` instead'
            )
        return self

    @property
    def pthat_minimum(self) -> float:
        """Least transverse momentum of the hard process [GeV]."""
        return _PTHAT_SHARE * self.pt_window[0]

    @property
    def incoming_flavours(self) -> int:
        """Number of the lightest quark flavours in the protons, and among the quark jets."""
        return 5 if self.heavy_flavours else 3

    def partons(self, kind: str) -> frozenset[int]:
        """PDG ids that the outgoing parton of the hard process may have, for quark and gluon."""
        flavours = range(1, self.incoming_flavours + 1)
        return frozenset((21,) if kind == "gluon" else (*flavours, *(-f for f in flavours)))

    def lines(self, kind: str, pythia_seed: int) -> list[str]:
        """List every setting of Pythia that differs from its default, as lines that Pythia reads.

        Parameters
        ----------
        kind : str
            What starts the jet, one of `KINDS`.
        pythia_seed : int
            Pythia's ``Random:seed``, 1 to 900,000,000.
        """
        lines = []
        shower = "Vincia" if self.shower == "vincia" else "SpaceShower"
        # First, because a tune sets much that a later line may change.
        if self.shower == "vincia":
            lines += ["PartonShowers:model = 2", "Vincia:Tune = 0"]
        if self.tune is not None:
            lines.append(f"Tune:pp = {self.tune}")
        lines += [
            "Beams:idA = 2212",
            "Beams:idB = 2212",
            "Beams:eCM = 14000.",
            *KINDS[kind].lines,
            *([f"{shower}:pTmaxMatch = 1"] if KINDS[kind].colourless else []),
            f"PDFinProcess:nQuarkIn = {self.incoming_flavours}",
            f"PhaseSpace:pTHatMin = {self.pthat_minimum:g}",
        ]
        if self.final_state_alpha_s is not None:
            lines.append(f"TimeShower:alphaSvalue = {self.final_state_alpha_s:g}")
        switches = {
            "ColourReconnection:reconnect": self.colour_reconnection,
            "HadronLevel:all": self.hadronisation,
            "PartonLevel:MPI": self.multiparton_interactions,
        }
        lines += [f"{name} = off" for name, on in switches.items() if not on]
        lines += self.pythia
        return [*lines, "Random:setSeed = on", f"Random:seed = {pythia_seed}", "Print:quiet = on"]


def read_generator_settings(text: str) -> GeneratorSettings:
    """Read the settings of the generator from JSON, such as ``{"tune": 5}``.

    Raises
    ------
    JetlineError
        If it is no JSON object, or a key or value is wrong.
    """
    try:
        return GeneratorSettings.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        unknown = first["type"] == "extra_forbidden"
        raise JetlineError(
            f"generator settings {text}, {'.'.join(map(str, first['loc'])) or 'as a whole'}",
            found="an unknown key" if unknown else repr(first["input"]),
            expected="one of the keys " + ", ".join(GeneratorSettings.model_fields)
            if unknown
            else first["msg"].removeprefix("Value error, "),
            remedy="config/README.md has the keys of `source: pythia`",
        ) from None
