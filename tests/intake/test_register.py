"""The register of checks: for each rule a file that breaks it and a like one that passes.

What belongs here: rule, place, what was found, what would pass. What does not: the many ways in which a value
or a header may be written (the other modules of this folder).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pytest
import yaml

from etl.intake.circumstances import Circumstances
from tests.intake.workbooks import HERE, Checked, File, check, cover, csv_file, ledger, sheet, workbook
from warehouse.catalog import load_catalog

#: Rules that need more than one return: the modules with their failing and passing cases.
ELSEWHERE = {"R311": "test_outliers.py", "R312": "test_outliers.py", "R401": "test_outliers.py"}


@dataclass(frozen=True)
class Case:
    """A file that breaks one rule once and nothing else, and one that passes.

    ``passes`` are words of what would pass, in Chinese and English. ``kept`` are rules that the passing file
    may touch: information about an event of an earlier month, say.
    """

    rule: str
    failing: File
    passing: File
    sheet: str | None
    cell: str | None
    found: str | None
    passes: tuple[str, str]
    kept: Sequence[str] = ()


GOOD = ledger("师带徒")
COVERED = {"封面": cover(), "师带徒": sheet("师带徒")}


def covered(name: str = "报表.xlsx", **words: object) -> File:
    """A workbook whose cover alone says whose it is, with some of the cover's words changed."""
    return workbook({**COVERED, "封面": cover(**words)}, name)  # type: ignore[arg-type]


def received(day: dt.date, locked: dt.date | None = None) -> File:
    """The covered workbook as it comes in on a day, with a month that is locked."""
    months = frozenset({locked} if locked else ())
    return replace(covered(), circumstances=Circumstances(received_on=day, locked_months=months))


def totalled(total: object) -> File:
    """Two rows with three and four apprentices, and a total row below them."""
    rows = sheet("师带徒", {}, {"师傅": "王秀英", "带徒人次": 4})
    return workbook({"师带徒": [*rows, ["合计", None, total, None]]})


