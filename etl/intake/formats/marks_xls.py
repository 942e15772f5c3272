"""The records of .xls (BIFF): what the reader of workbooks leaves out.

What belongs here: errors, the date system, a password. What does not: values, which python-calamine reads.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import olefile

from etl.intake.formats import refusals
from etl.intake.formats.marks import Mark
from etl.intake.formats.source import Source

_BOF, _EOF, _FILEPASS, _DATE_MODE, _BOUND_SHEET = 0x0809, 0x000A, 0x002F, 0x0022, 0x0085
_BOOL_ERROR, _FORMULA = 0x0205, 0x0006
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
#: A record of an error constant; the result of a formula that is an error.
_SUSPICIOUS = re.compile(
    rb"\x05\x02\x08\x00.{7}\x01|\x02.[\x00\x07\x0f\x17\x1d\x24\x2a]...\xff\xff", re.DOTALL
)


@dataclass(frozen=True)
class WorkbookStream:
    """What the records say: marks by the sheet's number, and the date system."""

    date1904: bool
    sheets: int
    marks: dict[int, list[Mark]] = field(default_factory=dict)


class _Record(NamedTuple):
    kind: int
    start: int
    length: int


def workbook_stream(source: Source) -> WorkbookStream:
    """Goes through the records of the workbook.

    Raises:
        Unreadable: it has a password, or is damaged.
    """
    data = _stream(source)
    offsets: list[int] = []
    date1904 = False
    for kind, start, length in _records(data, 0):
        if kind == _FILEPASS:
            raise refusals.ENCRYPTED.error()
        if kind == _DATE_MODE and length >= 2:
            date1904 = data[start] == 1
        elif kind == _BOUND_SHEET and length >= 6:
            offsets.append(struct.unpack_from("<I", data, start)[0])
    if not _SUSPICIOUS.search(data):
        return WorkbookStream(date1904, len(offsets))
    marks = {number: list(_errors(data, offset)) for number, offset in enumerate(offsets)}
    return WorkbookStream(date1904, len(offsets), marks)


def _stream(source: Source) -> bytes:
    with source.open() as stream:
        try:
            with olefile.OleFileIO(stream) as compound:
                names = {entry[-1].casefold(): entry for entry in compound.listdir() if len(entry) == 1}
                name = names.get("workbook") or names.get("book")
                return bytes(compound.openstream(name).read()) if name is not None else b""
        except MemoryError:
            raise
        except Exception as error:  # the library raises what the broken bytes lead to
            raise refusals.DAMAGED.error(cause=str(error)) from error


def _records(data: bytes, offset: int) -> Iterator[_Record]:
    """The records of one substream; those of charts inside it are left out."""
    depth = 0
    while offset + 4 <= len(data):
        kind, length = struct.unpack_from("<HH", data, offset)
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        if depth == 1 and offset + 4 + length <= len(data):
            yield _Record(kind, offset + 4, length)
        offset += 4 + length


def _errors(data: bytes, offset: int) -> Iterator[Mark]:
    for kind, start, length in _records(data, offset):
        if kind == _BOOL_ERROR and length >= 8 and data[start + 7] == 1:
            code = data[start + 6]
        elif (
            kind == _FORMULA
            and length >= 14
            and data[start + 12 : start + 14] == b"\xff\xff"
            and data[start + 6] == 2
        ):
            code = data[start + 8]
        else:
            continue
        row, column = struct.unpack_from("<HH", data, start)
        yield Mark(row, column, _ERRORS.get(code, "#ERROR!"))
