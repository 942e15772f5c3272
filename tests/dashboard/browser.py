"""Debian's Chromium in front of the page as `union7510 serve` serves it.

What belongs here: starting the browser, and what every page must keep to. What does not: what the
page should show.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from graphql_api.page import BUILT
from warehouse.publications import PublicationStore
from warehouse.settings import Home

CHROMIUM = shutil.which("chromium") or ""
AXE = BUILT.parent / "node_modules" / "axe-core" / "axe.min.js"
#: Longer than a server or a view takes on a busy machine.
PATIENCE_SECONDS = 60


def require_browser_and_page() -> None:
    """Skips, in words, where there is no browser or no page."""
    if not CHROMIUM:
        pytest.skip("Chromium is not installed: apt-get install chromium fonts-noto-cjk")
    if not (BUILT / "index.html").exists():
        pytest.skip("the page is not built: `make dashboard` builds it, with Node and npm")


class Served:
    """A home and the server over it."""

    def __init__(self, home: Home, url: str) -> None:
        self.home = home
        self.url = url

    def publish_again(self) -> str:
        """Makes a copy of the current publication the next one: all that a page notices is that it is new."""
        store = PublicationStore(self.home)
        current = store.current_id()
        assert current is not None
        candidate = self.home.publications / "candidate.duckdb"
        shutil.copyfile(store.path(current), candidate)
        return store.publish(candidate)


@contextmanager
def browsing() -> Iterator[Browser]:
    """The browser; it looks up nothing and loads nothing by itself."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            # As root, in a container, Chromium cannot have its sandbox.
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        yield browser
        browser.close()


class Opened:
    """One page, and what it did on the way: whom it asked, and what it complained about."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        #: What a test brings about on purpose; a browser tells it when it pleases.
        self.forgiven: tuple[str, ...] = ()
        self.asked: list[str] = []
        self._url = url
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        expect.set_options(timeout=PATIENCE_SECONDS * 1000)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(map(message.text.__contains__, self.forgiven)):
            self.complaints.append(message.text)

    def goto(self, address: str) -> Page:
        """Opens an address of the page and waits until its figures are there."""
        self.page.goto(f"{self._url}/{address}")
        # By locators, because the page's policy forbids what a wait for an expression needs: eval.
        expect(self.page.locator(".shown").first).to_be_attached()
        expect(self.page.locator(".notice.loading, [aria-busy=true]")).to_have_count(0)
        return self.page

    def elsewhere(self) -> list[str]:
        """Requests to other hosts."""
        return [url for url in self.asked if not url.startswith((self._url, "blob:"))]
