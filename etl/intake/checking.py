"""Checks the rows of many returns at once, ledger by ledger, in DuckDB.

What belongs here: bringing raw tables, statements and texts together into a batch of the lake.
What does not: reading files (``reading``), the SQL (``statements``, ``sql/``), storing (``warehouse.lake``).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from etl.intake.findings import Finding, texts
from etl.intake.reading import LedgerSheet, ReadReturn
from etl.intake.statements import LedgerStatements, factor_column
from etl.intake.wording import issue_texts
from warehouse import lake
from warehouse.catalog import Catalog, FieldKind, Ledger
from warehouse.version import code_version

_SQL = Path(__file__).parent / "sql"

#: A text longer than this is cut where an issue quotes it.
_QUOTE_LENGTH = 100

_SHEETS = pa.schema(
    [
        ("sheet_id", pa.int32()),
        ("return_id", pa.string()),
        ("return_position", pa.int32()),
        ("period", pa.date32()),
        ("rejected", pa.bool_()),
        ("ledger", pa.string()),
        ("sheet", pa.string()),
        ("state", pa.string()),
        ("header_row", pa.int32()),
        ("column_letters", pa.map_(pa.string(), pa.string())),
        ("row_count", pa.int64()),
    ]
)


def _sql(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")


def check_version(catalog: Catalog) -> str:
    """What a check's result depends on besides the file; another version checks a return again."""
    return f"{catalog.version}-{code_version()}"


def check_returns(catalog: Catalog, returns: Sequence[ReadReturn]) -> lake.Batch:
    """Every row of ``returns`` checked: accepted rows, issues, and what became of each return and sheet."""
    with duckdb.connect() as connection:
        return _Check(catalog, connection, returns).run()


class _Check:
    """One pass over some returns in one connection."""

    def __init__(
        self, catalog: Catalog, connection: duckdb.DuckDBPyConnection, returns: Sequence[ReadReturn]
    ) -> None:
        self._catalog = catalog
        self._connection = connection
        self._returns = returns
        self._sheets = [
            (position, one, sheet) for position, one in enumerate(returns) for sheet in one.sheets
        ]

    def run(self) -> lake.Batch:
        connection = self._connection
        connection.execute(_sql("macros"))
        connection.execute(_sql("tables"))
        self._load("sheets", self._sheet_table())
        self._load("returns", self._return_table())
        ledgers = {}
        for ledger in self._catalog.ledgers:
            accepted = self._check_ledger(ledger)
            if accepted is not None and accepted.num_rows:
                ledgers[ledger.name] = accepted
        self._add_findings()
        sheets = self._query(_sql("batch_sheets"), {}, lake.SHEETS)
        self._load("batch_sheets", sheets)
        returned = self._query(
            _sql("batch_returns"), {"check_version": check_version(self._catalog)}, lake.RETURNS
        )
        issues = self._query(_sql("batch_issues"), {}, lake.ISSUES)
        return lake.Batch(returned, sheets, issues, ledgers)

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
                "ledger": sheet.ledger,
                "sheet": sheet.sheet,
                "state": sheet.state,
                "header_row": sheet.header_row,
                "column_letters": list(sheet.letters.items()),
                "row_count": sheet.row_count,
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
            }
        )

    def _check_ledger(self, ledger: Ledger) -> pa.Table | None:
        raw = [
            _raw_table(ledger, sheet_id, sheet)
            for sheet_id, (_, _, sheet) in enumerate(self._sheets)
            if sheet.ledger == ledger.name and sheet.state == "rows"
        ]
        if not raw:
            return None
        connection, statements = self._connection, LedgerStatements(self._catalog, ledger)
        connection.register("raw", pa.concat_tables(raw))
        connection.execute(statements.values())
        connection.unregister("raw")
        connection.execute(statements.rules())
        self._load("issue_texts", issue_texts(self._catalog, statements))
        connection.execute(
            _sql("add_issues").format(issues=statements.issues()), {"quote_length": _QUOTE_LENGTH}
        )
        connection.execute(f"INSERT INTO counts {statements.counts()}")
        return self._query(statements.accepted(), {}, lake.ledger_schema(ledger))

    def _add_findings(self) -> None:
        """Issues of whole files and sheets, which come before those of rows."""
        sheet_ids = {
            (one.return_id, sheet.sheet, sheet.ledger): i for i, (_, one, sheet) in enumerate(self._sheets)
        }
        rows = [
            {
                "return_id": one.return_id,
                "sheet_position": sheet_ids.get(
                    (one.return_id, finding.sheet or "", finding.ledger or ""), -1
                ),
                "row": 0,
                "position": position,
                **_finding_columns(self._catalog, finding),
            }
            for one in self._returns
            for position, finding in enumerate(one.findings)
        ]
        if rows:
            self._connection.register("incoming", pa.Table.from_pylist(rows))
            self._connection.execute("INSERT INTO issues BY NAME FROM incoming")
            self._connection.unregister("incoming")


def _finding_columns(catalog: Catalog, finding: Finding) -> dict[str, str | None]:
    return {
        "rule": finding.rule,
        "severity": catalog.rule_by_code[finding.rule].severity,
        "ledger": finding.ledger,
        "sheet": finding.sheet,
        "cell": finding.cell,
        "column_name": finding.column_name,
        "label": finding.label,
        "found": finding.found[:_QUOTE_LENGTH] if finding.found else None,
        **texts(catalog, finding),
    }


def _raw_table(ledger: Ledger, sheet_id: int, sheet: LedgerSheet) -> pa.Table:
    """A sheet's texts with the constants of the sheet beside them."""
    table = sheet.table if sheet.table is not None else pa.table({})
    count = table.num_rows
    table = table.append_column("sheet_id", pa.repeat(pa.scalar(sheet_id, pa.int32()), count))
    for field in ledger.stored_fields:
        if field.kind is FieldKind.YUAN:
            factor = pa.scalar(sheet.factors.get(field.name, 1), pa.int32())
            table = table.append_column(factor_column(field), pa.repeat(factor, count))
    return table
