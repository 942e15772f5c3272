"""What every table and column means, as COMMENTs in the file.

What belongs here: writing them. What does not: the words (``descriptions``).
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from warehouse.building.descriptions import Table
from warehouse.catalog.expressions import identifier, literal


def comment(connection: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> None:
    """Comments every table, view and column."""
    statements: list[str] = []
    for table in tables:
        target = f"{table.model.schema}.{identifier(table.model.name)}"
        statements += comments_on(target, table, {column.name: column.name for column in table.columns})
    connection.execute(";\n".join(statements))


def comments_on(
    target: str, table: Table, names: dict[str, str], *, is_view: bool | None = None
) -> list[str]:
    """Statements that comment ``target`` and its columns, which are called ``names`` there."""
    kind = "VIEW" if (table.model.is_view if is_view is None else is_view) else "TABLE"
    return [
        f"COMMENT ON {kind} {target} IS {literal(table.comment)}",
        *(
            f"COMMENT ON COLUMN {target}.{identifier(names[column.name])} IS {literal(column.comment)}"
            for column in table.columns
        ),
    ]
