"""Two publications side by side: which figures are not the same, by how much, and by which returns.

What belongs here: the comparison. What does not: showing it (``etl.cli``). The SQL stands in ``sql/``; all of
it runs over both files at once, attached read-only as ``earlier`` and ``later``, in the order that was asked
for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from warehouse.catalog.expressions import identifier, literal
from warehouse.history.code_lists import CatalogChange, Columns, catalog_changes
from warehouse.history.manifest import Manifest, records
from warehouse.opening import open_together
from warehouse.publications import PublicationNotFound, PublicationStore

_SQL = Path(__file__).parent / "sql"
#: So many of the returns behind one figure are told, those with the largest part; all are counted.
RETURNS_OF_A_FIGURE = 20
_BEFORE, _AFTER = "earlier", "later"


@dataclass(frozen=True)
class Amount:
    """A figure on one side; numerator and denominator of a ratio only."""

    value: Decimal | None
    state: str | None
    numerator: Decimal | None
    denominator: Decimal | None


@dataclass(frozen=True)
class Cause:
    """A return behind a difference: its part of the figure (of a ratio's numerator) before and after.

    ``change`` is what became of the return: ``added``, ``withdrawn``, ``replaced``, ``restored``,
    ``rechecked``, or ``same``: then its rows are counted otherwise, by the catalog or because of another
    return.
    """

    return_id: str
    change: str
    rechecked: bool
    rows_before: int
    rows_after: int
    before: Decimal
    after: Decimal


@dataclass(frozen=True)
class Change:
    """A figure that is not the same; ``unit`` None is the whole city.

    ``causes`` are the first of ``cause_count``, those with the largest part.
    """

    indicator: str
    unit: str | None
    first: dt.date
    last: dt.date
    before: Amount
    after: Amount
    causes: tuple[Cause, ...]
    cause_count: int

    @property
    def difference(self) -> Decimal | None:
        """By how much, where both sides have a value."""
        if self.before.value is None or self.after.value is None:
            return None
        return self.after.value - self.before.value


@dataclass(frozen=True)
class Changes:
    """Changed figures in order, the city before units; ``total`` counts those beyond the limit too."""

    items: tuple[Change, ...]
    total: int


@dataclass(frozen=True)
class ChangedReturn:
    """A return that is not the same in both publications; see ``Cause`` for ``change``."""

    return_id: str
    change: str
    rechecked: bool
    unit: str | None
    period: dt.date | None
    file_name: str
    sha256: str
    status_before: str | None
    status_after: str | None
    accepted_before: int | None
    accepted_after: int | None


@dataclass(frozen=True)
class ChangedDecision:
    """A decision about returns that was ``added`` or ``ended`` in between."""

    decision: str
    kind: str
    change: str
    decided_by: str
    decided_at: dt.datetime
    note: str | None


@dataclass(frozen=True)
class Reclassification:
    """Events that count in both, and stand in another chain or cluster (None: in none)."""

    dimension: str
    before: str | None
    after: str | None
    rows: int
    returns: int


@dataclass(frozen=True)
class Comparison:
    """All that differs.

    ``totals`` are figures over a whole horizon (a year, or the programme), ``months`` those of single months.
    ``rechecked`` counts returns that were checked again, ``returns`` names those with another outcome.
    """

    before: Manifest
    after: Manifest
    catalog: tuple[CatalogChange, ...]
    decisions: tuple[ChangedDecision, ...]
    reclassified: tuple[Reclassification, ...]
    returns: tuple[ChangedReturn, ...]
    rechecked: int
    totals: Changes
    months: Changes

    @property
    def is_empty(self) -> bool:
        """Whether nothing that counts differs; another catalog or code alone may change nothing."""
        return not (self.totals.total or self.months.total or self.returns or self.reclassified)


def compare(
    store: PublicationStore,
    before: str,
    after: str,
    *,
    indicator: str | None = None,
    unit: str | None = None,
    limit: int | None = None,
) -> Comparison:
    """Compares two publications.

    Args:
        store: where they lie.
        before: id of the one that the differences are told from.
        after: id of the other.
        indicator: only figures of this indicator.
        unit: only figures of this unit.
        limit: so many totals, and so many months, at most; at least 1.

    Raises:
        PublicationNotFound: one of them is not kept.
    """
    files = {_BEFORE: store.path(before), _AFTER: store.path(after)}
    manifests = store.manifest(before), store.manifest(after)
    asked = {"indicator": indicator, "unit": unit, "limit": limit, "returns": RETURNS_OF_A_FIGURE}
    try:
        with open_together(files) as connection:
            columns = _columns(connection)
            _prepare(connection, columns)
            return Comparison(
                *manifests,
                catalog=tuple(catalog_changes(connection, _BEFORE, _AFTER, columns)),
                decisions=tuple(ChangedDecision(**row) for row in records(connection, _read("decisions"))),
                reclassified=tuple(
                    Reclassification(**row) for row in records(connection, _read("reclassified"))
                ),
                returns=tuple(ChangedReturn(**row) for row in records(connection, _RETURNS)),
                rechecked=_rechecked(connection),
                totals=_changes(connection, {**asked, "is_total": True}),
                months=_changes(connection, {**asked, "is_total": False}),
            )
    except FileNotFoundError as error:
        # Removed since: its name is the last thing the error tells.
        raise PublicationNotFound(Path(str(error)).stem.removeprefix("warehouse-")) from None


def compared_months(
    store: PublicationStore, before: str, after: str, question: str, asked: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Asks about the figures that are not the same, without the returns behind them.

    Args:
        store: where the publications lie.
        before: id of the one that the differences are told from.
        after: id of the other.
        question: SQL over ``compared_figures`` (``sql/figures.sql``), ``indicators`` and ``units``.
        asked: its parameters.

    Raises:
        PublicationNotFound: one of them is not kept.
    """
    files = {_BEFORE: store.path(before), _AFTER: store.path(after)}
    try:
        with open_together(files) as connection:
            _prepare_figures(connection, _columns(connection))
            return records(connection, question, asked)
    except FileNotFoundError as error:
        raise PublicationNotFound(Path(str(error)).stem.removeprefix("warehouse-")) from None


# Preparation


def _columns(connection: duckdb.DuckDBPyConnection) -> Columns:
    found = connection.execute(
        "SELECT database_name, schema_name || '.' || table_name, list(column_name) FROM duckdb_columns()"
        " WHERE database_name IN (?, ?) GROUP BY ALL",
        [_BEFORE, _AFTER],
    ).fetchall()
    return {(side, table): frozenset(columns) for side, table, columns in found}


def _prepare(connection: duckdb.DuckDBPyConnection, columns: Columns) -> None:
    """What the statements of ``sql/`` read besides the files, and what they leave for each other."""
    for side, name in ((_BEFORE, "before"), (_AFTER, "after")):
        connection.execute(f"CREATE TEMP VIEW events_{name} AS {_events(side, columns)}")
        connection.execute(f"CREATE TEMP VIEW returns_{name} AS {_returns(side, columns)}")
        connection.execute(f"CREATE TEMP VIEW decisions_{name} AS {_decisions(side, columns)}")
    connection.execute(_read("returns"))
    _prepare_figures(connection, columns)
    connection.execute(_read("causes"))


def _prepare_figures(connection: duckdb.DuckDBPyConnection, columns: Columns) -> None:
    """The figures that differ, and the order of indicators and units: the later one's, then the earlier's."""
    has_status = all((side, "mart.indicator_status") in columns for side in (_BEFORE, _AFTER))
    months = "FROM {database}.mart.indicator_status" if has_status else _read("months")
    for side, name in ((_BEFORE, "before"), (_AFTER, "after")):
        connection.execute(f"CREATE TEMP VIEW months_{name} AS {months.format(database=side)}")
    for table in ("indicators", "units"):
        key = identifier(table.removesuffix("s"))
        before, after = (f"{side}.core.{table}" for side in (_BEFORE, _AFTER))
        connection.execute(
            f"CREATE TEMP VIEW {table} AS SELECT {key}, position FROM {after} UNION ALL"
            f" SELECT {key}, position FROM {before} ANTI JOIN {after} USING ({key})"
        )
    connection.execute(_read("figures"))


def _returns(side: str, columns: Columns) -> str:
    """The returns; before there were decisions none was withdrawn."""
    withdrawn = "" if "withdrawn" in columns[side, "core.returns"] else ", FALSE AS withdrawn"
    return f"SELECT *{withdrawn} FROM {side}.core.returns"


def _decisions(side: str, columns: Columns) -> str:
    """The decisions; none before there were any."""
    if (side, "core.decisions") in columns:
        return f"FROM {side}.core.decisions"
    names = ("decision", "kind", "decided_by", "note")
    texts = ", ".join(f"CAST(NULL AS VARCHAR) AS {name}" for name in names)
    return f"SELECT {texts}, CAST(NULL AS TIMESTAMPTZ) AS decided_at, FALSE AS in_force WHERE FALSE"


def _events(side: str, columns: Columns) -> str:
    """The events that count of all ledgers that both sides have, with chain and cluster."""
    wanted = {"return_id", "sheet", "row", "chain", "cluster"}
    ledgers = sorted(
        table
        for each, table in columns
        if each == side
        and table.startswith("core.")
        and all(wanted <= columns.get((one, table), frozenset()) for one in (_BEFORE, _AFTER))
    )
    parts = [
        f'SELECT {literal(table)} AS ledger, return_id, sheet, "row", chain, cluster FROM {side}.{table}'
        for table in ledgers
    ]
    return " UNION ALL ".join(parts)


# Answers


def _changes(connection: duckdb.DuckDBPyConnection, asked: Mapping[str, Any]) -> Changes:
    rows = records(connection, _read("changes"), asked)
    return Changes(tuple(map(_change, rows)), rows[0]["total"] if rows else 0)


def _change(row: Mapping[str, Any]) -> Change:
    def amount(side: str) -> Amount:
        names = ("value", "state", "numerator", "denominator")
        return Amount(**{name: row[f"{name}_{side}"] for name in names})

    return Change(
        indicator=row["indicator"],
        unit=row["unit"],
        first=row["first_month"],
        last=row["last_month"],
        before=amount("before"),
        after=amount("after"),
        causes=tuple(Cause(**one) for one in row["returns"]),
        cause_count=row["return_count"],
    )


def _rechecked(connection: duckdb.DuckDBPyConnection) -> int:
    [(count,)] = connection.execute("SELECT count(*) FROM compared_returns WHERE rechecked").fetchall()
    return int(count)


_RETURNS = """
    FROM compared_returns
    WHERE change <> 'rechecked'
        OR status_before IS DISTINCT FROM status_after
        OR accepted_before IS DISTINCT FROM accepted_after
        OR return_id IN (SELECT return_id FROM causes)
    ORDER BY return_id
"""


def _read(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")
