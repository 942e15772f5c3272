"""The schema ``zh``: every published table once more, as a view with Chinese names.

What belongs here: the views. What does not: the names (``descriptions``), other rows or columns than the
tables have.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from warehouse.building.comments import comments_on
from warehouse.building.descriptions import Table
from warehouse.catalog.expressions import identifier

SCHEMA = "zh"


def create_views(connection: duckdb.DuckDBPyConnection, database: str, tables: Iterable[Table]) -> None:
    """Makes the schema and a commented view a table.

    A view names its table by schema alone: in a file that is attached under any name it reads the same file.
    """
    statements = [f"CREATE SCHEMA {database}.{SCHEMA}"]
    for table in tables:
        view = f"{database}.{SCHEMA}.{identifier(table.chinese)}"
        columns = ", ".join(
            f"{identifier(column.name)} AS {identifier(column.chinese)}" for column in table.columns
        )
        source = f"{table.model.schema}.{identifier(table.model.name)}"
        statements.append(f"CREATE VIEW {view} AS SELECT {columns} FROM {source}")
        names = {column.name: column.chinese for column in table.columns}
        statements += comments_on(view, table, names, is_view=True)
    connection.execute(";\n".join(statements))
