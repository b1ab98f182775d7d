"""What a recipe for images may say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    create_model,
    field_validator,
    model_serializer,
)

from jetline.core.settings import Settings
from jetline.inputs.kinds.images.steps import ordered_steps
from jetline.jets.species import PDG_IDS

if TYPE_CHECKING:
    from jetline.inputs.kinds.images.steps.image_step import ImageStep

#: What a tagger is told of a constituent's species, from least to most.
IDENTITIES = ("none", "experimental", "full")

#: Groups of species that a detector tells apart, by charge and type.
DETECTOR_GROUPS = {
    "charged": (211, -211, 321, -321, 2212, -2212, 11, -11, 13, -13),
    "neutral": (22, 130, 2112, -2112),
    "positive": (211, 321, 2212, -11, -13),
    "negative": (-211, -321, -2212, 11, 13),
    "charged_hadrons": (211, -211, 321, -321, 2212, -2212),
    "neutral_hadrons": (130, 2112, -2112),
    "photons": (22,),
    "electrons": (11, -11),
    "muons": (13, -13),
}

#: Groups that take a species by species identification, particle and antiparticle together.
SPECIES_GROUPS = {
    "pions": (211, -211),
    "kaons": (321, -321),
    "protons": (2212, -2212),
    "neutrons": (2112, -2112),
    "long_kaons": (130,),
}

#: PDG ids of every group.
GROUPS = {"all": PDG_IDS, **DETECTOR_GROUPS, **SPECIES_GROUPS}

if TYPE_CHECKING:
    Group = str
else:
    Group = Literal[tuple(GROUPS)]
Window = tuple[float, float]


class ImageChannel(Settings):
    """One channel of an image: whose constituents enter, and what each adds to its pixel."""

    species: Group = Field("all", description="constituents that enter")
    weight: Literal["pt", "count"] = Field(
        "pt", description="what one constituent adds to its pixel: its pT [GeV], or one"
    )
    normalisation: Literal["none", "l1", "density"] = Field(
        "l1",
        description="of one image: `l1` divides by the image's sum, `density` by the pixels' area "
        "too; channels of the same weight and normalisation are divided by their common sum",
    )

    @property
    def identity(self) -> str:
        """What the channel tells of a constituent's species, one of `IDENTITIES`."""
        if self.species in SPECIES_GROUPS:
            return "full"
        return "experimental" if self.species in DETECTOR_GROUPS else "none"


#: Names of the options that ask for a step, in the order in which the steps are taken.
_STEPS = tuple(name.replace("-", "_") for name in ordered_steps())

#: Options that the settings of a recipe always name, because the first recipes' hashes have them.
_ALWAYS_NAMED = ("rotate", "flip")


class _Placement(Settings):
    """Where a constituent lies in an image, before any step moves the jet."""

    pixels: int = Field(
        33, ge=1, le=512, description="pixels along rapidity, and as many along azimuth"
    )
    rapidity: Window = Field(
        (-0.4, 0.4),
        description="window in rapidity, relative to the jet's centre if it is centred",
        examples=[[-0.4, 0.4]],
    )
    azimuth: Window = Field(
        (-0.4, 0.4),
        description="window in azimuth [rad], likewise",
        examples=[[-0.4, 0.4]],
    )
    centring: Literal["none", "centroid", "hardest", "pixel"] = Field(
        "centroid",
        description="`centroid`: the pT-weighted centroid is the middle of the window; `hardest`: "
        "the hardest constituent is; `pixel`: the pixel of a grid fixed in rapidity and azimuth "
        "that holds the centroid is the middle one; `none`: the window is that of the detector",
    )


if TYPE_CHECKING:

    class _MovedPlacement(_Placement):
        """A placement with an option for each step."""

else:  # an option for each step there is
    _MovedPlacement = create_model(
        "_MovedPlacement",
        __base__=_Placement,
        **{
            name: (bool, Field(False, description=step.description))
            for name, step in zip(_STEPS, ordered_steps().values(), strict=True)
        },
    )


