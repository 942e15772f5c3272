"""The form to fill in, as tests open it and fill it in.

What belongs here: one form of one unit and month, its pages, what a clerk does to it. What does not: what
must hold of it.
"""

from __future__ import annotations

import datetime as dt
import functools
import io
from collections.abc import Mapping

import openpyxl
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from etl.template import template_workbook
from warehouse.catalog import load_catalog

UNIT, MONTH = "360731", dt.date(2024, 3, 1)
NAME = "于都县_2024-03.xlsx"
#: Rows of a ledger's sheet: the labels, and those in which cells check what is typed.
HEADER_ROW, FIRST_ROW, LAST_ROW = 4, 5, 2004


@functools.cache
def made() -> bytes:
    """The form."""
    catalog = load_catalog()
    return template_workbook(catalog, catalog.unit_by_code[UNIT], MONTH)


def opened(content: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def page(book: Workbook, name: str) -> Worksheet:
    found = book[name]
    assert isinstance(found, Worksheet)
    return found


def labels(sheet: Worksheet) -> list[str]:
    return [str(cell.value) for cell in sheet[HEADER_ROW]]


def declare(book: Workbook, state: str) -> None:
    """Chooses ``state`` for every ledger on the cover."""
    titles = {ledger.title for ledger in load_catalog().ledgers}
    chosen = [row for row in page(book, "封面").iter_rows(max_col=2) if row[0].value in titles]
    assert len(chosen) == 19
    for _, cell in chosen:
        cell.value = state


def fill(book: Workbook, rows: Mapping[str, Mapping[str, object]]) -> None:
    """Writes one row, label to cell, into each ledger's sheet."""
    for title, row in rows.items():
        sheet = page(book, title)
        places = {label.removeprefix("*"): number for number, label in enumerate(labels(sheet), 1)}
        for label, value in row.items():
            cell = sheet.cell(FIRST_ROW, places[label])
            number_format = cell.number_format
            cell.value = value  # type: ignore[assignment]
            # openpyxl gives a date a format of its own.
            cell.number_format = number_format


def instructions(book: Workbook) -> list[list[str]]:
    """The lines of the instructions, each with what its cells say."""
    rows = page(book, "填报说明").iter_rows(values_only=True)
    return [[str(value) for value in row if value is not None] for row in rows]


def own_examples(book: Workbook) -> dict[str, dict[str, object]]:
    """One row for each ledger made of the examples that the instructions give."""
    lines = instructions(book)
    start = lines.index(["各台账共有的列"]) + 2
    titles = [ledger.title for ledger in load_catalog().ledgers]
    shared: dict[str, object] = {}
    rows: dict[str, dict[str, object]] = {}
    current = shared
    for line in lines[start:]:
        named = next((title for title in titles if line and f". {title}（" in line[0]), None)
        if named is not None:
            current = rows[named] = dict(shared)
        elif len(line) == 7 and line[0] != "列名":
            current[line[0]] = line[5]
    assert len(rows) == 19
    return rows
