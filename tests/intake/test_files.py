"""Kinds of files and encodings, and declarations of what a return does not hold."""

from __future__ import annotations

import codecs
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.intake.corpus import DEADLY_XLS
from tests.intake.workbooks import (
    MARCH_5,
    Cells,
    File,
    check,
    check_one,
    cover,
    csv_file,
    ledger,
    sheet,
    workbook,
)
from tests.support.command import caller

#: Characters that GBK and GB2312 lack, or that NFKC would rewrite.
RARE = "䶮镕·①㎡𠮷"
ROWS = sheet("师带徒", {"师傅": RARE, "备注": "第一行\n第二行，含逗号"})
NAME = "于都县_2024-03_师带徒.csv"
NAMES = {"师带徒": "apprenticeships", "技能培训": "skills_trainings"}


def text(encoding: str, rows: Cells = ROWS) -> bytes:
    return csv_file(rows, encoding=encoding).content


def test_csv_in_every_encoding_gives_the_same_rows() -> None:
    files = [
        File(NAME, text("utf-8")),
        File(NAME, text("utf-8-sig")),
        File(NAME, text("gb18030")),
        File("于都县_2024-03.csv", text("gb18030")),
        File(NAME, text("utf-8").replace(b"\r\n", b"\n")),
        File(NAME, text("gb18030").replace(b",", b"\t")),
        File("于都县_2024-03_师带徒.xlsx", text("gb18030")),
    ]
    assert text("utf-8-sig").startswith(codecs.BOM_UTF8)
    found = check(*files)
    assert [one.issues for one in found] == [[]] * len(files)
    for one in found[:5]:
        (row,) = one.rows["apprenticeships"]
        assert (row["master"], row["note"]) == (RARE, "第一行\n第二行，含逗号")
        assert (row["signed_on"], row["apprentices"]) == (MARCH_5, 3)


@pytest.mark.parametrize("encoding", ["gbk", "gb2312"])
def test_older_chinese_encodings_are_read_as_gb18030(encoding: str) -> None:
    checked = check_one(File(NAME, text(encoding, sheet("师带徒"))))
    assert (checked.issues, checked.column("apprenticeships", "master")) == ([], ["李卫国"])


def test_a_label_outside_gbk() -> None:
    checked = check_one(csv_file(sheet("职工活动场所"), "于都县_2024-03.csv", "gb18030"))
    assert (checked.issues, [float(one) for one in checked.column("activity_venues", "area_m2")]) == (
        [],
        [320.5],
    )


def test_a_csv_file_names_its_cells_like_a_spreadsheet() -> None:
    checked = check_one(csv_file([["师带徒台账"], *sheet("师带徒", {"带徒人次": "x"})]))
    (issue,) = checked.issues
    assert (issue["sheet"], issue["cell"]) == ("师带徒", "C3")


def test_a_nil_declaration_needs_no_sheet() -> None:
    checked = check_one(workbook({"封面": cover(师带徒="零报告", 技能培训="零报告")}))
    assert (checked.status, checked.issues) == ("ACCEPTED", [])
    assert checked.states == {"apprenticeships": "nil", "skills_trainings": "nil"}
    assert {one["sheet"] for one in checked.sheets} == {"封面"}


def test_what_the_cover_says_of_ledgers_with_and_without_rows() -> None:
    empty: Cells = sheet("师带徒")[:1]
    total: Cells = [*empty, ["合计", None, 0, None], ["填表人：张三"]]
    cases: list[tuple[str | None, Cells | None, list[str], dict[str, str]]] = [
        ("零报告", empty, [], {"apprenticeships": "nil"}),
        ("零报告", total, [], {"apprenticeships": "nil"}),
        ("零报告", [], [], {"apprenticeships": "nil"}),
        ("未填报", empty, [], {"apprenticeships": "empty"}),
        ("有数据", empty, ["R105"], {"apprenticeships": "empty"}),
        ("有数据", None, ["R105"], {"apprenticeships": "empty"}),
        (None, empty, ["R105"], {"apprenticeships": "empty"}),
        (None, total, ["R105"], {"apprenticeships": "empty"}),
        (None, [], ["R105"], {"apprenticeships": "empty"}),
        ("有数据", sheet("师带徒"), [], {"apprenticeships": "rows"}),
        (None, sheet("师带徒"), [], {"apprenticeships": "rows"}),
        ("零报告", sheet("师带徒"), ["R106"], {"apprenticeships": "refused"}),
    ]
    files = []
    for declared, rows, _, _ in cases:
        words = {"师带徒": declared} if declared is not None else {}
        sheets: dict[str, Cells] = {"封面": cover(**words)}
        files.append(workbook({**sheets, "师带徒": rows} if rows is not None else sheets))
    found = check(*files)
    assert [(declared, one.rules, one.states) for (declared, *_), one in zip(cases, found, strict=True)] == [
        (declared, rules, states) for declared, _, rules, states in cases
    ]


