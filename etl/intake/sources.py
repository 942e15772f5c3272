"""Where the texts of a ledger's rows come from: tables in memory, or a large text file read in one pass.

What belongs here: a source as SQL, with the columns that ``statements`` reads (``extraction.raw_schema``).
What does not: what the texts mean.

DuckDB's reader numbers rows, not lines, and is kinder than a spreadsheet to a broken file. So it reads only
what is regular: every line a row of as many cells; all else goes through Python's ``csv``.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
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


@dataclass(frozen=True)
class RowSource:
    """A source of rows; ``first_row`` is the number of its first one, or None where rows carry their number.

    Without numbers the rows come in order, so that a table made of them has the number in ``rowid``. What is
    the same in all rows need not be kept with each: ``constants`` are these columns.
    """

    sql: str
    first_row: int | None = None
    constants: Mapping[str, str] = dataclass_field(default_factory=dict)

    @property
    def numbered(self) -> str:
        """The source with the number of each row in ``row``."""
        if self.first_row is None:
            return self.sql
        return f"SELECT *, row_number() OVER () + {self.first_row - 1} AS row FROM ({self.sql})"


@dataclass(frozen=True)
class TextTable:
    """A large text file as one ledger's sheet, with what its rows tell of their return."""

    sheet_id: int
    sheet: LedgerSheet
    body: TextBody
    return_position: int
    period: dt.date | None


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


def text_source(ledger: Ledger, table: TextTable) -> RowSource:
    """A large text file as a source that is read once, by all cores; fails where it is not regular."""
    body = table.body
    cells = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(body.width))
    options = (
        f"header = false, auto_detect = false, skip = {body.first_line}, columns = {{{cells}}},"
        f" delim = {literal(body.delimiter)}, quote = '\"', escape = '\"', strict_mode = true"
    )
    columns = ", ".join(_columns(ledger, table))
    sql = f"SELECT {columns} FROM read_csv({literal(str(body.path))}, {options})"
    return RowSource(sql, body.first_row, _of_sheet(table))


def is_regular(body: TextBody, rows: int) -> bool:
    """Whether so many rows are all lines below the header: none is blank, none a part of a cell."""
    return body.lines - body.first_line == rows


def irregular_source(ledger: Ledger, table: TextTable) -> tuple[RowSource, pa.Table]:
    """The same rows as ``text_source``, of any text file; the table is to be registered as ``RAW``."""
    columns = ", ".join(["row", *_columns(ledger, table)])
    return RowSource(f"SELECT {columns} FROM {RAW}"), pa.concat_tables(_records(table.body))


def _records(body: TextBody) -> Iterator[pa.Table]:
    """The rows with their numbers: DuckDB does not keep the order of a table of several pieces."""
    names = ["row", *(f"c{index}" for index in range(body.width))]
    schema = pa.schema([(name, pa.int32() if name == "row" else pa.string()) for name in names])
    yield schema.empty_table()
    number = body.first_row
    with body.path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.reader(handle, delimiter=body.delimiter)
        body_rows = islice(reader, body.first_row - 1, None)
        while rows := list(islice(body_rows, _RECORDS_AT_ONCE)):
            cells = list(islice(zip_longest(*rows, fillvalue=""), body.width))
            cells += [("",) * len(rows)] * (body.width - len(cells))
            numbers = range(number, number + len(rows))
            yield pa.table([numbers, *cells], schema=schema)
            number += len(rows)


def _of_sheet(table: TextTable) -> dict[str, str]:
    """What every row tells of its sheet."""
    period = "NULL" if table.period is None else literal(table.period.isoformat())
    return {
        "sheet_id": f"CAST({table.sheet_id} AS INTEGER)",
        "return_position": f"CAST({table.return_position} AS INTEGER)",
        "period": f"CAST({period} AS DATE)",
        "date1904": str(table.sheet.date1904),
    }


def _columns(ledger: Ledger, table: TextTable) -> Iterator[str]:
    """The columns of ``tables_source`` from those of a text file, but for the rows' numbers.

    What is the same in every row is written out: a join would not keep the rows in order.
    """
    sheet, width = table.sheet, table.body.width
    yield from (f"{value} AS {name}" for name, value in _of_sheet(table).items())
    firsts = ", ".join(f"nullif(trimmed(c{index}), '')" for index in range(width))
    # Most rows begin with a text that is seen at once to be one.
    is_text = "c0 BETWEEN '0' AND '~' OR c0 BETWEEN '一' AND '鿿'"
    yield f"CASE WHEN {is_text} THEN c0 ELSE coalesce({firsts}) END AS {identifier(FIRST_TEXT)}"
    for field in ledger.stored_fields:
        index = sheet.indexes.get(field.name)
        text = f"c{index}" if index is not None else "CAST(NULL AS VARCHAR)"
        yield f"{text} AS {identifier(text_column(field))}"
        if (stored_as := storage_column(field)) is not None:
            yield f"CAST(NULL AS VARCHAR) AS {identifier(stored_as)}"
        if field.kind is FieldKind.YUAN:
            yield f"{sheet.factors.get(field.name, 1)} AS {identifier(factor_column(field))}"
