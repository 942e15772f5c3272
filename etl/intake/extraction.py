"""From a sheet's cells below its header to Arrow columns of texts, one for each known column.

What belongs here: taking the right cells and leaving out rows that are no data (blank, totals, notes).
What does not: whether a text is a number or a date (``values``).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from etl.intake.headers import Header
from etl.intake.readers import Sheet
from etl.intake.text import cell_text, folded
from warehouse.catalog import Catalog, FieldKind, Ledger, LedgerField

#: How a cell was stored; a text that looks like a number is still a text.
TEXT, NUMBER, DATE = "text", "number", "date"

#: Characters that stand around a text without belonging to it.
_BLANKS = " \t\r\n\u3000\xa0\ufeff"
#: Kinds in which what was typed is kept; all others are read after NFKC.
_KEPT_AS_TYPED = {FieldKind.TEXT}
#: Kinds for which it matters whether a cell was stored as a number or a date.
_STORAGE_MATTERS = {FieldKind.DATE, FieldKind.CREDIT_CODE}


def storage_column(field: LedgerField) -> str | None:
    """Name of the column that says how a field's cells were stored, for the kinds where it matters."""
    return f"{field.name}__stored_as" if field.kind in _STORAGE_MATTERS else None


def typed_column(field: LedgerField) -> str:
    """Name of the column that holds a cell's text as it was typed, which messages quote."""
    return f"{field.name}__typed"


def key_column(name: str) -> str:
    """Name of the column that holds a text of the natural key in the form in which it is compared."""
    return f"{name}__key"


def key_texts(ledger: Ledger) -> list[str]:
    """Columns of the natural key that are texts, hence compared after NFKC and without blanks."""
    return [name for name in ledger.primary_key if ledger.field(name).kind is FieldKind.TEXT]


def _raw_schema(ledger: Ledger) -> pa.Schema:
    """The shape of ``Extractor.extract``: the row, then texts."""
    names: list[str] = []
    for field in ledger.stored_fields:
        names += [typed_column(field), field.name]
        names += [name for name in (storage_column(field),) if name is not None]
    names += [key_column(name) for name in key_texts(ledger)]
    return pa.schema([("row", pa.int32()), *((name, pa.string()) for name in names)])


class RowFilter:
    """Tells data from blank rows, totals and notes, by the words of the catalog's form."""

    def __init__(self, catalog: Catalog) -> None:
        totals = _spaced(catalog.form.total_words)
        notes = _spaced(catalog.form.note_words)
        self._not_data = rf"^((?:{totals})|(?:{notes})(?:[:\d( ]|$))"

    def data_rows(self, first_texts: pa.Array, is_blank: pa.Array) -> pa.Array:
        """Where a row is data; ``first_texts`` are the first texts of each row, after NFKC."""
        words = pc.fill_null(pc.match_substring_regex(first_texts, self._not_data), False)
        return pc.and_(pc.invert(words), pc.invert(is_blank))


class Extractor:
    """Makes the raw table of one ledger on one sheet."""

    def __init__(self, catalog: Catalog) -> None:
        self._rows = RowFilter(catalog)
        self._missing = pa.array(sorted({folded(value) for value in catalog.programme.missing_values}))

    def extract(self, sheet: Sheet, header: Header) -> pa.Table:
        """Texts of the data rows: ``row`` (from 1), each stored field, and its helper columns.

        A missing value is null. Columns that the header lacks are null throughout.
        """
        body = sheet.rows[header.last_row + 1 :]
        ledger = header.ledger
        if not body:
            return _raw_schema(ledger).empty_table()
        cells = list(zip_longest(*body, fillvalue=""))
        columns: dict[str, pa.Array] = {
            "row": pa.array(range(header.last_row + 2, header.last_row + 2 + len(body)), pa.int32())
        }
        for field in ledger.stored_fields:
            index = header.columns.get(field.name)
            values = cells[index] if index is not None and index < len(cells) else ("",) * len(body)
            typed = _blank_to_null(_as_texts(values))
            columns[typed_column(field)] = typed
            columns[field.name] = self._texts(typed, field)
            if (name := storage_column(field)) is not None:
                columns[name] = pa.array([_stored_as(value) for value in values], pa.string())
        for name in key_texts(ledger):
            columns[key_column(name)] = pc.replace_substring_regex(
                pc.utf8_normalize(columns[name], form="NFKC"), r"\s+", ""
            )
        table = pa.table(columns)
        return table.filter(self._is_data(table, cells, ledger))

    def _is_data(self, table: pa.Table, cells: Sequence[Sequence[Any]], ledger: Ledger) -> pa.Array:
        firsts = pa.array([None] * table.num_rows, pa.string())
        for values in cells:
            firsts = pc.coalesce(firsts, _blank_to_null(_as_texts(values)))
        single_spaced = pc.replace_substring_regex(pc.utf8_normalize(firsts, form="NFKC"), r"\s+", " ")
        blank = pa.array([True] * table.num_rows, pa.bool_())
        for field in ledger.stored_fields:
            blank = pc.and_(blank, pc.is_null(table[field.name]))
        return self._rows.data_rows(single_spaced, blank)

    def _texts(self, texts: pa.Array, field: LedgerField) -> pa.Array:
        normalized = pc.utf8_normalize(texts, form="NFKC")
        absent = pc.is_in(pc.replace_substring_regex(pc.utf8_lower(normalized), r"\s+", ""), self._missing)
        kept = texts if field.kind in _KEPT_AS_TYPED else pc.utf8_trim(normalized, _BLANKS)
        return pc.if_else(absent, pa.scalar(None, pa.string()), kept)


def _spaced(words: Iterable[str]) -> str:
    """A pattern of any of the words, also with blanks between their characters."""
    return "|".join(" ?".join(map(re.escape, folded(word))) for word in words)


def _as_texts(values: Sequence[Any]) -> pa.Array:
    """Cells as texts; a column of texts only needs no work for each cell."""
    if set(map(type, values)) <= {str}:
        return pa.array(values, pa.string())
    return pa.array([value if type(value) is str else cell_text(value) for value in values], pa.string())


def _blank_to_null(texts: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim(texts, _BLANKS)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _stored_as(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return NUMBER
    return DATE if isinstance(value, dt.date) else TEXT
