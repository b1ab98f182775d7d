"""Take the pictures of the report in docs/images and print its heights: draw_report.py [FOLDER].

The reports are of two and of fourteen made-up taggers, whose scores are drawn at random; they are
kept in FOLDER if it is given.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests/support"))

from reported_run import FOURTEEN, TWO, write_reported_run  # noqa: E402

IMAGES = ROOT / "docs/images"
WIDTHS = (380, 800, 1400)
#: Taggers, seeds, test datasets and test jets of each report.
RUNS = {
    "two": (TWO, (1, 2), ("demo",), 2000),
    "fourteen": (FOURTEEN, (1, 2, 3), ("demo", "herwig"), 2000),
}


def main(folder: Path) -> None:
    """Write both reports, measure them, and take a picture of the first screen of each."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, run in RUNS.items():
            report = write_reported_run(folder / name, *run)
            heights = []
            for width in WIDTHS:
                page = browser.new_page(viewport={"width": width, "height": 1000})
                page.goto(report.as_uri())
                heights.append(page.evaluate("document.documentElement.scrollHeight"))
                if width == WIDTHS[-1]:
                    shown = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
                    # Few colours make a small file; chosen so, none is lost that few pixels have.
                    few = shown.quantize(256, method=Image.Quantize.MAXCOVERAGE)
                    few.save(IMAGES / f"report-{name}.png", optimize=True)
                page.close()
            told = zip(heights, WIDTHS, strict=True)
            print(f"{name}:", ", ".join(f"{height} px at {width} px" for height, width in told))
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary))
