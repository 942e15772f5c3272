"""A few fixed returns in which everything happens once: what the tests of whole processes hand in.

What belongs here: returns that are the same in every run. What does not: random ones (``strategies``).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from tests.support.indicators import KEYS
from tests.support.returns import Return, Row, Sheet, Style, Value, first_day
from tests.support.strategies import agree
from warehouse.catalog import FieldKind, LedgerField, load_catalog

COUNTY, OTHER, CITY = "360731", "360730", "360799"


def row(ledger: str, name: str, day: dt.date, **values: Value) -> Row:
    """A row that passes; ``name`` stands in every text of its natural key, ``values`` in their columns."""
    fields = load_catalog().ledger_by_name[ledger].stored_fields
    texts = KEYS[ledger][0]
    plain = {field.name: _plain(field, name if field.name in texts else "某某", day) for field in fields}
    plain |= values
    agree(ledger, plain)
    return Row(plain)


def _plain(field: LedgerField, text: str, day: dt.date) -> Value:
    match field.kind:
        case FieldKind.TEXT:
            return text
        case FieldKind.DATE:
            return day
        case FieldKind.ENUM:
            return field.constraints.enum[0]
        case FieldKind.BOOLEAN:
            return True
        case FieldKind.CHAIN:
            return load_catalog().chains[0].chain
        case FieldKind.CLUSTER | FieldKind.CREDIT_CODE:
            return None
        case FieldKind.YUAN | FieldKind.DECIMAL:
            return Decimal("12345.67")
        case _:
            return 12


def one_row(unit: str, period: str, ledger: str, name: str, **values: Value) -> Return:
    """A return with one row, on the fifth of its month."""
    day = first_day(period).replace(day=5)
    return Return(unit, period, (Sheet(ledger, (row(ledger, name, day, **values),)),))


def everything(period: str = "2024-03") -> list[Return]:
    """All ledgers, a correction, events reported twice, a held-out row, nil ledgers and a rejected file."""
    day = first_day(period).replace(day=5)
    ledgers = tuple(KEYS)
    full = tuple(Sheet(ledger, (row(ledger, "甲", day), row(ledger, "乙", day))) for ledger in ledgers)
    broken = Row(row(ledgers[0], "丙", day).values, {KEYS[ledgers[0]][1]: "某日"}, held_out=True)
    return [
        Return(COUNTY, period, full),
        Return(CITY, period, full[:6], nil=ledgers[6:], style=Style(layout="titled", texts=True)),
        Return(OTHER, period, (Sheet(ledgers[0], (broken, row(ledgers[0], "丁", day))),), in_time=False),
        Return(OTHER, period, full, flaw="unreadable"),
        Return(COUNTY, period, (Sheet(ledgers[1], (row(ledgers[1], "戊", day),)),), nil=ledgers[2:4]),
    ]
