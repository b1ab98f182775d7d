"""The page on explanations shows what was found, and says where it is worthless."""

from __future__ import annotations

import re

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.core.files import write_arrays
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.records.explanation import (
    Attention,
    AttentionOf,
    Completeness,
    Correlation,
    ExplanationRecord,
    GroupSums,
    Importance,
    Mean,
    Surrogate,
    WeightsCheck,
)
from jetline.records.lund import LundPlane, LundRecord
from jetline.report.explained_taggers import Joined, read_explained
from jetline.report.explanation_page import write_explanations
from jetline.report.explanation_plots import figures_of
from jetline.report.lund_plots import LundPlanes

CLASSES = ("w", "z", "top")


def record(label="pfn", seed=1, survives=False, added=0.5, **told) -> ExplanationRecord:
    sums = [
        GroupSums(
            of=of,
            by=by,
            groups=["<b>one</b>", "other"],
            added=[Mean(value=added, error=0.03), Mean(value=-0.1, error=0.04)],
            presence=[0.1, 0.1],
            left_out=[Mean(value=0.2, error=0.01), None],
            particles=[3, 0.1],
        )
        for of in CLASSES
        for by in ("species", "z", "distance")
    ]
    return ExplanationRecord(
        **{
            "label": label,
            "seed": seed,
            "dataset": "demo",
            "inputs": "particles",
            "architecture": "pfn",
            "classes": CLASSES,
            "jets": dict.fromkeys(CLASSES, 10),
            "baselines": 2,
            "steps": 8,
            "completeness": Completeness(relative=0.01, largest=0.03),
            "check": WeightsCheck(magnitudes=0.6, signed=0.1, survives=survives),
            "sums": sums,
        }
        | told
    )


def written(folder, *records, **arrays):
    files = []
    for number, one in enumerate(records):
        path = folder / str(number) / "explanation.json"
        one.write(path)
        write_arrays(path.with_suffix(".npz"), **arrays)
        files.append(path)
    return files


def jets():
    numbers = np.random.default_rng(1)
    return {f"jet_{kind}_0": numbers.random((9, 5)) for kind in range(3)}


def test_trainings_of_a_label_are_shown_together(tmp_path):
    files = written(tmp_path, record(seed=1, added=0.4), record(seed=2, added=0.6), **jets())
    (found,) = read_explained(files)
    assert found.classes == ["w", "z", "top"]
    one, other = found.added("top", "z")
    assert one.value == pytest.approx(0.5)
    # The error from the jets, and the spread of 0.4 and 0.6.
    assert one.error == pytest.approx(np.hypot(0.03, 0.2 / np.sqrt(2)))
    assert (other.value, other.error) == pytest.approx((-0.1, 0.04))
    assert found.left_out("top", "z")[1] is None
    assert found.presence("w").value == pytest.approx((0.2 / 0.3 + 0.2 / 0.5) / 2)


def test_the_page_shows_every_tagger_and_its_figures(tmp_path):
    told = {
        "correlations": [Correlation(of="top", observable="mass", value=0.8)],
        "surrogates": [Surrogate(of="top", explained=0.71, agreement=0.9)],
    }
    trees = [
        Importance(
            observables=["mass", "tau_1"],
            shapley=Mean(value=1.0, error=0.1),
            permutation=Mean(value=0.2, error=0.01),
        )
    ]
    files = written(tmp_path, record(**told), **jets())
    grown = record("trees", sums=[], check=None, importances=trees)
    files += written(tmp_path / "trees", grown, labels=np.zeros(3))
    write_explanations(files, tmp_path / "page.html", tmp_path / "figures")
    text = (tmp_path / "page.html").read_text()
    assert text.count("<img ") == 3
    assert re.search(r"reproduce 71\s*% of the variance of the decision for top", text)
    assert "Worthless" not in text
    assert "<b>one</b>" not in text
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {
        f"{name}.{ending}"
        for name in ("pfn-groups", "pfn-jets", "trees-importances")
        for ending in ("png", "pdf")
    }


