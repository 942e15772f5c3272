"""Copies of files without what is never stored (R211).

What belongs here: writing a copy, and making sure that it says the same. What does not: what is personal
(``privacy``), when a copy takes the place of its original (``etl.receiving``).

A workbook becomes an .xlsx with the same sheets and cells as they were read; of a hidden sheet nothing was
read, so only its name stays. A text table stays one, in UTF-8. Formats, macros, comments and pictures are not
copied.
"""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from etl.intake.extraction import STORAGE_ENDING
from etl.intake.findings import Finding, texts
from etl.intake.formats import Content, Sheet
from etl.intake.headers import Header
from etl.intake.personal import MARKER
from etl.intake.privacy import Part, Privacy
from etl.intake.text import cell_text
from warehouse.catalog import Catalog

if TYPE_CHECKING:
    from etl.intake.reading import ReadReturn

#: A fixed time, so that equal input gives equal bytes.
_CREATED = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
_FORMATS = {
    dt.date: "yyyy-mm-dd",
    dt.datetime: "yyyy-mm-dd hh:mm:ss",
    dt.time: "hh:mm:ss",
    dt.timedelta: "[h]:mm:ss",
}


class NotCopied(Exception):
    """A file has no copy that says the same; the message quotes nothing of it."""


def write_copy(content: Content, parts: Sequence[Part], privacy: Privacy, path: Path) -> None:
    """Writes the file without what is personal; ``content`` has its sheets under names that may be told.

    Raises:
        NotCopied: the new format cannot hold it.
    """
    headers = {id(part.sheet): part.header for part in parts}
    if len(headers) < len(parts):
        raise NotCopied("a sheet has two tables")
    if content.is_workbook:
        _write_workbook(content, headers, privacy, path)
    elif content.text_file is not None:
        _write_text(privacy.rows(content.text_file.records(), headers.get(id(content.sheets[0]))), path)
    else:
        [sheet] = content.sheets
        _write_text(privacy.rows(sheet.rows, headers.get(id(sheet))), path)


def check_clean(content: Content, parts: Sequence[Part], privacy: Privacy) -> None:
    """Makes sure that a copy holds nothing personal.

    Raises:
        NotCopied: it does.
    """
    headers = {id(part.sheet): part.header for part in parts}
    for sheet in content.sheets:
        text = content.text_file
        rows: Iterable[Sequence[Any]] = text.records() if text is not None else sheet.rows
        again: Iterable[Sequence[Any]] = text.records() if text is not None else sheet.rows
        for before, after in zip(again, privacy.rows(rows, headers.get(id(sheet))), strict=True):
            if list(before) != after:
                raise NotCopied("the copy is not clean")


def check_same(catalog: Catalog, original: ReadReturn, copy: ReadReturn) -> None:
    """Makes sure that a copy is the same return as its original, but for cells that have the mark.

    Raises:
        NotCopied: it says something else.
    """
    if _facts(catalog, original) != _facts(catalog, copy):
        raise NotCopied("the copy is another return")
    for ours, theirs in zip(original.sheets, copy.sheets, strict=True):
        _check_same_texts(ours.table, theirs.table)


def _facts(catalog: Catalog, read: ReadReturn) -> tuple[object, ...]:
    """What is known of a return without its cells, as it is told."""
    sheets = [
        (replace(sheet, table=None, body=None, findings=()), _told(catalog, sheet.findings))
        for sheet in read.sheets
    ]
    return read.unit, read.period, read.rejected, read.sheet_names, sheets, _told(catalog, read.findings)


def _told(catalog: Catalog, findings: Iterable[Finding]) -> list[object]:
    return [(one.rule, one.sheet, one.ledger, one.cell, one.column_name, texts(catalog, one))
            for one in findings]  # fmt: skip


def _check_same_texts(original: pa.Table | None, copy: pa.Table | None) -> None:
    if original is None or copy is None:
        # A table near the size from which tables are read in another way may go over it: both mean the same.
        return
    if original.schema != copy.schema or original.num_rows != copy.num_rows:
        raise NotCopied("the copy has other rows")
    marked: Any = False
    for name in original.schema.names:
        ours = pc.fill_null(original[name].cast(pa.string()), "")
        theirs = pc.fill_null(copy[name].cast(pa.string()), "")
        # How a cell is stored stands behind its text, and the mark is a text even in the place of a number.
        if name not in _storage_columns(original):
            marked = pc.match_substring(theirs, MARKER)
        if not pc.all(pc.or_(pc.equal(ours, theirs), marked)).as_py():
            raise NotCopied("the copy has other cells")


def _storage_columns(table: pa.Table) -> set[str]:
    return {name for name in table.schema.names if name.endswith(STORAGE_ENDING)}


# Text tables


def _write_text(rows: Iterable[Sequence[Any]], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        # With quotation marks around every cell, no other character can be taken for the separator.
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerows([cell_text(value) for value in row] for row in rows)


# Workbooks


class _Exact(float):
    """A number of which xlsxwriter writes all digits: it would round to 16."""

    def __format__(self, _specification: str) -> str:
        return repr(float(self))


def _write_workbook(
    content: Content, headers: Mapping[int, Header | None], privacy: Privacy, path: Path
) -> None:
    # Row by row; what that takes on disk lies beside the copy.
    folder = path.with_name(f"{path.name}.sheets")
    folder.mkdir()
    options = {"constant_memory": True, "tmpdir": str(folder), "date_1904": content.date1904}
    try:
        with xlsxwriter.Workbook(str(path), options) as book:
            book.set_properties({"created": _CREATED})
            looks = {kind: book.add_format({"num_format": code}) for kind, code in _FORMATS.items()}
            active = next(sheet for sheet in content.sheets if not sheet.hidden)
            for sheet in content.sheets:
                page = book.add_worksheet(sheet.name)
                if sheet.hidden:
                    page.hide()
                elif sheet is active:
                    page.activate()
                    page.set_first_sheet()
                _write_sheet(page, sheet, headers.get(id(sheet)), privacy, looks)
    except (xlsxwriter.exceptions.XlsxWriterException, ValueError, KeyError, TypeError) as error:
        raise NotCopied(f"a workbook cannot hold it ({type(error).__name__})") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_sheet(
    page: Worksheet, sheet: Sheet, header: Header | None, privacy: Privacy, looks: Mapping[type, Any]
) -> None:
    for number, row in enumerate(privacy.rows(sheet.rows, header)):
        for column, value in enumerate(row):
            if value != "" and value is not None and _write_cell(page, number, column, value, looks) != 0:
                raise NotCopied("a cell is too long, or too far out")


def _write_cell(page: Worksheet, row: int, column: int, value: Any, looks: Mapping[type, Any]) -> int:
    """Writes a cell as what it is; a text never becomes a formula, a number or a link."""
    status: int
    if isinstance(value, str):
        status = page.write_string(row, column, value)
    elif isinstance(value, bool):
        status = page.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        status = page.write_number(row, column, _Exact(value))
    else:
        status = page.write_datetime(row, column, value, looks[type(value)])
    return status
