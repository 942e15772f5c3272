"""The XML of .xlsx and .xlsm: what the reader of workbooks leaves out or could choke on.

What belongs here: the workbook's settings, errors, formulas without value, how far a sheet reaches. Sheets
are searched in pieces by expressions that the common sheet matches nowhere: it needs no object for a cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import PurePosixPath
from xml.etree import ElementTree

from etl.intake.formats import refusals
from etl.intake.formats.containers import Container, cut_before
from etl.intake.formats.content import UNCALCULATED
from etl.intake.formats.excess import check_cells
from etl.intake.formats.marks import Mark
from etl.limits import Limits

_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_TRUE = {"1", "true", "on"}


@dataclass(frozen=True)
class WorkbookPart:
    """What the workbook says of itself: its sheets' members by name, and how its values came to be.

    ``calculates_on_opening`` is set by libraries that write formulas without calculating them; a program that
    calculates removes it.
    """

    members: dict[str, str]
    date1904: bool
    calculates_on_opening: bool


def workbook_part(container: Container) -> WorkbookPart:
    """Reads ``xl/workbook.xml``.

    Raises:
        Unreadable: it is missing or damaged.
    """
    root = _parsed(container, _WORKBOOK)
    targets = {
        relation.get("Id"): relation.get("Target", "") for relation in _parsed(container, _RELATIONS).iter()
    }
    members: dict[str, str] = {}
    date1904 = calculates = False
    for element in root.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "sheet":
            relation = next((value for key, value in element.items() if key.endswith("}id")), None)
            members[element.get("name", "")] = _member(targets.get(relation, ""))
        elif tag == "workbookPr":
            date1904 = element.get("date1904", "") in _TRUE
        elif tag == "calcPr":
            calculates = element.get("fullCalcOnLoad", "") in _TRUE
    return WorkbookPart(members, date1904, calculates)


def _parsed(container: Container, member: str) -> ElementTree.Element:
    content = container.read(member)
    if b"<!DOCTYPE" in content:
        raise refusals.DAMAGED.error(cause=f"{member}: DOCTYPE")
    try:
        return ElementTree.fromstring(content)  # noqa: S314 - without a DOCTYPE no entity can be declared
    except ElementTree.ParseError as error:
        raise refusals.DAMAGED.error(cause=f"{member}: {error}") from error


def _member(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)


class _Patterns:
    """Expressions over a sheet's XML; ``P:`` stands for the prefix that the sheet puts before its names."""

    def __init__(self, prefix: str) -> None:
        def compiled(expression: str) -> re.Pattern[bytes]:
            return re.compile(expression.replace("P:", prefix).encode(), re.DOTALL)

        self.row, self.formula = f"<{prefix}row".encode(), f"<{prefix}f".encode()
        self.row_number = compiled(r"<P:row\b[^>]*?\br=[\x22'](\d+)")
        self.cell = compiled(r"<P:c\b")
        self.contents = tuple(f"<{prefix}{name}".encode() for name in ("v", "is", "f"))
        self.content_cell = compiled(r"<P:c\b[^>]*?\br=[\x22']([A-Z]{1,3})(\d{1,7})[\x22'][^>]*(?<!/)>")
        self.error = compiled(
            r"<P:c\b(?P<attributes>[^>]*\bt=[\x22']e[\x22'][^>]*)(?<!/)>"
            r"(?:(?!</P:c>).)*?<P:v>\s*(?P<text>[^<]*?)\s*</P:v>"
        )
        formula = r"<P:f\b[^>]*(?:(?<=/)>|>[^<]*</P:f>)\s*"
        # A text formula that gives nothing (t="str") was calculated.
        self.no_value = compiled(
            r"<P:c\b(?![^>]*\bt=[\x22']str)(?P<attributes>[^>]*)(?<!/)>\s*"
            + formula
            + r"(?:<P:v\s*/>\s*|<P:v>\s*</P:v>\s*)?</P:c>"
        )
        self.zero = compiled(r"<P:c\b(?P<attributes>[^>]*)(?<!/)>\s*" + formula + r"<P:v>0</P:v>\s*</P:c>")


_patterns = cache(_Patterns)
_SHEET = re.compile(rb"<(?:(\w+):)?worksheet\b")
_ERRORS = (b't="e"', b"t='e'")
_WIDE, _VERY_WIDE = re.compile(rb'r="[A-Z]{2}'), re.compile(rb'r="[A-Z]{3}')
_REFERENCE = re.compile(rb"""\br=["']([A-Z]{1,3})([1-9]\d{0,6})["']""")
#: The columns that one, two and three letters name.
_LETTERS, _TWO_LETTERS = 26, 702


