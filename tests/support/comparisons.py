"""Rules that only all returns together show, each with returns that break it and like ones that pass.

What belongs here: the named list of such cases, for the register of checks to count and ``test_outliers`` to
run. What does not: expectations about how the issues reach receipts.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass

from tests.intake.workbooks import File, Row, ledger


@dataclass(frozen=True)
class Comparison:
    """Returns in the order in which they come in; the last of each list is judged.

    ``says`` are words of the message, in Chinese and English. ``kept`` are rules that both may touch.
    """

    rule: str
    failing: Sequence[File]
    passing: Sequence[File]
    sheet: str
    cell: str | None
    label: str
    says: tuple[str, str]
    kept: Sequence[str] = ()


def apprentices(unit: str, month: int, *rows: Row) -> File:
    """A return of the ledger 师带徒; each row is another event of its unit and month, unless it says so."""
    plain = [
        {"工作室名称": f"{unit}{month}月", "师傅": f"师傅{number}", "签订日期": f"2024-{month:02}-05"}
        | dict(row)
        for number, row in enumerate(rows)
    ]
    return ledger("师带徒", *plain, name=f"{unit}_2024-{month:02}.xlsx")


def trainings(unit: str, month: int, count: int) -> File:
    """A return of the ledger 技能培训, of which no indicator adds up a column, with so many events."""
    days = calendar.monthrange(2024, month)[1]
    rows = [
        {"培训名称": f"{unit}{number}", "培训日期": f"2024-{month:02}-{number % days + 1:02}"}
        for number in range(count)
    ]
    return ledger("技能培训", *rows, name=f"{unit}_2024-{month:02}.xlsx")


def year_of(unit: str, *apprentices_a_month: int) -> list[File]:
    """Returns from January on, each with one row and so many apprentices."""
    return [
        apprentices(unit, month, {"带徒人次": count})
        for month, count in enumerate(apprentices_a_month, start=1)
    ]


SAME_EVENT = {"工作室名称": "同一工作室", "师傅": "李卫国"}
OTHER_EVENT = {"工作室名称": "另一工作室", "师傅": "王秀英"}

COMPARISONS = [
    Comparison(
        "R311",
        [
            apprentices("章贡区", 3, SAME_EVENT),
            apprentices("章贡区", 4, {**SAME_EVENT, "签订日期": "2024-03-05"}),
        ],
        [
            apprentices("南康区", 3, OTHER_EVENT),
            apprentices("南康区", 4, {**OTHER_EVENT, "签订日期": "2024-03-06"}),
        ],
        "师带徒",
        "A2",
        "工作室名称",
        ("章贡区 R000001 师带徒 第 2 行", "Zhanggong District, R000001, 师带徒, row 2"),
        kept=["R308"],
    ),
    Comparison(
        "R312",
        [apprentices("赣县区", 5, SAME_EVENT), apprentices("信丰县", 5, SAME_EVENT)],
        [apprentices("大余县", 5, OTHER_EVENT), apprentices("上犹县", 5, {**OTHER_EVENT, "师傅": "陈建华"})],
        "师带徒",
        "A2",
        "工作室名称",
        ("赣县区", "Ganxian District"),
    ),
    Comparison(
        "R401",
        year_of("崇义县", 4, 1, 3, 31),
        year_of("安远县", 4, 1, 3, 30),
        "师带徒",
        None,
        "带徒人次",
        (
            "带徒人次 31，中位数 3；对比 2024-01 至 2024-03 有数据的 3 个月",
            "31 against a median of 3; compared with 3 months with rows, 2024-01 to 2024-03",
        ),
    ),
    Comparison(
        "R401",
        [trainings("定南县", month, count) for month, count in enumerate([2, 1, 2, 1, 16], start=1)],
        [trainings("全南县", month, count) for month, count in enumerate([2, 1, 2, 1, 15], start=1)],
        "技能培训",
        None,
        "行数",
        (
            "行数 16，中位数 1.5；对比 2024-01 至 2024-04 有数据的 4 个月",
            "rows: 16 against a median of 1.5; compared with 4 months with rows, 2024-01 to 2024-04",
        ),
    ),
]
