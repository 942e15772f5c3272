"""A receipt in a workbook of its own: the sheet 校验结果, and the cells as they were read where that fits.

What belongs here: receipts of .csv, .xls, .ods and .parquet files, and of .xlsx files that are too large.
What does not: the county's own file with its formats (``annotated``).
``fresh`` with a source opens a file of strangers: call it in a child process only (``workbook``).
"""

from __future__ import annotations

import datetime as dt
import io
import math
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_cell_to_rowcol
from xlsxwriter.worksheet import Worksheet

from etl.limits import Limits
from etl.receipts.layout import (
    COLOURS,
    COLUMNS,
    FONT,
    FORMER_FILL,
    FORMULA_SIGNS,
    Placed,
    Style,
    lay_out,
)
from etl.receipts.page import Page
from etl.receipts.remarks import AUTHOR, Remark, comment_size, comment_text, remarks
from etl.receipts.wording import RECEIPT_SHEET, display_width, is_receipt_sheet, visible

#: A receipt with more cells as they were read would be no help to anyone.
MOST_CELLS = 300_000

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
#: A fixed time, so that equal input gives equal bytes.
_CREATED = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
_DATE_FORMATS = {
    dt.date: "yyyy-mm-dd",
    dt.datetime: "yyyy-mm-dd",
    dt.time: "hh:mm:ss",
    dt.timedelta: "[h]:mm:ss",
}
_MOST_CHARACTERS = 32_767
_NAME_LENGTH, _NAME_FORBIDDEN = 31, "[]:*?/\\"
#: So many rows are looked at to find how wide a column should be.
_ROWS_MEASURED, _NARROWEST, _WIDEST = 200, 8, 48
_FIRST_DAY = dt.datetime(1900, 3, 1)  # noqa: DTZ001 - before it, spreadsheets count a day that never was


class TooLarge(Exception):
    """There are too many cells to copy."""


def fresh(page: Page, source: bytes | Path | None = None, file_name: str = "") -> bytes:
    """A new workbook with the page, and the cells of ``source`` where one is given.

    Raises:
        TooLarge: the cells are too many; whatever the readers raise at a file they cannot read.
    """
    sheets = _sheets(source, file_name, page) if source is not None else {}
    page = page.in_order_of(list(sheets))
    names = _sheet_names(list(sheets))
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        book.set_properties({"title": page.title, "created": _CREATED})
        looks = _Looks(book)
        _write_page(book.add_worksheet(RECEIPT_SHEET), page, names, looks)
        remarked = remarks(page)
        for name, rows in sheets.items():
            _write_cells(book.add_worksheet(names[name]), rows, remarked.get(name, {}), looks)
    return buffer.getvalue()


# The cells as they were read


def _sheets(source: bytes | Path, file_name: str, page: Page) -> dict[str, Sequence[Sequence[Any]]]:
    from etl.intake.formats import read_content
    from etl.intake.personal import masked_names

    with tempfile.TemporaryDirectory() as folder:
        content = read_content(source, file_name, Limits(cells=MOST_CELLS), Path(folder))
    told = masked_names([sheet.name for sheet in content.sheets])  # as issues tell them
    sheets = [
        replace(sheet, name=name)
        for sheet, name in zip(content.sheets, told, strict=True)
        if not sheet.hidden and not is_receipt_sheet(sheet.name or "")
    ]
    if content.text_file is not None or sum(len(row) for sheet in sheets for row in sheet.rows) > MOST_CELLS:
        raise TooLarge(f"there are more than {MOST_CELLS} cells")
    unnamed = next((line.sheet for line in page.lines if line.sheet), PurePath(file_name).stem)
    return {sheet.name or unnamed: sheet.rows for sheet in sheets}


def _sheet_names(names: Sequence[str]) -> dict[str, str]:
    """Names that Excel takes; formats other than its own allow more."""
    taken = {RECEIPT_SHEET.lower(), "history"}
    given = {}
    for name in names:
        plain = "".join("_" if one in _NAME_FORBIDDEN else one for one in visible(name)).strip("'")
        candidate, number = plain[:_NAME_LENGTH] or "Sheet", 2
        while candidate.lower() in taken:
            candidate = f"{plain[: _NAME_LENGTH - 5]} ({number})"
            number += 1
        taken.add(candidate.lower())
        given[name] = candidate
    return given


