"""Tables saved as text: separator and records.

What belongs here: .csv, .txt and .tsv as Excel, WPS and databases write them. What does not: their encoding
(``encodings``), what cells mean. A large table becomes a UTF-8 file for a faster reader: no object is made
for its rows.
"""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

from etl.intake.formats.content import Content, Sheet, TextFile, Unreadable
from etl.intake.formats.encodings import Encoding, Survey, decoded, survey
from etl.intake.formats.excess import check_columns, check_rows
from etl.intake.formats.source import Source, temporary_file
from etl.intake.formats.trimming import trimmed
from etl.limits import MEBIBYTE, Limits

#: A larger table is left to a faster reader.
LARGE = 8 * MEBIBYTE
#: So many first records are parsed of a large table, and looked at to find the separator.
HEAD_RECORDS = 200
SEPARATORS = (",", "\t", ";")

#: So many first characters are looked at to find the separator.
_BEGINNING = MEBIBYTE
#: Excel's own first line that names the separator, such as ``sep=;``.
_SEPARATOR_LINE = "sep="
#: A record of its own behind the last one, unless a quotation mark was left open.
_LAST = "\0"


def read_table(source: Source, limits: Limits, folder: Path | None) -> Content:
    """The cells of a text table.

    Raises:
        Unreadable: its bytes are no text in a known encoding, or no table.
    """
    text_survey = survey(source)
    check_rows(text_survey.lines, limits)
    if source.size > LARGE:
        return _large(source, text_survey, limits, folder)
    with source.open() as stream:
        text = stream.read().decode(text_survey.encoding.codec).removeprefix("\ufeff")
    separator, text = _separator(text)
    rows = trimmed(list(_all_records(io.StringIO(text, newline=""), separator)))
    check_columns(max(map(len, rows), default=0), limits)
    return Content((Sheet(None, rows),), is_workbook=False)


def _separator(text: str) -> tuple[str, str]:
    """The separator of a text's cells, and the text without the line that only names it."""
    line, end, _ = text[:20].partition("\n")
    if end and line.lower().startswith(_SEPARATOR_LINE) and len(line.rstrip("\r\n")) == 5:
        return line[4], text[len(line) + 1 :]
    return max(SEPARATORS, key=lambda separator: _cells(text, separator)), text


def _cells(text: str, separator: str) -> int:
    """How many more cells than records the beginning would have; of equal counts the first is taken."""
    lines = io.StringIO(text[:_BEGINNING], newline="")
    cells = 0
    with contextlib.suppress(csv.Error):
        for record in itertools.islice(csv.reader(lines, delimiter=separator), HEAD_RECORDS):
            cells += max(len(record) - 1, 0)
    return cells


def _all_records(lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    """Every record.

    Raises:
        Unreadable: a cell is too long, or a quotation mark without its pair took rows into one cell.
    """
    reader = csv.reader(itertools.chain(lines, [_LAST]), delimiter=separator)
    number, record = 0, [_LAST]
    try:
        for record in reader:
            number += 1
            if record != [_LAST]:
                yield record
    except csv.Error as error:
        raise _unpaired(number + 1) from error
    if record != [_LAST]:
        raise _unpaired(number)


def _unpaired(number: int) -> Unreadable:
    """A cell that goes on for ever, or to the end, begins with a quotation mark that nothing closes."""
    return Unreadable(
        f"文本表格第 {number} 行的双引号没有配对，其后的行都成了同一个单元格；请补上或删去引号，"
        "或在 Excel 或 WPS 中核对后“另存为”.xlsx",
        f"row {number} of the text table has a quotation mark without its pair, which makes one cell of all "
        "that follows; close or delete it, or use “Save as” .xlsx in Excel or WPS after a look",
    )


def _large(source: Source, text_survey: Survey, limits: Limits, folder: Path | None) -> Content:
    encoding = text_survey.encoding
    with source.open() as stream:
        pieces = decoded(stream, encoding)
        first = ""
        while len(first) < _BEGINNING and (piece := next(pieces, None)) is not None:
            first += piece
    separator, rest = _separator(first)
    if text_survey.quotation_marks % 2:
        _check_quotation_marks(source, encoding, separator)
    head = list(itertools.islice(_all_records(io.StringIO(rest, newline=""), separator), HEAD_RECORDS))
    check_columns(max(map(len, head), default=0), limits)
    if encoding.codec == "utf-8" and source.path is not None and len(rest) == len(first):
        text_file = TextFile(source.path, separator, head, text_survey.lines, skip_bytes=len(encoding.mark))
    else:
        skipped = len(first) - len(rest)
        path = _transcoded(source, encoding, skipped, folder)
        lines = text_survey.lines - (skipped > 0)
        text_file = TextFile(path, separator, head, lines, temporary=True)
    return Content((Sheet(None, head),), is_workbook=False, text_file=text_file)


def _check_quotation_marks(source: Source, encoding: Encoding, separator: str) -> None:
    """Where their number is odd, one may lack its pair: only going through the records tells."""
    with source.open() as stream, io.TextIOWrapper(stream, encoding.codec, newline="") as lines:
        for _ in _all_records(lines, separator):
            pass


def _transcoded(source: Source, encoding: Encoding, skip: int, folder: Path | None) -> Path:
    """The text from its character ``skip`` on, as a new UTF-8 file."""
    with source.open() as stream, temporary_file(folder, ".csv") as target:
        path = Path(target.name)
        try:
            for piece in decoded(stream, encoding):
                target.write(piece[skip:].encode())
                skip = max(0, skip - len(piece))
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return path
