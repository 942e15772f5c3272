"""One ledger, however it is written, gives the same typed rows: a property over random rows and styles.

What belongs here: how counties write the same thing. What does not: what is refused (the other modules).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.intake.workbooks import CREDIT_CODE, Checked, File, check, saved
from warehouse.catalog import FieldKind, Ledger, LedgerField, load_catalog

CATALOG = load_catalog()
Values = Mapping[str, Any]

#: Outer blanks do not belong to a text; a first character keeps it from being a total, a note or absent.
names = (
    st.text(st.characters(codec="gb18030", categories=["L", "N", "P", "S"]), max_size=8)
    | st.sampled_from(["䶮", "朱镕基", "①㎡", "Ａ B", '引"号', "一,二；三"])
).map("甲{}".format)
dates = st.dates(dt.date(2024, 1, 1), dt.date(2024, 3, 31))
sums = st.decimals(0, 99999, places=2)


def optional(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


shared = {
    "credit_code": optional(st.just(CREDIT_CODE)),
    "cluster": optional(st.sampled_from([one.cluster for one in CATALOG.clusters])),
    "note": optional(names),
}


@st.composite
def trainings(draw: st.DrawFn) -> Values:
    participants = draw(st.integers(1, 2_000_000))
    return {
        "name": draw(names),
        "level": draw(st.sampled_from(["市级", "县级"])),
        "base": draw(optional(names)),
        "held_on": draw(dates),
        "participants": participants,
        "certificates": draw(optional(st.integers(0, participants))),
        "subsidy": draw(optional(sums)),
        "enterprise": draw(optional(names)),
        **{name: draw(values) for name, values in shared.items()},
    }


@st.composite
def insurances(draw: st.DrawFn) -> Values:
    chain = draw(optional(st.sampled_from([one.chain for one in CATALOG.chains])))
    newly_enrolled = draw(st.booleans())
    premium = draw(st.integers(1, 999_999)) * Decimal("0.04")
    rate = Decimal(50 if newly_enrolled and chain else 0)
    return {
        "enterprise": draw(names),
        "chain": chain,
        "year": "2024",
        "enrolled_on": draw(dates),
        "newly_enrolled": newly_enrolled,
        "insured": draw(st.integers(1, 9999)),
        "premium": premium,
        "subsidy_rate": rate,
        "subsidy": premium * rate / 100,
        **{name: draw(shared[name]) for name in ("credit_code", "note")},
    }


@st.composite
def venues(draw: st.DrawFn) -> Values:
    return {
        "name": draw(names),
        "park": draw(names),
        "area_m2": draw(optional(st.decimals(1, 9999, places=4))),
        "subsidy": draw(st.decimals(1, 100_000, places=2)),
        "accepted_on": draw(dates),
        **{name: draw(values) for name, values in shared.items()},
    }


ROWS = {"skills_trainings": trainings(), "mutual_insurance": insurances(), "activity_venues": venues()}


@dataclass
class Pen:
    """Writes cells of one file in styles drawn at random; ``cells`` when the file can hold typed cells."""

    draw: st.DrawFn
    cells: bool

    def pick(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def wide(self, text: str) -> str:
        """Perhaps in full-width characters."""
        if not self.draw(st.booleans()):
            return text
        return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)

    def number(self, value: Decimal, units: Sequence[str]) -> object:
        plain = f"{value.normalize():f}"
        styles: list[object] = [plain, f" {plain}　", self.wide(plain), self.wide(f"{value:,f}")]
        styles += [f"{plain}{unit}" for unit in units]
        if self.cells:
            styles += [float(value), int(value)] if value == int(value) else [float(value)]
        return self.pick(*styles)

    def date(self, day: dt.date) -> object:
        year, month, number = day.year, day.month, day.day
        styles: list[object] = [
            f"{year}-{month:02}-{number:02}",
            f"{year}/{month}/{number}",
            f"{year}.{month}.{number:02}",
            f"{year}年{month}月{number}日",
            self.wide(f"{year}-{month}-{number}"),
            f"{year}/{month:02}/{number:02} 00:00:00",
        ]
        if self.cells:
            styles += [day, (day - dt.date(1899, 12, 30)).days]
        return self.pick(*styles)

    def code_list(self, names: Sequence[str]) -> object:
        return self.wide(self.pick(*names)) + self.pick("", " ")

    def cell(self, field: LedgerField, value: Any, ten_thousands: bool) -> object:
        if value is None:
            return self.pick(None, "", "-", "—", "/", "无", "　")
        match field.kind:
            case FieldKind.INTEGER:
                return self.number(Decimal(value), ["人", "人次", " 人"])
            case FieldKind.DECIMAL:
                return self.number(value, ["㎡", "平方米"])
            case FieldKind.YUAN if ten_thousands:
                return self.number(value / 10_000, ["万元", "万"])
            case FieldKind.YUAN:
                return self.number(value, ["元"])
            case FieldKind.PERCENT:
                return self.pick(f"{value}", self.wide(f"{value}%"), *([float(value)] if self.cells else []))
            case FieldKind.DATE:
                return self.date(value)
            case FieldKind.BOOLEAN:
                words = ("是", "√", "1", "有") if value else ("否", "×", "0", "没有")
                return self.pick(*words, *([value] if self.cells else []))
            case FieldKind.CHAIN:
                one = next(one for one in CATALOG.chains if one.chain == value)
                return self.code_list([one.name_zh, *one.aliases])
            case FieldKind.CLUSTER:
                cluster = next(one for one in CATALOG.clusters if one.cluster == value)
                return self.code_list([cluster.name_zh, *cluster.aliases])
            case FieldKind.ENUM:
                return self.wide(value)
            case FieldKind.CREDIT_CODE:
                return self.pick(value, value.lower(), self.wide(value), f" {value}")
            case FieldKind.TEXT:
                return self.pick("", " ", "　") + value


@st.composite
def files(draw: st.DrawFn, ledger: Ledger, rows: Sequence[Values]) -> File:
    """The rows as one file in a random style."""
    encoding = draw(st.sampled_from(["xlsx", "xlsx", "utf-8", "utf-8-sig", "gb18030"]))
    pen = Pen(draw, cells=encoding == "xlsx")
    fields = draw(
        st.permutations([field for field in ledger.stored_fields if any(field.name in row for row in rows)])
    )
    lines_above = draw(st.lists(st.sampled_from([f"{ledger.title}统计表", "附件3", ""]), max_size=3))
    unit_line = draw(st.sampled_from([None, "单位：元", "单位：万元"]))
    header, ten_thousands = [], set()
    for field in fields:
        label = pen.pick(*field.labels)
        if field.kind is FieldKind.YUAN:
            label, unit = label.removesuffix("（元）"), pen.pick("", "（元）", "(元)", "（万元）")
            if unit == "（万元）" or (not unit and unit_line == "单位：万元"):
                ten_thousands.add(field.name)
            label += unit
        header.append(pen.pick(label, f"{label} ", f"*{label}", "\n".join([label[:1], label[1:]])))
    table: list[list[object]] = [[line] for line in lines_above]
    table += [[None] * 2 + [unit_line]] if unit_line else []
    table.append([*header])
    for row in rows:
        if pen.pick(True, False, False):
            table.append(pen.pick([], [None, " "], ["小计", None, 3]))
        table.append([pen.cell(field, row.get(field.name), field.name in ten_thousands) for field in fields])
    table += pen.pick([], [["合计", 12]], [[], ["填表人：张三", "审核人：李四"]], [["说明：数据截至月末"]])
    if encoding == "xlsx":
        return _workbook(ledger.title, table)
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["" if value is None else value for value in line] for line in table])
    return File(f"于都县_2024-03_{ledger.title}.csv", buffer.getvalue().encode(encoding))


def _workbook(title: str, table: Sequence[Sequence[object]]) -> File:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = title
    for line in table:
        page.append(list(line))
    return File("于都县2024年3月报表.xlsx", saved(book))


@dataclass(frozen=True)
class InTwoStyles:
    """The same rows, written twice."""

    rows: list[Values]
    one: File
    other: File


@st.composite
def ledgers_in_two_styles(draw: st.DrawFn) -> tuple[Ledger, list[InTwoStyles]]:
    """Several returns of one ledger: checked together, they take as long as one."""
    ledger = CATALOG.ledger_by_name[draw(st.sampled_from(sorted(ROWS)))]
    some = st.lists(ROWS[ledger.name], min_size=1, max_size=4, unique_by=lambda row: _event(ledger, row))
    cases = [
        InTwoStyles(rows, draw(files(ledger, rows)), draw(files(ledger, rows)))
        for rows in (draw(some) for _ in range(3))
    ]
    return ledger, cases


def _event(ledger: Ledger, row: Values) -> tuple[str, ...]:
    """The natural key as the rules of counting compare it: after NFKC and without blanks."""
    texts = (unicodedata.normalize("NFKC", str(row[name])) for name in ledger.primary_key)
    return tuple("".join(text.split()) for text in texts)


def typed(checked: Checked, ledger: Ledger) -> list[dict[str, Any]]:
    return [
        {field.name: row[field.name] for field in ledger.stored_fields}
        for row in checked.rows.get(ledger.name, ())
    ]


@settings(settings.get_profile("many rows"))
@given(ledgers_in_two_styles())
def test_the_same_ledger_in_two_styles_gives_the_same_typed_rows(
    drawn: tuple[Ledger, list[InTwoStyles]],
) -> None:
    ledger, cases = drawn
    found = check(*(file for case in cases for file in (case.one, case.other)))
    for case, one, other in zip(cases, found[::2], found[1::2], strict=True):
        expected = [{field.name: row.get(field.name) for field in ledger.stored_fields} for row in case.rows]
        assert typed(one, ledger) == expected, one.issues
        assert typed(other, ledger) == expected, other.issues
        assert one.column(ledger.name, "natural_key") == other.column(ledger.name, "natural_key")
        assert len(set(one.column(ledger.name, "natural_key"))) == len(case.rows)