def _write_cells(
    sheet: Worksheet, rows: Sequence[Sequence[Any]], remarked: Mapping[str, Remark], looks: _Looks
) -> None:
    marks = {xl_cell_to_rowcol(place): remark for place, remark in remarked.items()}
    below = {column: row for (row, column), remark in marks.items() if remark.emptied == "below"}
    emptied = {position for position, remark in marks.items() if remark.emptied == "cell"}
    widths: dict[int, int] = defaultdict(int)
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            mark = marks.get((row, column))
            if (row, column) in emptied or row > below.get(column, row):
                value = ""
            _write_value(sheet, row, column, value, COLOURS[mark.severity] if mark else "", looks)
            if row < _ROWS_MEASURED:
                widths[column] = max(widths[column], display_width(str(value)))
    for (row, column), mark in marks.items():
        if row >= len(rows) or column >= len(rows[row]):
            sheet.write_blank(row, column, None, looks.data(COLOURS[mark.severity]))
        if not mark.is_commented:
            continue
        text = comment_text(mark)
        width, height = comment_size(text)
        sheet.write_comment(row, column, text, {"author": AUTHOR, "width": width, "height": height})
    for column, width in widths.items():
        sheet.set_column(column, column, min(max(width + 2, _NARROWEST), _WIDEST))


def _write_value(sheet: Worksheet, row: int, column: int, value: Any, colour: str, looks: _Looks) -> None:
    """A value of a foreign cell; a text stays a text, whatever it looks like."""
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value, looks.data(colour))
    elif isinstance(value, int | float) and math.isfinite(value):
        sheet.write_number(row, column, value, looks.data(colour))
    elif isinstance(value, dt.timedelta | dt.time) or (isinstance(value, dt.date) and _is_datable(value)):
        number_format = _DATE_FORMATS[type(value)]
        if isinstance(value, dt.datetime) and value.time() != dt.time():
            number_format += " hh:mm:ss"
        sheet.write_datetime(row, column, value, looks.data(colour, number_format))
    elif value not in ("", None):
        sheet.write_string(row, column, visible(value)[:_MOST_CHARACTERS], looks.data(colour, "@"))
    elif colour:
        sheet.write_blank(row, column, None, looks.data(colour))


def _is_datable(value: dt.date) -> bool:
    return (value.year, value.month) >= (_FIRST_DAY.year, _FIRST_DAY.month)


# The sheet 校验结果


def _write_page(sheet: Worksheet, page: Page, names: Mapping[str, str], looks: _Looks) -> None:
    layout = lay_out(page, frozenset(names))
    last = len(COLUMNS) - 2
    for placed in layout.placed:
        _write(sheet, placed, names, looks)
    for row, height in layout.heights.items():
        sheet.set_row(row - 1, height)
    for column, (_, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width, None, {"hidden": column == FORMER_FILL - 1})
    sheet.freeze_panes(layout.header_row, 0)
    sheet.autofilter(layout.header_row - 1, 0, layout.last_row - 1, last)
    sheet.hide_gridlines(2)
    sheet.set_tab_color("#C00000" if page.lines else "#548235")
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4)
    sheet.repeat_rows(layout.header_row - 1)
    sheet.set_footer("&C&P / &N")
    sheet.activate()


def _write(sheet: Worksheet, placed: Placed, names: Mapping[str, str], looks: _Looks) -> None:
    row, column, look = placed.row - 1, placed.column - 1, looks.of(placed)
    if placed.span > 1:
        sheet.merge_range(row, column, row, column + placed.span - 1, "", look)
    if placed.target is not None:
        name, place = placed.target
        quoted = names.get(name, name).replace("'", "''")
        sheet.write_url(row, column, f"internal:'{quoted}'!{place}", look, str(placed.value))
    elif isinstance(placed.value, str):
        sheet.write_string(row, column, placed.value[:_MOST_CHARACTERS], look)
    else:
        sheet.write_number(row, column, placed.value, look)


class _Looks:
    """xlsxwriter's formats of our styles and of cells as they were read."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[Style, bool], Format] = {}
        self._data: dict[tuple[str, str], Format | None] = {("", "General"): None}

    def data(self, colour: str, number_format: str = "General") -> Format | None:
        key = (colour, number_format)
        if key not in self._data:
            look = {"num_format": number_format, **({"bg_color": f"#{colour}"} if colour else {})}
            self._data[key] = self._book.add_format(look)
        return self._data[key]

    def of(self, placed: Placed) -> Format:
        style = placed.style
        quoted = style.text and str(placed.value)[:1] in FORMULA_SIGNS
        if (style, quoted) not in self._made:
            look: dict[str, Any] = {
                "font_name": FONT,
                "font_size": style.size,
                "bold": style.bold,
                "font_color": f"#{style.colour}",
                "underline": int(style.underline),
                "align": "center" if style.centre else "left",
                "valign": "vcenter",
                "text_wrap": style.wrap,
                "quote_prefix": quoted,
            }
            if style.fill:
                look["bg_color"] = f"#{style.fill}"
            if style.border:
                look |= {"border": 1, "border_color": "#BFBFBF"}
            self._made[style, quoted] = self._book.add_format(look)
        return self._made[style, quoted]