UNREADABLE = [
    Case("R001", File(name, content), GOOD, None, None, None, (".xlsx", ".xlsx"))
    for name, content in {
        "于都县_2024-03.xlsx": b"no workbook at all",
        "于都县_2024-03_空.xlsx": b"",
        "于都县_2024-03_截断.xlsx": GOOD.content[: len(GOOD.content) // 2],
        "于都县_2024-03_压缩包.xlsx": b"PK\x05\x06" + bytes(18),
        "于都县_2024-03_加密.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504),
        "于都县_2024-03_乱码.csv": "工作室名称,师傅\n甲,乙\n".encode("utf-16")[:-1],
        "于都县_2024-03_图片.csv": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    }.items()
]

RETURN_CASES = [
    Case(
        "R003",
        workbook({"Sheet1": [["日期", "天气"], ["3月5日", "晴"]]}),
        workbook({"Sheet1": sheet("师带徒")}),
        None,
        None,
        "Sheet1",
        ("劳模先进", "劳模先进"),
    ),
    Case(
        "R003",
        csv_file([["日期", "天气"], ["3月5日", "晴"]], "于都县_2024-03.csv"),
        csv_file(sheet("师带徒"), "于都县_2024-03.csv"),
        None,
        None,
        None,
        ("劳模先进", "劳模先进"),
    ),
    Case(
        "R004",
        ledger("师带徒", name="报表.xlsx", period="2024-03"),
        ledger("师带徒", name="报表.xlsx", period="2024-03", unit="360731"),
        None,
        None,
        None,
        ("填报单位", "填报单位"),
    ),
    Case("R004", covered(unit="天河区"), covered(unit="于都"), "封面", "B1", "天河区", ("章贡区", "章贡区")),
    Case(
        "R004",
        covered("宁都县2024年3月.xlsx"),
        covered("于都县2024年3月.xlsx"),
        "封面",
        "B1",
        "于都县",
        ("章贡区", "章贡区"),
    ),
    Case(
        "R004",
        ledger("师带徒", unit="天河区"),
        ledger("师带徒", unit="于都县"),
        None,
        None,
        "天河区",
        ("章贡区", "章贡区"),
    ),
    Case(
        "R005",
        ledger("师带徒", submitter="360730"),
        ledger("师带徒", submitter="360799"),
        None,
        None,
        "宁都县",
        ("市总工会", "the city"),
    ),
    Case(
        "R005",
        ledger("师带徒", submitter="360730"),
        ledger("师带徒", submitter="360731"),
        None,
        None,
        "宁都县",
        ("该单位", "that unit"),
    ),
    Case(
        "R006",
        ledger("师带徒", name="于都县.xlsx"),
        ledger("师带徒", name="于都县.xlsx", period="2024-03"),
        None,
        None,
        None,
        ("2024-01 至 2026-12", "2024-01 to 2026-12"),
    ),
    Case(
        "R006",
        covered(period="2024年13月"),
        covered(period="2024年3月"),
        "封面",
        "B2",
        "2024年13月",
        ("2024-01 至 2026-12", "2024-01 to 2026-12"),
    ),
    Case(
        "R006",
        covered(period="2023-12"),
        covered(period="2024-03"),
        "封面",
        "B2",
        "2023-12",
        ("2024-01 至 2026-12", "2024-01 to 2026-12"),
    ),
    Case(
        "R006",
        covered(period=2024.1),
        covered(period=dt.date(2024, 3, 1)),
        "封面",
        "B2",
        "2024.1",
        ("2024年3月", "2024-03"),
    ),
    Case(
        "R006",
        covered("于都县_2024-04.xlsx"),
        covered("于都县_2024-03.xlsx"),
        "封面",
        "B2",
        "2024-03",
        ("2024-01 至 2026-12", "2024-01 to 2026-12"),
    ),
    Case(
        "R002",
        workbook({"师带徒": sheet("师带徒"), **{f"附表{number}": [] for number in range(200)}}),
        workbook({"师带徒": sheet("师带徒"), **{f"附表{number}": [] for number in range(199)}}),
        None,
        None,
        None,
        ("拆分", "split"),
    ),
    Case(
        "R007",
        received(dt.date(2024, 2, 29)),
        received(dt.date(2024, 3, 1)),
        "封面",
        "B2",
        "2024-03",
        ("开放填报", "open period"),
    ),
    Case(
        "R007",
        received(dt.date(2024, 4, 2), locked=dt.date(2024, 3, 1)),
        received(dt.date(2024, 4, 2), locked=dt.date(2024, 2, 1)),
        "封面",
        "B2",
        "2024-03",
        ("开放填报", "open period"),
    ),
    Case(
        "R008",
        covered(code="360730"),
        covered(code="360731"),
        "封面",
        "B3",
        "360730",
        ("于都县 360731", "于都县 360731"),
    ),
    Case(
        "R008",
        covered(unit="赣州经开区", code=360703),
        covered(unit="赣州经开区", code=360791),
        "封面",
        "B3",
        "360703",
        ("360791", "360791"),
    ),
]

NO_MASTER = ["工作室名称", "带徒人次", "签订日期"]

LEDGER_CASES = [
    Case(
        "R101",
        workbook({"师带徒": sheet("师带徒", header=NO_MASTER)}),
        workbook({"师带徒": sheet("师带徒", {"导师": "李卫国"}, header=[*NO_MASTER, "导师"])}),
        "师带徒",
        "A1",
        None,
        ("导师", "导师"),
    ),
    Case(
        "R102",
        ledger("师带徒", {"天气": "晴"}),
        ledger("师带徒", {"备注": "晴"}),
        "师带徒",
        "E1",
        "天气",
        ("模板", "the template"),
    ),
    Case(
        "R103",
        workbook({"师带徒": sheet("师带徒", header=[*NO_MASTER, "师傅", "师傅"])}),
        GOOD,
        "师带徒",
        "E1",
        "师傅",
        ("只出现一次", "one column"),
    ),
    Case(
        "R103",
        workbook(
            {
                "师带徒": sheet(
                    "师带徒",
                    {"导师": "李卫国", "师傅姓名": "王秀英"},
                    header=[*NO_MASTER, "导师", "师傅姓名"],
                )
            }
        ),
        GOOD,
        "师带徒",
        "E1",
        "师傅姓名",
        ("只出现一次", "one column"),
    ),
    Case(
        "R104",
        workbook({"师带徒": sheet("师带徒"), "通讯录": [["张三", "主席"]]}),
        workbook({"师带徒": sheet("师带徒"), "填报说明": [["张三", "主席"]], "空表": []}),
        "通讯录",
        None,
        None,
        ("劳模先进", "劳模先进"),
    ),
    Case(
        "R105",
        workbook({"师带徒": sheet("师带徒")[:1]}),
        workbook({"封面": cover(师带徒="零报告"), "师带徒": sheet("师带徒")[:1]}),
        "师带徒",
        "A1",
        None,
        ("零报告", "零报告"),
    ),
    Case(
        "R105",
        workbook({"封面": cover(师带徒="有数据")}),
        workbook({"封面": cover(师带徒="零报告")}),
        "封面",
        "B4",
        None,
        ("零报告", "零报告"),
    ),
    Case(
        "R105",
        workbook({"封面": cover(师带徒="0报告", 技能培训="有数据"), "技能培训": sheet("技能培训")}),
        workbook({"封面": cover(师带徒="零报告", 技能培训="有数据"), "技能培训": sheet("技能培训")}),
        "封面",
        "B4",
        "0报告",
        ("标为“零报告”", "零报告 beside the ledger"),
    ),
    Case(
        "R104",
        workbook({"封面": cover(带徒情况="零报告"), "师带徒": sheet("师带徒")}),
        workbook({"封面": cover(**{"3. 技能培训台账": "零报告"}), "师带徒": sheet("师带徒")}),
        "封面",
        "A4",
        "带徒情况",
        ("劳模先进", "劳模先进"),
    ),
    Case(
        "R106",
        workbook({"封面": cover(师带徒="零报告"), "师带徒": sheet("师带徒")}),
        workbook({"封面": cover(师带徒="有数据"), "师带徒": sheet("师带徒")}),
        "封面",
        "B4",
        "零报告",
        ("有数据", "有数据"),
    ),
]

PERSONAL_CASES = [
    Case(
        "R211",
        ledger("师带徒", {"备注": number}),
        ledger("师带徒", {"备注": like}),
        "师带徒",
        "E2",
        None,
        ("身份证号", "identity numbers"),
    )
    for number, like in {
        "联系13800138000": "联系0797-8138000",
        "138 0013 8000": "13800 13800",
        "１３８００１３８０００": "１３８０",
        13800138000: 1380013800,
        "11010519491231002X": "11010519491331002X",
        "110105491231002": "110105491331002",
    }.items()
] + [
    Case(
        "R211",
        ledger("健康体检", {"姓名": "李卫国"}),
        ledger("健康体检", {"备注": "李卫国"}),
        "健康体检",
        "F1",
        None,
        ("姓名", "names"),
    ),
    Case(
        "R211",
        ledger("师带徒", {"身份证号": "见附件"}),
        ledger("师带徒", {"备注": "见附件"}),
        "师带徒",
        "E1",
        None,
        ("身份证号", "identity numbers"),
    ),
]

TEXT_CASES = [
    Case("R107", totalled(8), totalled("7人"), "师带徒", "C4", "8", ("合计", "total")),
    Case("R209", ledger("师带徒", {"带徒人次": "#REF!"}), GOOD, "师带徒", "C2", "#REF!", ("数值", "a value")),
    Case(
        "R209",
        ledger("师带徒", {"带徒人次": "=1+2"}),
        GOOD,
        "师带徒",
        "C2",
        "#公式未计算 NOT CALCULATED",
        ("数值", "a value"),
    ),
    Case(
        "R208",
        ledger("劳模先进", {"备注": "好" * 501}),
        ledger("劳模先进", {"备注": "好" * 500}),
        "劳模先进",
        "K2",
        "好" * 100,
        ("500 字", "500 characters"),
    ),
    Case(
        "R208",
        csv_file(sheet("师带徒", {"师傅": "李\x07卫国"})),
        csv_file(sheet("师带徒")),
        "师带徒",
        "B2",
        "李\x07卫国",
        ("普通文字", "plain text"),
    ),
    Case(
        "R310",
        ledger("师带徒", {}, {"带徒人次": 9}),
        ledger("师带徒", {}, {"师傅": "王秀英"}),
        "师带徒",
        "A3",
        "工作室名称 李卫国工作室，师傅 李卫国，签订日期 2024-03-05",
        ("一行", "one row"),
    ),
    Case(
        "R310",
        ledger("师带徒", {}, {"工作室名称": "李卫国 工作室", "师傅": "李　卫国", "签订日期": "2024.3.5"}),
        ledger("师带徒", {}, {"签订日期": "2024.3.6"}),
        "师带徒",
        "A3",
        "工作室名称 李卫国 工作室，师傅 李　卫国，签订日期 2024-03-05",
        ("一行", "one row"),
    ),
]


def row_cases() -> Iterator[Case]:
    """The cases of ``register.yaml``: one changed row of one ledger."""
    for case in yaml.safe_load((HERE / "register.yaml").read_text(encoding="utf-8")):
        title, (remedy_zh, remedy_en) = case["ledger"], case["remedy"]
        yield Case(
            case["rule"],
            ledger(title, case["breaks"]),
            ledger(title, case["passes"]),
            title,
            case["cell"],
            case["found"],
            (remedy_zh, remedy_en),
            case.get("kept", ()),
        )


CASES = [*UNREADABLE, *RETURN_CASES, *LEDGER_CASES, *PERSONAL_CASES, *TEXT_CASES, *row_cases()]
IDS = [f"{case.rule}-{number}" for number, case in enumerate(CASES)]
SEVERITIES = {rule.rule: rule.severity for rule in load_catalog().rules}


@pytest.fixture(scope="module")
def outcomes() -> list[tuple[Checked, Checked]]:
    """Each case's failing and passing file, all of them checked as one batch: none may touch another."""
    checked = check(*(file for case in CASES for file in (case.failing, case.passing)))
    return list(zip(checked[::2], checked[1::2], strict=True))


def test_every_rule_has_a_failing_and_a_passing_case() -> None:
    assert {case.rule for case in CASES} == set(SEVERITIES) - set(ELSEWHERE)
    for rule, module in ELSEWHERE.items():
        assert rule in (HERE.parent / module).read_text(encoding="utf-8")


@pytest.mark.parametrize("number", range(len(CASES)), ids=IDS)
def test_a_broken_rule_is_one_issue_with_place_and_remedy(
    number: int, outcomes: list[tuple[Checked, Checked]]
) -> None:
    case, (failed, _) = CASES[number], outcomes[number]
    assert failed.rules == [case.rule], failed.issues
    (issue,) = failed.issues
    assert (issue["sheet"], issue["cell"], issue["found"]) == (case.sheet, case.cell, case.found)
    assert issue["severity"] == SEVERITIES[case.rule]
    for language, words in zip(("zh", "en"), case.passes, strict=True):
        message = issue[f"message_{language}"]
        assert words in message
        assert words in issue["expected"]
        assert case.found is None or case.found in message or case in LEDGER_CASES
        assert case.cell is None or message.startswith(f"{case.sheet} {case.cell}")
        assert "{" not in message + issue["expected"]


@pytest.mark.parametrize("number", range(len(CASES)), ids=IDS)
def test_a_like_file_passes(number: int, outcomes: list[tuple[Checked, Checked]]) -> None:
    case, (_, passed) = CASES[number], outcomes[number]
    assert passed.rules == list(case.kept), passed.issues
    assert passed.status == "ACCEPTED"
    assert passed.receipt["rows_held_out"] == 0


@pytest.mark.parametrize("number", range(len(CASES)), ids=IDS)
def test_the_severity_says_what_becomes_of_the_rows(
    number: int, outcomes: list[tuple[Checked, Checked]]
) -> None:
    case, (failed, _) = CASES[number], outcomes[number]
    status, held_out = {
        "fatal": ("REJECTED", None),
        "error": ("ACCEPTED_WITH_ISSUES", 1),
        "warning": ("ACCEPTED", 0),
        "info": ("ACCEPTED", 0),
    }[SEVERITIES[case.rule]]
    assert failed.status == status
    if held_out is None:
        assert (failed.receipt["rows_accepted"], failed.rows) == (0, {})
    else:
        assert failed.receipt["rows_held_out"] == held_out


@pytest.mark.parametrize("rule", sorted(set(SEVERITIES) - set(ELSEWHERE)))
def test_severities_are_those_of_the_register(rule: str) -> None:
    fatal = {"R001", "R002", "R003", "R004", "R005", "R006", "R007", "R008"}
    warning, info = {"R104", "R105", "R107", "R210", "R303"}, {"R102", "R308"}
    special = {
        **dict.fromkeys(fatal, "fatal"),
        **dict.fromkeys(warning, "warning"),
        **dict.fromkeys(info, "info"),
    }
    assert SEVERITIES[rule] == special.get(rule, "error")
