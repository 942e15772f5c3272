"""Where everything stands on the sheet 校验结果, and how it looks, for whichever library writes it.

What belongs here: rows, columns, widths, colours. What does not: the words (``page``), a library's formats.
Rows and columns count from 1, as spreadsheets do.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from etl.receipts.page import Line, Page
from etl.receipts.wording import RECEIPT_SHEET, SEVERITIES, display_width

#: Found on every Chinese desktop; elsewhere spreadsheets take another one that has the characters.
FONT = "Microsoft YaHei"

#: A text that begins with one of them would be a formula, were it typed.
FORMULA_SIGNS = frozenset("=+-@")

#: Of cells and of the list; unlike the colours of common styles, so that they are known again.
COLOURS = {"fatal": "F4B0B4", "error": "FFC9CC", "warning": "FFECA0", "info": "D9E9F9"}

#: Label and width in characters. The last column is hidden: the fill that a cell had before it was coloured.
COLUMNS: tuple[tuple[str, int], ...] = (
    ("序号\nNo.", 7),
    ("工作表\nSheet", 16),
    ("规则\nRule", 9),
    ("级别\nSeverity", 14),
    ("单元格\nCell", 9),
    ("列\nColumn", 16),
    ("填的是\nFound", 21),
    ("应为\nWhat passes", 32),
    ("说明", 40),
    ("Message", 44),
    ("原底色\nFormer fill", 10),
)
NUMBER, FORMER_FILL = 1, len(COLUMNS)
SHEET, CELL = 2, 5
_LAST_SHOWN = len(COLUMNS) - 1
_LABEL_LEFT, _VALUE_LEFT, _LABEL_RIGHT, _VALUE_RIGHT = 1, 3, 7, 8

#: Of a row, in points; and characters of a line that words too long for its end leave blank.
_LINE_HEIGHT, _MOST_HEIGHT, _SLACK = 14, 400, 1

_COUNT_LABELS = ("数量\nCount", "工作表\nSheets", "规则\nRule", "级别\nSeverity")


@dataclass(frozen=True)
class Style:
    """A look; ``text`` marks cells with words of strangers, which must never become formulas."""

    bold: bool = False
    size: int = 10
    colour: str = "000000"
    fill: str = ""
    wrap: bool = False
    border: bool = False
    centre: bool = False
    underline: bool = False
    text: bool = False


_TITLE = Style(bold=True, size=16, colour="1F3864")
_LABEL = Style(colour="666666")
_VALUE = Style(bold=True, text=True)
_ADVICE = Style(colour="1F3864", wrap=True)
_OMITTED = Style(bold=True, colour="C00000", wrap=True)
_HEADER = Style(bold=True, fill="1F3864", colour="FFFFFF", wrap=True, border=True, centre=True)
_TEXT = Style(wrap=True, border=True, text=True)
_CENTRED = Style(border=True, centre=True)
_LINK = Style(colour="0563C1", underline=True, wrap=True, border=True, centre=True)
_LINK_VALUE = Style(bold=True, colour="0563C1", underline=True)
_SEVERITY = {name: Style(fill=COLOURS[name], border=True, centre=True) for name in SEVERITIES}


@dataclass(frozen=True)
class Placed:
    """A cell of the sheet, over ``span`` columns; ``target`` is the sheet and cell to which it links."""

    row: int
    column: int
    value: str | int
    style: Style
    target: tuple[str, str] | None = None
    span: int = 1


@dataclass(frozen=True)
class Layout:
    """All cells, the header's row, the last row of the list, and the heights of rows."""

    placed: tuple[Placed, ...]
    header_row: int
    last_row: int
    heights: dict[int, int]


