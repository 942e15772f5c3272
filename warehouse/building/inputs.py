"""What the models read: catalog, landing and lake as tables and views of an in-memory database.

What belongs here: files to typed relations. What does not: which return is in force, or anything else that
the models decide.

Schemas: ``catalog`` (one table a code list), ``landing.returns``, ``decisions.log``, ``build.run`` and
``lake``: ``returns``, ``sheets``, ``issues``, ``corrections``, one view a ledger, and ``rows``, a few numbers
of every row of any ledger, each restricted to the last batch of each return.
"""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import duckdb
import pyarrow as pa
from pydantic import BaseModel

from warehouse import lake
from warehouse.building import decided, generated
from warehouse.catalog import Catalog, Ledger
from warehouse.catalog.expressions import identifier, literal
from warehouse.catalog.formulas import formula
from warehouse.lake_sql import path_list, read_spans
from warehouse.landing import Landing
from warehouse.settings import Home
from warehouse.spans import Span, spans

SCHEMAS = ("catalog", "landing", "decisions", "lake", "build")

_LANDING_COLUMNS = {
    "return_id": "VARCHAR",
    "sequence": "INTEGER",
    "file_name": "VARCHAR",
    "sha256": "VARCHAR",
    "received_at": "TIMESTAMPTZ",
    "redacted": "BOOLEAN",
    "landed_sha256": "VARCHAR",
}
_BATCH_TABLES = {
    "returns": lake.RETURNS,
    "sheets": lake.SHEETS,
    "issues": lake.ISSUES,
    "corrections": lake.CORRECTIONS,
}
#: Batches have no file of these when there is nothing to tell.
_OPTIONAL = frozenset({"corrections"})


def input_names(catalog: Catalog) -> frozenset[str]:
    """Every table that a model may read, as schema.name."""
    ledgers = (ledger.name for ledger in catalog.ledgers)
    return frozenset(
        {
            *(f"catalog.{name}" for name in catalog_tables(catalog)),
            *(f"lake.{name}" for name in (*_BATCH_TABLES, *ledgers, "rows")),
            "landing.returns",
            decided.LOG,
            *("build.run", "build.lake_files", "build.decision_files", "build.tables", "build.audits"),
        }
    )


def create_schemas(connection: duckdb.DuckDBPyConnection) -> None:
    """The schemas, empty."""
    for schema in SCHEMAS:
        connection.execute(f"CREATE SCHEMA {schema}")


# Catalog


def catalog_tables(catalog: Catalog) -> Mapping[str, pa.Table]:
    """The catalog as one Arrow table a list; ``position`` is the place in the list, from 1."""
    formulas = [
        formula(indicator, [catalog.ledger_by_name[name] for name in indicator.ledgers])
        for indicator in catalog.indicators
    ]
    return {
        "programme": _table([catalog.programme]),
        "measures": _table(catalog.measures),
        "units": _table(catalog.units),
        "chains": _table(catalog.chains),
        "clusters": _table(catalog.clusters),
        "rules": _table(catalog.rules),
        "targets": _table(
            [
                target.model_copy(update={"valid_from": catalog.valid_from(target)})
                for target in catalog.targets
            ]
        ),
        "planned_costs": pa.table(_planned_costs(catalog)),
        "ledgers": _table(
            catalog.ledgers,
            key_column=[ledger.primary_key[0] for ledger in catalog.ledgers],
            key_label=[ledger.field(ledger.primary_key[0]).title for ledger in catalog.ledgers],
        ),
        "indicators": _table(
            catalog.indicators,
            is_ratio=[indicator.is_ratio for indicator in catalog.indicators],
            formula_zh=[zh for zh, _ in formulas],
            formula_en=[en for _, en in formulas],
        ),
        "indicator_ledgers": pa.Table.from_pylist(
            [
                {"indicator": indicator.code, "ledger": ledger}
                for indicator in catalog.indicators
                for ledger in indicator.ledgers
            ]
        ),
    }


def _planned_costs(catalog: Catalog) -> Mapping[str, pa.Array]:
    """Indicator of money, indicator whose target it is planned by, yuan for each; by position."""
    costs = [(indicator.code, cost) for indicator in catalog.indicators for cost in indicator.planned]
    return {
        "position": pa.array(range(1, len(costs) + 1), pa.int32()),
        "indicator": pa.array([code for code, _ in costs], pa.string()),
        "counted_indicator": pa.array([cost.indicator for _, cost in costs], pa.string()),
        "rate": pa.array([catalog.rate_amounts[cost.rate] for _, cost in costs], _ARROW_TYPES[Decimal]),
    }


