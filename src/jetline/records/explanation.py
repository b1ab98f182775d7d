"""What a tagger decides on: ``explanation.json``."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from jetline.records.part import Part
from jetline.records.record import Record
from jetline.records.training import ClassCounts


class Mean(Part):
    """A mean over jets, and its standard error."""

    value: float
    error: float


class GroupSums(Part):
    """What groups of particles, or of pixels, add to decisions on the jets of one class.

    A decision is the logit of the jet's own class less that of its baseline's class, and is
    compared with the same of the baseline.

    Attributes
    ----------
    of : str
        Name of the class.
    by : str
        What the groups are told apart by: species, z or distance.
    groups : list of str
        Names.
    added : list of Mean
        What each group adds, all in all.
    presence : list of float
        Of it, what particles add by being there or not, and not by what they are.
    left_out : list of Mean or None
        Another method: by how much the logit of the jet's class, less the mean of the others',
        falls where the group is left out of the jet; None where nothing would be left of any.
    particles : list of float
        Particles of the group in a jet, in the mean; of pixels those that are not empty.
    """

    of: str
    by: str
    groups: list[str]
    added: list[Mean]
    presence: list[float]
    left_out: list[Mean | None]
    particles: list[float]


class WeightsCheck(Part):
    """The explanation of a network whose weights were shuffled, beside that of the trained one.

    J. Adebayo et al., Sanity Checks for Saliency Maps, arXiv:1810.03292.

    Attributes
    ----------
    magnitudes : float
        Rank correlation, over the particles or pixels of a jet, of the sizes of what they add;
        median over jets.
    signed : float
        The same of what they add, with its sign.
    survives : bool
        Whether either is so large that the explanation says little of what was learned.
    """

    magnitudes: float
    signed: float
    survives: bool


class Completeness(Part):
    """How well what was added makes up the differences of the decisions.

    Attributes
    ----------
    relative : float
        Root mean square of the error over that of the differences.
    largest : float
        The largest error of a jet, in units of the latter.
    """

    relative: float
    largest: float


class Importance(Part):
    """How much trees rely on observables, one or several that are correlated.

    Attributes
    ----------
    observables : list of str
    shapley : Mean
        Size of their Shapley value, of a decision against a jet of another class.
    permutation : Mean
        By how much the AUC on test jets falls where they are permuted among the jets; the error is
        the spread over permutations.
    """

    observables: list[str]
    shapley: Mean
    permutation: Mean


class Correlation(Part):
    """Rank correlation of the decision for a class with an observable, over jets of all classes."""

    of: str
    observable: str
    value: float


class Surrogate(Part):
    """How much of the decision for a class trees on observables reproduce, on jets not fitted to.

    Attributes
    ----------
    of : str
        Name of the class.
    explained : float
        Share of the variance of the decision, R2.
    agreement : float
        Share of the jets that both decide alike.
    """

    of: str
    explained: float
    agreement: float


class Filters(Part):
    """The filters of an Energy Flow Network in the plane of rapidity and azimuth.

    Attributes
    ----------
    total, active, placed : int
        How many there are; that are not 0 all over; and of these, that have a place of their own:
        what is above half of their maximum reaches neither the axis nor the edge.
    slope : Mean or None
        Of ln(area) over ln(distance from the axis), of the last; with the error of the fit. Filters
        that are spread evenly over ln(R / theta) and the angle have 2.
    """

    total: int
    active: int
    placed: int
    slope: Mean | None


class AttentionOf(Part):
    """What a network's class token attends to on jets of one class.

    Attributes
    ----------
    of : str
        Name of the class.
    core : Mean
        Share of the particle where the jet's harder branch ends, in units of the even share.
    token : Mean
        Share that the token gives to itself and not to particles.
    """

    of: str
    core: Mean
    token: Mean


class Attention(Part):
    """What a network's class token attends to.

    Attributes
    ----------
    of_classes : list of AttentionOf
    shuffled : float or None
        Rank correlation, over the particles of a jet, of their shares with those of the network
        with shuffled weights: median over jets, mean over shuffles.
    """

    of_classes: list[AttentionOf]
    shuffled: float | None


class ExplanationRecord(Record):
    """What a tagger decides on, on test jets of one dataset.

    Attributes
    ----------
    label, seed : str, int
        Of the training.
    dataset, inputs, architecture : str
    classes : tuple of str
        Names by number.
    jets : dict
        Explained jets of each class.
    baselines, steps : int
        As `jetline.explanation.settings.Explain` has them.
    completeness : Completeness
    identity : str or None
        What a network of particles is told of their species: "none", "experimental" or "full".
    recipe : dict or None
        Of the images that a network takes.
    check : WeightsCheck or None
        None for trees, which have no weights to shuffle.
    sums : list of GroupSums
    importances : list of Importance
        Of trees.
    filters : Filters or None
        Of an Energy Flow Network.
    attention : Attention or None
        Of a network with a class token.
    correlations, surrogates : list
        With observables, where they were measured.
    """

    what: ClassVar[str] = "the explanation of a tagger"

    label: str
    seed: int
    dataset: str
    inputs: str
    architecture: str
    classes: tuple[str, ...]
    jets: ClassCounts
    baselines: int
    steps: int
    completeness: Completeness
    identity: str | None = None
    recipe: dict[str, Any] | None = None
    check: WeightsCheck | None = None
    sums: list[GroupSums] = Field(default_factory=list)
    importances: list[Importance] = Field(default_factory=list)
    filters: Filters | None = None
    attention: Attention | None = None
    correlations: list[Correlation] = Field(default_factory=list)
    surrogates: list[Surrogate] = Field(default_factory=list)

    def in_words(self) -> list[str]:
        """Tell what one wants to know first, line by line."""
        jets = ", ".join(f"{count} {name}" for name, count in self.jets.items())
        lines = [
            f"{self.label}, seed {self.seed}, on test jets of {self.dataset}: {jets}",
            f"completeness error {self.completeness.relative:.1%} of the differences, at most "
            f"{self.completeness.largest:.1%} of a jet",
        ]
        if self.check:
            told = "survives: it says little of what was learned" if self.check.survives else "gone"
            lines.append(
                f"with shuffled weights the explanation is {told} (rank correlation of sizes "
                f"{self.check.magnitudes:.2f}, with signs {self.check.signed:.2f})"
            )
        if self.filters and self.filters.slope:
            slope = self.filters.slope
            lines.append(
                f"{self.filters.placed} of {self.filters.total} filters have a place; their area "
                f"grows as distance^({slope.value:.2f} +- {slope.error:.2f})"
            )
        if self.attention:
            told = ", ".join(
                f"{one.core.value:.2f} +- {one.core.error:.2f} on {one.of} jets"
                for one in self.attention.of_classes
            )
            lines.append(f"attention to the end of the harder branch, in even shares: {told}")
        lines += [
            f"trees on observables reproduce {one.explained:.1%} of the variance of the decision "
            f"for {one.of}, and decide alike on {one.agreement:.1%} of the jets"
            for one in self.surrogates
        ]
        return lines + [
            f"{', '.join(one.observables)}: Shapley {one.shapley.value:.3f} +- "
            f"{one.shapley.error:.3f}, permuted {one.permutation.value:.4f} +- "
            f"{one.permutation.error:.4f}"
            for one in self.importances
        ]