def test_a_row_that_says_there_is_nothing() -> None:
    labels, one_row = sheet("师带徒")
    found = check(
        *(csv_file([labels, [words]]) for words in ("无", "本月无。", " 本月 无数据", "零报告", "零 报 告")),
        *(
            csv_file([labels, [None, words]])
            for words in ("本月无师带徒活动", "零报告（未开展）", "零报告制度")
        ),
        csv_file([["序号", *labels], ["1", None, "零报告"]]),
        csv_file([["天气", *labels], ["零报告"]]),
        csv_file([labels, one_row, ["本月无"]]),
        csv_file([labels, one_row, ["零报告"]]),
        csv_file([labels, ["本月无", None, 3, None]]),
        workbook({"师带徒": [["师带徒情况表"], ["零报告"]]}),
        workbook({"师带徒": [["师带徒情况表"], ["本月无"]]}),
        workbook({"封面": cover(师带徒="有数据"), "师带徒": [labels, ["零报告"]]}),
    )
    assert [(one.states["apprenticeships"], one.rules) for one in found] == [
        *[("empty", ["R105"])] * 3,
        ("nil", []),
        ("nil", []),
        *[("empty", ["R105"])] * 2,
        ("rows", ["R201"] * 3),
        ("nil", []),
        ("nil", []),
        ("rows", []),
        ("refused", ["R106"]),
        ("rows", ["R201", "R201"]),
        ("nil", []),
        ("empty", ["R105"]),
        ("nil", []),
    ]
    assert [(one["cell"], one["found"]) for one in (found[1].issues[0], found[11].issues[0])] == [
        ("A2", "本月无。"),
        ("A3", "零报告"),
    ]


def test_of_two_tables_on_one_sheet_the_one_that_is_not_read_is_told() -> None:
    upper, lower = sheet("师带徒"), sheet("技能培训")
    beside = [[*left, None, *right] for left, right in zip(upper, lower, strict=True)]
    found = check(
        workbook({"Sheet1": [*upper, [], *lower]}),
        workbook({"技能培训": [["附表"], *upper, *lower]}),
        workbook({"技能培训": [*lower, [], ["师带徒台账"], ["序号", *upper[0]], [1, *upper[1]]]}),
        workbook({"师带徒": [*upper, *sheet("单身联谊")]}),
        workbook({"Sheet1": [*upper, *sheet("单身联谊")]}),
        workbook({"Sheet1": beside}),
        workbook({"师带徒": beside}),
    )
    cells = []
    for checked, read, other in zip(
        found,
        ["技能培训"] * 3 + ["师带徒"] * 2 + ["技能培训", "师带徒"],
        ["师带徒"] * 3 + ["单身联谊"] * 2 + ["师带徒", "技能培训"],
        strict=True,
    ):
        (issue,) = checked.issues
        assert f"“{other}”没有读取" in issue["message_zh"]
        assert f"“{other}” from " in issue["message_en"]
        assert (issue["rule"], checked.states) == ("R104", {NAMES[read]: "rows"})
        assert (checked.status, checked.receipt["rows_accepted"]) == ("ACCEPTED", 1)
        cells.append(issue["cell"])
    assert cells == ["A1", "A2", "A5", "A3", "A3", "A1", "F1"]
    (twice,) = check_one(workbook({"师带徒": [[*row, *row] for row in upper]})).issues
    assert (twice["rule"], twice["cell"], twice["found"]) == ("R103", "E1", None)
    assert "“工作室名称、师傅、带徒人次、签订日期”" in twice["message_zh"]


