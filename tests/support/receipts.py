"""Receipt workbooks made and read back.

What belongs here: issues and documents by hand, workbooks as openpyxl sees them. What does not: what a
receipt should say.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import Any

import openpyxl
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from etl.receipts import Children, receipt_workbook, workbook_name
from tests.intake.workbooks import Checked, File, check_one
from warehouse.catalog import load_catalog

FRONT = "校验结果"
NAME = "于都县2024年3月报表.xlsx"
KEYS = ("number", "sheet", "rule", "severity", "cell", "column", "found", "expected", "zh", "en")


@functools.cache
def children() -> Children:
    """Processes for all tests; they end with this one."""
    return Children()


def receipt_of(file: File, outcome: Checked | None = None) -> bytes:
    outcome = outcome or check_one(file)
    return receipt_workbook(outcome.receipt, file.content, file.name, load_catalog(), children())


def made(source: bytes, *issues: Mapping[str, str | None], name: str = NAME, **changes: object) -> Workbook:
    """The receipt of a source with these issues."""
    answer = document(issues, **changes)
    return opened(receipt_workbook(answer, source, name, load_catalog(), children()))


def opened(content: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(content), rich_text=True)


def returned(file: File, content: bytes) -> File:
    """The receipt as its unit sends it back."""
    return File(workbook_name(file.name, content), content, file.stated)


def listed(book: Workbook) -> list[dict[str, Any]]:
    """The issues on the sheet 校验结果."""
    rows = list(book[FRONT].iter_rows(values_only=True))
    first = next(number for number, row in enumerate(rows, start=1) if str(row[0]).startswith("序号"))
    lines = takewhile(lambda row: isinstance(row[0], int), rows[first:])
    return [dict(zip(KEYS, row, strict=False)) for row in lines]


def links(book: Workbook) -> list[str | None]:
    """Where the cells of the list lead."""
    cells = (row[0] for row in book[FRONT].iter_rows(min_row=8, min_col=5, max_col=5))
    return [cell.hyperlink.location for cell in cells if cell.hyperlink is not None]


def texts(page: Worksheet) -> str:
    rows = page.iter_rows(values_only=True)
    return "\n".join(str(value) for row in rows for value in row if value is not None)


def colour(page: Worksheet, cell: str) -> str | None:
    """The colour that fills a cell, in six digits."""
    fill = page[cell].fill
    return str(fill.fgColor.rgb)[2:] if fill.fill_type == "solid" else None


def remark(page: Worksheet, cell: str) -> str:
    comment = page[cell].comment
    return comment.text if comment is not None else ""


def marked(book: Workbook) -> list[tuple[str, str]]:
    """Sheet and name of each cell that has a comment."""
    return [
        (page.title, cell.coordinate)
        for page in book.worksheets
        for row in page
        for cell in row
        if cell.comment
    ]


def issue(cell: str | None, sheet: str | None = "师带徒", **changes: str | None) -> dict[str, str | None]:
    """An issue as it stands in a document; by default a number that is none."""
    place = " ".join(filter(None, (sheet, cell)))
    said = {
        "rule": "R202",
        "severity": "error",
        "found": "很多",
        "column": "apprentices",
        "label": "带徒人次",
        **changes,
    }
    return {
        "sheet": sheet,
        "cell": cell,
        "expected": "整数，例如 12 / a whole number such as 12",
        "message_zh": f"{place}：不是数字，填的是“{said['found']}”。应为：整数，例如 12。",
        "message_en": f"{place}: no number; found “{said['found']}”. What passes: a whole number such as 12.",
        **said,
    }


def document(issues: Iterable[Mapping[str, str | None]], **changes: object) -> dict[str, Any]:
    return {
        "id": "R000007",
        "file": NAME,
        "unit": "360731",
        "period": "2024-03",
        "status": "ACCEPTED_WITH_ISSUES",
        "rows_accepted": 12,
        "rows_held_out": 3,
        "issues": list(issues),
        **changes,
    }
