"""What image shards hold, recipe by recipe: the mean of each class, and jets drawn by chance."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from jetline.core.classes import QUARK_GLUON, count_by_class, numbered
from jetline.core.errors import JetlineError
from jetline.core.files import short_hash
from jetline.core.randomness import generator
from jetline.inputs.kinds.images.recipe import ImageRecipe
from jetline.inputs.shards import MANIFEST, Shard, open_shard

if TYPE_CHECKING:
    from collections.abc import Sequence

_BLOCK_BYTES = 16_000_000


@dataclass(frozen=True)
class SingleJet:
    """One jet's image (n_y, n_phi, channels), its class, its jet file and its number there."""

    kind: str
    file: str
    number: int
    image: np.ndarray


@dataclass(frozen=True)
class ImageSet:
    """All that shards of one recipe hold.

    Attributes
    ----------
    name : str
        The recipe's; with a hash where another recipe has the same name.
    recipe : ImageRecipe
    files : list of str
        Names of the jet files.
    counts : dict
        Jets of each class.
    unlabelled : int
        Jets of no class, which enter nothing.
    means : dict
        Mean image (n_y, n_phi, channels), float64, of each class that has jets.
    jets : list of SingleJet
        Drawn by chance, the classes by turns.
    """

    name: str
    recipe: ImageRecipe
    files: list[str]
    counts: dict[str, int]
    unlabelled: int
    means: dict[str, np.ndarray]
    jets: list[SingleJet]


def read_image_sets(
    folders: Sequence[Path], seed: int, each: int, classes: Sequence[str] = QUARK_GLUON
) -> list[ImageSet]:
    """Read image shards, in the memory of a block of jets.

    The same jet files in the same order give the same single jets by every recipe.

    Parameters
    ----------
    folders : sequence of Path
        Shards, of one recipe or several; every array is compared with its hash.
    seed : int
        Decides which jets are drawn.
    each : int
        Jets to draw of each class, as far as there are as many.
    classes : sequence of str
        Names of the classes by number.

    Raises
    ------
    JetlineError
        If a folder is no whole image shard, or a recipe's shards hold no labelled jet.
    """
    shards_of: dict[str, list[Shard]] = {}
    named: dict[str, tuple[str, ImageRecipe]] = {}
    for folder in dict.fromkeys(map(Path, folders)):
        shard = open_shard(folder)
        name, recipe = _recipe(shard)
        key = f"{name}-{short_hash(recipe.model_dump(mode='json'))}"
        named[key] = (name, recipe)
        shards_of.setdefault(key, []).append(shard)
    names = [name for name, _ in named.values()]
    return [
        _image_set(
            name if names.count(name) == 1 else key, recipe, shards_of[key], seed, each, classes
        )
        for key, (name, recipe) in named.items()
    ]


def _recipe(shard: Shard) -> tuple[str, ImageRecipe]:
    where = str(shard.folder / MANIFEST)
    inputs = shard.manifest.inputs
    if "images" not in shard.arrays:
        raise JetlineError(
            where,
            found=f"a shard of {inputs}",
            expected="a shard of images, as `jetline shard --inputs images/...` makes",
            remedy="give folders below results/shards/<source>/images/<recipe>",
        )
    try:
        return inputs.removeprefix("images/"), ImageRecipe.model_validate(shard.manifest.recipe)
    except ValidationError as error:
        raise JetlineError(
            where,
            found=f"a recipe that is not understood ({error.errors()[0]['msg']})",
            expected="a recipe of this version of jetline",
            remedy="image the jets again: jetline shard",
        ) from None


def _image_set(
    name: str,
    recipe: ImageRecipe,
    shards: list[Shard],
    seed: int,
    each: int,
    classes: Sequence[str],
) -> ImageSet:
    counts = count_by_class(np.concatenate([shard.labels for shard in shards]), classes)
    if not any(counts.values()):
        raise JetlineError(
            f"images by the recipe {name} in {shards[0].folder}"
            + " and others" * (len(shards) > 1),
            found="no labelled jet",
            expected=f"labels: {numbered(classes)}",
            remedy="give shards of labelled jets",
        )
    drawn = [
        _draw(kind, classes.index(kind), shards, seed, min(each, count))
        for kind, count in counts.items()
    ]
    by_turns = [jets[place] for place in range(each) for jets in drawn if place < len(jets)]
    return ImageSet(
        name=name,
        recipe=recipe,
        files=[_file(shard) for shard in shards],
        counts=counts,
        unlabelled=sum(map(len, shards)) - sum(counts.values()),
        means=_means(shards, counts, classes),
        jets=by_turns,
    )


def _means(
    shards: list[Shard], counts: dict[str, int], classes: Sequence[str]
) -> dict[str, np.ndarray]:
    """Mean image of each class that has jets, summed block after block in float64."""
    sums: dict[str, Any] = {kind: 0.0 for kind, count in counts.items() if count}
    for shard in shards:
        jets = max(1, _BLOCK_BYTES // max(1, shard.arrays["images"][:1].nbytes))
        for start in range(0, len(shard), jets):
            # Mapped anew for each block: what a map has read counts as memory until it goes.
            images = np.load(shard.folder / "images.npy", mmap_mode="r", allow_pickle=False)
            block, labels = images[start : start + jets], shard.labels[start : start + jets]
            for kind in sums:
                chosen = block[labels == classes.index(kind)]
                sums[kind] = sums[kind] + chosen.sum(axis=0, dtype=np.float64)
    return {kind: total / counts[kind] for kind, total in sums.items()}


def _draw(kind: str, label: int, shards: list[Shard], seed: int, number: int) -> list[SingleJet]:
    """Jets of one class, each of them equally likely."""
    rows = [np.flatnonzero(shard.labels == label) for shard in shards]
    ends = np.cumsum([len(one) for one in rows])
    jets = []
    for place in generator(seed, "single jets", kind).choice(ends[-1], number, replace=False):
        shard = int(np.searchsorted(ends, place, side="right"))
        row = int(rows[shard][place - ends[shard]])
        image = np.array(shards[shard].arrays["images"][row])
        jets.append(SingleJet(kind, _file(shards[shard]), row, image))
    return jets


def _file(shard: Shard) -> str:
    return Path(shard.manifest.source.file).name