def lay_out(page: Page, linkable: frozenset[str]) -> Layout:
    """Places a page; only sheets in ``linkable`` are linked to."""
    header_row = 8 if page.omitted else 7
    last_row = header_row + max(len(page.lines), 1)
    below = last_row + 2
    placed = (
        Placed(1, 1, page.title, _TITLE),
        *_facts(page, below),
        Placed(6, 1, page.advice, _ADVICE, span=_LAST_SHOWN),
        *([Placed(7, 1, page.omitted, _OMITTED, span=_LAST_SHOWN)] if page.omitted else []),
        *(Placed(header_row, column, label, _HEADER) for column, (label, _) in enumerate(COLUMNS, start=1)),
        *_list(page, header_row + 1, linkable),
        *_counts(page, below),
    )
    heights = {**_heights(placed), 1: 30, 6: 34}
    return Layout(placed, header_row, last_row, heights)


def _heights(placed: Iterable[Placed]) -> dict[int, int]:
    """The height that the wrapped texts of each row need; not every spreadsheet finds it by itself."""
    lines: dict[int, int] = defaultdict(int)
    for one in placed:
        if one.style.wrap:
            room = sum(width for _, width in COLUMNS[one.column - 1 : one.column - 1 + one.span]) - _SLACK
            needed = sum(max(1, math.ceil(display_width(part) / room)) for part in str(one.value).split("\n"))
            lines[one.row] = max(lines[one.row], needed)
    return {row: min(_LINE_HEIGHT * count + 4, _MOST_HEIGHT) for row, count in lines.items()}


def _facts(page: Page, below: int) -> Iterator[Placed]:
    """Two facts a row; the last one, how many issues there are, links to the counts below the list."""
    for number, (label, value) in enumerate(page.facts):
        row, left = 2 + number // 2, number % 2 == 0
        is_link = number == len(page.facts) - 1 and bool(page.counts)
        yield Placed(row, _LABEL_LEFT if left else _LABEL_RIGHT, label, _LABEL)
        yield Placed(
            row,
            _VALUE_LEFT if left else _VALUE_RIGHT,
            value,
            _LINK_VALUE if is_link else _VALUE,
            (RECEIPT_SHEET, f"A{below}") if is_link else None,
        )


def _list(page: Page, first_row: int, linkable: frozenset[str]) -> Iterator[Placed]:
    if not page.lines:
        yield Placed(first_row, 1, "没有发现问题。No issues were found.", Style(colour="548235", bold=True))
    for number, line in enumerate(page.lines, start=1):
        row = first_row + number - 1
        target = (line.sheet, line.place or "A1") if line.sheet in linkable else None
        yield Placed(row, NUMBER, number, _CENTRED)
        yield Placed(row, SHEET, line.sheet or "整个文件 whole file", _TEXT)
        yield Placed(row, 3, line.rule, _CENTRED)
        yield Placed(
            row, 4, SEVERITIES.get(line.severity, line.severity), _SEVERITY.get(line.severity, _CENTRED)
        )
        yield Placed(row, CELL, _place(line), _LINK if target else _CENTRED, target)
        for column, text in enumerate(
            (line.column, line.found, line.expected, line.message_zh, line.message_en), start=6
        ):
            yield Placed(row, column, text, _TEXT)


def _place(line: Line) -> str:
    if line.place:
        return line.place if line.is_cell else f"第 {line.place[1:]} 行"
    return "整表" if line.sheet else "—"


def _counts(page: Page, first_row: int) -> Iterator[Placed]:
    if not page.counts:
        return
    yield Placed(first_row, 1, "按规则汇总 Issues by rule", Style(bold=True, size=12, colour="1F3864"))
    for column, label in enumerate(_COUNT_LABELS, start=1):
        yield Placed(first_row + 1, column, label, _HEADER)
    yield Placed(first_row + 1, 5, "含义", _HEADER, span=4)
    yield Placed(first_row + 1, 9, "Meaning", _HEADER, span=2)
    for row, one in enumerate(page.counts, start=first_row + 2):
        yield Placed(row, 1, one.count, _CENTRED)
        yield Placed(row, 2, one.sheets, _TEXT)
        yield Placed(row, 3, one.rule, _CENTRED)
        yield Placed(
            row, 4, SEVERITIES.get(one.severity, one.severity), _SEVERITY.get(one.severity, _CENTRED)
        )
        yield Placed(row, 5, one.meaning_zh, _TEXT, span=4)
        yield Placed(row, 9, one.meaning_en, _TEXT, span=2)
