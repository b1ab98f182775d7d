import html
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markupsafe import escape

from jetline.configuration.reading import load_yaml, read_configuration
from jetline.core.errors import JetlineError
from jetline.core.files import read_json, write_json
from jetline.evaluation import display
from jetline.evaluation.cuts import figures_of_merit
from jetline.evaluation.display import chance
from jetline.records.comparison import Difference, Summary
from jetline.report import figures_of_merit as printing
from jetline.report import jets_page
from jetline.report import run_page as report
from jetline.report.figures_of_merit import printed
from jetline.report.published import IDENTITY_CLASSES, published
from synthetic_run import CONFIGURATION_SEED, write_drawn_comparison, write_run
from validated import write_validated

ROOT = Path(__file__).parents[3]

# A label is also a folder's name: one with a slash cannot come this far.
HOSTILE = '<script>alert("1")<script>&$x_{$'


class Page(HTMLParser):
    """What a browser would load, link to and show."""

    def __init__(self, text):
        super().__init__()
        self.loaded, self.links, self.shown, self.tags = [], [], "", set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        for name, value in attributes:
            if tag == "a" and name == "href":
                self.links.append(value)
            elif name in ("src", "href", "srcset", "poster", "data", "action"):
                self.loaded.append(value)

    def handle_data(self, text):
        self.shown += text


def write_again(root, output, *datasets):
    """The report of what lies in `root`, with the validations of `demo` and further datasets."""
    validations = [root / "validation" / name for name in ("demo", *datasets)]
    report.write_report(root / "comparison", root / "configuration.json", validations, output)


