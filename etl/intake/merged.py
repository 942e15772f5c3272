"""Merged cells of a ledger's rows: a value that stands once, for several rows.

What belongs here: which rows get the value. What does not: where cells are merged (``formats``), merged
labels (``headers``).

A name, a date or a code holds for each row that its cell covers. A number does not: nobody can tell whether
it is each row's or the sum of all, so the rows below the first are told to be filled in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from etl.intake.formats import Sheet
from etl.intake.headers import Header
from etl.intake.text import cell_name
from warehouse.catalog import FieldKind

_NUMBERS = {FieldKind.INTEGER, FieldKind.DECIMAL, FieldKind.YUAN}


def with_merged_cells(sheet: Sheet, header: Header) -> Sheet:
    """The sheet with the value of each merged cell in every row of data that it covers.

    A row that has nothing of its own stays blank: forms are often merged down beyond their last row.
    """
    known = {index: header.ledger.field(name).kind for name, index in header.columns.items()}
    areas = sorted((one for one in sheet.merged if one.column in known), key=lambda one: one.first_row)
    if not areas:
        return sheet
    rows: list[Sequence[Any]] = list(sheet.rows)
    behind = dict.fromkeys(known, header.last_row + 1)
    filled = False
    for area in areas:
        column, first, last = area.column, area.first_row, min(area.last_row, len(rows) - 1)
        # Areas that overlap are a broken file's.
        value = _cell(rows[first], column) if behind[column] <= first < len(rows) else ""
        if not _stands(value):
            continue
        behind[column] = last + 1
        if known[column] in _NUMBERS:
            place = f"{cell_name(first, column)}:{cell_name(area.last_row, column)}"
            value = f"{place} 合并单元格，请取消合并，逐行填写 merged cells: unmerge, fill in each row"
        for number in range(first + 1, last + 1):
            if any(_stands(_cell(sheet.rows[number], index)) for index in known):
                row = [*rows[number], *[""] * (column + 1 - len(rows[number]))]
                row[column] = value
                rows[number] = row
                filled = True
    return replace(sheet, rows=rows, merged=()) if filled else sheet


def _cell(row: Sequence[Any], column: int) -> Any:
    return row[column] if column < len(row) else ""


def _stands(value: object) -> bool:
    return value is not None and bool(str(value).strip())