class ImageRecipe(_MovedPlacement):
    """One way of imaging a jet; the defaults are those of the recipe `pt`.

    A constituent is brought into the window, or relative to the jet's centre; then the jet is
    rotated, flipped, and histogrammed in rapidity and azimuth; then each image is normalised.
    """

    channels: tuple[ImageChannel, ...] = Field(
        (ImageChannel(),),
        min_length=1,
        max_length=16,
        description="what the image shows, one channel each",
        examples=[[{"species": "charged", "weight": "pt"}, {"species": "neutral"}]],
    )
    set_normalisation: Literal["none", "largest", "standardise"] = Field(
        "largest",
        description="what the model does first, by the training part: divide by the largest pixel "
        "of each channel, or subtract each pixel's mean and divide by its deviation plus 1e-5",
    )
    dtype: Literal["float32", "float16", "uint8"] = Field(
        "float32",
        description="how images lie on disk: `float16` halves them and keeps three digits, `uint8` "
        "holds unnormalised counts up to 255",
    )
    wrap_azimuth: bool = Field(
        True,
        description="without centring: bring azimuths beyond the window into it by turns of 2 pi; "
        "`false` cuts a jet in two at the window's end (a flaw of the notebook)",
    )
    padding_as_particles: bool = Field(
        False,
        description="without centring: count the rows of zeros that pad a jet as particles at the "
        "origin (the other flaw of the notebook)",
    )

    @field_validator("rapidity", "azimuth", mode="before")
    @classmethod
    def _rises(cls, window: Any, info: ValidationInfo) -> Any:
        numbers = window if isinstance(window, list | tuple) else []
        numbers = [x for x in numbers if isinstance(x, int | float) and math.isfinite(x)]
        if len(numbers) != 2 or len(window) != 2 or numbers[0] >= numbers[1]:
            raise ValueError("two numbers in square brackets, the lower one first")
        low, high = numbers
        if max(-low, high) > 20 or high - low < 0.001:
            raise ValueError("a window between -20 and 20, and no narrower than 0.001")
        if info.field_name == "azimuth" and high - low > 2 * math.pi:
            raise ValueError("a window no wider than 2 pi")
        return window

    @field_validator("centring")
    @classmethod
    def _has_a_middle_pixel(cls, centring: str, info: ValidationInfo) -> str:
        rapidity, azimuth = info.data.get("rapidity"), info.data.get("azimuth")
        if centring == "pixel" and rapidity and azimuth:
            for low, high in (rapidity, azimuth):
                if low != -high:
                    raise ValueError("another centring, or windows with 0 in their middle")
        return centring

    @field_validator(*_STEPS)
    @classmethod
    def _has_a_centre(cls, chosen: bool, info: ValidationInfo) -> bool:
        if chosen and info.data.get("centring") in ("none", "pixel"):
            raise ValueError("false, or centring on the centroid or the hardest constituent")
        return chosen

    @field_validator("dtype")
    @classmethod
    def _holds_the_values(cls, dtype: str, info: ValidationInfo) -> str:
        for channel in info.data.get("channels", ()) if dtype == "uint8" else ():
            if channel.weight != "count" or channel.normalisation != "none":
                raise ValueError(
                    "another dtype, or channels of weight `count` and normalisation `none` alone"
                )
        return dtype

    @field_validator("padding_as_particles")
    @classmethod
    def _has_the_origin(cls, chosen: bool, info: ValidationInfo) -> bool:
        if chosen and info.data.get("centring") not in ("none", None):
            raise ValueError("false, or centring `none`")
        return chosen

    @model_serializer(mode="wrap")
    def _told(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # A new step must not change the hash of every recipe that does not ask for it.
        return {
            key: value
            for key, value in handler(self).items()
            if value or key in _ALWAYS_NAMED or key not in _STEPS
        }

    @property
    def steps(self) -> dict[str, type[ImageStep]]:
        """Steps that the recipe asks for, by name, in their order."""
        return {
            name: step
            for option, (name, step) in zip(_STEPS, ordered_steps().items(), strict=True)
            if getattr(self, option)
        }

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of one image: rapidity, azimuth, channel."""
        return (self.pixels, self.pixels, len(self.channels))

    @property
    def identity(self) -> str:
        """What the images tell of species: what the channel does that tells most."""
        return max((channel.identity for channel in self.channels), key=IDENTITIES.index)
