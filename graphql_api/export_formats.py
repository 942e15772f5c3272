"""The formats of exports: an Arrow table written as CSV, Arrow, Parquet or a workbook.

What belongs here: bytes of each format. What does not: what the table has (``warehouse.reading.exports``).

Arrow and Parquet keep types: exact decimals, and a month as its first day. For a spreadsheet a month is
``2024-03``, and a text can never be taken for a formula.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
import xlsxwriter

from warehouse.catalog import load_catalog

_BATCH_ROWS = 5_000
_BOM = b"\xef\xbb\xbf"
#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = r"^[=+\-@＝＋－＠\t\r\n]"
_MONTHS = ("month", "from_month")
_WIDTH = 16


@dataclass(frozen=True)
class Format:
    """How a table is written, and what the file is."""

    media_type: str
    write: Callable[[pa.Table, IO[bytes]], None]


def _write_csv(table: pa.Table, file: IO[bytes]) -> None:
    """UTF-8 with a byte order mark, for Excel; lines end with LF, as Arrow writes them."""
    file.write(_BOM)
    options = pyarrow.csv.WriteOptions(batch_size=_BATCH_ROWS, quoting_style="needed")
    pyarrow.csv.write_csv(_for_spreadsheets(table, exact=True), file, options)


def _write_arrow(table: pa.Table, file: IO[bytes]) -> None:
    with pa.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table, max_chunksize=_BATCH_ROWS)


def _write_parquet(table: pa.Table, file: IO[bytes]) -> None:
    pyarrow.parquet.write_table(table, file)


def _write_xlsx(table: pa.Table, file: IO[bytes]) -> None:
    """Numbers are those of a spreadsheet: 15 digits."""
    shown = _for_spreadsheets(table, exact=False)
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, {**options, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet()
        head = book.add_format({"bold": True, "bottom": 1})
        for number, name in enumerate(shown.column_names):
            sheet.write_string(0, number, name, head)
            sheet.write_column(1, number, shown.column(name).to_pylist())
        sheet.set_column(0, max(shown.num_columns - 1, 0), _WIDTH)
        sheet.freeze_panes(1, 0)
        if shown.num_rows:
            sheet.autofilter(0, 0, shown.num_rows, shown.num_columns - 1)
    file.write(content.getvalue())


def _for_spreadsheets(table: pa.Table, *, exact: bool) -> pa.Table:
    """The table with plain columns: texts, and numbers, as exact texts or as they are."""
    columns = {name: _plain(name, table.column(name), exact=exact) for name in table.column_names}
    return pa.table(columns)


def _plain(name: str, column: pa.ChunkedArray, *, exact: bool) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_string(kind):
        quoted = pc.binary_join_element_wise(pa.scalar("'"), column, pa.scalar(""))
        return pc.if_else(pc.match_substring_regex(column, _FORMULA), quoted, column)
    if pa.types.is_decimal(kind):
        if not exact:
            return column.cast(pa.float64())
        # 90 and 1234.5, as GraphQL writes them.
        text = pc.replace_substring_regex(column.cast(pa.string()), r"(\.[0-9]*?)0+$", r"\1")
        return pc.replace_substring_regex(text, r"\.$", "")
    if pa.types.is_date(kind):
        return column.cast(pa.string()) if name not in _MONTHS else pc.strftime(column, "%Y-%m")
    if pa.types.is_timestamp(kind):
        local = column.cast(pa.timestamp("s", load_catalog().programme.time_zone), safe=False)
        return pc.strftime(local, "%Y-%m-%dT%H:%M:%S%z")
    return column


#: The formats by the ends of their names.
FORMATS: Mapping[str, Format] = {
    "csv": Format("text/csv; charset=utf-8", _write_csv),
    "arrow": Format("application/vnd.apache.arrow.stream", _write_arrow),
    "parquet": Format("application/vnd.apache.parquet", _write_parquet),
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _write_xlsx),
}