def test_an_explanation_that_survives_shuffled_weights_is_said_to_be_worthless(tmp_path):
    files = written(tmp_path, record(survives=True), **jets())
    write_explanations(files, tmp_path / "page.html")
    assert "Worthless as it stands" in (tmp_path / "page.html").read_text()


def test_an_incomplete_explanation_is_said_to_be(tmp_path):
    incomplete = record(completeness=Completeness(relative=0.2, largest=0.5))
    write_explanations(written(tmp_path, incomplete, **jets()), tmp_path / "page.html")
    assert "raise <code>steps</code>" in (tmp_path / "page.html").read_text()


def test_maps_of_pixels_and_filters_are_drawn(tmp_path):
    numbers = np.random.default_rng(2)
    arrays = {}
    for kind in range(3):
        arrays[f"mean_added_{kind}"] = numbers.normal(size=(5, 5, 2))
        arrays[f"added_{kind}_0"] = numbers.normal(size=(5, 5, 2))
        arrays[f"mean_image_{kind}"] = numbers.random((5, 5, 2))
        arrays[f"image_{kind}_0"] = numbers.random((5, 5, 2))
    arrays |= {
        "filters": numbers.random((4, 10, 12)),
        "filter_distances": np.array([0.1, np.nan, 0.2, np.nan]),
        "filter_areas": np.array([0.01, np.nan, 0.04, np.nan]),
        "filter_radius": np.array(0.4),
    }
    files = written(tmp_path, record(sums=[]), **arrays)
    write_explanations(files, tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text().count("<img ") == 2


def test_without_filters_that_have_a_place_there_is_a_figure_nevertheless(tmp_path):
    arrays = {
        "filters": np.zeros((2, 10, 12)),
        "filter_distances": np.full(2, np.nan),
        "filter_areas": np.full(2, np.nan),
        "filter_radius": np.array(0.4),
    }
    write_explanations(written(tmp_path, record(sums=[]), **arrays), tmp_path / "page.html")


def test_a_missing_explanation_is_told(tmp_path):
    with pytest.raises(JetlineError, match="no such file"):
        write_explanations([tmp_path / "explanation.json"], tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_a_single_training_has_the_error_of_its_jets():
    assert Joined.of([Mean(value=1, error=0.2)], [1]) == Joined(1, 0.2)


def test_folds_are_asked_about_jets_of_their_own_and_seeds_about_the_same(tmp_path):
    means = [Mean(value=value, error=0.2) for value in (1, 3, 2, 6)]
    folds = Joined.of(means, [1, 1, 2, 2])
    assert folds.value == 3
    # Two folds of a seed have half the squared error; the seeds' means are 2 and 4.
    assert folds.error == pytest.approx(np.hypot(0.2 / np.sqrt(2), np.sqrt(2)))
    assert Joined.spread([1, 3, 2, 6], [1, 1, 2, 2]).error == pytest.approx(np.sqrt(2))
    write_explanations(written(tmp_path, *[record(), record()], **jets()), tmp_path / "page.html")
    assert "1 training of 2 folds each" in (tmp_path / "page.html").read_text()


def test_of_many_classes_groups_stand_as_a_matrix_and_one_jet_of_each_is_drawn(tmp_path):
    classes = tuple(f"class {number}" for number in range(10))
    sums = [
        one.model_copy(update={"of": of})
        for of in classes
        for one in record().sums
        if one.of == "w"
    ]
    told = {"classes": classes, "jets": dict.fromkeys(classes, 10), "sums": sums}
    numbers = np.random.default_rng(1)
    drawn = {f"jet_{kind}_{n}": numbers.random((9, 5)) for kind in range(10) for n in (0, 1)}
    (found,) = read_explained(written(tmp_path, record(**told), **drawn))
    figures = figures_of(found)
    # Three ways to group by two methods, and a bar of colours for each method.
    assert len(figures["groups"].axes) == 8
    assert len(figures["jets"].axes) == 11


def test_groups_that_no_jet_has_particles_of_are_left_out(tmp_path):
    empty = [one.model_copy(update={"particles": [3, 0]}) for one in record().sums]
    (found,) = read_explained(written(tmp_path, record(sums=empty), **jets()))
    assert found.groups("z") == [(0, "<b>one</b>")]


def test_sums_by_species_of_a_network_that_is_not_told_them_are_said_to_be_a_correlation(tmp_path):
    for identity in ("none", "full"):
        files = written(tmp_path, record(identity=identity), **jets())
        write_explanations(files, tmp_path / f"{identity}.html")
    assert "not told species" in (tmp_path / "none.html").read_text()
    assert "not told species" not in (tmp_path / "full.html").read_text()


def test_maps_of_pixels_have_the_axes_of_the_recipe(tmp_path):
    recipe = RECIPES["notebook"]
    arrays = {}
    for kind in range(2):
        for name in ("mean_added_{}", "mean_image_{}", "added_{}_0", "image_{}_0"):
            arrays[name.format(kind)] = np.ones(recipe.shape)
    told = {"classes": ("gluon", "quark"), "jets": {"gluon": 5, "quark": 5}, "sums": []}
    jets_of = record(**told, recipe=recipe.model_dump(mode="json"))
    pictures_of = record("digits", **told, inputs="pictures")
    files = written(tmp_path / "jets", jets_of, **arrays)
    files += written(tmp_path / "pictures", pictures_of, **arrays)
    of_jets, of_pictures = (figures_of(found)["pixels"] for found in read_explained(files))
    assert of_jets.subfigs[0].get_supxlabel().startswith("rapidity")
    assert of_jets.axes[0].get_xlim() == recipe.rapidity
    assert of_jets.axes[0].get_ylim() == recipe.azimuth
    assert of_pictures.subfigs[0].get_supxlabel() == "column [pixels]"
    assert of_pictures.axes[0].yaxis_inverted()


def lund_planes(folder, classes):
    numbers = np.random.default_rng(3)
    mean = Mean(value=2.5, error=0.125)
    planes = [LundPlane(of=of, emissions=mean, hard=mean, shown=1) for of in classes]
    jets_of = dict.fromkeys(classes, 10)
    LundRecord(dataset="demo", classes=classes, jets=jets_of, planes=planes).write(
        folder / "lund-planes.json"
    )
    arrays = {"ln_angle": np.linspace(0, 7, 5), "ln_kt": np.linspace(-5, 6, 4)}
    for number in range(len(classes)):
        arrays[f"density_{number}"] = numbers.random((4, 3))
        arrays[f"error_{number}"] = numbers.random((4, 3)) / 100
    write_arrays(folder / "lund-planes.npz", **arrays)
    return folder / "lund-planes.json"


@pytest.mark.parametrize("count", [2, 10])
def test_lund_planes_stand_by_class_and_two_beside_their_ratio(count, tmp_path):
    path = lund_planes(tmp_path, tuple(f"class {number}" for number in range(count)))
    planes = LundPlanes.read(path)
    # Each plane, of two the ratio, and a bar of colours for both.
    assert len(planes.drawn().axes) == {2: 3 + 2, 10: 10 + 1}[count]
    write_explanations(written(tmp_path, record(), **jets()), tmp_path / "page.html", None, path)
    text = (tmp_path / "page.html").read_text()
    assert "No tagger has a part in this" in text
    assert text.count("<td>2.50 ± 0.12</td><td>2.500 ± 0.125</td>") == count


def test_attention_is_drawn_and_its_core_told(tmp_path):
    arrays = {"ln_angle": np.linspace(0, 7, 5), "ln_kt": np.linspace(-5, 6, 4)}
    for kind in range(3):
        arrays[f"attention_{kind}"] = np.full((4, 3), 0.5)
        arrays[f"attended_{kind}"] = np.full((4, 3), 100)
    of_classes = [
        AttentionOf(of=of, core=Mean(value=3, error=0.1), token=Mean(value=0.2, error=0.01))
        for of in CLASSES
    ]
    told = record(sums=[], attention=Attention(of_classes=of_classes, shuffled=0.25))
    files = written(tmp_path, told, **arrays)
    write_explanations(files, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    assert "3.00 ± 0.10 even shares on w jets" in text
    assert "rank correlation of the shares is 0.25" in text
    assert len(figures_of(read_explained(files)[0])["attention"].axes) == 4
