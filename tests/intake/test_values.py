"""What is typed in a cell and what value it has; rows that are no data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tests.intake.workbooks import (
    CREDIT_CODE,
    MARCH_5,
    Checked,
    check,
    check_one,
    csv_file,
    ledger,
    sheet,
    workbook,
)


def column(title: str, label: str, typed: Sequence[object], key: str, **others: object) -> Checked:
    """A sheet with one row for each typed cell, told apart by the column ``key``."""
    changes = [{**others, key: f"第{number}行", label: cell} for number, cell in enumerate(typed)]
    return check_one(ledger(title, *changes))


def accepted(checked: Checked) -> list[Any]:
    (rows,) = checked.rows.values()
    return [row["row"] for row in rows]


WHOLE_NUMBERS: list[tuple[object, int]] = [
    (12, 12),
    (12.0, 12),
    ("12", 12),
    (" 12 ", 12),
    ("１２", 12),
    ("1,200", 1200),
    ("１，２００", 1200),
    ("1 200", 1200),
    ("12人", 12),
    ("12 人次", 12),
    ("１２名", 12),
    ("12.0", 12),
    ("1.2千", 1200),
    ("0.5万人次", 5000),
    ("+12", 12),
    ("0", 0),
    ("1 234 567场", 1234567),
    ("1,234,567场", 1234567),
]


def test_whole_numbers() -> None:
    typed, values = zip(*WHOLE_NUMBERS, strict=True)
    checked = column("技术创新培训", "带动技术创新人数", typed, "培训主题")
    assert (checked.issues, checked.column("innovation_trainings", "innovators")) == ([], [*values])


REFUSED_NUMBERS = [
    "十二",
    "约12",
    "12-15",
    "12人左右",
    "1,2000",
    "12,00",
    "1.5",
    "3.5人",
    "1.2.3",
    "12%",
    "O",
    "一2",
    "12人13",
    "12①",
    "12²",
    "③",
    "1 2",
    "1 2 34 567",
    "12元",
    "99999999999999999999",
]


def test_what_is_no_whole_number() -> None:
    checked = column("技术创新培训", "带动技术创新人数", REFUSED_NUMBERS, "培训主题")
    assert checked.rules == ["R202"] * len(REFUSED_NUMBERS)
    assert [issue["cell"] for issue in checked.issues] == [
        f"E{row}" for row in range(2, 2 + len(REFUSED_NUMBERS))
    ]
    assert [issue["found"] for issue in checked.issues] == REFUSED_NUMBERS


SUMS: list[tuple[object, str]] = [
    (20000, "20000"),
    (0.1 + 0.2, "0.30"),
    ("20000元", "20000"),
    ("2万", "20000"),
    ("２．５万元", "25000"),
    ("20,000.50", "20000.50"),
    ("１２，３４５．６７元", "12345.67"),
    (1e-7, "0"),
    ("0", "0"),
]


def test_sums() -> None:
    typed, values = zip(*SUMS, strict=True)
    checked = column("技能培训", "补助金额（元）", typed, "培训名称")
    assert (checked.issues, checked.column("skills_trainings", "subsidy")) == ([], [*map(Decimal, values)])


def test_percentages() -> None:
    typed = [50, 0.5, "50", "50%", "５０％", "50 %", "0.5"]
    checked = column("职工互助保障", "补贴比例", typed, "单位名称")
    assert (checked.issues, checked.column("mutual_insurance", "subsidy_rate")) == (
        [],
        [Decimal(50)] * len(typed),
    )


def test_a_percentage_above_one_is_meant_as_written() -> None:
    # 1.5 % of 6000 yuan: the rate is wrong, the sum is not, and nothing is out of range.
    assert check_one(ledger("职工互助保障", {"补贴比例": 1.5, "补贴金额（元）": 90})).rules == ["R304"]


DATES = [
    "2024-03-05",
    "2024/3/5",
    "2024.3.5",
    "2024年3月5日",
    "2024年03月05日",
    "2024-3-5",
    "2024年3月5",
    " 2024-03-05 ",
    "２０２４－０３－０５",
    "２０２４年３月５日",
    "2024 年 3 月 5 日",
    "2024/03/05 00:00",
    "2024-03-05T08:30:00",
    MARCH_5,
    dt.datetime.fromisoformat("2024-03-05T08:30"),
    45356,
    45356.0,
]


def test_dates_in_every_form() -> None:
    checked = column("师带徒", "签订日期", DATES, "师傅")
    assert checked.issues == []
    assert checked.column("apprenticeships", "signed_on") == [MARCH_5] * len(DATES)


REFUSED_DATES = [
    2024.1,
    2024.3,
    2024,
    20240305,
    "2024.1",
    "2024年3月",
    "2024-03",
    "3月5日",
    "05/03/2024",
    "3/5",
    "24-3-5",
    "2024-02-30",
    "2024-13-01",
    "2023-02-29",
    "昨天",
    "2024-03-05至2024-03-07",
    "2024-03-05、06",
    "20240305",
    "2024年三月五日",
    "2024-3-1①",
    5,
]


def test_what_is_no_date_or_an_ambiguous_one() -> None:
    checked = column("师带徒", "签订日期", REFUSED_DATES, "师傅")
    assert checked.rules == ["R203"] * len(REFUSED_DATES)
    assert [issue["found"] for issue in checked.issues] == [str(typed) for typed in REFUSED_DATES]


def test_dates_in_a_csv_file() -> None:
    texts = [typed for typed in DATES if isinstance(typed, str)]
    checked = check_one(
        csv_file(sheet("师带徒", *({"师傅": f"第{i}行", "签订日期": text} for i, text in enumerate(texts))))
    )
    assert (checked.issues, checked.column("apprenticeships", "signed_on")) == ([], [MARCH_5] * len(texts))


YES_AND_NO: list[tuple[object, bool | None]] = [
    ("是", True),
    ("有", True),
    ("√", True),
    (True, True),
    (1, True),
    ("Yes", True),
    ("否", False),
    ("×", False),
    (False, False),
    (0, False),
    ("没有", False),
    (None, None),
    ("无", None),
]


def test_yes_and_no() -> None:
    typed, values = zip(*YES_AND_NO, strict=True)
    checked = column("疗休养", "一课", typed, "批次")
    assert (checked.issues, checked.column("recuperation", "class_held")) == ([], [*values])


ABSENT = [None, "", " ", "　", "-", "－", "—", "——", "–", "/", "／", "无", " 无 "]


def test_absent_values_are_not_zero() -> None:
    checked = column("技能培训", "取证人数", [*ABSENT, 0, "0", "０"], "培训名称")
    assert checked.issues == []
    assert checked.column("skills_trainings", "certificates") == [None] * len(ABSENT) + [0, 0, 0]


def test_an_absent_value_is_absent_in_a_column_of_any_kind() -> None:
    optional = ["一线职工", "命名文号", "单位名称", "统一社会信用代码", "产业链", "产业集群", "备注"]
    for checked in check(*(ledger("劳模先进", dict.fromkeys(optional, word)) for word in ("—", "无", "/"))):
        (row,) = checked.rows["honours"]
        names = ("frontline", "document_no", "enterprise", "credit_code", "chain", "cluster", "note")
        assert [row[name] for name in names] == [None] * len(names)


def test_text_keeps_what_was_typed() -> None:
    typed = "ＡＢＣ①㎡ １２３（二）"
    checked = check_one(ledger("师带徒", {"师傅": f"  {typed}　"}))
    assert checked.column("apprenticeships", "master") == [typed]


def test_a_number_typed_into_a_text_column_is_its_text() -> None:
    checked = check_one(ledger("师带徒", {"师傅": 12.0, "工作室名称": 0}))
    (row,) = checked.rows["apprenticeships"]
    assert (row["master"], row["studio"]) == ("12", "0")


def test_credit_codes() -> None:
    typed = [
        CREDIT_CODE,
        CREDIT_CODE.lower(),
        f" {CREDIT_CODE} ",
        "９１３５０１００Ｍ０００１００Ｙ４３",
        "91350100 M000100Y43",
    ]
    checked = column("劳模先进", "统一社会信用代码", typed, "获得者")
    assert (checked.issues, checked.column("honours", "credit_code")) == ([], [CREDIT_CODE] * len(typed))


def test_every_other_check_character_fails() -> None:
    others = [one for one in "0123456789ABCDEFGHJKLMNPQRTUWXYIOSVZ" if one != CREDIT_CODE[-1]]
    checked = column("劳模先进", "统一社会信用代码", [CREDIT_CODE[:17] + one for one in others], "获得者")
    assert checked.rules == ["R206"] * len(others)


def test_two_swapped_characters_fail_and_other_companies_codes_pass() -> None:
    # Codes of listed companies, as their annual reports print them.
    public = ["9144030071526726XG", "914403001922038216", "91330100799655058B"]
    swapped = [code[:8] + code[9] + code[8] + code[10:] for code in public]
    checked = column("劳模先进", "统一社会信用代码", [*public, *swapped], "获得者")
    assert checked.column("honours", "credit_code") == public
    assert checked.rules == ["R206"] * 3


CHAINS: list[tuple[object, str | None]] = [
    ("稀土", "rare_earths"),
    ("永磁", "rare_earths"),
    (" 家 具 ", "home_furnishing"),
    ("pcb", "electronics"),
    ("ＰＣＢ", "electronics"),
    ("electronics", "electronics"),
    ("现代家居", "home_furnishing"),
    (None, None),
]


def test_chains_by_name_and_alias() -> None:
    typed, codes = zip(*CHAINS, strict=True)
    checked = column("劳模先进", "产业链", typed, "获得者")
    assert (checked.issues, checked.column("honours", "chain")) == ([], [*codes])


def test_an_unknown_chain_counts_as_outside_and_holds_nothing_out() -> None:
    checked = check_one(ledger("劳模先进", {"产业链": "低空经济"}))
    assert (checked.rules, checked.column("honours", "chain")) == (["R210"], [None])


NOT_DATA: list[list[object]] = [
    ["合计", None, 3, None],
    ["合 计", None, 3, None],
    ["总计：", None, 3, None],
    ["小计", None, 3, None],
    ["其中：7510企业", None, 1, None],
    [None, "合计", 3, None],
    ["说明：以上为截至3月底数据", None, None, None],
    ["注：师傅指带教人", None, None, None],
    ["注1", "含外聘", None, None],
    ["填报说明", None, None, None],
    ["填表人：张三", "审核人：李四", None, "2024年4月3日"],
    ["审核人:", None, None, None],
    ["说明 以上为截至3月底数据", None, None, None],
    ["填表人 张三", None, "审核人 李四", None],
    [None, None, None, None],
    ["", " ", "　", None],
    ["-", "—", "/", "无"],
]


def test_totals_notes_signatures_and_blank_rows_are_no_data() -> None:
    header, row = sheet("师带徒")
    after = sheet("师带徒", {"师傅": "王秀英"})[1]
    found = check(*(workbook({"师带徒": [header, row, line, [], after, line]}) for line in NOT_DATA))
    assert [(line, one.rules, accepted(one)) for line, one in zip(NOT_DATA, found, strict=True)] == [
        (line, [], [2, 5]) for line in NOT_DATA
    ]


def test_a_serial_number_alone_is_a_blank_row() -> None:
    header, row = sheet("师带徒")
    checked = check_one(workbook({"师带徒": [["序号", *header], [1, *row], [2], [3]]}))
    assert (checked.issues, accepted(checked)) == ([], [2])


def test_a_name_that_begins_like_a_note_is_data() -> None:
    names = ["注塑工技能竞赛", "说明会", "审核人员培训", "联系人手册", "其他"]
    checked = check_one(ledger("劳动和技能竞赛", *({"竞赛名称": name} for name in names)))
    assert checked.column("competitions", "name") == names


#: A cell that cannot be understood breaks its own rule, and none that would have read it.
ONE_CAUSE: list[tuple[str, str, object, str]] = [
    ("师带徒", "签订日期", "2024.13.5", "R203"),
    ("职工互助保障", "补贴比例", "一半", "R202"),
    ("职工互助保障", "补贴比例", 120, "R205"),
    ("职工互助保障", "保费（元）", "六千", "R202"),
    ("职工互助保障", "参保年度", "去年", "R204"),
    ("职工互助保障", "首次参保", "也许", "R204"),
    ("职工互助保障", "参保日期", "不详", "R203"),
    ("劳动和技能竞赛", "级别", "国际级", "R204"),
    ("疗休养", "结束日期", "三月底", "R203"),
    ("健康体检", "体检人数", "八十", "R202"),
    ("单身联谊", "参加人数", 0, "R205"),
]


def test_one_cause_gives_one_issue() -> None:
    found = check(*(ledger(title, {label: typed}) for title, label, typed, _ in ONE_CAUSE))
    assert [(*case[:3], one.rules) for case, one in zip(ONE_CAUSE, found, strict=True)] == [
        (*case, [rule]) for *case, rule in ONE_CAUSE
    ]


def test_two_causes_in_one_row_are_two_issues_and_one_row_held_out() -> None:
    checked = check_one(ledger("师带徒", {"师傅": None, "带徒人次": "很多"}, {}))
    assert checked.rules == ["R201", "R202"]
    assert (checked.receipt["rows_accepted"], checked.receipt["rows_held_out"]) == (1, 1)


def test_issues_stand_in_the_order_of_the_file() -> None:
    bad = {"带徒人次": "x"}
    checked = check_one(
        workbook(
            {
                "技能培训": sheet("技能培训", {"培训人数": "x"}),
                "师带徒": sheet("师带徒", bad, {"师傅": "王秀英", **bad}),
            }
        )
    )
    assert [(issue["sheet"], issue["cell"]) for issue in checked.issues] == [
        ("技能培训", "E2"),
        ("师带徒", "C2"),
        ("师带徒", "C3"),
    ]


def test_a_repeated_event_is_named_with_its_first_place() -> None:
    first, second = sheet("师带徒"), sheet("师带徒")
    checked = check_one(workbook({"师带徒": first, "师带徒（2）": second}))
    (issue,) = checked.issues
    assert (issue["rule"], issue["sheet"], issue["cell"]) == ("R310", "师带徒（2）", "A2")
    assert "（首次见 师带徒!A2）" in issue["message_zh"]
    assert "师带徒!A2" in issue["message_en"]


def test_what_takes_no_room_makes_no_other_event() -> None:
    """Zero-width blanks, soft hyphens and line separators come along when a name is copied from a page."""
    rows = [
        {"师傅": f"王{blank}秀英"}
        for blank in ("", "\u200b", "\ufeff", "\u00ad", "\u2028", "\u3000", "\u00a0")
    ]
    checked = check_one(ledger("师带徒", *rows, {"师傅": "王秀"}))
    assert (checked.rules, accepted(checked)) == (["R310"] * 6, [2, 9])


def test_a_row_that_is_held_out_does_not_make_the_next_one_a_repetition() -> None:
    checked = check_one(ledger("师带徒", {"带徒人次": "x"}, {}))
    assert (checked.rules, accepted(checked)) == (["R202"], [3])