def sheet_marks(container: Container, name: str, part: WorkbookPart, limits: Limits) -> list[Mark]:
    """Errors and formulas without value on one sheet.

    Raises:
        OverLimit: its cells with content reach too far.
    """
    member = part.members.get(name, "")
    prefix, pieces = _prefix(container.pieces(member))
    scan = _Scan(name, part, limits, _patterns(prefix))
    for rows in cut_before(pieces, scan.patterns.row):
        scan.add(rows)
    if scan.reaches_far:
        _check_extent(name, container.pieces(member), scan.patterns, limits)
    return scan.marks


class _Scan:
    """One sheet's rows, piece by piece; a piece holds whole rows."""

    def __init__(self, name: str, part: WorkbookPart, limits: Limits, patterns: _Patterns) -> None:
        self._name, self._part, self._limits, self.patterns = name, part, limits, patterns
        self._wide = self._very_wide = False
        self._rows_before = 0
        self.marks: list[Mark] = []

    @property
    def reaches_far(self) -> bool:
        """Whether a rectangle from A1 to the last cell could hold more cells than the limit."""
        columns = 16_384 if self._very_wide else _TWO_LETTERS if self._wide else _LETTERS
        return (self._wide or self._very_wide) and self._rows_before * columns > self._limits.cells

    def add(self, piece: bytes) -> None:
        self._wide = self._wide or _WIDE.search(piece) is not None
        self._very_wide = self._very_wide or (self._wide and _VERY_WIDE.search(piece) is not None)
        if any(error in piece for error in _ERRORS):
            self._mark(piece, self.patterns.error)
        if self.patterns.formula in piece:
            self._mark(piece, self.patterns.no_value)
            if self._part.calculates_on_opening:
                self._mark(piece, self.patterns.zero)
        self._rows_before = self._last_row(piece)

    def _mark(self, piece: bytes, pattern: re.Pattern[bytes]) -> None:
        for cell in pattern.finditer(piece):
            row, column = self._place(piece, cell)
            check_cells(self._name, row + 1, column + 1, 0, self._limits)
            text = cell.groupdict().get("text")
            self.marks.append(Mark(row, column, text.decode() if text is not None else UNCALCULATED))

    def _place(self, piece: bytes, cell: re.Match[bytes]) -> tuple[int, int]:
        """Row and column from 0; cells need not name them, and are then counted."""
        reference = _REFERENCE.search(cell["attributes"])
        if reference is not None:
            return int(reference[2]) - 1, column_index(reference[1])
        start = max(piece.rfind(self.patterns.row, 0, cell.start()), 0)
        number = self.patterns.row_number.match(piece, start)
        row = (
            int(number[1]) if number else self._rows_before + piece.count(self.patterns.row, 0, cell.start())
        )
        return row - 1, len(self.patterns.cell.findall(piece, start, cell.start()))

    def _last_row(self, piece: bytes) -> int:
        """The number of the piece's last row."""
        number = self.patterns.row_number.match(piece, max(piece.rfind(self.patterns.row), 0))
        return int(number[1]) if number else self._rows_before + piece.count(self.patterns.row)


def _prefix(pieces: Iterator[bytes]) -> tuple[str, Iterator[bytes]]:
    """What a sheet puts before its names, such as ``x:`` or nothing; and all pieces again."""
    first = next(pieces, b"")
    sheet = _SHEET.search(first[:4096])
    prefix = sheet[1].decode() + ":" if sheet is not None and sheet[1] else ""
    return prefix, chain([first], pieces)


def _check_extent(name: str, pieces: Iterable[bytes], patterns: _Patterns, limits: Limits) -> None:
    """The rectangle that the cells with content really need; blank formatted ones are not counted."""
    rows = columns = 0
    rest = b""
    for piece in pieces:
        rest += piece
        end = 0
        if not any(content in rest for content in patterns.contents):
            rest = rest[-4096:]
            continue
        for cell in patterns.content_cell.finditer(rest):
            columns = max(columns, column_index(cell[1]) + 1)
            rows = max(rows, int(cell[2]))
            end = cell.end()
        rest = rest[max(end, len(rest) - 4096) :]
    check_cells(name, rows, columns, 0, limits)


def column_index(letters: bytes) -> int:
    """0 for A, 26 for AA."""
    index = 0
    for letter in letters:
        index = index * 26 + letter - 64
    return index - 1
