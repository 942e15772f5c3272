"""What a former receipt added to a file that comes back: its sheet, its comments, its colours.

What belongs here: knowing them again and taking them back. What does not: adding them (``annotated``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from xml.etree.ElementTree import tostring

from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import GradientFill, PatternFill
from openpyxl.styles.fills import Fill
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import fromstring

from etl.receipts.layout import CELL, COLOURS, FORMER_FILL, NUMBER, SHEET
from etl.receipts.remarks import without_ours
from etl.receipts.wording import is_receipt_sheet

_OUR_FILLS = {f"00{colour}" for colour in COLOURS.values()} | {f"FF{colour}" for colour in COLOURS.values()}
_NO_FILL = PatternFill()


def take_back(book: Workbook) -> None:
    """Takes back what a former receipt added: its sheet, its comments, its colours."""
    former = _Former.of(book)
    comments = [
        (cell, comment, *without_ours(comment.text))
        for sheet in book.worksheets
        for cell, comment in commented(sheet)
    ]
    numbers: dict[tuple[str, str], tuple[int, ...]] = {}
    for cell, comment, theirs, mentioned in comments:
        if mentioned:
            numbers[cell.parent.title, cell.coordinate] = mentioned
            cell.comment = Comment(theirs, comment.author) if theirs else None
    if not former.was_there and not numbers:
        return
    our_fills = {number for number, fill in enumerate(book._fills) if _is_ours(fill)}  # type: ignore[attr-defined]
    for sheet in book.worksheets:
        for one in sheet._cells.values():
            if isinstance(one, Cell) and one._style.fillId in our_fills:  # type: ignore[attr-defined]
                place = (sheet.title, one.coordinate)
                one.fill = former.fill(place, numbers.get(place, ()))


@dataclass(frozen=True)
class _Former:
    """The list of a former receipt: the fill that each cell had, by the number of its issue and by its place.

    Numbers stand in the comments, which move with their cells; so they come first.
    """

    was_there: bool
    by_number: Mapping[int, str]
    by_place: Mapping[tuple[str, str], str]

    @classmethod
    def of(cls, book: Workbook) -> Self:
        """Reads the sheet of the former receipt, and removes it."""
        by_number: dict[int, str] = {}
        by_place: dict[tuple[str, str], str] = {}
        sheets = [sheet for sheet in book.worksheets if is_receipt_sheet(sheet.title)]
        for sheet in sheets:
            for row in sheet.iter_rows(values_only=True):
                values = (*row, *(None,) * FORMER_FILL)
                number, place = values[NUMBER - 1], values[CELL - 1]
                if isinstance(number, int):
                    by_number[number] = str(values[FORMER_FILL - 1] or "")
                    by_place[str(values[SHEET - 1]), str(place)] = by_number[number]
                elif by_number:  # the list ends; below it stand counts
                    break
            book.remove(sheet)
        return cls(bool(sheets), by_number, by_place)

    def fill(self, place: tuple[str, str], numbers: Sequence[int]) -> PatternFill | GradientFill:
        texts = [self.by_number[number] for number in numbers if number in self.by_number]
        return _fill(texts[0] if texts else self.by_place.get(place, ""))


def _is_ours(fill: object) -> bool:
    return isinstance(fill, PatternFill) and fill.fill_type == "solid" and fill.fgColor.rgb in _OUR_FILLS


def _fill(text: str) -> PatternFill | GradientFill:
    """A fill as ``fill_text`` had written it; the text has been in strangers' hands."""
    try:
        return (Fill.from_tree(fromstring(text)) if text else None) or _NO_FILL  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001 - whatever it is, no fill is a fill
        return _NO_FILL


def fill_text(cell: Cell) -> str:
    """The fill of a cell as a text that a later receipt understands; blank for none."""
    return "" if cell.fill.fill_type is None else tostring(cell.fill.to_tree(), encoding="unicode")


def commented(sheet: Worksheet) -> list[tuple[Cell, Comment]]:
    """The cells of a sheet that have a comment."""
    cells = (cell for cell in sheet._cells.values() if isinstance(cell, Cell))
    return [(cell, cell.comment) for cell in cells if cell.comment is not None]
