"""A clerk hands in a workbook on the page: signing in, an error in a cell, its issues, the receipt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.browser import Served
from tests.dashboard.conftest import Open
from tests.reading_world import FIRST
from tests.support.command import run

REPORTING = "?view=reporting&through=2024-01"
#: The second row's number is no number: the cell is C3.
ROWS: list[list[Any]] = [
    ["工作室名称", "师傅", "带徒人次", "签订日期"],
    ["李卫国工作室", "李卫国", 2, "2024-04-08"],
    ["王建军工作室", "王建军", "三人左右", "2024-04-09"],
]
WRONG_CELL = "C3"


@pytest.fixture(scope="module")
def token(served: Served) -> str:
    """A token of the unit FIRST."""
    made = run(served.home, "token", "create", "--role", "unit", "--unit", FIRST, "--note", "a test")
    return str(made["token"])


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two apprenticeships of April."""
    path = tmp_path_factory.mktemp("workbooks") / "于都县_2024-04_师带徒.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "师带徒"
    for row in ROWS:
        sheet.append(row)
    book.save(path)
    return path


def sign_in(page: Page, token: str) -> None:
    page.get_by_role("banner").get_by_role("button", name="登录").click()
    page.get_by_label("令牌", exact=True).fill(token)
    page.get_by_role("dialog").get_by_role("button", name="登录").click()


def test_without_a_token_the_page_says_what_is_needed(open_page: Open) -> None:
    page = open_page().goto(REPORTING)
    expect(page.get_by_text("上传需要本单位或市总工会的令牌")).to_be_visible()
    expect(page.locator("input[type=file]")).to_have_count(0)


def test_a_workbook_with_an_error_in_a_cell(
    open_page: Open, token: str, workbook: Path, tmp_path: Path
) -> None:
    page = open_page().goto(REPORTING)
    sign_in(page, token)
    expect(page.get_by_role("button", name="已登录：于都县")).to_be_visible()
    page.get_by_label("只检查，不提交").check()
    page.locator("input[type=file]").set_input_files(workbook)
    outcome = page.locator(".outcome")
    expect(outcome).to_contain_text("检查发现下列问题，尚未提交。")
    issue = outcome.locator(".issues tbody tr", has_text="错误")
    expect(issue).to_contain_text(WRONG_CELL)
    page.get_by_label("只检查，不提交").uncheck()
    page.locator("input[type=file]").set_input_files(workbook)
    expect(outcome).to_contain_text("有错误的行未采纳")
    expect(outcome.locator(".return")).to_contain_text("采纳 1 行，未采纳 1 行")
    expect(issue).to_contain_text("三人左右")
    with page.expect_download() as download:
        outcome.get_by_role("button", name="下载回执").click()
    receipt = tmp_path / "receipt.xlsx"
    download.value.save_as(receipt)
    assert "校验结果" in openpyxl.load_workbook(receipt).sheetnames


def test_a_dropped_file_is_handed_in_too(open_page: Open, token: str, workbook: Path) -> None:
    page = open_page().goto(REPORTING)
    sign_in(page, token)
    page.get_by_label("只检查，不提交").check()
    dropped = page.evaluate_handle(
        """bytes => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "于都县_2024-04_师带徒.xlsx"));
            return data;
        }""",
        list(workbook.read_bytes()),
    )
    page.locator(".drop").dispatch_event("drop", {"dataTransfer": dropped})
    expect(page.locator(".outcome")).to_contain_text("检查发现下列问题")


def test_a_unit_sees_its_own_rows_and_small_numbers_until_its_tab_is_closed(
    open_page: Open, token: str
) -> None:
    opened = open_page()
    page = opened.goto(f"?unit={FIRST}&through=2024-01&explain=health_checkups")
    drawer = page.get_by_role("dialog", name="免费健康体检人数")
    expect(drawer.get_by_text("已隐藏")).to_be_visible()
    drawer.get_by_role("button", name="登录").click()
    page.get_by_label("令牌", exact=True).fill(token)
    page.get_by_role("dialog", name="登录令牌").get_by_role("button", name="登录").click()
    expect(drawer.locator(".explained")).to_contain_text("5 人")
    expect(drawer.locator(".rows tbody tr")).to_have_count(1)
    stored = page.evaluate("[Object.keys(sessionStorage), Object.keys(localStorage), document.cookie]")
    assert stored == [["union7510.token"], [], ""]
    assert token not in page.url


def test_a_token_that_is_not_known_is_told_in_words(open_page: Open) -> None:
    opened = open_page()
    opened.forgiven = ("status of 401",)
    page = opened.goto("")
    sign_in(page, "u7510_nobody")
    expect(page.get_by_role("alert").first).to_contain_text("令牌无效或已过期")
