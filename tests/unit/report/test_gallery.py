"""The page on images shows the means that NumPy computes and single jets, and nothing else."""

import base64
import io
import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
from matplotlib.colors import LogNorm
from matplotlib.image import imread

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.inputs.kinds.images import sets as image_sets
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.imaging import image_jets
from jetline.inputs.kinds.images.input_kind import Images
from jetline.inputs.kinds.images.recipe import ImageChannel, ImageRecipe
from jetline.inputs.kinds.images.sets import read_image_sets
from jetline.inputs.kinds.particles import Particles
from jetline.inputs.making import make_shard
from jetline.inputs.shards import save_blocks, write_manifest
from jetline.jets.constituents import CLASSES
from jetline.jets.formats.npz import write_jets
from jetline.report import images_page as gallery
from jetline.report import mean_images


class Page(HTMLParser):
    """What a browser would load, and its elements with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.loaded, self.found, self.shown = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        self.loaded += [v for k, v in attributes if k in ("src", "href", "srcset", "action")]

    def handle_data(self, text):
        self.shown += text

    def of(self, tag, kind):
        return [told for name, told in self.found if name == tag and told.get("class") == kind]


def image_shard(folder, jets, labels, name="pt", recipe=None):
    """An image shard below `folder`, and the shard's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{folder.name}.npz"
    write_jets(path, jets, labels)
    make_shard(Images(name, recipe or RECIPES[name]), path, folder / name)
    return folder / name


@pytest.fixture(scope="module")
def parts(jets):
    """Two unequal parts of the first bundled jets."""
    constituents, labels = jets
    return {"a": (constituents[:400], labels[:400]), "b": (constituents[400:], labels[400:])}


@pytest.fixture(scope="module")
def shards(parts, tmp_path_factory):
    """Shards of two jet files by two recipes."""
    folder = tmp_path_factory.mktemp("shards")
    return [
        image_shard(folder / name, *parts[name], recipe)
        for recipe in ("pt", "color")
        for name in parts
    ]


@pytest.fixture(scope="module")
def written(shards, tmp_path_factory):
    output = tmp_path_factory.mktemp("page") / "page.html"
    sets = gallery.write_gallery(shards, output, seed=1, figures=output.parent / "figures")
    text = output.read_text(encoding="utf-8")
    return sets, text, Page(text), output.parent


@pytest.mark.parametrize("block", [1, 100_000, 10**9])
def test_means_are_numpys_over_the_classes_whatever_the_block(jets, shards, monkeypatch, block):
    monkeypatch.setattr(image_sets, "_BLOCK_BYTES", block)
    constituents, labels = jets
    sets = read_image_sets(shards, seed=1, each=2)
    assert [images.name for images in sets] == ["pt", "color"]
    for images in sets:
        all_of_them = image_jets(constituents, RECIPES[images.name])
        for kind, label in CLASSES.items():
            expected = all_of_them[labels == label].mean(axis=0, dtype=np.float64)
            np.testing.assert_allclose(images.means[kind], expected, rtol=1e-12)
            assert images.counts[kind] == np.sum(labels == label)


