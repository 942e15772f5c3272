"""Each view of the page in a real browser, against one served demo publication."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.dashboard.conftest import Open
from tests.reading_world import EXPECTED_UNITS, FIRST, SECOND, UNITS

#: Values of `reading_world`: FIRST has 5 of a sensitive indicator in January, which the public does not see.
JANUARY = "year=2024&through=2024-01"


def test_the_overview_shows_ten_measures_with_value_target_pace_and_coverage(open_page: Open) -> None:
    page = open_page().goto("?through=2024-01")
    expect(page.locator("h1")).to_contain_text("总览 · 全市")
    expect(page.locator(".card")).to_have_count(10)
    health = page.locator(".card", has=page.get_by_role("heading", name="职工健康关爱"))
    expect(health.locator(".value")).to_have_text("230 人")
    expect(health.locator(".against")).to_contain_text("目标2,000")
    # Pace by word and shape, not by colour alone.
    expect(health.locator(".badge")).to_have_text("超前")
    expect(health.locator(".badge svg")).to_have_count(1)
    expect(health.locator(".coverage")).to_contain_text(f"{EXPECTED_UNITS} 个单位中 6 个已报全")
    expect(health.locator(".sparkline .actual")).to_have_count(1)


def test_the_language_switch_is_in_the_address_with_every_other_choice(open_page: Open) -> None:
    page = open_page().goto("?view=measure&measure=6&through=2024-01")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_contain_text("Measure 6 · Worker health care")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_label("Scope").select_option(label="Yudu County")
    expect(page.locator("h1 small")).to_have_text("Yudu County")
    assert page.url.endswith(f"?view=measure&measure=6&unit={FIRST}&through=2024-01&lang=en")
    page.go_back()
    expect(page.locator("h1 small")).to_have_text("Whole city")


def test_a_link_shows_the_same_view(open_page: Open) -> None:
    page = open_page().goto(f"?view=measure&indicator=health_checkups&unit={SECOND}&through=2024-02&lang=en")
    expect(page.locator(".figure-panel h2")).to_have_text("Free health check-ups")
    expect(page.locator("h1 small")).to_have_text("Ningdu County")
    expect(page.locator(".facts .main dd")).to_have_text("40 people")
    expect(page.get_by_label("Through")).to_have_value("2024-02")


def test_a_link_that_makes_no_sense_says_so_and_shows_what_it_can(open_page: Open) -> None:
    page = open_page().goto("?view=nothing&unit=nobody&year=1999&through=2024-13&measure=77")
    expect(page.get_by_text("地址中的单位不存在")).to_be_visible()
    expect(page.locator(".card")).to_have_count(10)


def test_a_measure_has_a_curve_groups_and_their_tables(open_page: Open, tmp_path: Path) -> None:
    page = open_page().goto(f"?view=measure&measure=6&{JANUARY}")
    expect(page.locator(".chart canvas")).to_have_count(4)
    by_unit = page.locator(".panel", has=page.get_by_role("heading", name="分单位"))
    by_unit.locator("summary").click()
    rows = by_unit.locator("tbody tr")
    expect(rows.first).to_contain_text("赣州市本级")
    with page.expect_download() as download:
        by_unit.get_by_role("button", name="下载 CSV").click()
    assert download.value.suggested_filename == "免费健康体检人数 · 分单位.csv"
    path = tmp_path / "by_unit.csv"
    download.value.save_as(path)
    table = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert table[0] == ["分单位", "数值 (人)", "数值状态", "占比"]
    assert table[1] == ["赣州市本级", "100", "已报", "43.5%"]
    # A value that is hidden is hidden in the file, too.
    assert ["于都县", "", "已隐藏", ""] in table
    with page.expect_download() as download:
        by_unit.get_by_role("button", name="下载 Excel").click()
    workbook = tmp_path / "by_unit.xlsx"
    download.value.save_as(workbook)
    with zipfile.ZipFile(workbook) as opened:
        assert "赣州市本级" in opened.read("xl/sharedStrings.xml").decode()


def test_the_map_has_a_tile_for_every_unit_and_patterns_for_what_has_no_value(open_page: Open) -> None:
    page = open_page().goto(f"?view=map&indicator=health_checkups&{JANUARY}")
    expect(page.locator(".tile")).to_have_count(UNITS)
    expect(page.get_by_role("link", name="于都 已隐藏")).to_have_class("tile state-SUPPRESSED")
    expect(page.get_by_role("link", name="石城 未报")).to_have_class("tile state-NOT_REPORTED")
    fills = {
        page.locator(f".tile.state-{state} rect").first.evaluate("rect => getComputedStyle(rect).fill")
        for state in ("SUPPRESSED", "NOT_REPORTED", "NOT_APPLICABLE")
    }
    assert len(fills) == 3
    assert all(fill.startswith("url(") for fill in fills)
    # Zones are tiles of their own; no two tiles lie on each other.
    expect(page.get_by_role("link", name="位于章贡区")).to_have_count(2)
    boxes = page.locator(".tile").evaluate_all(
        "tiles => tiles.map(tile => [tile.getBoundingClientRect().x, tile.getBoundingClientRect().y].join())"
    )
    assert len(set(boxes)) == UNITS


def test_a_figure_explains_itself_to_the_public_without_rows(open_page: Open) -> None:
    page = open_page().goto(f"?view=map&indicator=health_checkups&{JANUARY}")
    page.get_by_role("link", name="于都 已隐藏").click()
    drawer = page.get_by_role("dialog", name="免费健康体检人数")
    expect(drawer.get_by_text("为保护个人隐私对公众隐藏")).to_be_visible()
    expect(drawer.get_by_text("计算公式")).to_be_visible()
    expect(drawer.get_by_text("明细行只向市总工会或本单位开放")).to_be_visible()
    assert f"unit={FIRST}" in page.url
    assert "explain=health_checkups" in page.url
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    assert "explain" not in page.url


def test_the_reporting_grid_tells_every_state_and_opens_returns(open_page: Open) -> None:
    page = open_page().goto("?view=reporting&lang=en")
    for unit, month, state in [
        ("Yudu County", "2024-01", "On time"),
        ("Xunwu County", "2024-01", "Late"),
        ("Huichang County", "2024-01", "Nil"),
        ("Ningdu County", "2024-02", "Rejected"),
        ("Shicheng County", "2024-01", "Awaited"),
        ("Rongjiang New District", "2024-01", "Not expected"),
    ]:
        expect(page.get_by_role("link", name=f"{unit} {month} {state}")).to_be_visible()
    page.get_by_role("link", name="Yudu County 2024-01 On time").click()
    drawer = page.get_by_role("dialog", name="Yudu County · 2024-01")
    expect(drawer.locator(".return")).to_have_count(2)
    expect(drawer.locator(".status")).to_have_text(["Accepted", "Replaced"])
    expect(drawer.get_by_role("button", name="Download the form")).to_be_visible()
    assert f"cell={FIRST}:2024-01" in page.url


def test_the_page_works_with_the_keyboard_alone(open_page: Open) -> None:
    page = open_page().goto("")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.get_by_role("navigation", name="页面").get_by_role("link", name="上报").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.get_by_role("link", name="寻乌县 2024年1月 迟报").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="关闭")).to_be_focused()
    page.keyboard.press("Escape")
    # The focus goes back to where it was.
    expect(page.get_by_role("link", name="寻乌县 2024年1月 迟报")).to_be_focused()


def test_the_wall_fills_the_window_and_turns_its_pages(open_page: Open) -> None:
    opened = open_page(3840, 2160)
    opened.page.clock.install()
    page = opened.goto("?wall=1")
    expect(page.locator("[data-page=overview] .card")).to_have_count(10)
    assert not scrolls(page)
    size = page.evaluate("Number.parseFloat(getComputedStyle(document.documentElement).fontSize)")
    assert size > 30
    page.clock.run_for(21_000)
    expect(page.locator("[data-page=measure-1]")).to_be_visible()
    page.get_by_role("button", name="暂停").click()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-page=reporting] .heat")).to_be_visible()
    assert not scrolls(page)
    page.clock.run_for(60_000)
    expect(page.locator("[data-page=reporting]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("navigation", name="页面")).to_be_visible()


def test_a_phone_needs_no_sideways_scrolling(open_page: Open) -> None:
    opened = open_page(360, 740)
    for view in ("overview", "measure", "map", "reporting"):
        page = opened.goto(f"?view={view}&{JANUARY}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, view
        # English words are longer.
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("button", name="中文")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, view


def test_whole_tables_are_beside_what_they_hold(open_page: Open, tmp_path: Path) -> None:
    page = open_page().goto(f"?view=measure&measure=6&unit={SECOND}&{JANUARY}")
    with page.expect_download() as download:
        page.get_by_role("button", name="下载本举措全部指标").click()
    assert download.value.suggested_filename == f"indicator_progress_6_2024_{SECOND}.xlsx"
    path = tmp_path / "measure.xlsx"
    download.value.save_as(path)
    with zipfile.ZipFile(path) as workbook:
        strings = workbook.read("xl/sharedStrings.xml").decode()
    assert "health_checkups" in strings
    assert "apprenticeships" not in strings
    opened = open_page()
    opened.forgiven = ("Failed to load resource",)
    page = opened.goto("?view=reporting")
    page.route("**/export/**", lambda route: route.abort())
    page.get_by_role("button", name="下载全部上报情况").click()
    expect(page.locator(".file-error")).to_have_text("连接不上服务器。请检查网络，或稍后重试。")


def test_paper_has_figures_and_no_controls(open_page: Open) -> None:
    page = open_page().goto(f"?view=measure&measure=6&{JANUARY}")
    page.emulate_media(media="print")
    expect(page.locator(".facts .main dd")).to_be_visible()
    expect(page.get_by_role("navigation", name="页面")).to_be_hidden()
    expect(page.get_by_label("年度")).to_be_hidden()
    # Tables that are closed on the screen are open on paper.
    expect(page.locator(".data tbody").first).to_be_visible()


def scrolls(page: Page) -> bool:
    """Whether something of the wall does not fit."""
    return bool(
        page.evaluate(
            "[document.documentElement, document.querySelector('#content')]"
            ".some(box => box.scrollHeight > box.clientHeight + 2 || box.scrollWidth > box.clientWidth + 2)"
        )
    )
