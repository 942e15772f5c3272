"""The page for everybody: axe finds no serious or critical fault in any view."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.dashboard.browser import AXE
from tests.dashboard.conftest import Open

ADDRESSES = [
    "?through=2024-01",
    "?view=measure&measure=6&through=2024-01",
    "?view=map&indicator=health_checkups&through=2024-01",
    "?view=reporting&lang=en",
    "?explain=health_checkups&through=2024-01",
    "?view=reporting&cell=360731:2024-01",
    "?wall=1&through=2024-01",
]


def faults(page: Page) -> list[str]:
    """What axe finds serious or critical: rule, and the first element."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(
        "axe.run({ resultTypes: ['violations'] }).then(results => results.violations)"
    )
    return [
        f"{each['id']}: {each['nodes'][0]['target']}"
        for each in found
        if each["impact"] in {"serious", "critical"}
    ]


def test_axe_finds_no_serious_fault(open_page: Open) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: `make dashboard` installs it, with Node and npm")
    opened = open_page()
    found = {address: faults(opened.goto(address)) for address in ADDRESSES}
    assert found == {address: [] for address in ADDRESSES}
