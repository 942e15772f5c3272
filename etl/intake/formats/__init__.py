"""From a file to sheets of cells, recognised by content and within limits.

What belongs here: file formats and encodings. What does not: what the cells mean (``headers``, ``identity``),
and protection against bytes that crash a reader (``etl.intake.isolation``).

``recognition`` tells what a file is, ``refusals`` and ``excess`` say why one is not read; ``workbooks``,
``tables`` and ``parquet`` read.
"""

from __future__ import annotations

from pathlib import Path

from etl.intake.formats.content import UNCALCULATED, Content, Merged, OverLimit, Sheet, TextFile, Unreadable
from etl.intake.formats.excess import check_file_bytes
from etl.intake.formats.parquet import read_parquet
from etl.intake.formats.recognition import Kind, recognise
from etl.intake.formats.source import Source
from etl.intake.formats.tables import read_table
from etl.intake.formats.workbooks import read_ods, read_xls, read_xlsx
from etl.limits import Limits

__all__ = [
    "UNCALCULATED",
    "Content",
    "Merged",
    "OverLimit",
    "Sheet",
    "TextFile",
    "Unreadable",
    "read_content",
]

_DEFAULT_LIMITS = Limits()


def read_content(
    source: bytes | Path, file_name: str, limits: Limits = _DEFAULT_LIMITS, folder: Path | None = None
) -> Content:
    """The cells of a file.

    Args:
        source: its bytes, or where it lies.
        file_name: the name under which it was sent; it never decides what the file is.
        limits: what is over one of them is not read.
        folder: where the text of a large table goes if it has to be written anew (``TextFile.temporary``);
            the caller removes it. Left out, it stays as long as this process.

    Raises:
        OverLimit: the file is too large in some way.
        Unreadable: its bytes are nothing that is read, or damaged; says what it is and what to do.
    """
    given = Source(source, file_name)
    check_file_bytes(given.size, limits)
    match recognise(given):
        case Kind.XLSX:
            return read_xlsx(given, limits)
        case Kind.XLS:
            return read_xls(given, limits)
        case Kind.ODS:
            return read_ods(given, limits)
        case Kind.PARQUET:
            return read_parquet(given, limits, folder)
        case Kind.TEXT:
            return read_table(given, limits, folder)
