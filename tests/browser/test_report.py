"""The report and the page on images as somebody reads them: on a phone, in the dark, on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reported_run import FOURTEEN, TWO, write_reported_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

WIDTHS = [380, 800, 1400]
#: Paper as narrow as a phone, as wide as A4 between its margins, and wider.
PAPER = [380, 720, 800, 1400]

CUT = """() => [...document.querySelectorAll(".scroll, .frame")]
    .filter((box) => box.scrollWidth > box.clientWidth).map((box) => box.innerText.slice(0, 80))"""
BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
BROKEN = """() => [...document.images]
    .filter((image) => !(image.complete && image.naturalWidth > 0)).map((image) => image.alt)"""
FIRST_COLUMN = "(table) => [...table.tBodies[0].rows].map((row) => row.cells[0].innerText)"


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    return write_reported_run(folder, TWO, (1, 2), ("demo",), 500)


@pytest.fixture(scope="module")
def fourteen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fourteen")
    return write_reported_run(folder, FOURTEEN, (1, 2, 3), ("demo", "herwig"), 1000)


@pytest.fixture
def opened(browser: Browser) -> Iterator:
    """Open a file, and hold at the end that nothing was complained of and nothing asked for."""
    complaints, requested, pages = [], [], []

    def open_file(path, width=1400, scheme="light", media="screen", **context) -> Page:
        page = browser.new_page(
            viewport={"width": width, "height": 900}, color_scheme=scheme, **context
        )
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requested.append(request.url))
        page.emulate_media(media=media)
        page.goto(path.as_uri())
        pages.append(page)
        return page

    yield open_file
    for page in pages:
        page.close()
    assert complaints == []
    assert [url for url in requested if not url.startswith(("file:", "data:"))] == []


@pytest.fixture(params=["two", "fourteen"])
def report(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("name", ["report.html", "images.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_fits_a_screen_and_has_its_pictures(report, opened, name, scheme, width):
    page = opened(report.with_name(name), width, scheme)
    assert page.evaluate(BEYOND) <= 0
    assert page.evaluate(BROKEN) == []
    # Of each test dataset eight, and the learning curves; of each recipe one.
    datasets = 2 if report.parent.name.startswith("fourteen") else 1
    figures = {"report.html": 8 * datasets + 1, "images.html": 2}
    assert page.locator("figure img").count() == figures[name]
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (scheme == "dark")


@pytest.mark.parametrize("name", ["report.html", "images.html"])
@pytest.mark.parametrize("width", PAPER)
def test_a_page_fits_paper_whose_colours_and_folded_parts_are_there(report, opened, name, width):
    page = opened(report.with_name(name), width, "dark", "print")
    assert page.evaluate(BEYOND) <= 0
    assert page.evaluate(BROKEN) == []
    style = "getComputedStyle(document.body)"
    assert page.evaluate(f"{style}.backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate(f"{style}.printColorAdjust") == "exact"
    for heading in page.locator("h2, h3, h4").all():
        assert heading.evaluate("one => getComputedStyle(one).breakAfter") == "avoid"
    for figure in page.locator("figure").all():
        assert figure.evaluate("one => getComputedStyle(one).breakInside") == "avoid"
    for folded in page.locator("details").all():
        inside = folded.locator(":scope > :not(summary)").first
        assert inside.bounding_box()["height"] > 20
    assert len(page.pdf()) > 10_000


@pytest.mark.parametrize("width", [380, 480])
def test_on_narrow_paper_every_figure_stands_below_its_heading(report, opened, width):
    page = opened(report, width, media="print")
    table = page.locator("table.sortable").first
    assert table.locator("thead").is_hidden()
    row = table.locator("tbody tr").first
    told = row.locator("th, td").evaluate_all(
        "(cells) => cells.map((one) => getComputedStyle(one, '::before').content)"
    )
    assert told[:4] == ['"Label: "', '"AUC ↑"', '"Accuracy ↑"', '"1/εg ↑ at εq = 50 %"']
    places = [cell.bounding_box() for cell in row.locator("td").all()]
    assert all(place["x"] + place["width"] <= width for place in places)
    assert len({place["y"] for place in places}) > 1
    # Headings in two rows are told together.
    below = page.locator("#calibration ~ details table").nth(1).locator("tbody td").nth(3)
    assert below.get_attribute("data-heading") == "As it is, Bias [%]"


def test_without_scripts_tables_fit_narrow_paper_too(report, opened):
    page = opened(report, 380, media="print", java_script_enabled=False)
    assert page.evaluate(BEYOND) <= 0


def test_nothing_is_cut_on_a_wide_screen(report, opened):
    page = opened(report)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate(CUT) == []
    column = page.locator(".scroll").first.bounding_box()["width"]
    assert page.locator("figure img").count() == page.locator("figure .frame img").count()
    for picture in page.locator("figure img").all():
        assert picture.bounding_box()["width"] > 0.8 * column


@pytest.mark.parametrize("width", WIDTHS)
def test_the_answer_comes_before_the_settings(report, opened, width):
    page = opened(report, width)
    tops = [
        page.locator(place).first.bounding_box()["y"]
        for place in (".lead strong", "#results", "td[data-value]", "#differences", "#run")
    ]
    assert tops == sorted(tops)
    first = page.locator("table.sortable").first
    assert first.locator("thead th").nth(1).inner_text().startswith("AUC")
    auc = first.locator("tbody td").first.bounding_box()
    assert auc["x"] + auc["width"] < width


def test_the_report_of_many_is_not_much_longer_than_it_needs_to_be(fourteen, opened):
    page = opened(fourteen)
    assert page.evaluate("document.documentElement.scrollHeight") < 30_000
    assert page.locator("table.matrix").count() == 2
    assert page.locator("table.matrix").first.locator("td:not(:empty)").count() == 14 * 13 / 2
    assert page.locator("table.list").first.is_hidden()


def test_tables_are_sorted_by_a_click_and_by_a_key(fourteen, opened):
    page = opened(fourteen)
    table = page.locator("table.sortable").first
    headings = table.locator("thead th")
    order = table.evaluate(FIRST_COLUMN)
    assert sorted(order) == sorted(FOURTEEN)
    assert order != sorted(FOURTEEN)
    assert headings.nth(1).get_attribute("aria-sort") == "descending"

    headings.nth(0).get_by_role("button").click()
    assert table.evaluate(FIRST_COLUMN) == sorted(order)
    assert headings.nth(0).get_attribute("aria-sort") == "ascending"
    assert headings.nth(1).get_attribute("aria-sort") is None

    # The next heading by the keyboard; the best first, whichever direction that is.
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert table.evaluate(FIRST_COLUMN) == order
    assert headings.nth(1).get_attribute("aria-sort") == "descending"
    page.keyboard.press("Space")
    assert table.evaluate(FIRST_COLUMN) == order[::-1]
    assert headings.nth(1).get_attribute("aria-sort") == "ascending"
    headings.filter(has_text="Log loss").get_by_role("button").click()
    losses = table.evaluate(
        "(table) => [...table.tBodies[0].rows].map((row) => Number(row.cells[5].dataset.value))"
    )
    assert losses == sorted(losses)


def test_without_scripts_the_tables_stand_by_auc(fourteen, opened):
    page = opened(fourteen, java_script_enabled=False)
    table = page.locator("table.sortable").first
    values = [
        float(one.split("\n")[0]) for one in table.locator("td:nth-child(2)").all_inner_texts()
    ]
    assert values == sorted(values, reverse=True)
    assert page.locator("th button").count() == 0
    page.locator("summary").first.click()
    assert page.locator("details").first.get_attribute("open") is not None


def test_every_link_leads_somewhere_also_from_a_copy_inside_another_report(two, opened, tmp_path):
    page = opened(two)
    page.get_by_role("link", name="Their images").click()
    assert page.title().startswith("Jet images")
    copy = tmp_path / "data/raw/0123456789/report.html"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(two.read_bytes())
    page = opened(copy)
    assert page.get_by_role("link", name="Their images").count() == 0
    assert page.get_by_text("in Snakemake's report under “Jets”").is_visible()
    links = page.locator("a").evaluate_all("(all) => all.map((one) => one.getAttribute('href'))")
    assert all(link.startswith(("#", "https://")) for link in links)


def test_the_keyboard_steps_through_the_gallery(two, opened):
    page = opened(two.with_name("images.html"))
    told = page.locator(".told").first
    jets = page.locator(".sheet").first.locator("button")
    first, second = jets.nth(0).get_attribute("title"), jets.nth(1).get_attribute("title")
    picture = page.locator(".stage img").first
    assert picture.get_attribute("alt").endswith(first)
    before = picture.get_attribute("src")
    page.keyboard.press("ArrowRight")
    assert picture.get_attribute("alt").endswith(second)
    assert picture.get_attribute("src") != before
    assert told.inner_text().split()[0] == second.split()[0]
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert jets.last.get_attribute("aria-current") == "true"
    slider = page.locator("input").first
    slider.focus()
    page.keyboard.press("Home")
    assert jets.first.get_attribute("aria-current") == "true"
    jets.nth(2).focus()
    page.keyboard.press("Enter")
    assert jets.nth(2).get_attribute("aria-current") == "true"