def test_memory_is_that_of_a_block_whatever_the_size(tmp_path):
    folder, jets = tmp_path / "large", 40_000
    recipe = RECIPES["pt"]
    block = np.ones((1000, *recipe.shape), np.float32)
    blocks = (block for _ in range(jets // len(block)))
    described = save_blocks(folder, "images", (jets, *recipe.shape), block.dtype, blocks)
    (tmp_path / "jets.npz").touch()
    facts = {"inputs": "images/pt", "recipe": recipe.model_dump(mode="json")}
    labels = (np.arange(jets) % 2).astype(np.uint8)
    write_manifest(folder, tmp_path / "jets.npz", labels, {"images": described}, **facts)
    code = (
        "import resource, sys\n"
        "from jetline.inputs.kinds.images.sets import read_image_sets\n"
        "used = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024\n"
        "before = used()\n"
        "read_image_sets([sys.argv[1]], seed=1, each=2)\n"
        "print(used() - before)"
    )
    run = [sys.executable, "-c", code, str(folder)]
    grown = int(subprocess.run(run, capture_output=True, text=True, check=True).stdout)
    assert (folder / "images.npy").stat().st_size > 170_000_000
    assert grown < 80_000_000


def test_half_precision_does_not_limit_the_mean(parts, tmp_path):
    recipe = ImageRecipe(pixels=1, channels=(ImageChannel(normalisation="none"),), dtype="float16")
    folder = image_shard(tmp_path / "a", *parts["a"], "half", recipe)
    (images,) = read_image_sets([folder], seed=1, each=1)
    # Hundreds of jets of 500 GeV are far beyond what float16 holds.
    assert 450 < images.means["quark"].item() < 600


def test_single_jets_are_those_that_their_labels_say(parts, shards):
    (images, *_) = read_image_sets(shards, seed=1, each=20)
    assert [jet.kind for jet in images.jets] == ["quark", "gluon"] * 20
    assert len({(jet.file, jet.number) for jet in images.jets}) == 40
    assert {jet.file for jet in images.jets} == {"a.npz", "b.npz"}
    for jet in images.jets:
        constituents, labels = parts[jet.file.removesuffix(".npz")]
        assert labels[jet.number] == CLASSES[jet.kind]
        own = image_jets(constituents[jet.number : jet.number + 1], RECIPES["pt"])[0]
        np.testing.assert_array_equal(jet.image, own)


def test_every_recipe_shows_the_same_jets_and_a_seed_draws_others(shards):
    def drawn(seed):
        sets = read_image_sets(shards, seed, each=5)
        return [[(jet.file, jet.number) for jet in images.jets] for images in sets]

    first, second = drawn(1)
    assert first == second == drawn(1)[0]
    assert drawn(2)[0] != first


def test_the_page_needs_nothing_but_itself(written):
    _, text, page, _ = written
    assert page.loaded
    assert all(source.startswith(("data:", "#")) for source in page.loaded)
    scripts = [told for tag, told in page.found if tag == "script"]
    assert scripts == [{}]
    assert not re.search(r"https?:|url\(|@import|fetch\(|XMLHttpRequest", text)


def test_the_page_holds_every_single_jet_with_class_file_and_number(written):
    sets, _, page, _ = written
    buttons = page.of("button", "class-0") + page.of("button", "class-1")
    told = {(b["data-kind"], b["data-file"], b["data-number"]) for b in buttons}
    wanted = {(j.kind, j.file, str(j.number)) for images in sets for j in images.jets}
    assert told == wanted
    assert len(buttons) == sum(len(images.jets) for images in sets) == 128
    for button in buttons:
        number, file = button["data-number"], button["data-file"]
        assert button["title"] == f"{button['data-kind']} jet, number {number} of {file}"
    sliders = [told for tag, told in page.found if tag == "input"]
    assert [(s["type"], s["min"], s["max"]) for s in sliders] == [("range", "0", "63")] * 2


def test_a_picture_has_rapidity_to_the_right_and_azimuth_upwards():
    image = np.zeros((3, 3))
    image[2, 0] = 1.0  # largest rapidity, smallest azimuth: at the lower right
    source = gallery._picture(image, mean_images.colour_scale(image, 3))
    pixels = imread(io.BytesIO(base64.b64decode(source.split(",")[1])))
    empty = np.all(pixels[..., :3] == 1, axis=-1)
    np.testing.assert_array_equal(np.argwhere(~empty), [[2, 2]])


def test_both_means_share_a_scale_and_the_difference_is_centred_on_zero(written):
    images = written[0][0]
    figure = mean_images.MeanImages.of(images).drawn()
    quark, gluon, difference = (axes.images[0] for axes in figure.axes if axes.images)
    assert quark.norm is gluon.norm
    assert isinstance(quark.norm, LogNorm)
    assert difference.norm.vmin == -difference.norm.vmax
    assert float(difference.norm(0.0)) == pytest.approx(0.5)
    shown = images.means["quark"][..., 0] - images.means["gluon"][..., 0]
    np.testing.assert_array_equal(difference.get_array(), shown.T)
    assert quark.get_extent() == [-0.4, 0.4, -0.4, 0.4]


def test_the_means_are_figures_of_their_own_too(written):
    figures = written[3] / "figures"
    assert {path.name for path in figures.iterdir()} == {
        f"{name}.{kind}" for name in ("pt", "color") for kind in ("png", "pdf", "npz")
    }
    embedded = base64.b64encode((figures / "pt.png").read_bytes()).decode()
    assert embedded in written[1]


def test_the_means_are_drawn_again_from_their_data_alone(written, tmp_path):
    figures = [written[3] / "figures" / name for name in ("pt", "color")]
    data = [str(path.with_suffix(".npz")) for path in figures]
    assert main(["draw", "--data", *data, "--output", str(tmp_path)]) == 0
    for path in figures:
        for kind in (".png", ".pdf"):
            again = tmp_path / f"mean-images-{path.name}{kind}"
            assert again.read_bytes() == path.with_suffix(kind).read_bytes()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"mean_image_quark": None}, "mean_image_quark"),
        ({"mean_image_quark": np.zeros((2, 2, 1))}, "(2, 2, 1)"),
        ({"recipe": np.array('{"colour": "blue"}')}, "colour"),
    ],
)
def test_other_data_than_mean_images_are_refused(written, tmp_path, capsys, changed, told):
    arrays = dict(np.load(written[3] / "figures/pt.npz")) | changed
    path = tmp_path / "pt.npz"
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    assert main(["draw", "--data", str(path), "--output", str(tmp_path / "out")]) == 1
    refused = capsys.readouterr().err
    assert "no mean images of this version" in refused
    assert told in refused
    assert not (tmp_path / "out").exists()


