"""Random returns for hypothesis: few names and days, so that events meet in many returns.

What belongs here: rows that pass and rows that must be held out, by ledger, and returns made of them. What
does not: what becomes of them (``oracle``), how they are written (``workbooks``).
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.support.indicators import KEYS
from tests.support.returns import Cell, Layout, Return, Row, Sheet, SheetState, Style, Value, first_day
from warehouse.catalog import FieldKind, Ledger, LedgerField, load_catalog

Draw = Callable[[st.SearchStrategy[Any]], Any]
Values = dict[str, Value]

#: Every name of a group means the same event; they differ in width and blanks only.
_NAMES = (("焊工A班", "焊工Ａ班", "焊工 A 班"), ("电工班", "电工　班"), ("叉车①班", "叉车1班"), ("钳工班",))
_RARE = 8
_DAYS = (1, 31)
#: The ledger whose rates depend on chain and cluster.
_INSURANCE = "mutual_insurance"


@dataclass(frozen=True)
class Scene:
    """Who reports in one example, for which months, in which ledgers."""

    units: tuple[str, ...]
    months: tuple[dt.date, ...]
    ledgers: tuple[str, ...]


@st.composite
def scenes(draw: Draw) -> Scene:
    """Two to five units, the city's own level and a zone among them now and then; one to four months."""
    catalog = load_catalog()
    municipal = [unit.unit for unit in catalog.units if unit.kind == "municipal"]
    zones = [unit.unit for unit in catalog.units if unit.kind == "zone"]
    others = [unit.unit for unit in catalog.units if unit.kind not in {"municipal", "zone"}][:6]
    units = draw(st.lists(st.sampled_from(others), min_size=1, max_size=3, unique=True))
    units += draw(st.sampled_from([municipal, municipal, []]))
    # The first zone owes returns, the last does not.
    units += draw(st.sampled_from([[], [], zones[:1], zones[-1:]]))
    first = draw(st.sampled_from(["2024-01", "2024-11", "2025-01", "2025-12", "2026-11"]))
    later = [month for month in load_catalog().programme.months if month >= first_day(first)][:4]
    months = draw(st.lists(st.sampled_from(later), min_size=1, max_size=4, unique=True))
    ledgers = draw(st.lists(st.sampled_from(sorted(KEYS)), min_size=2, max_size=4, unique=True))
    return Scene(tuple(units), tuple(sorted(months)), tuple(ledgers))


@st.composite
def received(draw: Draw, scene: Scene) -> list[Return]:
    """Returns in the order of reception: a file may come twice, and an event in the returns of two units."""
    returns: list[Return] = draw(st.lists(_returns(scene), min_size=2, max_size=8))
    for again in draw(st.lists(st.sampled_from(returns), max_size=3)):
        months = [month for month in scene.months if month >= again.month]
        unit, month = draw(st.sampled_from(scene.units)), draw(st.sampled_from(months))
        returns.append(_reported_again(again, unit, month))
    return returns


def _reported_again(each: Return, unit: str, month: dt.date) -> Return:
    """The rows that pass in another return; one that did not might pass in a later month."""
    sheets = (replace(sheet, rows=tuple(r for r in sheet.rows if not r.held_out)) for sheet in each.sheets)
    return replace(
        each,
        unit=unit,
        period=f"{month:%Y-%m}",
        sheets=tuple(sheet for sheet in sheets if sheet.rows or sheet.state == "empty"),
    )


@st.composite
def _returns(draw: Draw, scene: Scene) -> Return:
    month: dt.date = draw(st.sampled_from(scene.months))
    reported = draw(st.lists(st.sampled_from(scene.ledgers), min_size=1, max_size=4, unique=True))
    sheets, nil = [], []
    for name in reported:
        state = draw(st.sampled_from(["rows"] * _RARE + ["nil", "nil", "empty", "refused"]))
        if state == "nil":
            nil.append(name)
        else:
            sheets.append(draw(_sheets(name, scene, month, state)))
    return Return(
        unit=draw(st.sampled_from(scene.units)),
        period=f"{month:%Y-%m}",
        sheets=tuple(sheets),
        nil=tuple(nil),
        flaw=draw(st.sampled_from([None] * 3 * _RARE + ["unreadable", "unknown unit", "two months"])),
        in_time=draw(st.booleans()),
        style=draw(_STYLES),
    )


