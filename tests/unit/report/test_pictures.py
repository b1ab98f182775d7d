"""Nothing of a picture is cut off, and no two taggers look alike: held by its artists."""

from __future__ import annotations

import itertools

import matplotlib.text
import numpy as np
import pytest
from matplotlib.axes import Axes

from jetline.core.files import read_json
from jetline.evaluation.comparison import compare
from jetline.evaluation.seeds import Result, Training, entries
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.input_kind import Images
from jetline.inputs.kinds.images.recipe import ImageChannel, ImageRecipe
from jetline.inputs.kinds.images.sets import read_image_sets
from jetline.inputs.making import make_shard
from jetline.jets.formats.npz import write_jets
from jetline.report import comparison_plots, jets_page, plots, scan_plot, style
from jetline.report.mean_images import MeanImages
from jetline.validation.measures import DISTRIBUTIONS
from reported_run import FOURTEEN
from synthetic_run import write_run
from synthetic_scan import grid_of, study_of
from validated import write_validated

#: A name as long as anybody would give, and one that mathematics would swallow.
LONG = {
    "a-transformer-with-every-feature-and-pairs-of-particles": {"noise": 0.3},
    "$m_{jj}$_": {"noise": 2.0},
}
#: Pixels, of a hundred an inch, by which letters may differ from their box.
TOLERANCE = 1.0


def cut_off(figure) -> list[str]:
    """What of a figure lies beyond its canvas, and labels that lie on each other."""
    figure.set_dpi(100)
    figure.draw_without_rendering()
    canvas = figure.bbox
    faults = []
    box = figure.get_tightbbox().transformed(figure.dpi_scale_trans)
    if not (
        box.x0 >= -TOLERANCE
        and box.y0 >= -TOLERANCE
        and box.x1 <= canvas.x1 + TOLERANCE
        and box.y1 <= canvas.y1 + TOLERANCE
    ):
        faults.append(f"{box.extents.round(1)} is beyond {canvas.extents}")
    ticks = {
        label
        for axes in figure.findobj(Axes)
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks() + axis.get_minor_ticks()
        for label in (tick.label1, tick.label2)
    }
    # Numbers on axes are laid out by matplotlib, and those beyond the ends are not drawn.
    texts = [
        (text.get_text(), text.get_window_extent())
        for text in figure.findobj(matplotlib.text.Text)
        if text.get_text().strip() and text.get_visible() and text not in ticks
    ]
    for (one, first), (other, second) in itertools.combinations(texts, 2):
        width = min(first.x1, second.x1) - max(first.x0, second.x0)
        height = min(first.y1, second.y1) - max(first.y0, second.y0)
        if width > TOLERANCE and height > TOLERANCE:
            faults.append(f"{one!r} lies on {other!r}")
    return faults


def figures(root, described, seeds, datasets=("demo",)) -> dict:
    """All figures of a comparison."""
    trainings, evaluations = write_run(root, described, seeds, datasets, n_jets=300)
    trained = [Training.read(path) for path in trainings]
    found = entries(trained, [Result.read(path) for path in evaluations])
    data = comparison_plots.figure_data(trained, found, compare(trained, found))
    return {f"{name}.png": one for name, one in data.drawn(style.styles(data.labels)).items()}


@pytest.fixture(scope="module")
def fourteen(tmp_path_factory):
    return figures(tmp_path_factory.mktemp("fourteen"), FOURTEEN, (1, 2))


@pytest.mark.parametrize("name", ["roc-demo", "auc-demo", "scores-demo", "learning-curves"])
def test_nothing_of_fourteen_taggers_is_cut_off(fourteen, name):
    assert cut_off(fourteen[f"{name}.png"]) == []


@pytest.mark.parametrize("described", [LONG, dict(itertools.islice(LONG.items(), 1))])
def test_nothing_of_long_names_is_cut_off(tmp_path, described):
    for name, figure in figures(tmp_path, described, (1, 2)).items():
        assert cut_off(figure) == [], name


@pytest.mark.parametrize("record", [study_of(30), grid_of()], ids=["study", "grid"])
def test_nothing_of_a_scan_is_cut_off(record):
    assert cut_off(scan_plot.scan_panels(record)) == []


def test_no_colour_is_that_of_two_taggers(fourteen):
    upper, lower = fourteen["roc-demo.png"].axes
    handles = fourteen["roc-demo.png"].legends[0].get_lines()
    looks = [(one.get_color(), str(one._dash_pattern)) for one in handles]
    assert len(set(looks)) == len(FOURTEEN)
    colours = [colour for colour, _ in looks if not style.is_grey({"color": colour})]
    assert len(colours) == len(set(colours)) == 6
    # The best have them, in the order of the legend.
    assert not any(style.is_grey({"color": colour}) for colour, _ in looks[:6])
    thick = [line for line in lower.get_lines() if line.get_linewidth() > 1]
    assert {line.get_color() for line in thick} == set(colours)
    assert len(upper.get_lines()) > len(FOURTEEN)


def test_up_to_seven_taggers_all_have_colours():
    look = style.styles(map(str, range(7)))
    assert len({one["color"] for one in look.values()}) == 7
    assert not any(map(style.is_grey, look.values()))


def test_scores_fit_their_axes_whichever_panel_has_the_highest_peak():
    edges = np.linspace(0, 1, 51)
    flat, peak = np.ones(50), np.r_[np.ones(49), 200]
    shown = [
        plots.ScoreDistribution("flat", edges, flat, flat),
        plots.ScoreDistribution("sharp", edges, peak, flat),
    ]
    figure = plots.score_distributions(shown, style.styles(["flat", "sharp"]))
    highest = 200 / (249 * 0.02)
    for axes in figure.axes:
        low, high = axes.get_ylim()
        assert low == 0
        assert high > highest


def test_jets_by_observable_are_whole(tmp_path):
    (folder,) = write_validated(tmp_path, demo=0)
    record = jets_page.read_validation(folder)
    shown = {name: record.distributions[name] for name in DISTRIBUTIONS}
    assert cut_off(jets_page.draw_distributions(shown, "demo")) == []
    assert "distributions" in read_json(folder / "validation.json")


#: Whose axes and colour bar have the longest labels.
LONGEST = ImageRecipe(
    rotate=True,
    flip=True,
    centring="hardest",
    channels=[ImageChannel(species="all", weight="count", normalisation="density")],
)


@pytest.mark.parametrize(("name", "recipe"), [*RECIPES.items(), ("longest", LONGEST)])
def test_mean_images_have_whole_labels(name, recipe, jets, tmp_path):
    constituents, labels = jets
    write_jets(tmp_path / "a.npz", constituents[:200], labels[:200])
    make_shard(Images(name, recipe), tmp_path / "a.npz", tmp_path / name)
    (images,) = read_image_sets([tmp_path / name], seed=1, each=2)
    assert cut_off(MeanImages.of(images).drawn()) == []
