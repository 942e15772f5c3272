"""Where the texts of a ledger's rows come from: tables in memory, or a large text file read in one pass.

What belongs here: a source as SQL, with the columns that ``statements`` reads (``extraction.raw_schema``).
What does not: what the texts mean.

DuckDB's reader numbers rows, not lines, and is kinder than a spreadsheet to a broken file. So it reads only
what is regular: every line a row of as many cells; all else goes through Python's ``csv``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest

import pyarrow as pa

from etl.intake.delivery import LedgerSheet, TextBody
from etl.intake.extraction import FIRST_TEXT, raw_schema, storage_column, text_column
from etl.intake.values import factor_column
from warehouse.catalog import FieldKind, Ledger
from warehouse.catalog.expressions import identifier, literal

#: The name under which a table in memory is registered.
RAW = "raw"

#: What a row tells of its sheet.
_OF_SHEET = ("return_position", "period", "date1904")

_RECORDS_AT_ONCE = 100_000
_BYTES_AT_ONCE = 1 << 24


@dataclass(frozen=True)
class RowSource:
    """A source of rows; ``first_row`` is the number of its first one, or None where rows carry their number.

    Without numbers the rows come in order, so that a table made of them has the number in ``rowid``.
    """

    sql: str
    first_row: int | None = None


def tables_source(ledger: Ledger, sheets: list[tuple[int, LedgerSheet]]) -> tuple[RowSource, pa.Table]:
    """Sheets in memory as one source; the table is to be registered as ``RAW``."""
    # Whole columns: DuckDB works on 2,048 rows at a time, and each sheet would be a piece of its own.
    table = pa.concat_tables([_table(ledger, *one) for one in sheets]).combine_chunks()
    of_sheet = ", ".join(f"sheets.{name}" for name in _OF_SHEET)
    return RowSource(f"SELECT {RAW}.*, {of_sheet} FROM {RAW} JOIN sheets USING (sheet_id)"), table


def _table(ledger: Ledger, sheet_id: int, sheet: LedgerSheet) -> pa.Table:
    """A sheet's texts with the constants of the sheet beside them."""
    table = sheet.table if sheet.table is not None else raw_schema(ledger).empty_table()
    count = table.num_rows
    table = table.append_column("sheet_id", pa.repeat(pa.scalar(sheet_id, pa.int32()), count))
    for field in ledger.stored_fields:
        if field.kind is FieldKind.YUAN:
            factor = pa.scalar(sheet.factors.get(field.name, 1), pa.int32())
            table = table.append_column(factor_column(field), pa.repeat(factor, count))
    return table


def text_source(ledger: Ledger, sheet_id: int, sheet: LedgerSheet, body: TextBody) -> RowSource:
    """A large text file as a source that is read once, by all cores; fails where it is not regular."""
    cells = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(body.width))
    options = (
        f"header = false, auto_detect = false, skip = {body.first_line}, columns = {{{cells}}},"
        f" delim = {literal(body.delimiter)}, quote = '\"', escape = '\"', strict_mode = true"
    )
    columns = ", ".join(_columns(ledger, sheet_id, sheet, body.width))
    return RowSource(f"SELECT {columns} FROM read_csv({literal(str(body.path))}, {options})", body.first_row)


def is_regular(body: TextBody, rows: int) -> bool:
    """Whether so many rows are all lines below the header: none is blank, none a part of a cell."""
    lines, last = 0, b""
    with body.path.open("rb") as handle:
        while chunk := handle.read(_BYTES_AT_ONCE):
            lines += chunk.count(b"\n")
            last = chunk
    return lines + (not last.endswith(b"\n")) - body.first_line == rows


def irregular_source(
    ledger: Ledger, sheet_id: int, sheet: LedgerSheet, body: TextBody
) -> tuple[RowSource, pa.Table]:
    """The same rows as ``text_source``, of any text file; the table is to be registered as ``RAW``."""
    columns = ", ".join(_columns(ledger, sheet_id, sheet, body.width))
    return RowSource(f"SELECT {columns} FROM {RAW}", body.first_row), pa.concat_tables(_records(body))


def _records(body: TextBody) -> Iterator[pa.Table]:
    names = [f"c{index}" for index in range(body.width)]
    yield pa.schema([(name, pa.string()) for name in names]).empty_table()
    with body.path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.reader(handle, delimiter=body.delimiter)
        body_rows = islice(reader, body.first_row - 1, None)
        while rows := list(islice(body_rows, _RECORDS_AT_ONCE)):
            cells = list(islice(zip_longest(*rows, fillvalue=""), body.width))
            cells += [("",) * len(rows)] * (body.width - len(cells))
            yield pa.table([pa.array(values, pa.string()) for values in cells], names=names)


def _columns(ledger: Ledger, sheet_id: int, sheet: LedgerSheet, width: int) -> Iterator[str]:
    """The columns of ``tables_source`` from those of a text file, but for the rows' numbers."""
    yield f"CAST({sheet_id} AS INTEGER) AS sheet_id"
    yield from (f"(SELECT {name} FROM sheets WHERE sheet_id = {sheet_id}) AS {name}" for name in _OF_SHEET)
    firsts = ", ".join(f"nullif(trimmed(c{index}), '')" for index in range(width))
    yield f"CASE WHEN c0 > '0' THEN c0 ELSE coalesce({firsts}) END AS {identifier(FIRST_TEXT)}"
    for field in ledger.stored_fields:
        index = sheet.indexes.get(field.name)
        text = f"c{index}" if index is not None else "CAST(NULL AS VARCHAR)"
        yield f"{text} AS {identifier(text_column(field))}"
        if (stored_as := storage_column(field)) is not None:
            yield f"CAST(NULL AS VARCHAR) AS {identifier(stored_as)}"
        if field.kind is FieldKind.YUAN:
            yield f"{sheet.factors.get(field.name, 1)} AS {identifier(factor_column(field))}"
