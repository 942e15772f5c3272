"""The pictures of README and docs/dashboard.md, from the demonstration data: `make screenshots`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.dashboard.browser import Opened
from tests.support.served import served as serving
from warehouse.settings import Home

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "docs" / "screenshots"
#: Name, width and height of the window, query of the address.
PICTURES = [
    ("overview", 1440, 960, ""),
    ("overview-en", 1440, 960, "?lang=en"),
    ("measure", 1440, 1150, "?view=measure&measure=3&indicator=apprenticeships"),
    ("map", 1440, 940, "?view=map&indicator=county_skills_trainings"),
    ("reporting", 1440, 1020, "?view=reporting"),
    ("explain", 1440, 900, "?view=measure&measure=3&explain=apprenticeships"),
    ("phone", 360, 780, ""),
    ("wall", 1920, 1080, "?wall=1"),
]


def test_screenshots(browser: Browser) -> None:
    home = os.environ.get("UNION7510_SCREENSHOTS")
    if not home:
        pytest.skip("pictures are written on demand: `make screenshots`")
    FOLDER.mkdir(exist_ok=True)
    with serving(Home(Path(home))) as address:
        for name, width, height, query in PICTURES:
            context = browser.new_context(viewport={"width": width, "height": height})
            page = Opened(context.new_page(), address).goto(query)
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(500)  # charts draw themselves in 0.3 s
            page.screenshot(path=FOLDER / f"{name}.png")
            context.close()
    assert sum(path.stat().st_size for path in FOLDER.glob("*.png")) < 1_500_000