def _table(things: Sequence[BaseModel], **more: Sequence[Any]) -> pa.Table:
    """The plain fields of declared things as columns; nested objects are left out."""
    columns: dict[str, pa.Array] = {"position": pa.array(range(1, len(things) + 1), pa.int32())}
    for name, field in type(things[0]).model_fields.items():
        arrow_type = _arrow_type(field.annotation)
        if arrow_type is not None:
            columns[name] = pa.array([getattr(thing, name) for thing in things], arrow_type)
    return pa.table({**columns, **more})


_ARROW_TYPES: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int32(),
    bool: pa.bool_(),
    dt.date: pa.date32(),
    Decimal: pa.decimal128(18, 2),
}


def _arrow_type(annotation: Any) -> pa.DataType | None:
    """The column type of an annotation, or None for what is no plain value or list of such."""
    arguments = [argument for argument in get_args(annotation) if argument not in (type(None), ...)]
    if get_origin(annotation) in (Union, types.UnionType) and len(arguments) == 1:
        return _arrow_type(arguments[0])
    if get_origin(annotation) is tuple and len(arguments) == 1:
        item = _arrow_type(arguments[0])
        return None if item is None else pa.list_(item)
    if arguments:  # a choice of literals
        return pa.string() if all(isinstance(argument, str) for argument in arguments) else None
    return _ARROW_TYPES.get(annotation)


