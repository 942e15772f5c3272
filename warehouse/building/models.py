"""The models: which tables there are, what they read, and the order in which they are built.

What belongs here: finding the SQL files, their descriptions and their dependencies. What does not: running
them (``build``), SQL that comes from the catalog alone (``generated``).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import sqlglot
from sqlglot import exp

from warehouse.building import generated
from warehouse.building.inputs import input_names
from warehouse.catalog import Catalog, Ledger

MODELS_DIRECTORY = Path(__file__).parent.parent / "models"
#: Schemas of the published file; what other schemas hold exists only while it is built.
PUBLISHED_SCHEMAS = ("core", "mart", "meta")
#: The one file that describes a table a ledger, and the placeholder that it reads, and speaks of as text.
LEDGER_TEMPLATE = "core.each_ledger"
LEDGER_PLACEHOLDER = ("lake", "each_ledger")
#: Columns that a ledger's table has besides those that the ledger declares, here or on the way.
RESERVED_COLUMNS = frozenset(
    {
        *("ledger", "return_id", "sheet", "row", "natural_key", "batch_number"),
        *("unit", "period", "month", "happened_on", "in_7510"),
    }
)


class ModelError(Exception):
    """The models contradict themselves: a cycle, an unknown table, a missing description or comment."""


@dataclass(frozen=True)
class Model:
    """One table or view; ``dependencies`` are models, ``inputs`` tables made before, both as schema.name."""

    schema: str
    name: str
    description: str
    sql: str
    dependencies: tuple[str, ...]
    inputs: tuple[str, ...]
    is_view: bool = False

    @property
    def qualified_name(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def is_published(self) -> bool:
        return self.schema in PUBLISHED_SCHEMAS


def all_models(catalog: Catalog, directory: Path = MODELS_DIRECTORY) -> list[Model]:
    """Every model, each after the models it reads; helper models of other schemas included.

    Raises:
        ModelError: a cycle, an unknown table, an unreadable file or one without a description.
    """
    models: dict[str, Model] = {}
    for schema, name, sql in _sources(catalog, directory):
        if f"{schema}.{name}" in models:
            raise ModelError(f"{schema}.{name} is defined twice")
        is_view = (schema, name) in generated.VIEWS
        models[f"{schema}.{name}"] = _model(schema, name, sql, is_view=is_view)
    known = input_names(catalog)
    for name, model in models.items():
        reads = {*model.dependencies}
        unknown = reads - models.keys() - known
        if unknown:
            raise ModelError(f"{name} reads tables that do not exist: {', '.join(sorted(unknown))}")
        models[name] = replace(
            model, dependencies=tuple(sorted(reads & models.keys())), inputs=tuple(sorted(reads & known))
        )
    return [models[name] for name in _order(models)]


def model_specs(catalog: Catalog) -> list[Model]:
    """Every published table and the view, in the order of building.

    ``dependencies`` names published models alone: what is read through helper models counts as read.
    """
    models = {model.qualified_name: model for model in all_models(catalog)}
    reach: dict[str, tuple[set[str], set[str]]] = {}
    for name, model in models.items():
        tables, inputs = set[str](), set(model.inputs)
        for dependency in model.dependencies:
            if models[dependency].is_published:
                tables.add(dependency)
            else:
                tables |= reach[dependency][0]
                inputs |= reach[dependency][1]
        reach[name] = (tables, inputs)
    return [
        replace(model, dependencies=tuple(sorted(reach[name][0])), inputs=tuple(sorted(reach[name][1])))
        for name, model in models.items()
        if model.is_published
    ]


def leading_comment(sql: str) -> str:
    """The comment at the head of an SQL text, as one line; empty when there is none."""
    lines = []
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return " ".join(lines)


def _sources(catalog: Catalog, directory: Path) -> Iterable[tuple[str, str, str]]:
    """Schema, name and SQL of each model."""
    yield from generated.models(catalog)
    for path in sorted(directory.glob("*/*.sql")):
        schema, name, sql = path.parent.name, path.stem, path.read_text(encoding="utf-8")
        if f"{schema}.{name}" == LEDGER_TEMPLATE:
            for ledger in catalog.ledgers:
                yield schema, ledger.name, _ledger_sql(sql, ledger)
        else:
            yield schema, name, sql


def _ledger_sql(template: str, ledger: Ledger) -> str:
    taken = RESERVED_COLUMNS & {field.name for field in ledger.stored_fields}
    if taken:
        raise ModelError(f"ledger {ledger.name} may not name a column {', '.join(sorted(taken))}")
    description = f"{ledger.title} · {ledger.description}. {leading_comment(template)}"
    return f"-- {description}\n{_with_table(template, ledger.name)}"


@functools.cache
def _with_table(template: str, name: str) -> str:
    """The template with this table in the place of the placeholder."""

    def substitute(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Table) and (node.db, node.name) == LEDGER_PLACEHOLDER:
            return exp.table_(name, db=node.db, alias=node.alias or None, quoted=True)
        if isinstance(node, exp.Literal) and node.is_string and node.this == LEDGER_PLACEHOLDER[1]:
            return exp.Literal.string(name)
        return node

    statement = sqlglot.parse_one(template, dialect="duckdb").transform(substitute)
    return statement.sql(dialect="duckdb", pretty=True, comments=False)


def _model(schema: str, name: str, sql: str, *, is_view: bool) -> Model:
    description = leading_comment(sql)
    if not description:
        raise ModelError(f"{schema}.{name} does not begin with a comment that says what a row is")
    try:
        reads = tables_read(sql)
    except sqlglot.errors.ParseError as error:
        raise ModelError(f"{schema}.{name} is no SQL: {error}") from None
    return Model(schema, name, description, sql, tuple(sorted(reads)), (), is_view)


@functools.cache
def tables_read(sql: str) -> frozenset[str]:
    """The tables that a statement reads, as schema.name; names of its own WITH clauses do not count."""
    statement = sqlglot.parse_one(sql, dialect="duckdb")
    own = {cte.alias for cte in statement.find_all(exp.CTE)}
    tables = (table for table in statement.find_all(exp.Table) if isinstance(table.this, exp.Identifier))
    return frozenset(f"{table.db}.{table.name}" for table in tables if table.db or table.name not in own)


def _order(models: Mapping[str, Model]) -> list[str]:
    graph = {name: model.dependencies for name, model in sorted(models.items())}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise ModelError(f"models read each other in a circle: {' -> '.join(error.args[1])}") from None
