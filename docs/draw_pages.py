"""Take the pictures of MLflow's pages in docs/images, of a finished run: draw_pages.py RESULTS."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).parent / "images"
#: Milliseconds until the charts are drawn.
DRAWN = 8000


def main(results: str) -> None:
    """Open the links that `jetline ui` prints, and take a picture of each."""
    command = [Path(sys.executable).with_name("jetline"), "ui", results]
    shown = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        printed = "".join(shown.stdout.readline() for _ in range(3))
        links = dict(re.findall(r"(\w+): +(http\S+)", printed))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            page = browser.new_page(viewport={"width": 1400, "height": 620})
            # MLflow's assistant, which needs a model of language elsewhere, opens by itself once.
            for key, value in (("fab.autoOpenedOnFirstLoad_v1", "true"), ("panelOpen_v1", "false")):
                page.add_init_script(f"localStorage.setItem('mlflow.assistant.{key}', '{value}')")
            for name, link in links.items():
                page.goto(link)
                page.wait_for_timeout(DRAWN)
                page.screenshot(path=IMAGES / f"mlflow-{name}.png")
            browser.close()
    finally:
        shown.terminate()
        shown.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
