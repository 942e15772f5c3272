"""From a sheet's cells below its header to Arrow columns of texts, one for each known column.

What belongs here: taking the right cells, and how a cell's value is written as text. What does not: which
rows are data and what a text means (``statements``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from etl.intake.formats import Sheet
from etl.intake.headers import Header
from etl.intake.text import cell_text
from warehouse.catalog import FieldKind, Ledger, LedgerField

#: How a cell was stored; a text that looks like a number is still a text.
TEXT, NUMBER, DATE = "text", "number", "date"

#: The first text of a row, by which totals and notes are told from data.
FIRST_TEXT = "first__text"

#: How the names of columns end that say how cells were stored.
STORAGE_ENDING = "__stored_as"

#: What the macro ``trimmed`` takes away.
_BLANKS = " \t\n\r\u00a0\u3000\ufeff"

#: Kinds for which it matters whether a cell was stored as a number or a date.
_STORAGE_MATTERS = {FieldKind.DATE, FieldKind.CREDIT_CODE}

#: Whole numbers below this are exact in a spreadsheet, and written without an exponent.
_EXACT_BELOW = 10**15


def text_column(field: LedgerField) -> str:
    """Name of the column that holds a field's cells as texts."""
    return f"{field.name}__text"


def storage_column(field: LedgerField) -> str | None:
    """Name of the column that says how a field's cells were stored, for the kinds where it matters."""
    return f"{field.name}{STORAGE_ENDING}" if field.kind in _STORAGE_MATTERS else None


def raw_schema(ledger: Ledger) -> pa.Schema:
    """The shape of ``extract``: the row from 1, the row's first text, then each stored field's texts."""
    names = [FIRST_TEXT]
    for field in ledger.stored_fields:
        names.append(text_column(field))
        names += [name for name in (storage_column(field),) if name is not None]
    return pa.schema([("row", pa.int32()), *((name, pa.string()) for name in names)])


def extract(sheet: Sheet, header: Header) -> pa.Table:
    """The texts of all rows below the header; columns that the header lacks are null throughout."""
    schema = raw_schema(header.ledger)
    body = sheet.rows[header.last_row + 1 :]
    if not body:
        return schema.empty_table()
    cells = list(zip_longest(*body, fillvalue=""))
    first_row = header.last_row + 2
    columns: dict[str, pa.Array] = {"row": pa.array(range(first_row, first_row + len(body)), pa.int32())}
    by_index: dict[int, pa.Array] = {}
    for field in header.ledger.stored_fields:
        index = header.columns.get(field.name)
        if index is None or index >= len(cells):
            continue
        by_index[index] = columns[text_column(field)] = _texts(cells[index])
        if (name := storage_column(field)) is not None:
            columns[name] = _storage(cells[index])
    columns[FIRST_TEXT] = _first_texts(cells, by_index)
    nothing = pa.nulls(len(body), pa.string())
    return pa.table([columns.get(name, nothing) for name in schema.names], schema=schema)


def _first_texts(cells: Sequence[Sequence[Any]], known: dict[int, pa.Array]) -> pa.Array:
    """The first text that is not blank of each row."""
    first = pa.nulls(len(cells[0]), pa.string())
    for index, values in enumerate(cells):
        texts = known[index] if index in known else _texts(values)
        first = pc.coalesce(first, pc.if_else(_is_blank(texts), None, texts))
        if first.null_count == 0:
            break
    return first


def _is_blank(texts: pa.Array) -> pa.Array:
    return pc.equal(pc.utf8_trim(texts, characters=_BLANKS), "")


def _texts(values: Sequence[Any]) -> pa.Array:
    """Cells as texts; columns of one type need no work for each cell."""
    types = set(map(type, values))
    if types <= {str}:
        return pa.array(values, pa.string())
    if types <= {float, str} and (numbers := _whole_numbers(values)) is not None:
        return numbers
    return pa.array([value if type(value) is str else cell_text(value) for value in values], pa.string())


def _whole_numbers(values: Sequence[Any]) -> pa.Array | None:
    """The texts of whole numbers and of texts between them; None when a number is none of these."""
    numbers = pa.array([None if type(value) is str else value for value in values], pa.float64())
    exact = pc.and_(pc.equal(pc.floor(numbers), numbers), pc.less(pc.abs(numbers), _EXACT_BELOW))
    if not pc.all(exact).as_py():
        return None
    texts = pa.array([value if type(value) is str else None for value in values], pa.string())
    return pc.coalesce(texts, numbers.cast(pa.int64()).cast(pa.string()))


def _storage(values: Sequence[Any]) -> pa.Array:
    types = set(map(type, values))
    if types <= {str}:
        return pa.repeat(pa.scalar(TEXT), len(values))
    return pa.array([_stored_as(value) for value in values], pa.string())


def _stored_as(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return NUMBER
    return DATE if isinstance(value, dt.date) else TEXT
