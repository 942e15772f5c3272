"""A home whose landing and lake are written directly, for tests of what is built from them.

What belongs here: receptions and batches with chosen times, rows and states. What does not: workbooks.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from warehouse import lake
from warehouse.building import BuildResult, build_candidate
from warehouse.catalog import Catalog, load_catalog
from warehouse.landing import Reception
from warehouse.publications import PublicationStore
from warehouse.settings import Home

Row = Mapping[str, Any]


@dataclass
class Return:
    """One return as the check leaves it: rows by ledger, and the ledgers in another state."""

    unit: str | None
    period: str | None
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    nil: Sequence[str] = ()
    empty: Sequence[str] = ()
    refused: Sequence[str] = ()
    status: str = "ACCEPTED"
    received_at: str | None = None


class World:
    """Hands in returns, one batch a call, and builds."""

    def __init__(self, root: Path, catalog: Catalog | None = None) -> None:
        self.home = Home(root)
        self.publications = PublicationStore(self.home)
        self.catalog = catalog or load_catalog()
        self._received = 0
        self._built = 0

    def hand_in(self, *returns: Return) -> list[str]:
        """Lands and checks the returns in one batch; gives their ids."""
        ids = [self._land(each) for each in returns]
        self.check(dict(zip(ids, returns, strict=True)))
        return ids

    def check(self, returns: Mapping[str, Return], check_version: str = "test") -> None:
        """One more batch with these check results; a return may have been checked before."""
        lake.Lake(self.home).commit(
            lake.Batch(
                returns=_table(lake.RETURNS, [_return_row(i, r, check_version) for i, r in returns.items()]),
                sheets=_table(lake.SHEETS, [s for i, r in returns.items() for s in self._sheets(i, r)]),
                issues=lake.ISSUES.empty_table(),
                ledgers=self._ledgers(returns),
            )
        )

    def built(self) -> duckdb.DuckDBPyConnection:
        """A connection to the file of a build that passed its audits."""
        result, connection = self.build()
        assert failed(result) == {}
        return connection

    def publish(self) -> str:
        """Builds and makes current what passed its audits; gives the publication's id."""
        result, connection = self.build()
        connection.close()
        assert failed(result) == {}
        return self.publications.publish(result.candidate)

    def build(self, code_version: str = "test") -> tuple[BuildResult, duckdb.DuckDBPyConnection]:
        """The result of a build and a connection to its file."""
        self._built += 1
        candidate = self.home.publications / f"candidate-{self._built}.duckdb"
        result = build_candidate(self.home, self.catalog, candidate, code_version=code_version)
        return result, duckdb.connect(candidate, read_only=True)

    def _land(self, each: Return) -> str:
        self._received += 1
        received_at = each.received_at or f"{each.period or '2024-01'}-28T08:00:00+08:00"
        reception = Reception(
            return_id=f"R{self._received:06d}",
            sequence=self._received,
            file_name=f"{self._received}.xlsx",
            sha256=hashlib.sha256(str(self._received).encode()).hexdigest(),
            bytes=1,
            received_at=dt.datetime.fromisoformat(received_at).isoformat(timespec="microseconds"),
            unit=each.unit,
            period=each.period,
        )
        path = self.home.landing / "returns" / f"{self._received:06d}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(reception), ensure_ascii=False, indent=1), encoding="utf-8")
        return reception.return_id

    def _sheets(self, return_id: str, each: Return) -> list[Row]:
        states = {
            **dict.fromkeys(each.rows, "rows"),
            **dict.fromkeys(each.nil, "nil"),
            **dict.fromkeys(each.empty, "empty"),
            **dict.fromkeys(each.refused, "refused"),
        }
        return [
            {
                "return_id": return_id,
                "ledger": name,
                "sheet": self.catalog.ledger_by_name[name].title,
                "state": state,
                "header_row": 1,
                "column_letters": {
                    column.name: chr(ord("A") + place)
                    for place, column in enumerate(self.catalog.ledger_by_name[name].fields)
                },
                "rows_accepted": len(each.rows.get(name, ())) if each.status != "REJECTED" else 0,
                "rows_held_out": 0,
            }
            for name, state in states.items()
        ]

    def _ledgers(self, returns: Mapping[str, Return]) -> dict[str, pa.Table]:
        tables = {}
        for ledger in self.catalog.ledgers:
            rows = [
                {
                    "return_id": return_id,
                    "sheet": ledger.title,
                    "row": number,
                    "natural_key": hashlib.md5(
                        "|".join(str(row.get(name)) for name in ledger.primary_key).encode(),
                        usedforsecurity=False,
                    ).hexdigest(),
                    **row,
                }
                for return_id, each in returns.items()
                if each.status != "REJECTED"
                for number, row in enumerate(each.rows.get(ledger.name, ()), start=2)
            ]
            if rows:
                tables[ledger.name] = _table(lake.ledger_schema(ledger), rows)
        return tables


def _return_row(return_id: str, each: Return, check_version: str) -> Row:
    return {
        "return_id": return_id,
        "unit": each.unit,
        "period": each.period and dt.date.fromisoformat(f"{each.period}-01"),
        "status": each.status,
        "rows_accepted": sum(map(len, each.rows.values())) if each.status != "REJECTED" else 0,
        "rows_held_out": 0,
        "check_version": check_version,
    }


def _table(schema: pa.Schema, rows: Sequence[Row]) -> pa.Table:
    return pa.Table.from_pylist([dict(row) for row in rows], schema=schema)


def rows(connection: duckdb.DuckDBPyConnection, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    return connection.execute(sql, parameters).fetchall()


def progress(
    connection: duckdb.DuckDBPyConnection, columns: str, indicator: str, unit: str | None, month: str
) -> tuple[Any, ...]:
    """Columns of one row of the progress table; ``unit`` None is the city."""
    (row,) = rows(
        connection,
        f"SELECT {columns} FROM mart.indicator_progress"
        " WHERE indicator = ? AND unit IS NOT DISTINCT FROM ? AND month = ?::DATE",
        indicator,
        unit,
        f"{month}-01",
    )
    return row


def failed(result: BuildResult) -> dict[str, object]:
    """Sample of each audit that failed."""
    return {audit.name: audit.sample for audit in result.audits if not audit.passed}


def training(name: str, day: str, level: str = "县级") -> Row:
    return {"name": name, "held_on": dt.date.fromisoformat(day), "level": level, "participants": 30}


def honour(recipient: str, day: str, chain: str | None) -> Row:
    return {
        "honour_type": "劳动模范",
        "level": "市级",
        "recipient": recipient,
        "conferred_on": dt.date.fromisoformat(day),
        "chain": chain,
    }


def venue(name: str, day: str, subsidy: str | None = "100000.00") -> Row:
    return {
        "name": name,
        "accepted_on": dt.date.fromisoformat(day),
        "subsidy": subsidy and Decimal(subsidy),
    }
