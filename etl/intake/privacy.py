"""Whether a file holds what is never stored: personal numbers, or a column that is there to hold them (R211).

What belongs here: which cells those are, and the quick look that every file gets when it is handed in. What
does not: what a number looks like (``personal``), copies without them (``redaction``).

Only cells count that are someone's data: those in the rows of a ledger, in whatever column; and all of them
where no ledger is found. Telephone numbers on a cover, above a table or in a signature are no reason by
themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from etl.intake.credit_codes import is_credit_code
from etl.intake.extraction import FIRST_TEXT, text_column
from etl.intake.formats import Content, Sheet, TextFile
from etl.intake.headers import Header, bare_label
from etl.intake.personal import (
    JOINED,
    JOINED_AS,
    MARKER,
    NUMBER,
    SHORTEST,
    holds_number,
    suspicion,
    without_numbers,
)
from etl.intake.row_marks import RowMarks
from etl.intake.text import cell_text, folded
from warehouse.catalog import Catalog, FieldKind

_ACROSS_LINES, _WITHIN_LINES = suspicion(across_lines=True), suspicion(across_lines=False)
_PIECE = 1 << 24
#: Of several columns alike each may have a number (姓名2), and the word may stand in brackets: 职工（姓名）.
_BEHIND_LABEL = re.compile(r"[0-9]{0,2}[*:)]*$")
#: A number that goes on beyond a piece is found if it is no longer than this, blanks included.
_OVERLAP = 256
#: No smaller number has the digits of a personal one.
_SMALLEST = 10**10


@dataclass(frozen=True)
class Part:
    """A sheet and its header, if it is a ledger's; ``table`` holds the texts of its stored columns.

    ``is_data`` says that its cells are someone's data although there is no header.
    """

    sheet: Sheet
    header: Header | None = None
    table: pa.Table | None = None
    is_data: bool = False


class Privacy:
    """Knows what is personal with the words of one catalog."""

    def __init__(self, catalog: Catalog) -> None:
        form = catalog.form
        self._marks = RowMarks(form)
        self._always = tuple(map(folded, form.personal_labels))
        self._name_endings = tuple(map(folded, form.person_name_endings))
        self._names = {folded(label) for label in form.person_name_labels}

    def refused_columns(self, header: Header) -> dict[int, str]:
        """The columns, by index, that are there to hold what is never stored, with their labels."""
        anonymous = header.ledger.anonymous
        return {
            index: label
            for index, label in header.unknown.items()
            if any(
                self._is_personal_label(one, anonymous=anonymous)
                for one in (bare_label(label), folded(label))
            )
        }

    def _is_personal_label(self, label: str, *, anonymous: bool) -> bool:
        name = _BEHIND_LABEL.sub("", label)
        is_name = name.endswith(self._name_endings) or name in self._names
        return name.endswith(self._always) or (anonymous and is_name)

    def is_touched(self, content: Content, parts: Sequence[Part]) -> bool:
        """Whether anything of a file must not be stored; ``content`` is as it was read, names and all."""
        if any(sheet.name is not None and holds_number(sheet.name) for sheet in content.sheets):
            return True
        if any(part.header is not None and self.refused_columns(part.header) for part in parts):
            return True
        if content.text_file is not None:
            return _is_suspicious_file(content.text_file) and self._in_text(content.text_file, parts)
        columns = [column for part in parts for column in self._columns(part)]
        suspicious = _suspicious([column.texts for column in columns])
        return any(self._is_personal(column) for column, yes in zip(columns, suspicious, strict=True) if yes)

    def rows(self, rows: Iterable[Sequence[Any]], header: Header | None) -> Iterator[list[Any]]:
        """The rows of a sheet from the first on, with the mark in the place of what is personal.

        In the rows of a ledger the whole cell goes. Elsewhere only the number goes: unit and month may stand
        in the same cell.
        """
        source = iter(rows)
        if header is not None:
            yield from (
                [_without_numbers(value) for value in row] for row in islice(source, header.last_row + 1)
            )
            codes = {header.columns[field.name] for field in header.ledger.stored_fields
                     if field.kind is FieldKind.CREDIT_CODE and field.name in header.columns}  # fmt: skip
            refused = frozenset(self.refused_columns(header))
            yield from (self._body_row(row, refused, codes) for row in source)
        else:
            yield from ([_without_numbers(value) for value in row] for row in source)

    def _body_row(self, row: Sequence[Any], refused: frozenset[int], codes: set[int]) -> list[Any]:
        first = next((index for index, value in enumerate(row) if cell_text(value).strip()), None)
        mark = first if first is not None and self._marks.is_mark(cell_text(row[first])) else None
        result = list(row)
        for index, value in enumerate(row):
            if index == mark:
                result[index] = _without_numbers(value)
            elif index in refused:
                result[index] = MARKER if cell_text(value).strip() else value
            elif _may_hold_number(value) and holds_number(text := cell_text(value)):
                right = index in codes and isinstance(value, str) and is_credit_code(text)
                result[index] = value if right else MARKER
        return result

    # The quick look

    def _columns(self, part: Part) -> Iterator[_Column]:
        """The columns in which something personal could stand."""
        header, rows = part.header, part.sheet.rows
        if header is None:
            if part.is_data:
                yield from (_Column(texts) for _, texts in _untyped(rows, set()))
            return
        first, read = None, set()
        if part.table is not None:
            first = part.table[FIRST_TEXT]
            for field in header.ledger.stored_fields:
                if field.name in header.columns:
                    read.add(header.columns[field.name])
                    texts = part.table[text_column(field)]
                    if (pc.max(pc.binary_length(texts)).as_py() or 0) >= SHORTEST:
                        yield _Column(texts, first, is_code=field.kind is FieldKind.CREDIT_CODE)
        yield from (_Column(texts, first) for _, texts in _untyped(rows[header.last_row + 1 :], read))

    def _is_personal(self, column: _Column) -> bool:
        """Whether a number really stands in a row of data."""
        plain = pc.utf8_normalize(column.texts, form="NFKC")
        found = pc.or_(
            pc.match_substring_regex(plain, NUMBER), pc.match_substring_regex(_joined(plain), NUMBER)
        )
        rows = pc.indices_nonzero(pc.fill_null(found, False))
        first = column.first if column.first is not None else column.texts
        for text, begins in zip(
            column.texts.take(rows).to_pylist(), first.take(rows).to_pylist(), strict=True
        ):
            is_mark = column.first is not None and begins is not None and self._marks.is_mark(begins)
            if not is_mark and not (column.is_code and is_credit_code(text)):
                return True
        return False

    def _in_text(self, text: TextFile, parts: Sequence[Part]) -> bool:
        """Whether a number stands in a data row of a large text file."""
        part = next((part for part in parts if part.header is not None or part.is_data), None)
        if part is None:
            return False
        before = part.header.last_row + 1 if part.header is not None else 0
        pairs = zip(text.records(), self.rows(text.records(), part.header), strict=True)
        return any(self._differs(row, copy, part) for row, copy in islice(pairs, before, None))

    def _differs(self, row: Sequence[Any], copy: Sequence[Any], part: Part) -> bool:
        if row == copy:
            return False
        # Of a signature only the number goes; where that is all, it is no reason.
        return part.header is None or not self._marks.is_mark(next(value for value in row if value.strip()))


@dataclass(frozen=True)
class _Column:
    """Texts of one column, and the first text of each row."""

    texts: pa.ChunkedArray
    first: pa.ChunkedArray | None = None
    is_code: bool = False


def _untyped(rows: Sequence[Sequence[Any]], read: set[int]) -> Iterator[tuple[int, pa.ChunkedArray]]:
    """The texts of columns that nobody read, where any could be personal."""
    width = max(map(len, rows), default=0)
    for index in range(width):
        if index in read:
            continue
        values = [row[index] if index < len(row) else "" for row in rows]
        if any(map(_may_hold_number, values)):
            yield index, pa.chunked_array([pa.array(map(cell_text, values), pa.string())])


def _may_hold_number(value: object) -> bool:
    if isinstance(value, str):
        # Of the shortest number each digit has a character, or two share one (⑬).
        return len(value) > SHORTEST // 2
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= _SMALLEST


def _without_numbers(value: object) -> object:
    if not _may_hold_number(value):
        return value
    text = cell_text(value)
    return without_numbers(text) if holds_number(text) else value


def _joined(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    for _ in range(2):
        texts = pc.replace_substring_regex(texts, pattern=JOINED, replacement=JOINED_AS)
    return texts


def _suspicious(columns: Sequence[pa.ChunkedArray]) -> list[bool]:
    """For each column whether one look over all of its texts finds anything."""
    if not columns:
        return []
    offsets = [0]
    for column in columns:
        offsets.append(offsets[-1] + len(column))
    texts = pc.fill_null(pa.chunked_array([chunk for column in columns for chunk in column.chunks]), "")
    lists = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), texts.combine_chunks())
    found: list[bool] = pc.match_substring_regex(pc.binary_join(lists, ","), _ACROSS_LINES).to_pylist()
    return found


def _is_suspicious_file(text: TextFile) -> bool:
    """The same look over a large text file, piece by piece."""
    rest = b""
    with text.path.open("rb") as stream:
        stream.seek(text.skip_bytes)
        while piece := stream.read(_PIECE):
            piece = rest + piece
            if _is_suspicious_piece(piece):
                return True
            # What is cut, a number or a character, stands whole at the beginning of the next piece.
            rest = piece[-_OVERLAP:]
    return False


def _is_suspicious_piece(piece: bytes) -> bool:
    pattern = _ACROSS_LINES if b'"' in piece else _WITHIN_LINES
    offsets = pa.array([0, len(piece)], pa.int64()).buffers()[1]
    texts = pa.Array.from_buffers(pa.large_string(), 1, [None, offsets, pa.py_buffer(piece)])
    return bool(pc.match_substring_regex(texts, pattern)[0].as_py())