_LAYOUTS: tuple[Layout, ...] = ("plain", "titled", "two lines", "csv")
_STYLES = st.builds(
    Style,
    layout=st.sampled_from(_LAYOUTS),
    ten_thousands=st.booleans(),
    aliases=st.booleans(),
    texts=st.booleans(),
    split=st.booleans(),
)


def _sheets(name: str, scene: Scene, month: dt.date, state: SheetState) -> st.SearchStrategy[Sheet]:
    if state == "empty":
        return st.just(Sheet(name, (), state))
    rows = st.lists(rows_of(name, scene.months, month), min_size=1, max_size=5)
    return rows.map(lambda drawn: Sheet(name, tuple(drawn), state))


@st.composite
def rows_of(draw: Draw, name: str, months: Sequence[dt.date], reported: dt.date) -> Row:
    """A row of a ledger: mostly one that passes."""
    ledger = load_catalog().ledger_by_name[name]
    earlier = [month for month in months if month < reported]
    month = draw(st.sampled_from([reported] * 3 + earlier)) if earlier else reported
    values: Values = {field.name: draw(_value(ledger, field, month)) for field in ledger.stored_fields}
    agree(name, values)
    spoil = draw(st.integers(0, _RARE))
    if spoil == 1:
        spoiled: Row = draw(_spoiled(ledger, values, reported))
        return spoiled
    if spoil == 2 and name != _INSURANCE:
        # A chain that is not on the list is worth a warning, and the row lies outside 7510.
        return Row({**values, "chain": None, "cluster": None}, {"chain": "白酒产业"})
    return Row(values)


# Values that pass


def _value(ledger: Ledger, field: LedgerField, month: dt.date) -> st.SearchStrategy[Any]:
    value = _given(ledger, field, month)
    needed = field.constraints.required or field.required_when is not None
    return value if needed else st.one_of(value, st.none())


def _given(ledger: Ledger, field: LedgerField, month: dt.date) -> st.SearchStrategy[Any]:
    catalog = load_catalog()
    if field.name == KEYS[ledger.name][1]:
        return st.sampled_from(_DAYS).map(lambda day: _day(month, day))
    match field.kind:
        case FieldKind.TEXT if field.name in KEYS[ledger.name][0]:
            first = next(key for key in KEYS[ledger.name][0] if ledger.field(key).kind is FieldKind.TEXT)
            return st.sampled_from(
                [name for names in _NAMES for name in names] if field.name == first else _NAMES[0]
            )
        case FieldKind.TEXT:
            return st.sampled_from(["甲公司", "乙 ㎡"])
        case FieldKind.ENUM:
            return st.sampled_from(field.constraints.enum)
        case FieldKind.CHAIN:
            return st.sampled_from([chain.chain for chain in catalog.chains])
        case FieldKind.CLUSTER:
            return st.sampled_from([cluster.cluster for cluster in catalog.clusters])
        case FieldKind.BOOLEAN:
            return st.booleans()
        case FieldKind.DATE:
            return st.integers(0, 14).map(lambda days: _day(month, 31) + dt.timedelta(days))
        case FieldKind.CREDIT_CODE:
            return st.just("91360700MA35KX1234").map(_with_check_character)
        case FieldKind.YUAN | FieldKind.DECIMAL:
            return st.integers(1, 2_000_000).map(lambda cents: Decimal(cents) / 100)
        case _:
            return st.one_of(st.integers(2, 12), st.integers(2, 200))


def _day(month: dt.date, day: int) -> dt.date:
    return month.replace(day=min(day, calendar.monthrange(month.year, month.month)[1]))


