"""Workbooks by python-calamine: .xlsx, .xlsm, .xls and .ods.

What belongs here: sheets and their cells, within the limits. What does not: the files' own structure, which
the modules ``marks_…`` search for what calamine leaves out. Macros are never run: nothing here can.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from python_calamine import (
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from etl.intake.formats import containers, marks_ods, marks_xls, marks_xlsx, refusals
from etl.intake.formats.content import Content, Merged, Sheet, Unreadable
from etl.intake.formats.excess import check_cells, check_rows, check_sheets
from etl.intake.formats.marks import Mark, put
from etl.intake.formats.source import Source
from etl.intake.formats.trimming import trimmed
from etl.limits import Limits

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class _Inspected:
    """What a look into the file tells before it is read."""

    date1904: bool = False
    marks_by_name: Mapping[str, Sequence[Mark]] = field(default_factory=dict)
    marks_by_number: Mapping[int, Sequence[Mark]] = field(default_factory=dict)
    merged_by_name: Mapping[str, Sequence[Merged]] = field(default_factory=dict)


def read_xlsx(source: Source, limits: Limits) -> Content:
    """The sheets of an .xlsx or .xlsm workbook."""
    with containers.opened(source, limits) as container:
        part = marks_xlsx.workbook_part(container)
        check_sheets(len(part.members), limits)
        container.check_lying_members(limits)
        marks = {name: marks_xlsx.sheet_marks(container, name, part, limits) for name in part.members}
    return _read(source, limits, _Inspected(part.date1904, marks))


def read_ods(source: Source, limits: Limits) -> Content:
    """The sheets of an OpenDocument workbook."""
    with containers.opened(source, limits) as container:
        if marks_ods.is_encrypted(container):
            raise refusals.ENCRYPTED.error()
        container.check_lying_members(limits)
        document = marks_ods.inspected(container, limits)
    return _read(source, limits, _Inspected(marks_by_name=document.marks, merged_by_name=document.merged))


def read_xls(source: Source, limits: Limits) -> Content:
    """The sheets of an .xls workbook of Excel 97 to 2003; also a WPS workbook in that format."""
    stream = marks_xls.workbook_stream(source)
    check_sheets(stream.sheets, limits)
    return _read(source, limits, _Inspected(stream.date1904, marks_by_number=stream.marks))


def _read(source: Source, limits: Limits, inspected: _Inspected) -> Content:
    with source.open() as stream:
        workbook = _guarded(lambda: CalamineWorkbook.from_filelike(stream))
    metadata = workbook.sheets_metadata
    check_sheets(len(metadata), limits)
    sheets: list[Sheet] = []
    cells = rows_of_all = 0
    for index, one in enumerate(metadata):
        if one.typ != SheetTypeEnum.WorkSheet:
            continue
        if one.visible != SheetVisibleEnum.Visible:
            sheets.append(Sheet(one.name, (), hidden=True))
            continue
        marks = inspected.marks_by_name.get(one.name) or inspected.marks_by_number.get(index) or ()
        sheet = _guarded(partial(workbook.get_sheet_by_index, index))
        rows, cells = _rows(sheet, one, marks, cells, limits)
        rows_of_all += len(rows)
        check_rows(rows_of_all, limits)
        merged = inspected.merged_by_name.get(one.name) or _merged(sheet)
        sheets.append(Sheet(one.name, rows, merged=merged))
    return Content(tuple(sheets), is_workbook=True, date1904=inspected.date1904)


def _merged(sheet: CalamineSheet) -> list[Merged]:
    """What .xlsx and .xls tell of merged cells; of .ods calamine tells nothing."""
    areas = sheet.merged_cell_ranges or ()
    return [Merged(first, last, column) for (first, column), (last, _) in areas if last > first]


def _rows(
    sheet: CalamineSheet,
    metadata: SheetMetadata,
    marks: Sequence[Mark],
    cells_before: int,
    limits: Limits,
) -> tuple[list[list[Any]], int]:
    """A sheet's cells from A1 on, and the number of cells so far, checked before any becomes an object."""
    last_row, last_column = sheet.end or (-1, -1)
    cells = check_cells(
        metadata.name,
        max([last_row, *(mark.row for mark in marks)]) + 1,
        max([last_column, *(mark.column for mark in marks)]) + 1,
        cells_before,
        limits,
    )
    rows: list[list[Any]] = []
    if sheet.end is not None:
        rows = _guarded(lambda: sheet.to_python(skip_empty_area=False))
    put(rows, marks)
    return trimmed(rows), cells


def _guarded(call: Callable[[], _Result]) -> _Result:
    """What calamine gives.

    Raises:
        Unreadable: it failed; its own panics derive from BaseException.
    """
    try:
        return call()
    except (Unreadable, KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except PasswordError:
        raise refusals.ENCRYPTED.error() from None
    except BaseException as error:
        raise refusals.DAMAGED.error(cause=_first_line(error)) from error


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
