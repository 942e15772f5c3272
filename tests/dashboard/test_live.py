"""The page over time: it refreshes itself, says when data are old or no server answers, starts quickly."""

from __future__ import annotations

import statistics

import pytest
from playwright.sync_api import Browser, expect

from tests.dashboard.browser import Opened, Served
from tests.dashboard.conftest import Open

#: Notes what Lighthouse would: the first paint with content, and tasks that keep the page from answering.
_OBSERVE = """
    window.longTasks = [];
    new PerformanceObserver(list => longTasks.push(...list.getEntries().map(
        entry => entry.startTime + entry.duration))).observe({ type: "longtask", buffered: true });
"""
_FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
#: From here on figures are there and the page answers: no long task comes after it.
_INTERACTIVE = "Math.max(performance.getEntriesByName('figures')[0].startTime, ...longTasks)"


def test_the_page_refreshes_itself_when_a_publication_goes_live(open_page: Open, served: Served) -> None:
    page = open_page().goto("?view=measure&measure=6&through=2024-01")
    expect(page.locator(".page-foot")).to_contain_text("发布版本")
    published = served.publish_again()
    expect(page.locator(".page-notice.good")).to_contain_text(f"新数据已发布（版本 {published}）")
    expect(page.locator(".page-foot")).to_contain_text(published)
    # The reader stays where the reader was.
    assert page.url.endswith("?view=measure&measure=6&through=2024-01")
    expect(page.locator(".facts .main dd")).to_have_text("230 人")


def test_old_data_are_called_old(open_page: Open) -> None:
    """They end in March 2024: on the day the next month is due they are not old, a day later they are."""
    opened = open_page()
    opened.page.clock.set_fixed_time("2024-05-05T12:00:00+08:00")
    page = opened.goto("")
    expect(page.locator(".page-foot")).to_contain_text("数据截至 2024年3月")
    expect(page.locator(".page-notice.old")).to_have_count(0)
    page.clock.set_fixed_time("2024-05-06T12:00:00+08:00")
    opened.goto("?lang=en")
    expect(page.locator(".page-notice.old")).to_contain_text("returns for 2024-04 were due on 2024-05-05")


def test_without_a_server_the_page_says_so_and_keeps_what_it_has(browser: Browser, served: Served) -> None:
    context = browser.new_context()
    opened = Opened(context.new_page(), served.url)
    page = opened.goto("?through=2024-01")
    page.route("**/graphql", lambda route: route.abort())
    page.get_by_role("navigation", name="页面").get_by_role("link", name="地图").click()
    expect(page.get_by_text("连接不上服务器。请检查网络，或稍后重试。")).to_be_visible()
    expect(page.locator(".page-notice.bad")).to_contain_text("下面是之前取得的数据")
    page.go_back()
    expect(page.locator(".card")).to_have_count(10)
    page.go_forward()
    expect(page.get_by_role("button", name="重试")).to_be_visible()
    page.unroute("**/graphql")
    page.get_by_role("button", name="重试").click()
    expect(page.locator(".tile").first).to_be_visible()
    expect(page.locator(".page-notice.bad")).to_have_count(0)
    context.close()


def test_a_wrong_answer_is_told_with_what_helps_to_find_it(browser: Browser, served: Served) -> None:
    context = browser.new_context()
    opened = Opened(context.new_page(), served.url)
    failure = '{"errors": [{"message": "an unforeseen error", "extensions": {"requestId": "0a1b2c3d4e5f"}}]}'
    opened.page.route(
        "**/graphql", lambda route: route.fulfill(status=200, content_type="application/json", body=failure)
    )
    opened.page.goto(served.url)
    expect(opened.page.get_by_role("alert")).to_contain_text("0a1b2c3d4e5f")
    context.close()


def test_before_the_first_publication_the_page_says_what_it_waits_for(
    browser: Browser, served: Served
) -> None:
    context = browser.new_context()
    page = context.new_page()
    nothing = '{"errors": [{"message": "nothing yet", "extensions": {"code": "NO_PUBLICATION"}}]}'
    media_type = "application/graphql-response+json"
    page.route(
        "**/graphql",
        lambda route: route.fulfill(status=503, content_type=media_type, body=nothing),
    )
    page.goto(served.url)
    expect(page.get_by_text("还没有发布过数据")).to_be_visible()
    context.close()


def test_the_page_is_there_quickly(open_page: Open) -> None:
    """First paint with content under 1.5 s, figures, and answers to the reader, under 2.5 s: medians.

    With ``-s`` it prints them (docs/dashboard.md).
    """
    paints, answers = [], []
    for _ in range(3):
        opened = open_page()
        opened.page.add_init_script(_OBSERVE)
        page = opened.goto("?through=2024-01")
        paints.append(page.evaluate(_FIRST_PAINT))
        answers.append(page.evaluate(_INTERACTIVE))
    for name, times in (("first contentful paint", paints), ("interactive", answers)):
        print(f"{name}: {statistics.median(times):.0f} ms")  # noqa: T201
    assert statistics.median(paints) < 1_500, paints
    assert statistics.median(answers) < 2_500, answers


@pytest.mark.parametrize("address", ["", "?view=measure&measure=6"])
def test_charts_are_loaded_only_where_there_are_some(open_page: Open, address: str) -> None:
    opened = open_page()
    opened.goto(address)
    asked = [url for url in opened.asked if "echarts" in url]
    assert bool(asked) == bool(address)
