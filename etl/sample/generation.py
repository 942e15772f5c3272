"""Events drawn in DuckDB: one statement a ledger, for all asked units and months together.

What belongs here: the tables and variables that the SQL files read, and the statement made of a ledger's
profile. What does not: the helpers and the counting of rows (``macros.sql``, ``slots.sql``), workbooks
(``etl.template``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from etl.sample.profile import LedgerProfile, Profile
from etl.template.ledgers import Columns
from warehouse.catalog import Catalog, FieldKind, Ledger, LedgerField, Unit
from warehouse.catalog.expressions import IN_7510_SQL, identifier, literal

#: A unit's code and the first day of a month.
Report = tuple[str, dt.date]

#: Day 0 of the spreadsheets' calendar, as it counts from March 1900 on.
_SPREADSHEET_EPOCH = "DATE '1899-12-30'"
_NUMBERS = {FieldKind.DECIMAL, FieldKind.YUAN, FieldKind.PERCENT}
_FOLDER = Path(__file__).parent


class Generator:
    """Draws the events of returns; the same seed gives the same events, whatever else is asked for.

    Args:
        connection: a DuckDB connection of its own; temporary tables, macros and variables are made in it.
        seed: another seed gives other events.
        rows: so many rows in every ledger of every return, and no event reported twice; None: as the profile
            says.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        catalog: Catalog,
        profile: Profile,
        seed: int,
        rows: int | None,
    ) -> None:
        self._connection = connection
        self._catalog = catalog
        self._profile = profile
        self._rows = rows
        self._set_variables(seed)
        self._create_tables()
        connection.execute(f"CREATE TEMP MACRO in_7510(chain, cluster) AS {IN_7510_SQL}")
        connection.execute(_sql("macros"))

    def draw(self, reports: Sequence[Report]) -> dict[str, dict[Report, Columns]]:
        """The cells of each ledger in each of ``reports``; a report without rows is left out of a ledger."""
        self._table("asked", unit=[unit for unit, _ in reports], first_day=[day for _, day in reports])
        # A city's return repeats events of units that may not be asked for.
        all_units = "SELECT unit, first_day FROM (SELECT DISTINCT first_day FROM asked) CROSS JOIN units"
        self._connection.execute(
            f"CREATE OR REPLACE TEMP TABLE generated AS {all_units if self._rows is None else 'FROM asked'}"
        )
        self._connection.execute(_sql("slots"), {"rows": self._rows})
        return {ledger.name: self._draw_ledger(ledger) for ledger in self._catalog.ledgers}

    def _draw_ledger(self, ledger: Ledger) -> dict[Report, Columns]:
        parameters = {"ledger": ledger.name, "rows": self._rows}
        drawn = self._connection.sql(self._statement(ledger), params=parameters).to_arrow_table()
        keys = zip(drawn["unit"].to_pylist(), drawn["first_day"].to_pylist(), strict=True)
        lists = [drawn[field.name] for field in ledger.fields]
        return {key: [column[place].as_py() for column in lists] for place, key in enumerate(keys)}

    def _statement(self, ledger: Ledger) -> str:
        """Draws a ledger: one row a return, a list of cells a field. Reads $ledger and $rows."""
        expressions = self._profile.expressions(ledger.name)
        columns = ",\n    ".join(f"{sql} AS {identifier(name)}" for name, sql in expressions.items())
        repeated = self._profile.ledgers[ledger.name].repeated_by_city or "false"
        cells = ",\n    ".join(
            f"list({self._cell(field)} ORDER BY line) AS {identifier(field.name)}" for field in ledger.fields
        )
        return f"""
WITH events AS (
    SELECT slots.*,
    {columns}
    FROM slots
    WHERE ledger = $ledger
),
reported AS (
    SELECT *, false AS is_repeated FROM events
    UNION ALL BY NAME
    SELECT events.* REPLACE (city.unit AS unit), true AS is_repeated
    FROM events JOIN units AS city ON city.kind = 'municipal' AND events.kind <> 'municipal'
    WHERE $rows IS NULL AND ({repeated})
),
lines AS (
    SELECT *, row_number() OVER (PARTITION BY unit, first_day ORDER BY is_repeated, position, number) AS line
    FROM reported SEMI JOIN asked USING (unit, first_day)
)
SELECT unit, first_day,
    {cells}
FROM lines
GROUP BY unit, first_day
"""

    def _cell(self, field: LedgerField) -> str:
        """A field's value as a spreadsheet holds it; a field that is not stored is the line's number."""
        name, programme = identifier(field.name), self._catalog.programme
        if not field.stored:
            return "line"
        if field.kind is FieldKind.DATE:
            return f"CAST({name} AS DATE) - {_SPREADSHEET_EPOCH}"
        if field.kind is FieldKind.BOOLEAN:
            yes, no = literal(programme.true_values[0]), literal(programme.false_values[0])
            return f"CASE WHEN {name} THEN {yes} WHEN NOT {name} THEN {no} END"
        if field.kind in _NUMBERS:
            return f"CAST(CAST({name} AS {field.sql_type}) AS DOUBLE)"
        return f"CAST({name} AS {field.sql_type})"

    def _set_variables(self, seed: int) -> None:
        profile, catalog = self._profile, self._catalog
        chained = [name for name, trade in profile.trades.items() if trade.chain]
        variables = {
            "seed": f"{seed}/",
            "outside_share": profile.outside_share,
            "leading_share": profile.leading_share,
            "unit_variation": profile.unit_variation,
            "chain_trades": chained,
            "outside_trades": [name for name in profile.trades if name not in chained],
            "clusters": [cluster.name_zh for cluster in catalog.clusters if cluster.confirmed],
        }
        for name, value in variables.items():
            self._connection.execute(f"SET VARIABLE {identifier(name)} = $value", {"value": value})
        self._map_variable("words", list(profile.words), [list(words) for words in profile.words.values()])
        amounts = catalog.rate_amounts
        self._map_variable("rates", list(amounts), list(amounts.values()))

    def _map_variable(self, name: str, keys: Sequence[str], values: Sequence[Any]) -> None:
        self._connection.execute(
            f"SET VARIABLE {identifier(name)} = map($keys, $values)", {"keys": keys, "values": values}
        )

    def _create_tables(self) -> None:
        catalog, profile = self._catalog, self._profile
        units = filing_units(catalog)
        details = [profile.units.get(unit.unit) for unit in units]
        self._table(
            "units",
            unit=[unit.unit for unit in units],
            position=range(len(units)),
            kind=[unit.kind for unit in units],
            region=[unit.host or unit.unit for unit in units],
            unit_place=[(d and d.place) or unit.short_zh for d, unit in zip(details, units, strict=True)],
            leading_trade=pa.array([d and d.trade for d in details], pa.string()),
        )
        months = catalog.programme.months
        self._table(
            "months",
            first_day=months,
            month_index=range(len(months)),
            month_count=[len(months)] * len(months),
            calendar_year=[month.year for month in months],
            calendar_month=[month.month for month in months],
        )
        chains = {chain.chain: chain.name_zh for chain in catalog.chains}
        clusters = {cluster.cluster: cluster.name_zh for cluster in catalog.clusters}
        trades = profile.trades
        self._table(
            "trades",
            trade=list(trades),
            words=[list(trade.words) for trade in trades.values()],
            chain=[chains.get(trade.chain or "") for trade in trades.values()],
            cluster=[clusters.get(trade.cluster or "") for trade in trades.values()],
        )
        self._create_rates()

    def _create_rates(self) -> None:
        ledgers = self._profile.ledgers
        kinds = sorted({unit.kind for unit in self._catalog.units})
        self._table(
            "rates",
            ledger=[name for name in ledgers for _ in kinds],
            kind=kinds * len(ledgers),
            rate=[float(ledger.rows.get(kind, 0)) for ledger in ledgers.values() for kind in kinds],
        )
        shares = [share for ledger in ledgers.values() for share in _shares(ledger)]
        self._table(
            "seasons",
            ledger=[name for name in ledgers for _ in range(12)],
            calendar_month=list(range(1, 13)) * len(ledgers),
            share_before=[before for before, _ in shares],
            share_through=[through for _, through in shares],
        )

    def _table(self, name: str, **columns: Any) -> None:
        table = pa.table(
            {
                key: values if isinstance(values, pa.Array) else pa.array(values)
                for key, values in columns.items()
            }
        )
        with _registered(self._connection, table):
            self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {identifier(name)} AS FROM arrow_table")


def _sql(name: str) -> str:
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def filing_units(catalog: Catalog) -> list[Unit]:
    """The units that send returns, in the order of the code list."""
    return [unit for unit in catalog.units if unit.files]


@contextmanager
def _registered(connection: duckdb.DuckDBPyConnection, table: pa.Table) -> Iterator[None]:
    connection.register("arrow_table", table)
    try:
        yield
    finally:
        connection.unregister("arrow_table")


def _shares(ledger: LedgerProfile) -> list[tuple[float, float]]:
    """The part of a year that is over before and through each month, by the ledger's seasons."""
    reached = [0.0, *accumulate(ledger.months)]
    return [(before / reached[-1], through / reached[-1]) for before, through in pairwise(reached)]
