"""Whose return it is and of which month: wherever that may stand, and when the places disagree."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from etl.intake import Stated
from etl.receiving import receive_files
from tests.intake.workbooks import (
    Cells,
    Checked,
    File,
    check,
    check_one,
    cover,
    csv_file,
    sheet,
    workbook,
    write,
)
from warehouse.catalog import load_catalog
from warehouse.landing import Landing
from warehouse.settings import Home

YUDU_MARCH = ("360731", "2024-03")
ROWS = sheet("师带徒")


def identities(*files: File) -> list[tuple[str | None, str | None]]:
    return [one.identity for one in check(*files)]


def titled(*lines: str, name: str = "报表.xlsx") -> File:
    """A ledger under title lines."""
    return workbook({"师带徒": [*([line] for line in lines), *ROWS]}, name)


def test_the_options_come_first_and_take_names_and_codes() -> None:
    plain = {"师带徒": ROWS}
    assert set(
        identities(
            workbook(plain, "a.xlsx", unit="360731", period="2024-03"),
            workbook(plain, "a.xlsx", unit="于都县", period="2024年3月"),
            workbook(plain, "a.xlsx", unit="于都", period="202403"),
            workbook(plain, "a.xlsx", unit="Yudu County", period="2024/3"),
            workbook(plain, "a.xlsx", unit="于都县总工会（360731）", period="２０２４年３月份"),
            csv_file(ROWS, "a.csv", unit="360731", period="2024-03"),
        )
    ) == {YUDU_MARCH}


def test_a_unit_is_known_by_each_of_its_names_and_by_its_union() -> None:
    names = {}
    for unit in load_catalog().units:
        own = [*unit.names, unit.unit, *unit.former_codes, f"{unit.name_zh}（{unit.unit}）"]
        if unit.kind != "municipal":
            own += [f"{unit.name_zh}总工会", f"{unit.name_zh} 总 工 会", f"赣州市{unit.name_zh}"]
        names.update(dict.fromkeys(own, unit.unit))
    found = identities(*(workbook({"封面": cover(name), "师带徒": ROWS}, "a.xlsx") for name in names))
    assert {name: unit for name, (unit, _) in zip(names, found, strict=True)} == names


MARCH = [
    "2024-03",
    "2024年3月",
    "2024年03月份",
    "2024/3",
    "2024.3",
    "２０２４－０３",
    202403,
    dt.date(2024, 3, 1),
    dt.datetime.fromisoformat("2024-03-31T00:00"),
    2024.3,
    "2024-03-31",
    "2024年3月31日",
]
NO_MONTH = ["三月", "2024", "2024-00", "2024年1-3月", "24-3", 2024.1, "2027-01", "2023-12"]


def test_the_month_on_the_cover() -> None:
    found = check(
        *(workbook({"封面": cover(period=one), "师带徒": ROWS}, "a.xlsx") for one in [*MARCH, *NO_MONTH])
    )
    assert [(one.identity[1], one.rules) for one in found] == [
        *[("2024-03", [])] * len(MARCH),
        *[(None, ["R006"])] * len(NO_MONTH),
    ]
    (ambiguous,) = found[len(MARCH) + NO_MONTH.index(2024.1)].issues
    assert "看不出是 1 月还是 10 月" in ambiguous["message_zh"]
    assert "January or October" in ambiguous["message_en"]


def test_a_cover_may_lay_out_its_labels_freely() -> None:
    layouts: list[list[list[object]]] = [
        [["赣州市“7510”工程统计报表"], [], ["填报单位：", None, "于都县", "统计月份：", "2024年3月"]],
        [["填报单位：于都县　　统计月份：2024年3月"]],
        [["填报单位：于都县　统计月份：2024年3月　单位：元"]],
        [["单位：万元　填报单位：于都县总工会；统计月份：2024.03；填表日期：2024-04-02"]],
        [["填报单位：于都县", "统计月份：2024年3月金额单位：元"]],
        [["填 报 单 位", "于都县"], ["报告期", "2024-03"]],
        [["填报单位（盖章）:于都县总工会"], ["所属月份:2024-03"]],
        [["单位代码", 360731], ["填报月份", "2024.3"]],
    ]
    assert set(identities(*(workbook({"封面": one, "师带徒": ROWS}, "a.xlsx") for one in layouts))) == {
        YUDU_MARCH
    }


def test_the_line_above_the_header() -> None:
    assert set(
        identities(
            titled("师带徒情况统计表", "填报单位：于都县　统计月份：2024年3月"),
            titled("填报单位:于都县", "统计月份:2024-03"),
            titled("师带徒情况统计表", "填报单位：于都县　统计月份：2024年3月　单位：元"),
            csv_file([["师带徒台账"], ["填报单位：于都县", "统计月份：2024年3月"], *ROWS], "a.csv"),
        )
    ) == {YUDU_MARCH}


NAMES = [
    "于都县_2024-03_师带徒.csv",
    "于都县2024年3月报表（定稿）(2).csv",
    "360731_202403_师带徒.csv",
    "2024.03于都师带徒.csv",
    "于都县总工会－2024年03月－师带徒.csv",
    "(终)于都县_2024_3 师带徒 20240405.csv",
]


def test_the_file_name() -> None:
    assert identities(*(csv_file(ROWS, name) for name in NAMES)) == [YUDU_MARCH] * len(NAMES)


def test_a_file_name_may_name_the_union_of_a_county_level_city() -> None:
    units = [unit for unit in load_catalog().units if unit.kind == "county_city"]
    found = identities(*(csv_file(ROWS, f"{unit.name_zh}总工会2024年3月.csv") for unit in units))
    assert found == [(unit.unit, "2024-03") for unit in units]


def test_a_file_name_that_names_two_units_or_months_says_neither_and_the_answer_names_both() -> None:
    alone, covered, coded = check(
        csv_file(ROWS, "于都县宁都县_2024-03_2024-04.csv"),
        workbook({"封面": cover(), "师带徒": ROWS}, "于都县宁都县_2024-03_2024-04.xlsx"),
        workbook({"封面": [["单位代码", "360731"]], "师带徒": ROWS}, "于都县宁都县_2024-03.xlsx"),
    )
    unit, month = alone.issues
    assert (unit["rule"], month["rule"]) == ("R004", "R006")
    assert "2 个：宁都县、于都县" in unit["message_zh"]
    assert "names 2: 宁都县, 于都县" in unit["message_en"]
    assert "2 个：2024-03、2024-04" in month["message_zh"]
    assert [(one.identity, one.rules) for one in (covered, coded)] == [(YUDU_MARCH, [])] * 2


def test_a_cover_that_names_two_units_is_told_which() -> None:
    (issue,) = check_one(workbook({"封面": cover("于都县、宁都县"), "师带徒": ROWS}, "a.xlsx")).issues
    assert (issue["rule"], issue["cell"]) == ("R004", "B1")
    assert "宁都县、于都县" in issue["message_zh"]


def both_places(checked: Checked, rule: str, *places: str) -> None:
    (issue,) = checked.issues
    assert issue["rule"] == rule
    assert checked.status == "REJECTED"
    for place in places:
        assert place in issue["message_zh"], issue["message_zh"]
        assert place in issue["message_en"] or not place.isascii()


def test_places_that_disagree_are_both_named() -> None:
    sheets = {"封面": cover(), "师带徒": ROWS}
    above: dict[str, Cells] = {"封面": cover(), "师带徒": [["填报单位：宁都县"], *ROWS]}
    options, name, line, code, month = check(
        workbook(sheets, "a.xlsx", unit="宁都县"),
        workbook(sheets, "宁都县.xlsx"),
        workbook(above, "a.xlsx"),
        workbook({"封面": cover(code="360730"), "师带徒": ROWS}, "a.xlsx"),
        workbook(sheets, "2024年4月.xlsx"),
    )
    both_places(options, "R004", "提交时指定的单位", "“宁都县”", "封面!B1", "“于都县”")
    both_places(name, "R004", "封面!B1", "“于都县”", "文件名", "“宁都县.xlsx”")
    both_places(line, "R004", "封面!B1", "“于都县”", "师带徒!A1", "宁都县")
    both_places(code, "R008", "封面!B1", "“于都县”", "封面!B3", "“360730”")
    both_places(month, "R006", "封面!B2", "“2024-03”", "文件名", "“2024年4月.xlsx”")


def test_name_and_code_beside_each_other_in_one_cell_must_agree() -> None:
    agree, differ = check(
        workbook({"封面": cover("于都县 360731"), "师带徒": ROWS}, "a.xlsx"),
        workbook({"封面": cover("于都县（360730）"), "师带徒": ROWS}, "a.xlsx"),
    )
    assert (agree.identity, agree.rules) == (YUDU_MARCH, [])
    assert (differ.identity[0], differ.rules) == (None, ["R008"])


def test_a_rejected_return_still_says_what_is_known() -> None:
    damaged, unknown_unit = check(
        File("于都县_2024-03.xlsx", b"?"), workbook({"封面": cover("天河区"), "师带徒": ROWS}, "a.xlsx")
    )
    assert damaged.identity == YUDU_MARCH
    assert unknown_unit.identity == (None, "2024-03")
    assert unknown_unit.receipt["rows_held_out"] == 1


def test_a_file_that_came_too_early_is_taken_in_its_month(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    paths = write(tmp_path / "files", csv_file(ROWS, "于都县_2024-03.csv"))

    def receive() -> tuple[str, bool]:
        (received,) = receive_files(home, load_catalog(), paths, Stated())
        return received.reception.return_id, received.duplicate

    assert receive() == ("R000001", False)
    (span,) = Landing(home).spans()
    early = json.loads(span.path.read_bytes()) | {"received_at": "2024-02-29T15:59:59.000000+00:00"}
    span.path.write_text(json.dumps(early, ensure_ascii=False), encoding="utf-8")
    assert [receive(), receive()] == [("R000002", False), ("R000002", True)]
