"""Returns of units as plain data: what they mean, and where the cells say something else.

What belongs here: the shapes. What does not: files (``workbooks``), random returns (``strategies``), counting
(``oracle``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Value = str | int | Decimal | dt.date | bool | None
Cell = str | int | float | dt.date | None

#: What becomes of a sheet: rows are taken, nothing stands in it, or a required column is missing.
SheetState = Literal["rows", "empty", "refused"]
#: Why a whole return is rejected.
Flaw = Literal["unreadable", "unknown unit", "two months"]
Layout = Literal["plain", "titled", "two lines", "csv"]


@dataclass(frozen=True)
class Row:
    """One row: its values as meant, by column.

    ``cells`` are written instead of the values. ``held_out`` says that a rule forbids the row by itself; that
    it repeats another row is for the oracle to find.
    """

    values: Mapping[str, Value]
    cells: Mapping[str, Cell] = field(default_factory=dict)
    held_out: bool = False


@dataclass(frozen=True)
class Sheet:
    """The rows of one ledger."""

    ledger: str
    rows: tuple[Row, ...] = ()
    state: SheetState = "rows"


@dataclass(frozen=True)
class Style:
    """How a unit writes its workbook; nothing of it changes a figure."""

    layout: Layout = "plain"
    #: Sums in ten thousand yuan.
    ten_thousands: bool = False
    #: Columns under their aliases, in another order.
    aliases: bool = False
    #: Dates, numbers and names typed as texts, some in full width.
    texts: bool = False
    #: The rows of a ledger on two sheets.
    split: bool = False


@dataclass(frozen=True)
class Return:
    """What one unit hands in for one month: sheets, and ledgers declared nil."""

    unit: str
    period: str
    sheets: tuple[Sheet, ...] = ()
    nil: tuple[str, ...] = ()
    flaw: Flaw | None = None
    #: Received before the end of the due day; else some day after it.
    in_time: bool = True
    style: Style = Style()

    @property
    def month(self) -> dt.date:
        return first_day(self.period)

    def states(self) -> dict[str, str]:
        """Each ledger's state; a ledger with rows is not nil."""
        return {**dict.fromkeys(self.nil, "nil"), **{sheet.ledger: sheet.state for sheet in self.sheets}}

    def __str__(self) -> str:
        head = f"{self.unit} {self.period}{' REJECTED: ' + self.flaw if self.flaw else ''}"
        head += f"{'' if self.in_time else ' late'} nil={list(self.nil)} {self.style}"
        lines = [head]
        for sheet in self.sheets:
            lines.append(f"  {sheet.ledger} ({sheet.state})")
            for row in sheet.rows:
                given = {name: value for name, value in row.values.items() if value is not None}
                values = " ".join(f"{name}={value}" for name, value in given.items())
                written = f" WRITTEN {dict(row.cells)}" if row.cells else ""
                lines.append(f"    {values}{written}{' HELD OUT' if row.held_out else ''}")
        return "\n".join(lines)


def first_day(period: str) -> dt.date:
    """The first day of ``2024-03``."""
    return dt.date.fromisoformat(f"{period}-01")


def next_month(month: dt.date) -> dt.date:
    """The first day of the month after ``month``."""
    return (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
