"""From which columns of other published tables each published column comes.

What belongs here: reading it off the models' SQL, and the file that keeps it. What does not: what columns
mean (``descriptions``), how Dagster shows it (``etl.assets.describing``).

Reading it takes ten seconds, so ``make docs`` writes it to ``warehouse/lineage.json`` when the models have
changed; the file's digest tells. What comes through helper models comes from the tables that they read:
published ones, or those of checked returns (schema ``lake``). What comes from the catalog comes from no
table.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb
from sqlglot import MappingSchema, exp
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope

from warehouse import decisions
from warehouse.building import decided, files, inputs
from warehouse.building.build import attach, create, workbench
from warehouse.building.models import Model, all_models
from warehouse.building.outcome import load_outcome
from warehouse.catalog import Catalog
from warehouse.settings import Home

PATH = Path(__file__).parent.parent / "lineage.json"
_DIALECT = "duckdb"
#: The schema of what was checked, row by row; the asset ``checked_returns``.
RETURNS = "lake."

#: Of each table, of each of its columns, the columns that it comes from, as (schema.table, column).
Lineage = Mapping[str, Mapping[str, Sequence[tuple[str, str]]]]


def load_lineage(path: Path = PATH) -> Lineage:
    """What the file says."""
    told = json.loads(path.read_text(encoding="utf-8"))
    return {
        table: {
            column: [(source, name) for source, names in sources.items() for name in names]
            for column, sources in columns.items()
        }
        for table, columns in told["tables"].items()
    }


def is_current(catalog: Catalog, path: Path = PATH) -> bool:
    """Whether the file was written from the present models, and not changed by hand since."""
    return path.exists() and path.read_text(encoding="utf-8") == _text(catalog, load_lineage(path))


def renew(catalog: Catalog, path: Path = PATH) -> None:
    """Writes the file where it is not current."""
    if not is_current(catalog, path):
        path.write_text(_text(catalog, derive_lineage(catalog)), encoding="utf-8")


def _text(catalog: Catalog, found: Lineage) -> str:
    """The content of the file: a digest of the models and of what follows, and a line a column."""
    body = _body(found)
    digest = hashlib.sha256(body.encode())
    for model in sorted(all_models(catalog), key=lambda model: model.qualified_name):
        digest.update(f"{model.qualified_name} {model.sql}".encode())
    return f'{{\n"digest": "{digest.hexdigest()}",\n"tables": {body}}}\n'


def _body(found: Lineage) -> str:
    tables = []
    for table, columns in sorted(found.items()):
        lines = [
            f"  {json.dumps(column)}: {json.dumps(_by_table(sources))}" for column, sources in columns.items()
        ]
        tables.append(f" {json.dumps(table)}: {{\n" + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(tables) + "\n}\n"


def derive_lineage(catalog: Catalog) -> Lineage:
    """Reads the lineage off the models, over an empty build that knows all columns."""
    schema = _schema(catalog)
    found: dict[str, dict[str, list[tuple[str, str]]]] = {}
    models = all_models(catalog)
    published = {model.qualified_name for model in models if model.is_published}
    known = published | {name for model in models for name in model.inputs if name.startswith(RETURNS)}
    for model in models:
        found[model.qualified_name] = {
            column: sorted(_through_helpers(sources, found, known))
            for column, sources in _sources(model, schema).items()
        }
    return {table: columns for table, columns in found.items() if table in published}


def _by_table(sources: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    by_table: dict[str, list[str]] = {}
    for table, column in sources:
        by_table.setdefault(table, []).append(column)
    return by_table


def _schema(catalog: Catalog) -> MappingSchema:
    """The columns of every input, helper and published table."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.publications.mkdir()
        with workbench(home) as connection:
            inputs.load_receptions(connection, home)
            decided.load_decisions(connection, home, decisions.today(catalog.programme.time_zone))
            inputs.load_catalog_tables(connection, catalog)
            files.load_files(connection, home, inputs.load_lake(connection, home, catalog))
            inputs.load_run(
                connection,
                {
                    "built_at": dt.datetime.now(dt.UTC),
                    "catalog_version": catalog.version,
                    "code_version": "",
                    "contract": 0,
                    "inputs": "",
                },
            )
            models = all_models(catalog)
            attach(connection, home.publications / "empty.duckdb", models)
            load_outcome(connection, (), {}, ())
            for model in models:
                create(connection, model)
            return MappingSchema(_columns(connection), dialect=_DIALECT)


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, object]:
    found: dict[str, dict[str, dict[str, str]]] = {}
    for schema, table, column in connection.execute(
        "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE NOT internal"
        " ORDER BY schema_name, table_name, column_index"
    ).fetchall():
        found.setdefault(schema, {}).setdefault(table, {})[column] = "VARCHAR"
    return {**found}


def _sources(model: Model, schema: MappingSchema) -> dict[str, set[tuple[str, str]]]:
    """The columns that the model's SQL reads for each of its own."""
    statement: exp.Query = qualify(
        exp.maybe_parse(model.sql, dialect=_DIALECT),
        dialect=_DIALECT,
        schema=schema,
        validate_qualify_columns=False,
        identify=False,
    )
    nodes = lineage(None, statement, schema, dialect=_DIALECT, scope=build_scope(statement))
    return {name: _leaves(node) for name, node in nodes.items()}


def _leaves(node: Node) -> set[tuple[str, str]]:
    return {
        (f"{one.source.db}.{one.source.name}", exp.to_column(one.name).name)
        for one in node.walk()
        if isinstance(one.source, exp.Table) and not one.downstream
    }


def _through_helpers(
    sources: Iterable[tuple[str, str]],
    found: Mapping[str, Mapping[str, Sequence[tuple[str, str]]]],
    known: set[str],
) -> set[tuple[str, str]]:
    reached: set[tuple[str, str]] = set()
    for table, column in sources:
        if table in known:
            reached.add((table, column))
        elif table in found:
            reached |= {*found[table].get(column, ())}
    return reached