def test_values_within_a_decade_have_a_linear_scale_from_zero():
    assert not isinstance(scale := mean_images.colour_scale(np.array([0, 1, 5]), 3), LogNorm)
    assert (scale.vmin, scale.vmax) == (0, 5)
    scale = mean_images.colour_scale(np.array([0, 1e-9, 5]), 3)
    assert isinstance(scale, LogNorm)
    assert (scale.vmin, scale.vmax) == (pytest.approx(0.005), 5)


@pytest.mark.parametrize(
    ("channel", "title", "unit"),
    [
        (ImageChannel(), "pT of all constituents", "share of pT"),
        (ImageChannel(species="photons", normalisation="none"), "pT of photons", "pT [GeV]"),
        (
            ImageChannel(species="charged_hadrons", weight="count", normalisation="none"),
            "number of charged hadrons",
            "constituents",
        ),
        (
            ImageChannel(weight="count", normalisation="density"),
            "number of all constituents",
            "share of constituents per area [1/rad]",
        ),
    ],
)
def test_a_channel_is_told_with_its_unit(channel, title, unit):
    assert mean_images.channel_title(channel) == title
    assert mean_images.channel_unit(channel) == unit


def test_axes_say_what_they_are_relative_to():
    assert mean_images.axis_labels(RECIPES["notebook"]) == ("rapidity", "azimuth [rad]")
    rapidity, azimuth = mean_images.axis_labels(RECIPES["pt"])
    assert rapidity == "rapidity relative to the jet's axis"
    assert azimuth == "azimuth relative to the jet's axis [rad]"
    assert "principal axis" in mean_images.axis_labels(ImageRecipe(rotate=True))[0]