def _with_check_character(code: str) -> str:
    """GB 32100: the 18th character is 31 less the weighted sum of the others, modulo 31."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(alphabet.index(digit) * pow(3, place, 31) for place, digit in enumerate(code[:17]))
    return code[:17] + alphabet[-total % 31]


def agree(name: str, values: Values) -> None:
    """Makes the values of one row agree with each other, as the programme's rules want it."""
    match name:
        case "competitions" if values["series"] == "虔能杯" and values["level"] == "市级":
            if values["class"] == "一类":
                values["cost"] = values["subsidy"]
        case "competitions":
            values["class"] = None
        case "skills_trainings":
            _at_most(values, "certificates", "participants")
        case "health_checkups":
            _at_most(values, "women", "workers")
        case "cancer_screenings":
            _at_most(values, "workers", "eligible")
        case "matchmaking_events":
            values["pairs"] = 1
        case _ if name == _INSURANCE:
            _insure(values)
        case "recuperation":
            _at_most(values, "frontline_workers", "workers")
            values["ends_on"] = _days_after(values["starts_on"], 14)
    if values.get("ends_on") is not None and name != "recuperation":
        values["ends_on"] = _days_after(values["starts_on"], 0)


def _at_most(values: Values, part: str, whole: str) -> None:
    numbers = [value for value in (values[part], values[whole]) if isinstance(value, int)]
    if len(numbers) == 2:
        values[part], values[whole] = min(numbers), max(numbers)


def _days_after(day: Value, days: int) -> dt.date:
    assert isinstance(day, dt.date)
    return day + dt.timedelta(days)


def _insure(values: Values) -> None:
    enrolled_on, premium = values["enrolled_on"], values["premium"]
    assert isinstance(enrolled_on, dt.date)
    assert isinstance(premium, Decimal)
    in_7510 = values["chain"] is not None or values["cluster"] is not None
    rate = {2024: 50, 2025: 40, 2026: 30}[enrolled_on.year] if values["newly_enrolled"] and in_7510 else 0
    values["year"], values["subsidy_rate"] = str(enrolled_on.year), rate
    values["subsidy"] = (premium * rate / 100).quantize(Decimal("0.01"))


# Rows that do not pass


@st.composite
def _spoiled(draw: Draw, ledger: Ledger, values: Values, reported: dt.date) -> Row:
    """The row with one thing in it that no county may write."""
    date = KEYS[ledger.name][1]
    after = reported + dt.timedelta(40)
    wrong: list[tuple[str, Cell]] = [
        (date, "某日"),
        (date, dt.date(2023, 12, 31)),
        (date, dt.date(after.year, after.month, 15)),
        ("credit_code", "91360700MA35KX1230"),
    ]
    for field in ledger.stored_fields:
        if field.constraints.required:
            wrong.append((field.name, None))
        if field.kind in {FieldKind.INTEGER, FieldKind.YUAN, FieldKind.DECIMAL, FieldKind.PERCENT}:
            wrong += [(field.name, "若干"), (field.name, -1)]
        if field.kind is FieldKind.INTEGER:
            wrong.append((field.name, 2.5))
        if field.kind is FieldKind.ENUM:
            wrong.append((field.name, "别的"))
    wrong += [(name, cell) for name, cell in _BROKEN_RULES.get(ledger.name, ())]
    name, cell = draw(st.sampled_from(wrong))
    return Row(values, {name: cell}, held_out=True)


#: Cells that break a rule between the columns of a row, whatever else passes.
_BROKEN_RULES: dict[str, Sequence[tuple[str, Cell]]] = {
    "activity_venues": [("subsidy", "10.000001万")],
    "demonstration_unions": [("subsidy", "4.000001万")],
    "mutual_insurance": [("subsidy", "99999999"), ("subsidy_rate", "31%"), ("year", "2023")],
    "recuperation": [
        ("frontline_workers", 9999),
        ("ends_on", dt.date(2023, 1, 1)),
        ("ends_on", dt.date(2027, 12, 1)),
    ],
    "childcare_classes": [("ends_on", dt.date(2023, 1, 1))],
    "health_checkups": [("women", 9999)],
    "apprenticeships": [("apprentices", 201)],
}
