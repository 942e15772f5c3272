"""Checks the rows of many returns at once, ledger by ledger, in DuckDB.

What belongs here: bringing sources, statements and texts together into a batch of the lake.
What does not: reading files (``reading``), the SQL (``statements``, ``sql/``), storing (``warehouse.lake``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.intake.besides import unsearched
from etl.intake.conditions import WaivedRows
from etl.intake.connection import checking_connection, sql_text
from etl.intake.corrections import apply_corrections
from etl.intake.credit_codes import are_credit_codes
from etl.intake.delivery import LedgerSheet
from etl.intake.extraction import FIRST_TEXT, text_column
from etl.intake.findings import QUOTE_LENGTH, Finding, texts
from etl.intake.form import nothing_said
from etl.intake.headers import HeaderFinder
from etl.intake.personal import masked
from etl.intake.reading import ReadReturn
from etl.intake.sources import (
    RAW,
    RowSource,
    TextTable,
    irregular_source,
    is_regular,
    tables_source,
    text_source,
)
from etl.intake.statements import MOST_ISSUES, LedgerStatements
from etl.intake.wording import issue_texts
from warehouse import lake
from warehouse.catalog import Catalog, Ledger
from warehouse.catalog.expressions import literal
from warehouse.version import code_version

_SHEETS = pa.schema(
    [
        ("sheet_id", pa.int32()),
        ("return_id", pa.string()),
        ("return_position", pa.int32()),
        ("period", pa.date32()),
        ("rejected", pa.bool_()),
        ("date1904", pa.bool_()),
        ("ledger", pa.string()),
        ("sheet", pa.string()),
        ("header_row", pa.int32()),
        ("column_letters", pa.map_(pa.string(), pa.string())),
    ]
)

#: Where a row stands.
_PLACES = pa.schema([("sheet_id", pa.int32()), ("row", pa.int32())])

#: What fits into a processor's own memory.
_CODES_AT_ONCE = 16_384


def check_version(catalog: Catalog, decided: str = "") -> str:
    """What a check's result depends on besides the file; another version checks a return again.

    ``decided`` is the digest of the circumstances of a return.
    """
    return "-".join(part for part in (catalog.version, code_version(), decided) if part)


def check_returns(catalog: Catalog, returns: Sequence[ReadReturn], folder: Path | None = None) -> lake.Batch:
    """Every row of ``returns`` checked: issues, and what became of each return and sheet.

    The accepted rows go to ``folder``, one Parquet file a ledger; without a folder they are not kept, which
    takes a fraction of the memory. A return that ``is_large`` is checked alone when its rows are kept.
    """
    with checking_connection(catalog) as connection:
        return _Check(catalog, connection, returns, folder).run()


class _Check:
    """One pass over some returns in one connection."""

    def __init__(
        self,
        catalog: Catalog,
        connection: duckdb.DuckDBPyConnection,
        returns: Sequence[ReadReturn],
        folder: Path | None,
    ) -> None:
        self._catalog = catalog
        self._connection = connection
        self._returns = returns
        self._folder = folder
        self._sheets = [
            (position, one, sheet) for position, one in enumerate(returns) for sheet in one.sheets
        ]
        self._data_rows: dict[int, int] = {}
        self._ledgers: dict[str, Path] = {}

    def run(self) -> lake.Batch:
        self._load("sheets", self._sheet_table())
        self._load("returns", self._return_table())
        self._load_waivers()
        for ledger in self._catalog.ledgers:
            for sheets in self._lots(ledger):
                self._check_lot(ledger, sheets)
        self._settle([i for i in range(len(self._sheets)) if i not in self._data_rows])
        self._add_findings()
        sheets = self._query(sql_text("batch_sheets"), {}, lake.SHEETS)
        self._load("batch_sheets", sheets)
        return lake.Batch(
            returns=self._query(sql_text("batch_returns"), {}, lake.RETURNS),
            sheets=sheets,
            issues=self._query(sql_text("batch_issues"), {}, lake.ISSUES),
            ledgers=self._ledgers,
            corrections=self._query(sql_text("batch_corrections"), {}, lake.CORRECTIONS),
        )

    # What is checked

    def _load(self, name: str, table: pa.Table) -> None:
        self._connection.register("incoming", table)
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM incoming")
        self._connection.unregister("incoming")

    def _query(self, sql: str, parameters: dict[str, object], schema: pa.Schema) -> pa.Table:
        return self._connection.sql(sql, params=parameters or None).to_arrow_table().cast(schema)

    def _sheet_table(self) -> pa.Table:
        rows = [
            {
                "sheet_id": sheet_id,
                "return_id": one.return_id,
                "return_position": position,
                "period": one.period,
                "rejected": one.rejected,
                "date1904": sheet.date1904,
                "ledger": sheet.ledger,
                "sheet": sheet.sheet,
                "header_row": sheet.header_row,
                "column_letters": list(sheet.letters.items()),
            }
            for sheet_id, (position, one, sheet) in enumerate(self._sheets)
        ]
        return pa.Table.from_pylist(rows, schema=_SHEETS)

    def _return_table(self) -> pa.Table:
        return pa.table(
            {
                "return_id": pa.array([one.return_id for one in self._returns], pa.string()),
                "return_position": pa.array(range(len(self._returns)), pa.int32()),
                "unit": pa.array([one.unit for one in self._returns], pa.string()),
                "period": pa.array([one.period for one in self._returns], pa.date32()),
                "rejected": pa.array([one.rejected for one in self._returns], pa.bool_()),
                "check_version": pa.array([self._version(one) for one in self._returns], pa.string()),
            }
        )

    def _version(self, one: ReadReturn) -> str:
        return check_version(self._catalog, one.circumstances.digest(one.unit, one.period))

    def _load_waivers(self) -> None:
        rows = [
            [sheet_id, waiver.rule, waiver.row, waiver.decision]
            for sheet_id, (_, one, sheet) in enumerate(self._sheets)
            for waiver in one.circumstances.waivers
            if waiver.sheet in (None, sheet.sheet)
        ]
        if rows:
            self._connection.executemany("INSERT INTO waivers VALUES (?, ?, ?, ?)", rows)

    def _waived(self, sheet_ids: Sequence[int]) -> list[WaivedRows]:
        return [
            WaivedRows(sheet_id, waiver.rule, waiver.row)
            for sheet_id in sheet_ids
            for waiver in self._sheets[sheet_id][1].circumstances.waivers
            if waiver.sheet in (None, self._sheets[sheet_id][2].sheet)
        ]

    # Rows

    def _lots(self, ledger: Ledger) -> Iterator[list[int]]:
        """Sheets of a ledger that are checked together: all in memory, and each large text file by itself."""
        mine = [i for i, (_, _, sheet) in enumerate(self._sheets) if sheet.ledger == ledger.name]
        if in_memory := [i for i in mine if self._sheets[i][2].table is not None]:
            yield in_memory
        yield from ([i] for i in mine if self._sheets[i][2].body is not None)

    def _check_lot(self, ledger: Ledger, sheet_ids: list[int]) -> None:
        connection = self._connection
        statements = LedgerStatements(self._catalog, ledger, self._waived(sheet_ids))
        self._make_checked(ledger, statements, sheet_ids)
        self._find_repeated(statements)
        self._settle(sheet_ids)
        if self._count("FROM checked") + self._count("FROM repeated"):
            self._load("issue_texts", issue_texts(self._catalog, statements))
            issues = statements.issues(with_totals=self._has_totals())
            limits = {"quote_length": QUOTE_LENGTH, "most_issues": MOST_ISSUES}
            connection.execute(sql_text("add_issues").format(issues=issues), limits)
        connection.execute(f"INSERT INTO counts {statements.counts()}")
        if self._folder is not None:
            self._write(ledger, statements, self._folder)

    def _make_checked(self, ledger: Ledger, statements: LedgerStatements, sheet_ids: list[int]) -> None:
        """Fills ``checked``; the values of a large file are kept only where something asks for them."""
        sheets = [(i, self._sheets[i][2]) for i in sheet_ids]
        large = sheets[0][1].body is not None
        keep = not large or self._folder is not None
        source = self._read_regular(ledger, statements, sheets, keep=keep)
        if source is None:
            source = self._corrected(ledger, self._irregular(ledger, sheets), sheet_ids)
            self._run(statements.plain_rows(source, keep_values=keep))
        self._understand(statements, source)
        if not keep and self._has_totals():
            self._run(statements.plain_rows(source, keep_values=True))
            self._connection.execute(statements.without_odd_places(source))
        self._hear(statements)
        if large:
            self._look_for_headers(statements, sheet_ids[0])
        counts = self._connection.sql(statements.data_rows()).fetchall()
        self._data_rows.update(dict.fromkeys(sheet_ids, 0) | dict(counts))

    def _read_regular(
        self,
        ledger: Ledger,
        statements: LedgerStatements,
        sheets: list[tuple[int, LedgerSheet]],
        *,
        keep: bool,
    ) -> RowSource | None:
        """Fills ``plain_rows`` and gives its source; None where a large text file is not regular."""
        large = sheets[0][1].body is not None
        try:
            source = self._corrected(ledger, self._source(ledger, sheets), [i for i, _ in sheets])
            self._run(statements.plain_rows(source, keep_values=keep))
        except duckdb.InvalidInputException:
            if not large:
                raise
            return None
        return source if not large or self._is_regular(sheets[0][1]) else None

    def _understand(self, statements: LedgerStatements, source: RowSource) -> None:
        """Fills ``checked`` with what is not plain."""
        self._connection.execute(statements.other_rows())
        self._load("odd_places", self._wrong_codes(statements))
        if self._count("FROM odd_places"):
            self._connection.execute(statements.without_odd_places(source))
            self._connection.execute(statements.odd_rows(source))
        if not self._count("FROM other_rows"):
            self._connection.execute(statements.nothing_checked())
            return
        self._connection.execute(statements.checked())

    def _wrong_codes(self, statements: LedgerStatements) -> pa.Table:
        """Where a credit code in a plain row has the wrong check character.

        Many at once: for 2,048 rows of the pass at a time the check would take five times as long.
        """
        wrong = [_PLACES.empty_table()]
        for codes in statements.codes():
            for batch in self._connection.sql(codes).to_arrow_reader(_CODES_AT_ONCE):
                places = batch.filter(pc.invert(are_credit_codes(batch.column(2)))).select(_PLACES.names)
                wrong.append(pa.Table.from_batches([places], _PLACES))
        return pa.concat_tables(wrong)

    def _find_repeated(self, statements: LedgerStatements) -> None:
        """Fills ``repeated``."""
        self._connection.execute(statements.events())
        hashes = self._connection.sql("SELECT event_hash FROM events").to_arrow_table()["event_hash"]
        # Sorting the numbers takes half as long as grouping them, of which each is a group of its own.
        ordered = np.sort(hashes.to_numpy())
        again = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
        self._load("repeated_hashes", pa.table({"event_hash": again}))
        self._connection.execute(statements.repeated())

    def _hear(self, statements: LedgerStatements) -> None:
        """Takes down what sheets say in the place of data."""
        for sheet_id, row, found in self._connection.sql(statements.nothing_rows()).fetchall():
            position, one, sheet = self._sheets[sheet_id]
            fields = dict(zip(statements.text_columns, found, strict=True))
            places = {
                text_column(field): sheet.letters[field.name]
                for field in statements.ledger.stored_fields
                if field.name in sheet.letters
            }
            said = (
                nothing_said(self._catalog.form, fields[name] or "", sheet.sheet, f"{letter}{row}")
                for name, letter in {**places, FIRST_TEXT: "A"}.items()
            )
            own_words = next(filter(None, said), None)
            self._sheets[sheet_id] = (position, one, replace(sheet, own_words=own_words))

    def _look_for_headers(self, statements: LedgerStatements, sheet_id: int) -> None:
        """Takes down that a large text file has a header among its rows."""
        wanted = {"labels": sorted(HeaderFinder(self._catalog).labels)}
        ((row, count),) = self._connection.execute(statements.header_rows(), wanted).fetchall()
        if row is not None:
            position, one, sheet = self._sheets[sheet_id]
            finding = unsearched(self._catalog, sheet.sheet, row, count)
            self._sheets[sheet_id] = (position, one, replace(sheet, findings=(*sheet.findings, finding)))

    def _run(self, statements: Iterable[str]) -> None:
        for statement in statements:
            self._connection.execute(statement)

    def _count(self, source: str) -> int:
        ((count,),) = self._connection.sql(f"SELECT count(*) {source}").fetchall()
        return int(count)

    def _has_totals(self) -> bool:
        return self._count("FROM checked WHERE role = 'total'") > 0

    def _source(self, ledger: Ledger, sheets: list[tuple[int, LedgerSheet]]) -> RowSource:
        if sheets[0][1].body is not None:
            return text_source(ledger, self._text_table(*sheets[0]))
        source, table = tables_source(ledger, sheets)
        self._connection.register(RAW, table)
        return source

    def _irregular(self, ledger: Ledger, sheets: list[tuple[int, LedgerSheet]]) -> RowSource:
        source, table = irregular_source(ledger, self._text_table(*sheets[0]))
        self._connection.register(RAW, table)
        return source

    def _text_table(self, sheet_id: int, sheet: LedgerSheet) -> TextTable:
        position, one, _ = self._sheets[sheet_id]
        assert sheet.body is not None  # noqa: S101 - only large files come here
        return TextTable(sheet_id, sheet, sheet.body, position, one.period)

    def _is_regular(self, sheet: LedgerSheet) -> bool:
        return sheet.body is not None and is_regular(sheet.body, self._count("FROM plain_rows"))

    def _corrected(self, ledger: Ledger, source: RowSource, sheet_ids: list[int]) -> RowSource:
        returns = {i: self._sheets[i][1] for i in sheet_ids}
        return apply_corrections(self._connection, ledger, source, returns)

    def _write(self, ledger: Ledger, statements: LedgerStatements, folder: Path) -> None:
        """The accepted rows as a Parquet file."""
        accepted = f"FROM ({statements.accepted()})"
        if not self._count(accepted):
            return
        path = folder / f"{ledger.name}.parquet"
        if path.exists():
            raise ValueError(f"two lots of {ledger.name} in one batch: a large return is checked alone")
        options = "FORMAT parquet, COMPRESSION zstd"
        self._connection.execute(f"COPY ({statements.accepted()}) TO {literal(str(path))} ({options})")
        self._ledgers[ledger.name] = path

    # What it comes to

    def _settle(self, sheet_ids: Sequence[int]) -> None:
        """What became of each sheet, now that its data rows were counted."""
        rows = [
            [i, self._sheets[i][2].settle(self._data_rows.get(i, 0))[0], self._data_rows.get(i, 0)]
            for i in sheet_ids
        ]
        if rows:
            self._connection.executemany("INSERT INTO settled VALUES (?, ?, ?)", rows)

    def _add_findings(self) -> None:
        """Issues of whole files and sheets, which come before those of rows."""
        rows = [
            _finding_row(self._catalog, one.return_id, -1, position, finding)
            for one in self._returns
            for position, finding in enumerate(one.findings)
        ]
        rows += [
            _finding_row(
                self._catalog,
                one.return_id,
                i if finding.sheet == sheet.sheet else -1,
                1000 + position,
                finding,
            )
            for i, (_, one, sheet) in enumerate(self._sheets)
            for position, finding in enumerate(sheet.settle(self._data_rows.get(i, 0))[1])
        ]
        if rows:
            self._connection.register("incoming", pa.Table.from_pylist(rows))
            self._connection.execute("INSERT INTO issues BY NAME FROM incoming")
            self._connection.unregister("incoming")


def _finding_row(
    catalog: Catalog, return_id: str, sheet_position: int, position: int, finding: Finding
) -> dict[str, object]:
    return {
        "return_id": return_id,
        "sheet_position": sheet_position,
        "row": 0,
        "position": position,
        "rule": finding.rule,
        "severity": catalog.rule_by_code[finding.rule].severity,
        "ledger": finding.ledger,
        "sheet": finding.sheet,
        "cell": finding.cell,
        "column_name": finding.column_name,
        "label": masked(finding.label) if finding.label else None,
        **texts(catalog, finding),
    }