def test_jets_of_one_class_alone_can_be_looked_at(parts, tmp_path):
    constituents, labels = parts["a"]
    few = constituents[labels == 0][:3]
    folder = image_shard(tmp_path / "gluons", few, np.zeros(3, int))
    (images,) = gallery.write_gallery([folder], tmp_path / "page.html", seed=1)
    assert set(images.means) == {"gluon"}
    assert [jet.kind for jet in images.jets] == ["gluon"] * 3
    words = [
        text.get_text()
        for axes in mean_images.MeanImages.of(images).drawn().axes
        for text in axes.texts
    ]
    assert words == ["no quark jets", "needs both classes"]
    assert "0 quark and 3 gluon jets" in Page((tmp_path / "page.html").read_text("utf-8")).shown


def test_jets_outside_the_window_give_an_empty_picture(parts, tmp_path):
    recipe = ImageRecipe(centring="none", rapidity=(10, 11), azimuth=(0, 1))
    folder = image_shard(tmp_path / "far", *parts["b"], "far", recipe)
    (images,) = gallery.write_gallery([folder], tmp_path / "page.html", seed=1)
    assert not images.means["quark"].any()


def test_two_recipes_of_one_name_are_told_apart(parts, tmp_path):
    coarse = image_shard(tmp_path / "a", *parts["a"], "mine", ImageRecipe(pixels=8))
    fine = image_shard(tmp_path / "b", *parts["a"], "mine", ImageRecipe(pixels=9))
    first, second = read_image_sets([coarse, fine, fine], seed=1, each=1)
    assert first.name != second.name
    assert first.name.startswith("mine-")
    assert second.files == ["b.npz"]  # given twice, counted once


def test_a_hostile_file_name_is_shown_and_not_obeyed(parts, tmp_path):
    name = "<script>alert(1)<script>&"
    folder = image_shard(tmp_path / name, *parts["b"])
    gallery.write_gallery([folder], tmp_path / "page.html", seed=1)
    page = Page((tmp_path / "page.html").read_text("utf-8"))
    assert len([tag for tag, _ in page.found if tag == "script"]) == 1
    assert f"{name}.npz" in page.shown


def refusal(capsys, tmp_path, *shards):
    """The one error of the command, after which there is no page."""
    output = tmp_path / "page.html"
    assert main(["show", "images", "--output", str(output), *map(str, shards)]) == 1
    told = capsys.readouterr().err
    assert told.count("found:") == 1
    assert not output.exists()
    return told


def test_a_damaged_shard_among_good_ones_is_one_clear_error(parts, shards, tmp_path, capsys):
    folder = image_shard(tmp_path / "cut", *parts["b"])
    path = folder / "images.npy"
    path.write_bytes(path.read_bytes()[:-1])
    assert str(path) in refusal(capsys, tmp_path, shards[0], folder)


def test_a_shard_of_particles_is_refused_with_what_to_give(parts, tmp_path, capsys):
    write_jets(tmp_path / "jets.npz", *parts["b"])
    make_shard(Particles(), tmp_path / "jets.npz", tmp_path / "particles")
    told = refusal(capsys, tmp_path, tmp_path / "particles")
    assert "a shard of particles" in told
    assert "images/<recipe>" in told


def test_jets_without_labels_are_refused(parts, tmp_path, capsys):
    np.savez(tmp_path / "jets.npz", X=parts["b"][0])
    make_shard(Images("pt", RECIPES["pt"]), tmp_path / "jets.npz", tmp_path / "pt")
    assert "no labelled jet" in refusal(capsys, tmp_path, tmp_path / "pt")


def test_a_recipe_of_another_version_is_refused(parts, tmp_path):
    folder = image_shard(tmp_path / "old", *parts["b"])
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["recipe"]["colour"] = "blue"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(JetlineError, match="image the jets again"):
        read_image_sets([folder], seed=1, each=1)


def test_the_command_says_where_the_page_is(shards, tmp_path, capsys):
    output = tmp_path / "page.html"
    assert main(["show", "images", "--output", str(output), *map(str, shards[:2])]) == 0
    told = capsys.readouterr().out
    assert output.as_uri() in told
    assert re.search(r"images/pt: \d+ quark and \d+ gluon jets", told)
