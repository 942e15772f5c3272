"""What every table and column means, as COMMENTs in the file.

What belongs here: finding the words and writing them. What does not: the words, which stand at the head of
the models, in the catalog (columns of ledgers) and in ``models/columns.yaml`` (all other columns).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb
import yaml
from pydantic import BaseModel, ConfigDict

from warehouse.building.models import MODELS_DIRECTORY, Model, ModelError
from warehouse.catalog import Catalog
from warehouse.catalog.expressions import identifier, literal


class ColumnMeanings(BaseModel):
    """``columns``: what a column of this name means; ``tables``: where a table means something else by it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: dict[str, str]
    tables: dict[str, dict[str, str]]

    @classmethod
    def load(cls, path: Path = MODELS_DIRECTORY / "columns.yaml") -> ColumnMeanings:
        return cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))

    def of(self, table: str, column: str) -> str | None:
        return self.tables.get(table, {}).get(column) or self.columns.get(column)


def comment(
    connection: duckdb.DuckDBPyConnection, database: str, models: Iterable[Model], catalog: Catalog
) -> None:
    """Comments every published table, view and column of ``database``.

    Raises:
        ModelError: columns without a meaning, all of them.
    """
    columns = _columns(connection, database)
    meanings = ColumnMeanings.load()
    statements, missing = [], []
    for model in models:
        table = model.qualified_name
        target = f"{model.schema}.{identifier(model.name)}"
        kind = "VIEW" if model.is_view else "TABLE"
        statements.append(f"COMMENT ON {kind} {target} IS {literal(model.description)}")
        of_ledger = _ledger_columns(catalog, model)
        for column in columns[table]:
            meaning = of_ledger.get(column) or meanings.of(table, column)
            if meaning is None:
                missing.append(f"{table}.{column}")
            else:
                statements.append(f"COMMENT ON COLUMN {target}.{identifier(column)} IS {literal(meaning)}")
    if missing:
        raise ModelError(f"columns without a meaning in models/columns.yaml: {', '.join(missing)}")
    connection.execute(";\n".join(statements))


def _columns(connection: duckdb.DuckDBPyConnection, database: str) -> Mapping[str, list[str]]:
    found = connection.execute(
        "SELECT schema_name || '.' || table_name, list(column_name ORDER BY column_index)"
        " FROM duckdb_columns() WHERE database_name = ? GROUP BY ALL",
        [database],
    )
    return dict(found.fetchall())


def _ledger_columns(catalog: Catalog, model: Model) -> Mapping[str, str]:
    """Meaning of the columns that a ledger's table has from the catalog; none for other tables."""
    ledger = catalog.ledger_by_name.get(model.name) if model.schema == "core" else None
    fields = ledger.stored_fields if ledger is not None else ()
    return {field.name: f"{field.title} · {field.description}" for field in fields}