def test_a_header_that_stands_on_every_page_is_no_data() -> None:
    header, row = sheet("师带徒")
    other = [*row[:1], "王秀英", *row[2:]]
    title = ["填报单位：于都县", "统计月份：2024年3月"]
    pages: list[Sequence[object]] = [title, header, row, ["师带徒台账"], title, header, other, [], header]
    checked = check_one(workbook({"师带徒": pages}, "a.xlsx"))
    assert (checked.issues, checked.receipt["rows_accepted"]) == ([], 2)
    groups = ["情况", None, "带徒", None]
    two_lines = check_one(csv_file([groups, header, row, groups, header, other]))
    assert (two_lines.issues, two_lines.receipt["rows_accepted"]) == ([], 2)
    # What is another unit's is not this one's.
    pages[4] = ["填报单位：会昌县"]
    (issue,) = check_one(workbook({"师带徒": pages}, "a.xlsx")).issues
    assert (issue["rule"], issue["cell"]) == ("R004", "A5")


def test_a_ledger_declared_unreported_and_absent_is_not_mentioned() -> None:
    checked = check_one(workbook({"封面": cover(师带徒="未填报"), "技能培训": sheet("技能培训")}))
    assert (checked.issues, checked.states) == ([], {"skills_trainings": "rows"})


def test_nil_under_a_label_in_another_layout() -> None:
    lines: Cells = [
        ["填报单位：于都县　统计月份：2024年3月"],
        ["序号", "台账", "情况"],
        [1, "师 带 徒", " 零报告 "],
        [2, "技能培训", "有数据"],
    ]
    checked = check_one(workbook({"封面": lines, "技能培训": sheet("技能培训")}, "a.xlsx"))
    assert (checked.issues, checked.states) == ([], {"skills_trainings": "rows", "apprenticeships": "nil"})


def test_a_bad_file_never_stops_the_others(tmp_path: Path) -> None:
    """Submitted and ingested together: each gets its receipt, and the good rows count."""
    call = caller(tmp_path / "home")
    files = [
        File("1_于都县_2024-03.xlsx", b"no workbook"),
        ledger("师带徒", name="2_天河区_2024-03.xlsx"),
        workbook({"师带徒": sheet("师带徒", header=["师傅", "签订日期"])}, "3_宁都县_2024-03.xlsx"),
        ledger("师带徒", {"带徒人次": "很多"}, {"师傅": "王秀英"}, name="4_兴国县_2024-03.xlsx"),
        ledger("师带徒", {"师傅": "陈建国"}, name="5_会昌县_2024-03.xlsx"),
        csv_file(sheet("师带徒", {"师傅": "刘志强"}), "6_石城县_2024-03_师带徒.csv", "gb18030"),
        File("7_瑞金市_2024-03.xls", DEADLY_XLS),
        ledger("师带徒", {"师傅": "赵国强"}, name="8_龙南市_2024-03.xlsx"),
    ]
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for file in files:
        (inbox / file.name).write_bytes(file.content)
    assert call("submit", inbox).code == 0
    ingested = call("ingest", "--json")
    returns = ingested.document["returns"]
    assert (
        ingested.code,
        [(one["status"], one["rows_accepted"], one["rows_held_out"]) for one in returns],
    ) == (
        1,
        [
            ("REJECTED", 0, 0),
            ("REJECTED", 0, 1),
            ("ACCEPTED_WITH_ISSUES", 0, 1),
            ("ACCEPTED_WITH_ISSUES", 1, 1),
            ("ACCEPTED", 1, 0),
            ("ACCEPTED", 1, 0),
            ("REJECTED", 0, 0),
            ("ACCEPTED", 1, 0),
        ],
    )
    progress = call("progress", "--year", "2024", "--through", "2024-03", "--json").document
    figures = {one["indicator"]["code"]: one for one in progress}
    assert float(figures["apprenticeships"]["value"]) == 12
    receipts = [json.loads((tmp_path / f"home/receipts/{one['id']}.json").read_bytes()) for one in returns]
    assert [[issue["rule"] for issue in one["issues"]] for one in receipts] == [
        ["R001"],
        ["R004"],
        ["R101", "R101"],
        ["R202"],
        [],
        [],
        ["R001"],
        [],
    ]
    waived = call("accept", "R000002", "--rule", "R302", "--until", "2099-12-31", "--note", "x")
    assert (waived.code, "R000002 is rejected (R004)" in waived.stderr) == (2, True)
    for issue in (issue for one in receipts for issue in one["issues"]):
        assert issue["expected"]
        assert issue["message_zh"]
        assert issue["message_en"]
    assert (receipts[3]["issues"][0]["sheet"], receipts[3]["issues"][0]["cell"]) == ("师带徒", "C2")
