"""A headless Chromium for browser tests, and phones to drive in it."""
from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.channels.webchat_server import Server, running

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The browser; without one the tests fail on CI and are skipped elsewhere.

    Per module, because Playwright keeps an event loop running in this thread for as long as it lives:
    tests of other modules could not use asyncio.run.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if not path:
        message = "needs Chromium on the PATH and the package playwright"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A web chat that listens."""
    with running(tmp_path) as server:
        yield server


@pytest.fixture
def new_phone(chromium: Any, server: Server) -> Iterator[Callable[..., Any]]:
    """Opens a fresh phone: a browser context with a touch screen, 360×740 unless told otherwise.

    A fault in the page's script, or anything the content policy blocked, fails the test.
    """
    contexts, faults = [], []

    def watch(page: Any) -> None:
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if "Content Security" in line.text else None)

    def phone(width: int = 360, height: int = 740, *, touch: bool = True, **options: Any) -> Any:
        viewport = {"width": width, "height": height}
        context = chromium.new_context(
            viewport=viewport, has_touch=touch, is_mobile=touch, locale="zh-CN", base_url=server.url, **options
        )
        context.on("page", watch)
        context.set_default_timeout(10_000)
        contexts.append(context)
        return context.new_page()

    yield phone
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def screenshot(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., None]:
    """Saves a picture of a page to FALIN_SCREENSHOTS, or to the test's own folder."""
    folder = Path(os.environ.get("FALIN_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)

    def save(page: Any, name: str) -> None:
        page.screenshot(path=str(folder / f"{name}.png"))

    return save
