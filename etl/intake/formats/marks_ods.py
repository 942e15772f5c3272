"""The XML of .ods: what the reader of workbooks leaves out or could choke on.

What belongs here: errors, formulas without value, and cells repeated so often that writing them out would
fill the memory. Cells are looked at only where a search finds one of them; well-formed the document must be,
since python-calamine 0.9.1 never comes back from a table without its end.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.parsers import expat

from etl.intake.formats import refusals
from etl.intake.formats.containers import Container, cut_before
from etl.intake.formats.content import UNCALCULATED, Merged
from etl.intake.formats.excess import check_cells
from etl.intake.formats.marks import Mark
from etl.limits import Limits

_CONTENT = "content.xml"
_MANIFEST = "META-INF/manifest.xml"
_CELLS = {"table:table-cell", "table:covered-table-cell"}
#: An error, more repetitions than any sheet has rows, a formula without a value, a cell with a value repeated
#: a thousand times, a row of such cells repeated so often, a cell behind so many blank ones, and one that is
#: merged with those below it.
_SUSPICIOUS = re.compile(
    rb"""value-type="error"
    | -repeated="(?:\d{8}|\d*[^\d"])
    | <table:(?:covered-)?table-cell\b(?=[^>]*\btable:formula=)(?![^>]*\boffice:value-type=)
    | <table:(?:covered-)?table-cell\b(?=[^>]*-repeated="\d{4})(?=[^>]*\b(?:office:value-type|table:formula)=)
    | <table:table-row\b[^>]*-repeated="\d{4}[^>]*>(?:(?!</table:table-row>).)*?office:value-type=
    | -repeated="\d{4}[^>]*/>\s*<table:(?:covered-)?table-cell
    | -rows-spanned="(?!1")
    """,
    re.DOTALL | re.VERBOSE,
)
#: No sheet has as many rows as a number with more digits.
_MOST_DIGITS = 7
#: Many rows at once are common as the blank end of a sheet, and suspicious before a value.
_MANY_ROWS = re.compile(rb'-rows-repeated="\d{4}')
_VALUE_OR_END = re.compile(rb"(office:value-type=)|</table:table>")


def is_encrypted(container: Container) -> bool:
    """Whether the document has a password; so says its manifest."""
    manifest = container.read(_MANIFEST)
    return b"encryption-data" in manifest or "encrypted-package" in container


def inspected(container: Container, limits: Limits) -> Document:
    """What the document says besides its values.

    Raises:
        OverLimit: the cells with content reach too far.
        Unreadable: the document is damaged.
    """
    document = Document(limits)
    parser = expat.ParserCreate()
    if _is_suspicious(container.pieces(_CONTENT)):
        parser.buffer_text = True
        parser.StartElementHandler = document.start
        parser.EndElementHandler = document.end
        parser.CharacterDataHandler = document.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        for piece in container.pieces(_CONTENT):
            parser.Parse(piece)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise refusals.DAMAGED.error(cause=f"{_CONTENT}: {error}") from error
    return document


def _is_suspicious(pieces: Iterable[bytes]) -> bool:
    after_many_rows = False
    for rows in cut_before(pieces, b"<table:table-row"):
        if _SUSPICIOUS.search(rows):
            return True
        place = 0
        while True:
            if not after_many_rows:
                many = _MANY_ROWS.search(rows, place)
                if many is None:
                    break
                after_many_rows, place = True, many.end()
            found = _VALUE_OR_END.search(rows, place)
            if found is None:
                break
            if found[1]:
                return True
            after_many_rows, place = False, found.end()
    return False


def _refuse_doctype(*_declaration: object) -> None:
    raise refusals.DAMAGED.error(cause=f"{_CONTENT}: DOCTYPE")


@dataclass
class Document:
    """What the parser passes by: by sheet, errors and formulas without value, and merged cells."""

    limits: Limits
    marks: dict[str, list[Mark]] = field(default_factory=lambda: defaultdict(list))
    merged: dict[str, list[Merged]] = field(default_factory=lambda: defaultdict(list))
    _sheet: str = ""
    _row: int = 0
    _row_repeats: int = 1
    _column: int = 0
    _repeats: int = 1
    _mark: str | None = None
    _words: list[str] | None = None
    _row_marks: list[tuple[int, int, str]] = field(default_factory=list)
    _row_width: int = 0
    _width: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in _CELLS:
            self._start_cell(attributes)
        elif name == "table:table-row":
            self._row_repeats = _repeats(attributes, "rows")
            self._column, self._row_width, self._row_marks = 0, 0, []
        elif name == "table:table":
            self._sheet, self._row = attributes.get("table:name", ""), 0
            self._width = 0

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._repeats = _repeats(attributes, "columns")
        kind = attributes.get("office:value-type")
        self._mark = None
        if attributes.get("calcext:value-type") == "error":
            self._mark, self._words = "", []
        elif kind is None and "table:formula" in attributes:
            self._mark = UNCALCULATED
        if kind is not None or self._mark is not None:
            self._row_width = self._column + self._repeats
            if (height := _number(attributes, "table:number-rows-spanned")) > 1:
                area = Merged(self._row, self._row + height - 1, self._column)
                self.merged[self._sheet].append(area)

    def text(self, text: str) -> None:
        if self._words is not None:
            self._words.append(text)

    def end(self, name: str) -> None:
        if name in _CELLS:
            if self._mark is not None:
                mark = self._mark or "".join(self._words or ()).strip() or "#ERROR!"
                self._row_marks.append((self._column, self._repeats, mark))
            self._column += self._repeats
            self._mark = self._words = None
        elif name == "table:table-row":
            if self._row_width:
                self._width = max(self._width, self._row_width)
                check_cells(self._sheet, self._row + self._row_repeats, self._width, 0, self.limits)
                self._write_marks()
            self._row += self._row_repeats

    def _write_marks(self) -> None:
        self.marks[self._sheet] += [
            Mark(row, column, text)
            for first, repeats, text in self._row_marks
            for row in range(self._row, self._row + self._row_repeats)
            for column in range(first, first + repeats)
        ]


def _repeats(attributes: dict[str, str], what: str) -> int:
    return _number(attributes, f"table:number-{what}-repeated")


def _number(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "1")
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        raise refusals.DAMAGED.error(cause=f"{name}={text[:30]!r}")
    return int(text)
