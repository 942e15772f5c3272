"""Where a ledger's table begins, and which column is which."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import openpyxl

from tests.intake.workbooks import (
    EXAMPLES,
    MARCH_5,
    Cells,
    File,
    check,
    check_one,
    csv_file,
    saved,
    sheet,
    workbook,
)
from warehouse.catalog import load_catalog

ROWS = sheet("师带徒")
HEADER, ROW = ROWS


EXPECTED = {"studio": "李卫国工作室", "master": "李卫国", "apprentices": 3, "signed_on": MARCH_5}


def values(*sheets: tuple[str, Cells]) -> list[dict[str, Any]]:
    """The one accepted row of each sheet, without its provenance; each sheet is a file of its own."""
    found = []
    for checked in check(*(workbook({title: rows}) for title, rows in sheets)):
        ((ledger_name, (row,)),) = checked.rows.items()
        assert checked.status == "ACCEPTED", checked.issues
        fields = load_catalog().ledger_by_name[ledger_name].stored_fields
        found.append({field.name: row[field.name] for field in fields if row[field.name] is not None})
    return found


def test_the_example_of_every_ledger_is_accepted_whole() -> None:
    checked = check_one(workbook({title: sheet(title) for title in EXAMPLES}))
    assert (checked.issues, checked.receipt["rows_accepted"]) == ([], 19)
    assert set(checked.rows) == {one.name for one in load_catalog().ledgers}


def test_a_ledger_is_recognised_by_its_header_alone() -> None:
    found = check(*(workbook({"Sheet1": sheet(title)}) for title in EXAMPLES))
    titles = {one.name: one.title for one in load_catalog().ledgers}
    assert [[titles[name] for name in one.rows] for one in found] == [[title] for title in EXAMPLES]
    assert [one.issues for one in found] == [[]] * len(found)


def test_a_ledger_is_recognised_by_its_sheets_name() -> None:
    names = ["师带徒", " 师 带 徒 ", "5.师带徒", "师带徒台账", "（五）师带徒", "apprenticeships"]
    assert values(*((name, ROWS) for name in names)) == [EXPECTED] * len(names)


ABOVE: list[Cells] = [
    [["赣州市师带徒情况统计表"]],
    [["附件5"], [], ["师带徒情况统计表"], ["填报单位：于都县", None, None, "统计月份：2024年3月"]],
    [[None, "师带徒"], [None, None, None, "单位：人次"]],
    [["标题"]] * 12,
]


def test_the_header_under_title_lines() -> None:
    found = check(*(workbook({"师带徒": [*above, HEADER, ROW]}) for above in ABOVE))
    for above, checked in zip(ABOVE, found, strict=True):
        (one,) = checked.sheets
        assert (one["header_row"], dict(one["column_letters"])["master"]) == (len(above) + 1, "B")
        assert [row["row"] for row in checked.rows["apprenticeships"]] == [len(above) + 2]
        assert checked.issues == []


LABELS: list[list[object]] = [
    ["依托工作室", "导师", "徒弟人数", "协议日期"],
    ["工 作 室 名 称", "师　傅", "带徒\n人次", "签订\r\n日期"],
    ["*工作室名称", "师傅*", "带徒人次：", "签订日期 "],
    ["studio", "master", "apprentices", "signed_on"],
    ["工作室名称", "师傅", "带徒人次（人次）", "签订日期(年月日)"],
]


def test_aliases_and_how_labels_are_written() -> None:
    assert values(*(("师带徒", [labels, ROW]) for labels in LABELS)) == [EXPECTED] * len(LABELS)


def test_any_order_of_columns() -> None:
    orders: list[Cells] = [
        [HEADER[::-1], ROW[::-1]],
        [[None, *HEADER], [None, *ROW]],
        [["序号", *HEADER], [1, *ROW]],
    ]
    assert values(*(("师带徒", rows) for rows in orders)) == [EXPECTED] * 3


def two_lines(
    first: Sequence[object],
    second: Sequence[object],
    merged: Sequence[str],
    row: Sequence[object],
    title: str,
) -> File:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = title
    for line in ([f"{title}统计表"], first, second, row):
        page.append(list(line))
    for place in ("A1:D1", *merged):
        page.merge_cells(place)
    return File("于都县_2024-03.xlsx", saved(book))


def test_two_merged_header_lines() -> None:
    grouped, spanning = check(
        two_lines(
            ["工作室名称", "师带徒情况", None, None],
            [None, "师傅", "带徒人次", "签订日期"],
            ["A2:A3", "B2:D2"],
            ROW,
            "师带徒",
        ),
        two_lines(
            ["单位名称", "体检日期", "体检机构", "体检人数", None],
            [None, None, None, "合计", "女"],
            ["A2:A3", "B2:B3", "C2:C3", "D2:E2"],
            sheet("健康体检")[1],
            "健康体检",
        ),
    )
    assert (grouped.rules, grouped.sheets[0]["header_row"]) == ([], 3)
    (row,) = grouped.rows["apprenticeships"]
    assert {name: row[name] for name in EXPECTED} == EXPECTED
    (row,) = spanning.rows["health_checkups"]
    assert (spanning.rules, row["workers"], row["women"]) == ([], 80, 30)


def subsidies(*files: File) -> list[list[Decimal]]:
    return [one.column("skills_trainings", "subsidy") for one in check(*files)]


def test_sums_in_ten_thousand_yuan() -> None:
    label = "补助金额（元）"
    header, row = sheet("技能培训", {label: 2.5})
    above: list[list[object]] = [["技能培训台账"], [*[None] * 5, "单位：万元"]]

    def labelled(text: str) -> list[object]:
        return [text if one == label else one for one in header]

    ten_thousands: list[Cells] = [
        [labelled("补助金额（万元）"), row],
        [labelled("补助金额(万元)"), row],
        [labelled("补助（ 万 元 ）"), row],
        [["技能培训台账"], ["单位：万元"], labelled("补助金额"), row],
        [["金额单位：万元"], labelled("补助金额"), row],
        [*above, labelled("补助"), row],
        *(
            [labelled(text), row]
            for text in ("补助金额万元", "补助金额／万元", "补助金额【万元】", "补助金额（万）")
        ),
        *(
            [labelled(text), row]
            for text in ("补助金额（万元）*", "补助金额（单位：万元）", "补助金额（含税，万元）")
        ),
        [["单位：人、万元"], labelled("补助金额"), row],
        [["注：金额以人民币万元为单位"], labelled("补助金额"), row],
    ]
    yuan: list[Cells] = [
        [labelled("补助金额"), row],
        [*above, header, row],
        [["单位：元"], labelled("补助金额"), row],
        [["补助金额100万元以上的培训"], labelled("补助金额"), row],
    ]
    others: list[Cells] = [
        [labelled("补助金额（千元）"), row],
        [["单位：百万元"], labelled("补助金额"), row],
        # So much for each person is no sum: the column is none of ours.
        [labelled("补助金额（元/人）"), row],
    ]
    found = subsidies(*(workbook({"技能培训": rows}) for rows in [*ten_thousands, *yuan, *others]))
    assert found == [
        *[[Decimal(25000)]] * len(ten_thousands),
        *[[Decimal("2.50")]] * len(yuan),
        *([Decimal(2500)], [Decimal(2_500_000)], [None]),
    ]


def test_a_cell_that_names_its_own_unit_is_not_multiplied() -> None:
    label = "补助金额（万元）"
    typed = ["2", "2万", "2万元", "20000元"]
    header = [label if one == "补助金额（元）" else one for one in sheet("技能培训")[0]]
    rows = [["甲" + text, *sheet("技能培训")[1][1:-1], text] for text in typed]
    checked = check_one(workbook({"技能培训": [header, *rows]}))
    assert checked.column("skills_trainings", "subsidy") == [Decimal(20000)] * len(typed)


def test_only_sums_are_multiplied() -> None:
    checked = check_one(
        workbook({"技能培训": [["单位：万元"], *sheet("技能培训", {"补助金额（元）": None})]})
    )
    assert checked.column("skills_trainings", "participants") == [50]


def test_a_missing_column_refuses_its_ledger_and_no_other() -> None:
    header, row = sheet("技能培训")
    checked = check_one(workbook({"师带徒": ROWS, "技能培训": [header[1:], row[1:], row[1:]]}))
    assert checked.rules == ["R101"]
    assert checked.states == {"apprenticeships": "rows", "skills_trainings": "refused"}
    assert (checked.receipt["rows_accepted"], checked.receipt["rows_held_out"]) == (1, 2)


def test_each_missing_column_is_named_once() -> None:
    checked = check_one(workbook({"师带徒": [["工作室名称"], ["甲"], ["乙"]]}))
    labels = ["师傅", "带徒人次", "签订日期"]
    assert checked.rules == ["R101"] * 3
    assert all(label in issue["message_zh"] for label, issue in zip(labels, checked.issues, strict=True))


def test_a_sheet_named_after_a_ledger_without_any_known_label_misses_all_required_columns() -> None:
    checked = check_one(workbook({"师带徒": [["甲", "乙"], [1, 2]]}))
    assert (checked.rules, checked.states) == (["R101"] * 4, {"apprenticeships": "refused"})


def test_a_csv_file_is_recognised_by_header_then_by_name() -> None:
    unclear = [["级别", "日期"], ["市级", "2024-03-05"]]
    by_header, by_name = check(
        csv_file(ROWS, "于都县_2024-03.csv"), csv_file(unclear, "于都县_2024-03_热心职工红娘.csv")
    )
    assert list(by_header.rows) == ["apprenticeships"]
    assert by_name.states == {"matchmakers": "refused"}
    assert by_name.rules == ["R101"]
