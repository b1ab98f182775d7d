"""A browser without a window: Debian's Chromium."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from services import require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser, of which each test opens its own pages.

    It ends with its file: Playwright's event loop counts as running for as long as it is
    open, and no test after it in the same process could run one of its own.
    """
    program = require(shutil.which("chromium"), "chromium")
    with sync_playwright() as playwright:
        # Its sandbox refuses root, who runs the tests in CI; pages are our own.
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()
