"""GraphiQL at /graphql: it answers, subscribes, and asks no other host."""

from __future__ import annotations

from contextlib import suppress

import httpx
import pytest
from playwright.sync_api import Browser, expect

from graphql_api.http.page import BUILT
from tests.dashboard.browser import PATIENCE_SECONDS, Opened, Served

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

pytestmark = pytest.mark.skipif(
    not (BUILT / "index.html").is_file(),
    reason="GraphiQL is not there: `make dashboard` fetches it, with npm",
)


def test_graphiql_answers_and_hears_of_publications(browser: Browser, served: Served) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = Opened(context.new_page(), served.url)
    page = opened.page
    page.goto(f"{served.url}/graphql")
    run, editor = page.get_by_label("Execute query"), page.get_by_label("Query Editor")
    expect(run).to_be_enabled()
    run.click()
    result = page.locator(".result-window")
    expect(result).to_contain_text("dataThrough")
    expect(result).to_contain_text("2024-03")

    editor.locator(".CodeMirror").first.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("subscription News { publicationChanged { id } }")
    # It runs what it has parsed, which it does in a moment.
    expect(page.get_by_role("tab", name="News")).to_be_visible()
    run.click()
    for _ in range(PATIENCE_SECONDS):
        # What is published before the server has heard of the subscription is not told.
        served.publish_again()
        with suppress(AssertionError):
            expect(result).to_contain_text('"publicationChanged"', timeout=1_000)
            break
    expect(result).to_contain_text('"publicationChanged"')

    assert opened.elsewhere() == []
    assert opened.complaints == []
    context.close()


def test_its_files_come_compressed_and_only_for_this_page(served: Served) -> None:
    with httpx.Client(base_url=served.url, trust_env=False) as client:
        page = client.get("/graphql", headers=BROWSER)
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self';" in policy
        names = [part.partition('"')[0] for part in page.text.split('src="')[1:]]
        assert len(names) == 4
        for name in names:
            file = client.get(f"/{name}")
            assert (file.status_code, file.headers["content-encoding"]) == (200, "gzip")
            again = client.get(f"/{name}", headers={"If-None-Match": file.headers["etag"]})
            assert again.status_code == 304
        assert client.get("/graphiql/..%2findex.html").status_code == 404
        assert client.get("/graphiql/package.json").status_code == 404