def make_report(root, described, **settings):
    trainings, evaluations = write_run(root, described, **settings)
    write_drawn_comparison(trainings, evaluations, root / "comparison")
    configuration = {
        "run": HOSTILE if HOSTILE in described else "toy",
        "seed": CONFIGURATION_SEED,
        "datasets": {"demo": {"source": "sample"}},
        "train_on": "demo",
        "test_on": ["demo"],
        "split": {"by": "jet", "train": 0.8, "validation": 0.1, "test": 0.1},
        "seeds": [1, 2],
        "architectures": {label: {"inputs": "particles"} for label in described},
    }
    write_json(root / "configuration.json", configuration)
    write_validated(root / "validation", demo=0)
    write_again(root, root / "report.html")
    return (root / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def made(folder):
    notebook = {"inputs": "images/notebook", "architecture": "cnn", "settings": {"epochs": 6}}
    text = make_report(folder, {"cnn": {"noise": 2.5, **notebook}, "pfn-full": {"noise": 0.1}})
    return text, Page(text), read_json(folder / "comparison" / "comparison.json")


@pytest.fixture(scope="module")
def lone(tmp_path_factory):
    """The report of one tagger, to copy."""
    folder = tmp_path_factory.mktemp("lone")
    make_report(folder, {"pfn": {"noise": 1}}, seeds=(1,), n_jets=200)
    return folder


@pytest.fixture
def own(lone, tmp_path):
    """A copy of it."""
    return shutil.copytree(lone, tmp_path, dirs_exist_ok=True)


def test_the_page_needs_nothing_but_itself(made):
    text, page, _ = made
    assert page.loaded
    assert all(source.startswith("data:") for source in page.loaded)
    assert not page.tags & {"iframe", "object", "embed"}
    assert text.count("<script") == text.count("<script>") == 1
    assert "@import" not in text
    assert not re.findall(r"url\(", text)
    assert len(re.findall('src="data:image/png;base64,', text)) == 5


def test_links_lead_to_sections_of_the_page_or_to_citations(made):
    text, page, _ = made
    for link in page.links:
        if link.startswith("#"):
            assert f'id="{link[1:]}"' in text
        elif not link.startswith(("comparison/", "validation/")):
            assert re.match(r"https://(arxiv\.org/abs|zenodo\.org/records)/", link)


def test_the_files_of_its_numbers_and_figures_are_linked_and_there(made, folder):
    links = {link for link in made[1].links if link.startswith(("comparison/", "validation/"))}
    names = {"comparison.csv", "comparison.json", "comparison.tex", "figures.npz"}
    names |= {"learning-curves.pdf", "roc-demo.pdf", "auc-demo.pdf", "scores-demo.pdf"}
    expected = {f"comparison/{name}" for name in names}
    expected |= {f"validation/demo/validation.{kind}" for kind in ("csv", "json")}
    assert links == expected | {"validation/demo/distributions.pdf"}
    assert all((folder / link).is_file() for link in links)


def test_the_page_on_images_is_linked_from_where_the_report_lies(made, folder, tmp_path):
    told = (folder / "comparison", folder / "configuration.json", [folder / "validation/demo"])
    report.write_report(*told, tmp_path / "report.html", pages={"images": tmp_path / "images.html"})
    page = Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "images.html" in page.links
    assert "images.html" not in made[1].links


def test_the_page_on_explanations_is_linked_where_there_is_one(made, folder, tmp_path):
    told = (folder / "comparison", folder / "configuration.json", [folder / "validation/demo"])
    linked = tmp_path / "explanations.html"
    report.write_report(*told, tmp_path / "deep" / "report.html", pages={"explanations": linked})
    page = Page((tmp_path / "deep" / "report.html").read_text(encoding="utf-8"))
    assert "../explanations.html" in page.links
    assert "What the taggers decide on" in page.shown
    assert "What the taggers decide on" not in made[1].shown


def test_every_figure_stands_in_the_table_with_both_errors(made):
    _, page, written = made
    for row in written["rows"]:
        for summary in row["figures"].values():
            value, errors = display.figure_of_merit(Summary(**summary)).split(" ± ", 1)
            assert f"{value}± {errors}" in page.shown
            assert errors.count("±") == 1


def test_the_gluon_efficiency_stands_below_a_rejection_and_its_bias_is_told(made):
    _, page, written = made
    for row in written["rows"]:
        for summary in row["inverses"].values():
            told = display.share(Summary(**summary))
            assert f"εg = {told}" in page.shown.replace("\u00a0", " ")
    # Some 300 gluon jets, of which few are left at a quark efficiency of 30 %.
    assert "where so few do, 1/εg is too large on average" in page.shown


def test_every_difference_is_told_in_words(made):
    _, page, written = made
    assert written["pairs"]
    for pair in written["pairs"]:
        assert pair["statement"] in page.shown


def test_every_difference_stands_with_both_probabilities(made):
    text, page, written = made
    assert {pair["figure"] for pair in written["pairs"]} == {"auc", "rejection_50", "rejection_30"}
    for pair in written["pairs"]:
        value, errors = printing.difference(Difference(**pair)).split(" ± ", 1)
        assert f"{value}± {errors}" in page.shown
        assert errors.endswith(" %") == (pair["figure"] != "auc")
        for name in ("p_value", "adjusted_p_value"):
            assert f"{escape(display.chance(pair[name]))}</td>" in text


def test_the_published_results_stand_beside_ours_with_their_status(made):
    _, page, _ = made
    results = published()
    assert len(results) == 20
    for entry in results:
        assert entry["method"] in page.shown
        assert entry["figure_status"] in page.shown
    assert "Figures of different training size or identity class" in page.shown
    assert "16\u202f000" in page.shown


def test_a_published_tagger_that_was_trained_before_says_on_how_many_jets(made):
    shown = made[1].shown
    for method in ("ParT fine-tuned", "MIParT-L fine-tuned"):
        row = shown[shown.index(method) :].split("\n")[0]
        assert "1\u202f600\u202f000pre-trained on100 million JetClass jets" in row
    assert shown.count("JetClass jets") == 2


def test_species_numbers_of_our_own_are_told_beside_those_of_the_paper(made, tmp_path):
    view = {"features": "energy_flow", "identity": "experimental"}
    described = {"pfn-ex": {"noise": 1, "identity": "experimental", "view": view}}
    described |= {"cloud": described["pfn-ex"] | {"view": view | {"features": "particle_cloud"}}}
    shown = Page(make_report(tmp_path, described, seeds=(1,), n_jets=200)).shown
    section = shown[shown.index("Beside the published results") :]
    ours, cloud, theirs = (
        section[section.index(start) :].split("\n")[0]
        for start in ("pfn-exthis run", "cloudthis run", "PFN-Ex1810.05165")
    )
    assert "the species numbers are ours: those of PFN-Ex are not public" in ours
    assert "species numbers" not in cloud
    assert "the paper's species numbers are not public: ours are others" in theirs
    assert "species numbers are ours" not in made[1].shown


PUBLISHED_SPLIT = {"by": "file", "train": 0.8, "validation": 0.1, "test": 0.1}


@pytest.mark.parametrize(
    ("sample", "files", "split", "told"),
    [
        ("pythia", 20, PUBLISHED_SPLIT, "Here demo is of that sample: compare"),
        ("pythia", 10, PUBLISHED_SPLIT, "demo is of that sample, but split otherwise"),
        ("pythia", 20, PUBLISHED_SPLIT | {"by": "jet"}, "but split otherwise"),
        (
            "pythia",
            20,
            PUBLISHED_SPLIT | {"duplicates": "refuse"},
            "demo is of that sample: compare",
        ),
        ("pythia", 20, PUBLISHED_SPLIT | {"duplicates": "drop"}, "copies of jets left out"),
        ("pythia-withbc", 20, PUBLISHED_SPLIT, "Nothing here was tested on that sample"),
        ("herwig", 20, PUBLISHED_SPLIT, "Nothing here was tested on that sample"),
    ],
)
def test_it_says_whether_the_published_figures_are_of_the_same_jets(
    folder, made, tmp_path, sample, files, split, told
):
    settings = read_json(folder / "configuration.json") | {"split": split}
    settings["datasets"] = {"demo": {"source": "zenodo", "sample": sample, "files": files}}
    write_json(tmp_path / "configuration.json", settings)
    report.write_report(
        folder / "comparison",
        tmp_path / "configuration.json",
        [folder / "validation/demo"],
        tmp_path / "report.html",
    )
    page = Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert told in page.shown
    assert f"on demo (zenodo {sample})" in page.shown
    assert "Nothing here was tested on that sample" in made[1].shown


def test_cuts_stand_beside_the_taggers_and_the_published_ones(made, folder, tmp_path):
    def row(name, value):
        figure = {"value": value, "low": value - 0.01, "high": value + 0.01, "error": 0.01}
        figures = dict.fromkeys(figures_of_merit(), figure)
        return {"observable": name, "below": True, "threshold": 41.5, "figures": figures}

    rows = [row("sd_mass", 0.71), row("multiplicity", 0.84)]
    write_json(
        tmp_path / "cuts.json", {"dataset": "demo", "jets": {"quark": 1, "gluon": 1}, "rows": rows}
    )
    told = (folder / "comparison", folder / "configuration.json", [folder / "validation/demo"])
    report.write_report(*told, tmp_path / "report.html", cuts=[tmp_path / "cuts.json"])
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    table = text[text.index("Cuts on one observable alone") :]
    assert table.index("multiplicity") < table.index("soft-drop mass") < table.index("</table>")
    assert "≤ 41.5 GeV" in table
    beside = re.sub(r"<[^>]*>", " ", text[text.index('id="published"') :])
    ours = re.search(r"multiplicity\s+this run, on demo \(sample\).*?a cut", beside, re.DOTALL)
    assert "0.840" in ours[0]
    assert "sd_mass" not in beside  # nobody has published it


def test_published_and_own_results_are_grouped_by_identity_class(made):
    _, page, _ = made
    section = page.shown[page.shown.index("Beside the published results") :]
    places = [
        section.index(text)
        for text in (
            IDENTITY_CLASSES["none"],
            "cnnthis run, on demo (sample)",
            "ParticleNet (kinematics)",
            IDENTITY_CLASSES["experimental"],
            "PFN-Ex",
            IDENTITY_CLASSES["full"],
            "pfn-fullthis run, on demo (sample)",
            "PFN-ID",
        )
    ]
    assert places == sorted(places)


def test_the_jets_are_told_with_verdicts_and_what_they_are_compared_with(made, folder):
    _, page, _ = made
    section = page.shown[page.shown.index("Jets of demo") :]
    validation = jets_page.read_validation(folder / "validation/demo")
    assert f"{validation.summary}." in section
    for row in validation.rows:
        for text in (row.quantity, row.cells[0], row.verdict):
            assert text in section
    assert "Pythia 8.226, the first file of Zenodo record 3164691" in section
    assert "side by side" not in section


def test_several_datasets_stand_side_by_side(made, folder):
    write_validated(folder / "validation", tuned=1)
    write_again(folder, folder / "several.html", "tuned")
    page = Page((folder / "several.html").read_text(encoding="utf-8"))
    section = page.shown[page.shown.index("The datasets side by side") :]
    validations = [
        jets_page.read_validation(folder / "validation" / name).rows for name in ("demo", "tuned")
    ]
    for line in jets_page.side_by_side(validations):
        first, second = line["values"]
        assert f"{first['text']}{second['text']}{second['standard_errors']:+.1f}" in section


def test_a_file_that_was_recognised_is_told(own):
    path = own / "validation/demo/validation.json"
    known = "a.npz begins with the jets of QG_jets.npz, Zenodo 3164691."
    write_json(path, read_json(path) | {"recognised": [known]})
    write_again(own, own / "other.html")
    assert known in Page((own / "other.html").read_text(encoding="utf-8")).shown


def test_labels_the_wrong_way_round_are_told_first_and_with_the_jets(own):
    path = own / "validation/demo/validation.json"
    write_json(path, read_json(path) | {"warnings": ["a.npz: the wrong way round?"]})
    write_again(own, own / "other.html")
    shown = Page((own / "other.html").read_text(encoding="utf-8")).shown
    assert shown.count("a.npz: the wrong way round?") == 2
    assert shown.index("Warning. demo, a.npz: the wrong") < shown.index("Means over seeds")


def test_what_to_cite_is_said(made):
    _, page, _ = made
    for source in ("JHEP 01 (2019) 121", "arXiv:1810.05165", "3164691", "3066475"):
        assert source in page.shown


def test_every_heading_of_a_table_says_what_it_heads(made):
    headings = re.findall(r"<th\b[^>]*>", made[0])
    assert len(headings) > 50
    assert all(re.search(r'scope="(col|row|colgroup)"', one) for one in headings)


def test_the_figures_are_told_to_who_cannot_see_them(made):
    text, _, written = made
    alternatives = [html.unescape(one) for one in re.findall(r'<img [^>]*alt="([^"]*)"', text)]
    assert len(alternatives) == 5
    for row in written["rows"]:
        for name in ("auc", "rejection_50", "rejection_30", "accuracy"):
            told = printed(name, Summary(**row["figures"][name]))
            assert sum(f"{row['label']}: " in one and told in one for one in alternatives) == 1
    assert any("Best epoch: pfn-full (seed 1) 5 of 6; " in one for one in alternatives)
    assert any("multiplicity, mean 33." in one for one in alternatives)


def test_the_taggers_stand_by_auc_and_the_auc_first(made):
    text, _, written = made
    table = text[text.index('id="results"') :]
    labels = re.findall(r'<tr><th scope="row">([^<]*)</th>', table)[: len(written["rows"])]
    auc = {row["label"]: row["figures"]["auc"]["value"] for row in written["rows"]}
    assert labels == sorted(auc, key=auc.__getitem__, reverse=True) == ["pfn-full", "cnn"]
    shown = re.sub(r"<[^>]*>", " ", table)
    assert re.search(r"Label\s+AUC ↑\s+Accuracy", shown)


def test_the_settings_come_after_the_results_with_how_to_make_them_again(made, folder):
    _, page, _ = made
    settings = page.shown.index("What was run", page.shown.index("Learning curves"))
    again = f"snakemake --cores all --configfile {folder}/configuration.json"
    assert page.shown.index(again) > settings
    assert "make ui or jetline ui results" in page.shown


def test_the_results_folder_is_that_of_the_run(folder, made, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    configuration = Path("else/where/runs/toy/configuration.json")
    write_json(configuration, read_json(folder / "configuration.json"))
    told = (folder / "comparison", configuration, [folder / "validation/demo"])
    report.write_report(*told, tmp_path / "report.html")
    assert "jetline ui else/where," in Page((tmp_path / "report.html").read_text()).shown


@pytest.mark.parametrize("path", sorted((ROOT / "config").glob("*.yaml")), ids=lambda one: one.stem)
def test_the_configuration_that_is_named_gives_the_same_run(path, tmp_path):
    configuration = read_configuration(load_yaml(path))
    written = configuration.model_dump(mode="json")
    write_json(tmp_path / "configuration.json", written)
    again = read_configuration(load_yaml(tmp_path / "configuration.json"))
    assert again.model_dump(mode="json") == written


def test_of_many_taggers_a_matrix_shows_what_holds_for_all_pairs_together(tmp_path):
    described = {f"tagger-{place}": {"noise": 0.3 + 0.5 * place} for place in range(5)}
    text = make_report(tmp_path, described, n_jets=400)
    pairs = read_json(tmp_path / "comparison/comparison.json")["pairs"]
    pairs = [pair for pair in pairs if pair["figure"] == "auc"]
    matrix = text[text.index('<table class="matrix">') :]
    matrix = matrix[: matrix.index("</table>")]
    cells = re.findall(r'<td class="([^"]*)" title="([^"]*)">(.*?)</td>', matrix)
    assert len(cells) == len(pairs) == 10
    for pair in pairs:
        (cell,) = (one for one in cells if html.unescape(one[1]) == pair["statement"])
        assert cell[0] == pair["adjusted_verdict"].replace(" ", "-")
        assert ("●" in cell[2]) == (pair["adjusted_verdict"] == "significant")
        value, error = display.with_errors(pair["difference"], [pair["error"]]).split(" ± ")
        assert f"{value}<small>± {error}</small>" in cell[2]
        assert f"p {html.escape(chance(pair['adjusted_p_value']))}" in cell[2]
    folded = text[text.index("</table>", text.index('<table class="matrix">')) :]
    assert folded.index("<details>") < folded.index(html.escape(pairs[-1]["statement"]))


def test_a_difference_that_many_pairs_may_bring_is_told_with_that(tmp_path, made, folder):
    text, told = made[0], "Among all pairs of taggers together it is not significant"
    assert told not in text
    compared = read_json(folder / "comparison/comparison.json")
    changed = {"adjusted_p_value": 0.2, "adjusted_verdict": "not significant"}
    compared["pairs"] = [pair | changed for pair in compared["pairs"]]
    shutil.copytree(folder / "comparison", tmp_path / "comparison")
    write_json(tmp_path / "comparison/comparison.json", compared)
    known = (folder / "configuration.json", [folder / "validation/demo"])
    report.write_report(tmp_path / "comparison", *known, tmp_path / "report.html")
    assert told in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_in_what_a_network_multiplied_is_said(made, tmp_path):
    rounded = {"pfn": {"noise": 1, "numerics": {"products": "tf32"}}}
    page = Page(make_report(tmp_path, rounded, seeds=(1,), n_jets=200))
    assert "Products in" in page.shown
    assert "tf32" in page.shown
    assert "tf32" not in made[1].shown


def test_versions_and_commit_are_said(made):
    _, page, _ = made
    assert page.shown.index("0123456789abcdef") < page.shown.index("Results")
    assert "3.15.1" in page.shown


def test_the_flaw_of_the_notebook_images_is_told_where_they_are_used(made, lone):
    assert "padding included" in made[1].shown
    assert "The images of cnn have a known flaw" in made[1].shown
    without = Page((lone / "report.html").read_text(encoding="utf-8"))
    assert "known flaw" not in without.shown


def test_a_hostile_name_is_shown_and_not_obeyed(tmp_path):
    described = {"cnn": {"noise": 1}, HOSTILE: {"noise": 2}}
    text = make_report(tmp_path, described, n_jets=200)
    page = Page(text)
    assert text.count("<script") == 1  # our own
    assert HOSTILE in page.shown


def test_a_comparison_without_its_figures_is_a_clear_error(own):
    (own / "comparison" / "roc-demo.png").unlink()
    with pytest.raises(JetlineError, match=r"roc-demo\.png"):
        write_again(own, own / "other.html")
    assert not (own / "other.html").exists()


def test_the_report_tells_which_share_of_the_jets_was_left_out(folder, made, tmp_path):
    settings = read_json(folder / "configuration.json")
    settings["split"] |= {"train": 0.2, "validation": 0.05}
    write_json(tmp_path / "configuration.json", settings)
    report.write_report(
        folder / "comparison",
        tmp_path / "configuration.json",
        [folder / "validation/demo"],
        tmp_path / "report.html",
    )
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "training 0.2; validation 0.05; test 0.1; left out 0.65<" in text
    assert "left out" not in re.search("<dt>Split</dt>.*", made[0])[0]


def test_the_report_tells_how_folds_split_the_jets(folder, tmp_path):
    settings = read_json(folder / "configuration.json") | {"folds": 4, "split": {"by": "file"}}
    settings["datasets"] = {"demo": {"source": "zenodo", "sample": "pythia", "files": 20}}
    write_json(tmp_path / "configuration.json", settings)
    report.write_report(
        folder / "comparison",
        tmp_path / "configuration.json",
        [folder / "validation/demo"],
        tmp_path / "report.html",
    )
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    (split,) = re.findall("<dt>Split</dt><dd>(.*)</dd>", text)
    assert split == (
        "4 folds by file: the tagger of each tests on its part, validates on the next and trains "
        "on all others, so that each jet is scored by one that has not seen it"
    )
    assert "training (demo, mean over folds)" in text
    assert "one line for each seed, the mean over its folds" in text
    assert "demo is of that sample, but split otherwise" in text


@pytest.mark.parametrize("missing", ["split", "datasets"])
def test_a_configuration_of_another_kind_is_a_clear_error(own, missing):
    settings = read_json(own / "configuration.json")
    del settings[missing]
    write_json(own / "configuration.json", settings)
    with pytest.raises(JetlineError, match=rf"(?s)configuration\.json.*{missing}"):
        write_again(own, own / "other.html")
    assert not (own / "other.html").exists()