def load_catalog_tables(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    """The schema ``catalog``."""
    for name, table in catalog_tables(catalog).items():
        _create_table(connection, f"catalog.{identifier(name)}", table)


def load_run(connection: duckdb.DuckDBPyConnection, facts: Mapping[str, Any]) -> None:
    """``build.run``, the one row that says what is being built, when and by what."""
    _create_table(connection, "build.run", pa.Table.from_pylist([dict(facts)]))


def _create_table(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    connection.register("arrow_input", table)
    connection.execute(f"CREATE TABLE {name} AS FROM arrow_input")
    connection.unregister("arrow_input")


# Landing and lake


def load_receptions(connection: duckdb.DuckDBPyConnection, home: Home, *, as_of: str | None = None) -> None:
    """``landing.returns`` from the manifests, and ``lake.returns`` from the last batch of each return.

    ``as_of`` names a publication that is attached: then the batches and files that it was built from.
    """
    manifests = [span.path for span in Landing(home).spans()]
    names = ", ".join(map(identifier, _LANDING_COLUMNS))
    body = ""
    if manifests:
        columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in _LANDING_COLUMNS)
        options = f"format = 'unstructured', columns = {{{columns}}}"
        body = f"UNION ALL BY NAME SELECT {names} FROM read_json({path_list(manifests)}, {options})"
    connection.execute(
        f"CREATE TABLE landing.returns AS {typed(_LANDING_COLUMNS.items(), body)} ORDER BY sequence"
    )
    _load_batches(connection, "returns", _spans(connection, home, as_of))
    if as_of is None:
        connection.execute(
            "DELETE FROM lake.returns AS earlier USING lake.returns AS later"
            " WHERE later.return_id = earlier.return_id AND later.batch_number > earlier.batch_number"
        )
    else:
        connection.execute(
            "DELETE FROM lake.returns WHERE (return_id, batch_number) NOT IN"
            f" (SELECT return_id, batch FROM {as_of}.meta.sources)"
        )


def load_lake(
    connection: duckdb.DuckDBPyConnection, home: Home, catalog: Catalog, *, as_of: str | None = None
) -> list[Path]:
    """The other tables of the lake; ``load_receptions`` comes before it. Returns the files that are read."""
    found = connection.sql("SELECT DISTINCT batch_number FROM lake.returns").fetchall()
    used = _that_hold(_spans(connection, home, as_of), {number for (number,) in found})
    _load_batches(connection, "sheets", used)
    stale = connection.execute(
        "SELECT DISTINCT ledger FROM lake.sheets ANTI JOIN lake.returns USING (return_id, batch_number)"
        " WHERE rows_accepted > 0"
    ).fetchall()
    for name in ("sheets", "issues", "corrections"):
        if name != "sheets":
            _load_batches(connection, name, used)
        connection.execute(
            f"DELETE FROM lake.{name} WHERE (return_id, batch_number) NOT IN"
            " (SELECT return_id, batch_number FROM lake.returns)"
        )
    connection.execute(
        "CREATE OR REPLACE TABLE lake.sheets AS"
        " SELECT CAST(row_number() OVER () AS INTEGER) AS sheet_number, * FROM lake.sheets"
    )
    batches: dict[str, list[int]] = dict(
        connection.sql(
            "SELECT ledger, list(DISTINCT batch_number)"
            " FROM lake.sheets WHERE rows_accepted > 0 GROUP BY ledger"
        ).fetchall()
    )
    tables = (span.path / f"{name}.parquet" for span in used for name in _BATCH_TABLES)
    used_files = [path for path in tables if path.exists()]
    for ledger in catalog.ledgers:
        spans = _that_hold(used, set(batches.get(ledger.name, ())))
        _create_ledger_view(connection, ledger, spans, has_stale_rows=(ledger.name,) in stale)
        used_files += [span.path / f"{ledger.name}.parquet" for span in spans]
    connection.execute(f"CREATE TABLE lake.rows AS {generated.lake_rows(catalog)}")
    return used_files


def _spans(connection: duckdb.DuckDBPyConnection, home: Home, as_of: str | None) -> list[Span]:
    """The folders of the lake that count now, or those from which a publication was built."""
    if as_of is None:
        return lake.Lake(home).spans()
    files = connection.execute(f"SELECT path FROM {as_of}.meta.lake_files").fetchall()
    return spans({(home.root / name).parent for (name,) in files})


def _that_hold(found: Sequence[Span], numbers: AbstractSet[int]) -> list[Span]:
    """The folders in which one of the batches lies."""
    return [span for span in found if any(number in span for number in numbers)]


def _load_batches(connection: duckdb.DuckDBPyConnection, name: str, found: Sequence[Span]) -> None:
    columns = _sql_columns(connection, _BATCH_TABLES[name])
    body = read_spans(found, f"{name}.parquet", is_optional=name in _OPTIONAL)
    connection.execute(f"CREATE TABLE lake.{name} AS {typed([*columns, ('batch_number', 'INTEGER')], body)}")


def _create_ledger_view(
    connection: duckdb.DuckDBPyConnection, ledger: Ledger, found: Sequence[Span], *, has_stale_rows: bool
) -> None:
    """``has_stale_rows``: the folders hold rows of former checks, too; telling them apart costs a join."""
    columns = _sql_columns(connection, lake.ledger_schema(ledger))
    body = read_spans(found, f"{ledger.name}.parquet")
    rows = f"({typed([*columns, ('batch_number', 'INTEGER')], body)})"
    connection.execute(
        f"CREATE VIEW lake.{identifier(ledger.name)} AS"
        f" {generated.lake_ledger(ledger, rows, has_stale_rows=has_stale_rows)}"
    )


#: What DuckDB calls the types that it was asked about.
_SQL_TYPES: dict[pa.DataType, str] = {}


def _sql_columns(connection: duckdb.DuckDBPyConnection, schema: pa.Schema) -> list[tuple[str, str]]:
    for arrow_type in {*schema.types} - _SQL_TYPES.keys():
        [sql_type] = connection.from_arrow(pa.table({"": pa.array([], arrow_type)})).types
        _SQL_TYPES[arrow_type] = str(sql_type)
    return [(column.name, _SQL_TYPES[column.type]) for column in schema]


def typed(columns: Iterable[tuple[str, str]], body: str) -> str:
    """A SELECT of exactly these columns and types; what ``body`` (UNION ALL …, or nothing) lacks is NULL.

    So an empty lake has its tables, and a batch that is older than a column can still be read.
    """
    columns = list(columns)
    empty = ", ".join(f"CAST(NULL AS {sql_type}) AS {identifier(name)}" for name, sql_type in columns)
    casts = ", ".join(
        f"CAST({identifier(name)} AS {sql_type}) AS {identifier(name)}" for name, sql_type in columns
    )
    return f"SELECT {casts} FROM (SELECT {empty} WHERE FALSE {body})"
