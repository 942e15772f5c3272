"""The publication that went before, as tables for the audits that compare with it.

What belongs here: which of its tables, and whether it can be compared at all. What does not: the comparison
(``warehouse/audits``), why figures differ (``warehouse.history.comparing``).

Another catalog or other code may count the same rows otherwise. Then the tables are empty, and what differs
is told by ``publications diff`` alone.
"""

from __future__ import annotations

import logging
from pathlib import Path

import duckdb

from warehouse.catalog.expressions import identifier, literal

SCHEMA = "before"
#: Name under which the file is attached.
DATABASE = "earlier"
#: What audits read of it, and the schema in which a publication has it.
TABLES = {"indicator_monthly": "mart", "indicator_contributions": "mart", "sources": "meta"}

_LOG = logging.getLogger(__name__)


def load_before(connection: duckdb.DuckDBPyConnection, database: str, file: Path | None) -> None:
    """The schema ``before``: tables of the publication in ``file``, shaped as the attached ``database``.

    They are empty where there was none, where other code or another catalog built it, and where it cannot be
    read: a damaged publication must not keep the next one from taking its place.
    """
    source = DATABASE if file is not None and _attach(connection, database, file) else None
    for table, schema in TABLES.items():
        name = f"{schema}.{identifier(table)}"
        rows = f"FROM {source}.{name}" if source else f"FROM {database}.{name} LIMIT 0"
        connection.execute(f"CREATE VIEW memory.{SCHEMA}.{identifier(table)} AS {rows}")


def detach_before(connection: duckdb.DuckDBPyConnection) -> None:
    """Lets go of the file."""
    for table in TABLES:
        connection.execute(f"DROP VIEW memory.{SCHEMA}.{identifier(table)}")
    connection.execute(f"DETACH DATABASE IF EXISTS {DATABASE}")


def _attach(connection: duckdb.DuckDBPyConnection, database: str, file: Path) -> bool:
    """Whether the file could be attached, and was built as ``database`` was."""
    built_by = "SELECT catalog_version, code_version, contract FROM {}.meta.publication"
    try:
        connection.execute(f"ATTACH {literal(str(file))} AS {DATABASE} (READ_ONLY)")
        before = connection.execute(built_by.format(DATABASE)).fetchall()
    except duckdb.BinderException:  # older than one of the columns
        return False
    except duckdb.Error as error:
        _LOG.warning("%s cannot be read, nothing is compared with it: %s", file.name, error)
        return False
    return before == connection.execute(built_by.format(database)).fetchall()
