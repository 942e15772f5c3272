"""What a build turned out to be, as tables that the last models read: rows of tables, answers of audits.

What belongs here: handing the outcome to ``warehouse/models/meta``. What does not: counting and auditing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb
import pyarrow as pa

from warehouse.building.audits import AuditResult
from warehouse.building.models import Model

#: Tables that are there only when all other models are built and audited.
TABLES, AUDITS = "build.tables", "build.audits"

_TABLES = pa.schema([("table_name", pa.string()), ("is_view", pa.bool_()), ("row_count", pa.int64())])
_AUDITS = pa.schema(
    [
        ("audit", pa.string()),
        ("description", pa.string()),
        ("passed", pa.bool_()),
        ("offending_rows", pa.int64()),
    ]
)


def tells_outcome(model: Model) -> bool:
    """Whether the model must wait for the outcome of the others."""
    return not {TABLES, AUDITS}.isdisjoint(model.inputs)


def load_outcome(
    connection: duckdb.DuckDBPyConnection,
    models: Iterable[Model],
    row_counts: Mapping[str, int],
    audits: Iterable[AuditResult],
) -> None:
    """``build.tables`` and ``build.audits``."""
    tables = [
        {"table_name": name, "is_view": model.is_view, "row_count": row_counts[name]}
        for model in models
        if (name := model.qualified_name) in row_counts
    ]
    answers = [
        {
            "audit": audit.name,
            "description": audit.description,
            "passed": audit.passed,
            "offending_rows": audit.offending,
        }
        for audit in audits
    ]
    for name, rows, schema in ((TABLES, tables, _TABLES), (AUDITS, answers, _AUDITS)):
        table = pa.Table.from_pylist(rows, schema=schema)
        connection.register("arrow_outcome", table)
        connection.execute(f"CREATE TABLE {name} AS FROM arrow_outcome")
        connection.unregister("arrow_outcome")
