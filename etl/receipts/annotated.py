"""The county's own file with the wrong cells coloured and commented, and the sheet 校验结果 in front.

What belongs here: .xlsx and .xlsm by openpyxl. What does not: files that openpyxl cannot keep (``fresh``).
It opens files of strangers: call it in a child process only (``workbook``).
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles import PatternFill
from openpyxl.utils import coordinate_to_tuple
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from etl.receipts.calculated import Calculated, Result, by_part, calculated, keep_mode, with_results
from etl.receipts.former import commented, fill_text, take_back
from etl.receipts.front import write_front
from etl.receipts.layout import COLOURS
from etl.receipts.page import Page
from etl.receipts.remarks import AUTHOR, Remark, comment_size, comment_text, joined, remarks

#: Cells, formatted rows and issues: with more, openpyxl takes longer than 20 seconds.
MOST_CELLS = 300_000
#: What an issue costs, in cells.
_ISSUE = 12
_MOST_UNPACKED = 256 << 20
_CHUNK = 1 << 20

_MACROS = "xl/vbaProject.bin"
_CELL_OR_ROW = re.compile(rb"<(?:\w+:)?(?:c|row)[ />]")
#: Everything written bears this time, so that equal input gives equal bytes.
_WRITTEN = (2024, 1, 1, 0, 0, 0)


class CannotAnnotate(Exception):
    """The file cannot be kept as it is; says why."""


def annotate(source: bytes | Path, page: Page) -> bytes:
    """The county's own file as a receipt.

    Raises:
        CannotAnnotate: it is no .xlsx or .xlsm, or too large; whatever openpyxl raises at a damaged one.
    """
    if not openpyxl.DEFUSEDXML:
        raise CannotAnnotate("openpyxl does not use defusedxml")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what openpyxl does not keep; docs/returns.md lists it
        place = io.BytesIO(source) if isinstance(source, bytes) else source
        has_macros = _survey(place, len(page.lines))
        with place.open("rb") if isinstance(place, Path) else place as stream:
            reader = ExcelReader(stream, keep_vba=has_macros, rich_text=True)
            reader.read()
            if not reader.wb.worksheets:
                raise CannotAnnotate("openpyxl finds no sheet in it")
            # What is taken out of a cell may be the result of a formula elsewhere.
            known = Calculated()
            if not any(line.emptied for line in page.lines):
                with zipfile.ZipFile(stream) as archive:
                    known = calculated(archive, reader)
        return _saved(_annotated(reader.wb, page), known)


def _survey(place: Path | io.BytesIO, lines: int) -> bool:
    """Looks before openpyxl does; returns whether there are macros."""
    if not zipfile.is_zipfile(place):
        raise CannotAnnotate("it is no .xlsx or .xlsm workbook")
    with zipfile.ZipFile(place) as archive:
        members = archive.infolist()
        if "[Content_Types].xml" not in archive.namelist():
            raise CannotAnnotate("it is no .xlsx or .xlsm workbook")
        if sum(member.file_size for member in members) > _MOST_UNPACKED:
            raise CannotAnnotate("unpacked it is too large")
        room = MOST_CELLS - _ISSUE * lines
        for member in members:
            if member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml"):
                room -= _count(archive, member)
            if room < 0:
                raise CannotAnnotate("it has too many cells")
        return _MACROS in archive.namelist()


def _count(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    """Cells and rows; one that two chunks share may be missed."""
    with archive.open(member) as stream:
        return sum(len(_CELL_OR_ROW.findall(chunk)) for chunk in iter(lambda: stream.read(_CHUNK), b""))


def _annotated(book: Workbook, page: Page) -> Workbook:
    book.template = False
    take_back(book)
    page = page.in_order_of(book.sheetnames)
    remarked = remarks(page)
    former: dict[int, str] = {}
    told = _told_names(book.sheetnames, remarked)
    for sheet in book.worksheets:
        former.update(_mark(sheet, remarked.get(told[sheet.title], {})))
        _fit_comments(sheet)
    write_front(book, page, former)
    return book


def _told_names(names: Sequence[str], remarked: Mapping[str, object]) -> Mapping[str, str]:
    """The names under which issues tell the sheets: without personal numbers."""
    if set(remarked) <= set(names):
        return dict(zip(names, names, strict=True))
    from etl.intake.personal import masked_names  # its package is heavy, and hardly a sheet is named so

    return {name: told or name for name, told in zip(names, masked_names(names), strict=True)}


# Marks in the county's sheets


def _mark(sheet: Worksheet, remarked: Mapping[str, Remark]) -> Iterator[tuple[int, str]]:
    """Colours and comments cells; yields, by the number of each issue, the fill that its cell had before."""
    owners = _merged_owners(sheet)
    by_cell: dict[tuple[int, int], list[Remark]] = defaultdict(list)
    for place, remark in remarked.items():
        position = coordinate_to_tuple(place)
        if remark.emptied:
            _empty(sheet, position, remark.emptied)
        by_cell[owners.get(position, position)].append(remark)
    for position, several in by_cell.items():
        cell, remark = sheet.cell(*position), joined(several)
        if not isinstance(cell, Cell):
            continue
        former = fill_text(cell)
        for number in remark.numbers:
            yield number, former
        cell.fill = PatternFill("solid", fgColor=COLOURS[remark.severity])
        if remark.is_commented:
            theirs = cell.comment
            text = comment_text(remark, theirs.text if theirs is not None else "")
            cell.comment = Comment(text, theirs.author if theirs is not None else AUTHOR)


def _merged_owners(sheet: Worksheet) -> dict[tuple[int, int], tuple[int, int]]:
    """The first cell of the merged area in which a cell lies."""
    return {
        (row, column): (area.min_row, area.min_col)
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row, area.max_row + 1)
        for column in range(area.min_col, area.max_col + 1)
    }


def _empty(sheet: Worksheet, position: tuple[int, int], what: str) -> None:
    """Removes a cell's content, or that of all cells below it."""
    row, column = position
    rows = range(row + 1, sheet.max_row + 1) if what == "below" else (row,)
    for number in rows:
        cell = sheet._cells.get((number, column))
        if isinstance(cell, Cell):
            cell.value = None


def _fit_comments(sheet: Worksheet) -> None:
    """What openpyxl forgets: how large comments were."""
    for _, comment in commented(sheet):
        comment.width, comment.height = comment_size(comment.text)


# Bytes


def _saved(book: Workbook, known: Calculated) -> bytes:
    buffer = io.BytesIO()
    archive = _FixedTimes(buffer, "w", zipfile.ZIP_DEFLATED)
    keep_mode(book, known)
    archive.results = by_part(book, known.results)
    ExcelWriter(book, archive).save()
    return buffer.getvalue()


class _FixedTimes(zipfile.ZipFile):
    """An archive whose members all bear one time; sheets get the results of their formulas on the way in."""

    results: Mapping[str, Mapping[str, Result]] = {}

    def writestr(self, name: Any, data: Any, compress_type: Any = None, compresslevel: Any = None) -> None:
        member = zipfile.ZipInfo(str(name), _WRITTEN)
        member.compress_type = self.compression
        super().writestr(member, data, compress_type, compresslevel)

    def write(self, filename: Any, arcname: Any = None, *_: Any) -> None:
        member = zipfile.ZipInfo(str(arcname), _WRITTEN)
        member.compress_type = self.compression
        if (results := self.results.get(str(arcname))) is not None:
            self.writestr(arcname, with_results(Path(filename).read_bytes(), results))
            return
        with Path(filename).open("rb") as source, self.open(member, "w") as target:
            while chunk := source.read(_CHUNK):
                target.write(chunk)
