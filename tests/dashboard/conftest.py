"""One server and one browser for all tests of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.dashboard.browser import Opened, Served, browsing, require_browser_and_page
from tests.reading_world import copied_home
from tests.support.served import served as serving

#: Opens a page in a window of so many pixels: width, height.
Open = Callable[..., Opened]


# Playwright keeps an event loop running, beside which other tests of the process could start none.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    require_browser_and_page()
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Three months in which every state occurs once."""
    require_browser_and_page()  # without them nothing needs to be served
    home = copied_home(tmp_path_factory.mktemp("served"))
    with serving(home) as address:
        yield Served(home, address)


@pytest.fixture
def open_page(browser: Browser, served: Served) -> Iterator[Open]:
    """Opens pages, which must neither complain nor ask another host."""
    opened: list[Opened] = []
    contexts: list[BrowserContext] = []

    def open_one(width: int = 1280, height: int = 900) -> Opened:
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        opened.append(Opened(context.new_page(), served.url))
        return opened[-1]

    yield open_one
    for context in contexts:
        context.close()
    for each in opened:
        assert each.elsewhere() == []
        assert each.complaints == []
