"""Checked returns as typed Parquet, in append-only batches.

What belongs here: the shape of a batch, writing it whole, and which batch counts for a return.
What does not: how rows were checked (``etl.intake``), what they add up to (``warehouse.building``), how
batches are compacted (``warehouse.compaction``).

A batch is one folder, made under a temporary name and renamed in: it is there whole or not at all. The last
batch that contains a return counts for it. Where many batches were compacted into one folder, that one counts
instead of theirs; each of its rows says from which batch it comes, in the column ``batch_number``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse import storage
from warehouse.catalog import FieldKind, Ledger
from warehouse.settings import Home
from warehouse.spans import Span, counting, span_name, spans

#: What every batch has: its returns, checked, and their sheets.
RETURNS_FILE, SHEETS_FILE = "returns.parquet", "sheets.parquet"
#: How long a commit waits for another one to finish, in seconds.
LOCK_TIMEOUT = 60

RETURNS = pa.schema(
    [
        ("return_id", pa.string()),
        ("unit", pa.string()),
        ("period", pa.date32()),
        ("status", pa.string()),
        ("rows_accepted", pa.int64()),
        ("rows_held_out", pa.int64()),
        ("check_version", pa.string()),
    ]
)
SHEETS = pa.schema(
    [
        ("return_id", pa.string()),
        ("ledger", pa.string()),
        ("sheet", pa.string()),
        ("state", pa.string()),
        ("header_row", pa.int32()),
        ("column_letters", pa.map_(pa.string(), pa.string())),
        ("rows_accepted", pa.int64()),
        ("rows_held_out", pa.int64()),
    ]
)
ISSUES = pa.schema(
    [
        ("return_id", pa.string()),
        ("issue_number", pa.int32()),
        ("rule", pa.string()),
        ("severity", pa.string()),
        ("ledger", pa.string()),
        ("sheet", pa.string()),
        ("cell", pa.string()),
        ("row", pa.int32()),
        ("column_name", pa.string()),
        ("label", pa.string()),
        ("found", pa.string()),
        ("expected", pa.string()),
        ("message_zh", pa.string()),
        ("message_en", pa.string()),
    ]
)
#: What became of each correction: ``applied`` to a cell, or ``stale``: the sheet shows something else.
CORRECTIONS = pa.schema(
    [
        ("return_id", pa.string()),
        ("decision", pa.string()),
        ("state", pa.string()),
        ("ledger", pa.string()),
        ("sheet", pa.string()),
        ("row", pa.int32()),
        ("column_name", pa.string()),
        ("found", pa.string()),
    ]
)

_ARROW_TYPES: dict[FieldKind, pa.DataType] = {
    FieldKind.INTEGER: pa.int64(),
    FieldKind.DECIMAL: pa.decimal128(18, 4),
    FieldKind.YUAN: pa.decimal128(18, 2),
    FieldKind.PERCENT: pa.decimal128(9, 4),
    FieldKind.DATE: pa.date32(),
    FieldKind.BOOLEAN: pa.bool_(),
}


def ledger_schema(ledger: Ledger) -> pa.Schema:
    """Columns of a ledger's file: where the row came from, its natural key, then its values."""
    provenance = [
        ("return_id", pa.string()),
        ("sheet", pa.string()),
        ("row", pa.int32()),
        ("natural_key", pa.string()),
    ]
    values = [(field.name, _ARROW_TYPES.get(field.kind, pa.string())) for field in ledger.stored_fields]
    return pa.schema(provenance + values)


@dataclass(frozen=True)
class Batch:
    """The result of checking some returns: tables in the shapes above.

    ``ledgers`` are the accepted rows of each ledger, or the Parquet file that holds them.
    """

    returns: pa.Table
    sheets: pa.Table
    issues: pa.Table
    ledgers: Mapping[str, pa.Table | Path] = field(default_factory=dict)
    corrections: pa.Table = field(default_factory=CORRECTIONS.empty_table)


@dataclass(frozen=True)
class Checked:
    """What a check was made by, and the unit and month that it understood."""

    check_version: str
    unit: str | None
    period: dt.date | None


_CHECKED = [field.name for field in fields(Checked)]


class Lake:
    """The lake folder of a home."""

    def __init__(self, home: Home) -> None:
        self.root = home.lake

    def all_spans(self) -> list[Span]:
        """Every folder of batches, those that were compacted away too."""
        return spans(path for path in self.root.glob("[0-9]*") if path.is_dir())

    def spans(self) -> list[Span]:
        """The folders that count, the oldest first: of one batch, or of many that were compacted."""
        return counting(self.all_spans())

    def last_number(self) -> int:
        """The number of the last batch, 0 before the first."""
        return max((span.last for span in self.spans()), default=0)

    def begin(self) -> Path:
        """A folder for a batch in the making, which ``commit`` takes or a later run removes."""
        folder = storage.temporary_path(self.root)
        folder.mkdir()
        return folder

    def commit(self, batch: Batch, folder: Path | None = None) -> Path:
        """Adds a batch, all or nothing; returns its folder.

        Args:
            batch: what was checked.
            folder: from ``begin``, where the files of ledgers already lie.

        Raises:
            storage.Busy: another process is committing for too long.
        """
        folder = folder or self.begin()
        tables = {"returns": batch.returns, "sheets": batch.sheets, "issues": batch.issues}
        if batch.corrections.num_rows:
            tables["corrections"] = batch.corrections
        for name, table in {**tables, **batch.ledgers}.items():
            if isinstance(table, pa.Table):
                pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
        with storage.exclusive(self.root, LOCK_TIMEOUT):
            number = self.last_number() + 1
            final = self.root / span_name(number, number)
            storage.move_into_place(folder, final)
            return final

    def last_checks(self) -> dict[str, Checked]:
        """The last check of each return, by its id."""
        try:
            return self._last_checks()
        except FileNotFoundError:
            # What had been compacted away was removed after it was listed; what counts for it is there.
            return self._last_checks()

    def _last_checks(self) -> dict[str, Checked]:
        checks: dict[str, Checked] = {}
        for span in self.spans():
            table = pq.read_table(span.path / RETURNS_FILE, columns=["return_id", *_CHECKED])
            ids, *parts = (column.to_pylist() for column in table.columns)
            checks |= {return_id: Checked(*check) for return_id, *check in zip(ids, *parts, strict=True)}
        return checks
