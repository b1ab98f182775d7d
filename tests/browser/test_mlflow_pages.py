"""MLflow's pages as somebody sees them who has run the workflow and types `make ui`."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from playwright.sync_api import expect

from jetline.core.files import write_text
from jetline.report.training_plots import draw_training
from jetline.tracking.comparison import start_comparison, track_comparison
from jetline.tracking.trainings import complete
from services import free_port, mlflow_server
from synthetic_run import write_drawn_comparison, write_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

JETLINE = Path(sys.executable).with_name("jetline")
ARCHITECTURES = {"worse": {"noise": 2.0}, "better": {"noise": 0.2}}
RUNS = [f"toy/{label}/seed-{seed}" for label in ARCHITECTURES for seed in (1, 2)]
#: Names of their links; a slash would end the browser's pattern.
OF_A_TRAINING = re.compile("^toy.(worse|better).seed")
#: Milliseconds; the pages are slow where tests run beside.
PATIENCE = 60_000


class Tracked(NamedTuple):
    """A results folder, and the files that the tracking wrote."""

    results: Path
    comparison: dict


def track_run(folder: Path) -> Path:
    """Track a small run into folder/results, which `MLFLOW_TRACKING_URI` may lead elsewhere."""
    results = folder / "results"
    trainings, evaluations = write_run(folder / "run", ARCHITECTURES, n_jets=2000)
    write_drawn_comparison(trainings, evaluations, folder / "run/comparison")
    write_text(folder / "report.html", "<!doctype html><title>Report</title><p>The report")
    start_comparison(results, "toy")
    tracked = []
    for training, evaluation in zip(trainings, evaluations, strict=True):
        write_text(training / "model.keras", "a model")
        tracked.append(folder / f"tracked/{training.parent.name}-{training.name}.json")

        def draw(pictures: Path, training=training, evaluation=evaluation) -> None:
            draw_training(training, [evaluation], pictures)

        complete(results, training, [evaluation], draw, tracked[-1])
    output = folder / "tracked/comparison.json"
    pages = [folder / "report.html"]
    track_comparison(results, "toy", folder / "run/comparison", pages, [], tracked, output)
    return results


@contextlib.contextmanager
def user_interface(results: Path) -> Iterator[tuple[subprocess.Popen, list[str]]]:
    """Run `jetline ui`, and give its process and what it printed until the pages were there."""
    process = subprocess.Popen(
        [JETLINE, "ui", results],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # As in a terminal, where a key sends the signal to all of a group.
        start_new_session=True,
    )
    try:
        lines = []
        while not lines or "charts:" not in lines[-1]:
            lines.append(process.stdout.readline())
            assert lines[-1], lines
        yield process, lines
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=60)


def links(lines: list[str]) -> list[str]:
    return [re.search(r"http://\S+", line)[0] for line in lines if "http://" in line]


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        return track_run(tmp_path_factory.mktemp("tracked"))


@pytest.fixture(scope="module")
def pages(results) -> Iterator[dict[str, str]]:
    with user_interface(results) as (_, lines):
        table, charts = links(lines)
        yield {"table": table, "charts": charts, "server": table.split("/#")[0]}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1400, "height": 900})
    opened.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield opened
    opened.close()


def runs_shown(page: Page) -> list[str]:
    """Names of the runs in the table, from top to bottom."""
    names = page.get_by_role("link", name=OF_A_TRAINING)
    expect(names).to_have_count(len(RUNS))
    places = {name.inner_text(): name.bounding_box()["y"] for name in names.all()}
    return sorted(places, key=places.__getitem__)


def test_the_table_shows_the_trainings_by_their_auc(page, pages):
    requested = set()
    page.on("request", lambda request: requested.add(request.url.split("/")[2]))
    page.goto(pages["table"])
    shown = runs_shown(page)
    assert [name.split("/")[1] for name in shown] == ["better", "better", "worse", "worse"]
    expect(page.get_by_text("test/demo/auc", exact=True).first).to_be_visible()
    assert page.get_by_text(re.compile(r"^0\.8\d+")).count() >= 2
    # Nobody else is told of it.
    assert requested <= {pages["server"].removeprefix("http://")}


def test_two_runs_are_compared_with_parallel_coordinates(page, pages):
    page.goto(pages["table"])
    runs_shown(page)
    boxes = page.get_by_role("checkbox")
    for number in (1, 3):
        boxes.nth(number).check()
    page.get_by_role("button", name=re.compile("^Compare")).click()
    expect(page.get_by_text("Parallel Coordinates Plot").first).to_be_visible()
    expect(page.get_by_text("Comparing 2 Runs").first).to_be_visible()


def test_the_charts_show_every_epoch(page, pages):
    page.goto(pages["charts"])
    runs_shown(page)
    page.get_by_placeholder("Search metric charts").fill("validation_auc")
    expect(page.get_by_text("validation_auc").first).to_be_visible()
    expect(page.locator(".js-plotly-plot .scatterlayer .trace").first).to_be_attached()


def test_a_run_shows_its_figures_and_pictures(page, pages):
    page.goto(pages["table"])
    runs_shown(page)
    page.get_by_role("link", name="toy/better/seed-1").click()
    expect(page.get_by_text("1/ε_g at ε_q = 50 %").first).to_be_attached()
    expect(page.get_by_role("link", name="toy", exact=True).first).to_be_visible()
    page.get_by_text("Artifacts", exact=True).first.click()
    page.get_by_text("pictures", exact=True).first.click()
    for name in ("roc-demo.png", "scores-demo.png", "learning-curve.png"):
        page.get_by_text(name, exact=True).first.click()
        picture = page.locator("img[src^=blob], img[src*=get-artifact], .artifact-image img").first
        expect(picture).to_be_visible()
        assert picture.evaluate("image => image.naturalWidth") > 300


def test_the_comparison_shows_a_table_of_its_taggers(page, pages):
    page.goto(pages["table"])
    runs_shown(page)
    page.get_by_role("link", name="toy/better/seed-1").click()
    page.get_by_role("link", name="toy", exact=True).first.click()
    expect(page.get_by_text("The report is the artifact").first).to_be_attached()
    expect(page.get_by_role("link", name=OF_A_TRAINING).nth(len(RUNS) - 1)).to_be_attached()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_pages_are_light_and_end_quietly_with_all_that_they_started(results, number):
    with user_interface(results) as (process, lines):
        assert len(links(lines)) == 2
        assert lines[-1] == lines[-2].replace("table: ", "charts:").rstrip() + (
            "&compareRunsMode=CHART\n"
        )
        started = children(process.pid)
        assert len(started) == 2
        os.kill(process.pid, number)
        told = process.communicate(timeout=60)[0]
        assert process.returncode == 0
        assert told.strip() == ""
        deadline = time.monotonic() + 10
        while any(Path(f"/proc/{one}").exists() for one in started):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def children(process: int) -> list[int]:
    """Processes that a process has started, and those that they have."""
    direct = [
        int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()
    ]
    return direct + [below for one in direct for below in children(one)]


def test_another_port_is_taken_where_the_usual_one_is_in_use(results, pages):
    with user_interface(results) as (_, lines):
        assert links(lines)[0].split("/#")[0] != pages["server"]


def test_the_pages_of_a_server_are_named_there(tmp_path, monkeypatch, page):
    with mlflow_server(f"sqlite:///{tmp_path}/mlflow.db", tmp_path, free_port()) as address:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        results = track_run(tmp_path)
        assert not (results / "mlflow.db").exists()
        told = subprocess.run([JETLINE, "ui", results], capture_output=True, text=True, check=True)
        table, charts = links(told.stdout.splitlines())
        assert table.startswith(f"{address}/#/")
        page.goto(charts)
        assert len(runs_shown(page)) == len(RUNS)


def test_the_pages_of_a_folder_of_any_name(tmp_path, page, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    results = tmp_path / "a 'b' ?c #d %20 ü"
    start_comparison(results, "toy")
    with user_interface(results) as (_, lines):
        page.goto(links(lines)[0])
        expect(page.get_by_text("Model training").first).to_be_visible()


def test_without_a_run_there_is_nothing_to_show(tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    told = subprocess.run([JETLINE, "ui", tmp_path], capture_output=True, text=True)
    assert told.returncode == 1
    assert "make demo" in told.stderr
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    told = subprocess.run([JETLINE, "ui", tmp_path], capture_output=True, text=True)
    assert told.returncode == 1
    assert "Connection refused" in told.stderr
    assert "Traceback" not in told.stderr
