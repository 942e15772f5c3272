"""What is more than a value in a cell: ranges of dates, totals, hidden sheets, very many errors."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from etl.intake import statements
from tests.intake.workbooks import File, check_one, ledger, saved, sheet, workbook


@pytest.mark.parametrize(
    ("typed", "start", "end"),
    [
        ("2024.3.5—3.6", dt.date(2024, 3, 5), dt.date(2024, 3, 6)),
        ("2024年3月5日至7日", dt.date(2024, 3, 5), dt.date(2024, 3, 7)),
        ("2024-03-28 ~ 2024-04-01", dt.date(2024, 3, 28), dt.date(2024, 4, 1)),
        ("２０２４．３．５－３．９", dt.date(2024, 3, 5), dt.date(2024, 3, 9)),
    ],
)
def test_a_range_in_the_start_column_gives_both_days(typed: str, start: dt.date, end: dt.date) -> None:
    checked = check_one(ledger("疗休养", {"开始日期": typed, "结束日期": None}))
    assert checked.issues == []
    assert checked.column("recuperation", "starts_on") == [start]
    assert checked.column("recuperation", "ends_on") == [end]


def test_a_last_day_of_its_own_is_that_of_the_range_or_nobody_knows_which_is_meant() -> None:
    days = ["2024年3月6日", "2024-03-08", "三月六日"]
    rows = [{"批次": f"第{day}批", "开始日期": "2024.3.5—3.6", "结束日期": day} for day in days]
    checked = check_one(ledger("疗休养", *rows))
    assert checked.column("recuperation", "ends_on") == [dt.date(2024, 3, 6)]
    # Where the last day is none, that is the cause, and the range is as it was.
    assert [(one["rule"], one["found"]) for one in checked.issues] == [
        ("R203", "2024.3.5—3.6"),
        ("R203", "三月六日"),
    ]


def test_a_year_and_a_month_are_no_second_day() -> None:
    checked = check_one(ledger("疗休养", {"开始日期": "2024.3.5-2024.9", "结束日期": None}))
    assert checked.rules == ["R203"]


def test_a_range_is_no_date_where_the_ledger_has_one_day() -> None:
    checked = check_one(ledger("师带徒", {"签订日期": "2024.3.5—3.6"}))
    assert [(issue["rule"], issue["found"]) for issue in checked.issues] == [("R203", "2024.3.5—3.6")]


def test_a_range_without_a_second_day_that_exists_is_no_date() -> None:
    checked = check_one(ledger("疗休养", {"开始日期": "2024.2.28—2.30", "结束日期": "2024-03-01"}))
    assert checked.rules == ["R203"]


def totals(*lines: tuple[str, object]) -> File:
    """Rows of three, four and five apprentices, and below them lines of a first and a third cell."""
    rows = sheet("师带徒", {}, {"师傅": "王秀英", "带徒人次": 4}, {"师傅": "张三", "带徒人次": 5})
    return workbook({"师带徒": [*rows, *([name, None, value, None] for name, value in lines)]})


def test_only_a_grand_total_is_compared_with_the_rows() -> None:
    assert check_one(totals(("小计", 99), ("其中：女", 1), ("合  计", 12))).issues == []
    (issue,) = check_one(totals(("小计", 99), ("总计：", 13))).issues
    assert (issue["rule"], issue["cell"], issue["found"]) == ("R107", "C6", "13")
    assert "13 ≠ 12" in issue["message_zh"]


def test_a_total_of_each_section_is_a_total_too() -> None:
    first, second = sheet("师带徒"), sheet("师带徒", {"师傅": "王秀英", "带徒人次": 4})
    rows: list[list[object]] = [*first, ["合计", None, 3, None], *second[1:], ["合计", None, 4, None]]
    assert check_one(workbook({"师带徒": rows})).issues == []


def test_a_total_over_a_wrong_cell_is_not_told_again() -> None:
    rows: list[list[object]] = [*sheet("师带徒", {"带徒人次": "很多"}), ["合计", None, 3, None]]
    assert check_one(workbook({"师带徒": rows})).rules == ["R202"]


def test_a_merged_cell_holds_for_each_row_that_it_covers() -> None:
    masters = [{"师傅": name, "带徒人次": count} for count, name in enumerate("甲乙丙丁戊", start=1)]
    titled = workbook({"师带徒": [["师带徒"], *sheet("师带徒", *masters)]})
    book = openpyxl.load_workbook(io.BytesIO(titled.content))
    page = book["师带徒"]
    page["D3"], page["E2"], page["E3"] = "不详", "备注", "第一批"
    # A form is often merged beyond its last row; a row that has nothing of its own stays blank.
    for area in ("A1:E1", "A3:A5", "A6:A20", "C5:C6", "D3:D4", "E3:E20"):
        page.merge_cells(area)
    checked = check_one(File("于都县_2024-03.xlsx", saved(book)))
    assert [(one["rule"], one["cell"]) for one in checked.issues] == [
        ("R203", "D3"),
        ("R203", "D4"),
        ("R202", "C6"),
    ]
    # A number may be each row's or the sum of all.
    assert checked.issues[2]["found"].startswith("C5:C6 合并单元格，请取消合并")
    assert "unmerge" in checked.issues[2]["message_en"]
    assert checked.column("apprenticeships", "studio") == ["李卫国工作室"] * 2
    assert checked.column("apprenticeships", "apprentices") == [3, 5]
    assert checked.column("apprenticeships", "note") == ["第一批"] * 2


def test_a_hidden_sheet_is_not_read_and_a_hidden_ledger_is_told() -> None:
    book = openpyxl.load_workbook(io.BytesIO(ledger("师带徒").content))
    hidden = book.create_sheet("健康体检")
    for row in sheet("健康体检"):
        hidden.append(list(row))
    hidden.sheet_state = "hidden"
    book.create_sheet("选项").sheet_state = "veryHidden"
    checked = check_one(File("于都县_2024-03.xlsx", saved(book)))
    assert checked.states == {"apprenticeships": "rows"}
    (issue,) = checked.issues
    assert (issue["rule"], issue["sheet"]) == ("R104", "健康体检")
    book["师带徒"].sheet_state = "hidden"
    book.create_sheet("空表")
    (nothing_seen,) = check_one(File("于都县_2024-03.xlsx", saved(book))).issues
    assert "师带徒（隐藏的，没有读取）" in nothing_seen["message_zh"]
    assert "取消隐藏" in issue["message_zh"]
    assert "unhide" in issue["message_en"]


def test_serial_days_of_a_1904_workbook_are_the_days_it_shows() -> None:
    book = openpyxl.load_workbook(io.BytesIO(ledger("师带徒").content))
    book.epoch = CALENDAR_MAC_1904
    cell = book["师带徒"]["D2"]
    cell.value, cell.number_format = (dt.date(2024, 3, 5) - dt.date(1904, 1, 1)).days, "General"
    checked = check_one(File("于都县_2024-03.xlsx", saved(book)))
    assert (checked.issues, checked.column("apprenticeships", "signed_on")) == ([], [dt.date(2024, 3, 5)])


def test_of_very_many_issues_alike_the_first_are_told_and_the_others_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("etl.intake.checking.MOST_ISSUES", 3)
    assert statements.MOST_ISSUES == 10_000
    wrong = [{"师傅": f"师傅{number}", "带徒人次": "很多"} for number in range(8)]
    checked = check_one(ledger("师带徒", *wrong))
    assert [issue["cell"] for issue in checked.issues] == ["C2", "C3", "C4", None]
    assert "从第 5 行起还有 5 处" in checked.issues[-1]["message_zh"]
    assert "from row 5 on there are 5 more" in checked.issues[-1]["message_en"]
    assert checked.receipt["rows_held_out"] == 8
